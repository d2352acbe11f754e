package main

import (
	"testing"
	"time"

	"atrium/cmd/internal/browsertest"
	"atrium/jobs"
	"atrium/queries"
)

// tour is what one person can see of the demo: every page there is, and what becomes of it.
type tour struct {
	who   string
	enter func(s *site, w *browsertest.Window)
	views []view
}

// view is one page. Its name is its route's, and a further state of the same page is named after a dot.
type view struct {
	name string
	show func(s *site, w *browsertest.Window)
}

// look is a way to look at a page; the name is what the names of pictures end with.
type look struct {
	name string
	browsertest.Settings
}

var looks = []look{
	{"1280-light", browsertest.Settings{}}, {"1280-dark", browsertest.Settings{Dark: true}},
	{"390-light", browsertest.Settings{Phone: true}}, {"390-dark", browsertest.Settings{Phone: true, Dark: true}},
}

// travel takes every tour, each person in a browser of their own, and calls see with every view in every look.
func travel(t *testing.T, see func(t *testing.T, w *browsertest.Window, name string, l look)) {
	for _, tour := range tours {
		t.Run(tour.who, func(t *testing.T) {
			t.Parallel()
			s := startDemo(t)
			w := browsertest.Open(t, browsertest.Settings{})
			tour.enter(s, w)
			for _, v := range tour.views {
				w.Be(browsertest.Settings{})
				v.show(s, w)
				for _, l := range looks {
					w.Be(l.Settings)
					see(t, w, v.name, l)
				}
			}
		})
	}
}

// page is a view that is there at its address.
func page(name string, address func(s *site) string) view {
	return view{name, func(s *site, w *browsertest.Window) { w.Open(address(s)) }}
}

// portalPage is a page of Acme's portal, adminPage one of the admin side.
func portalPage(name, path string) view {
	return page(name, func(s *site) string { return s.portal("acme", path) })
}

func adminPage(name, path string) view {
	return page(name, func(s *site) string { return s.admin(path) })
}

func signIn(w *browsertest.Window, root, email string) {
	w.Open(root + "/sign-in")
	w.Type(`input[name="email"]`, email)
	w.Type(`input[name="password"]`, demoPassword)
	w.Follow(submit("/sign-in"))
}

func stranger(*site, *browsertest.Window) {}

func client(s *site, w *browsertest.Window) {
	signIn(w, s.portal("acme", ""), demoBusinesses[0].client)
}

func staff(s *site, w *browsertest.Window) { signIn(w, s.admin(""), maya.email) }

// asClient is a staff person who looks as Ana.
func asClient(s *site, w *browsertest.Window) {
	staff(s, w)
	w.Open(s.admin(s.contactPath("acme", "ana@example.com") + "/visit"))
	w.Type(`textarea[name="reason"]`, "She cannot find her invoice")
	w.Follow(`#visit .btn-primary`)
	w.Follow(submit("/l/"))
}

// newcomer has accepted an invitation and not yet given a name.
func newcomer(s *site, w *browsertest.Window) {
	w.Open(s.invite("acme", "priya.raghavan@example.org"))
	w.Follow(submit("/l/"))
}

// founder has an account in which nothing has happened.
func founder(s *site, w *browsertest.Window) {
	s.createAccount("fresh", "Fresh Start", "vera@fresh.example")
	setUpOwner(w, linkIn(s.t, s.mail("vera@fresh.example")))
}

// refused sends a form that is not accepted and waits for its messages.
func refused(w *browsertest.Window, action string) {
	w.Press(submit(action))
	w.Until(`document.querySelector("[aria-invalid], form [role=alert]")`)
}

const day = 24 * time.Hour

var tours = []tour{
	{"client-to-be", stranger, []view{
		portalPage("portal-sign-in", "/sign-in"),
		{"portal-sign-in.refused", func(s *site, w *browsertest.Window) {
			w.Type(`input[name="email"]`, "ana@example.com")
			w.Type(`input[name="password"]`, "not the right one")
			refused(w, "/sign-in")
		}},
		{"portal-sign-in-code", func(s *site, w *browsertest.Window) {
			w.Follow(`button[formaction="/sign-in/link"]`)
		}},
		{"portal-sign-in-code.refused", func(s *site, w *browsertest.Window) {
			w.Type(`input[name="code"]`, "12345")
			refused(w, "/sign-in/code")
		}},
		page("portal-l-token", func(s *site) string { return s.magicLink("acme", "ana@example.com", queries.AppHome, day) }),
		page("portal-l-token.invitation", func(s *site) string { return s.invite("acme", "priya.raghavan@example.org") }),
		page("portal-l-token.expired", func(s *site) string { return s.magicLink("acme", "ana@example.com", queries.AppHome, -day) }),
		{"portal-l-token.renewed", func(s *site, w *browsertest.Window) {
			w.Press(submit("/l/"))
			w.Until(`!document.querySelector('form[action$="/renew"]')`)
		}},
		portalPage("portal-f-name", "/f/free-strategy-call"),
		{"portal-f-name.refused", func(s *site, w *browsertest.Window) {
			w.Type(`input[name="email"]`, "ana@example")
			w.Follow(submit("/f/"))
		}},
		portalPage("portal-f-name.embedded", "/f/free-strategy-call?embed=1"),
		portalPage("portal-f-name.sent", "/f/free-strategy-call?sent=1"),
		page("portal-f-name-confirm-token", func(s *site) string { return s.formLink("acme", "sunita.rao@example.com") }),
		portalPage("portal-f-name-confirm-token.unknown", "/f/free-strategy-call/confirm/nothing-of-ours"),
		page("portal-certificates-number", func(s *site) string {
			_, number := s.finished("ana@example.com")
			return s.portal("acme", "/certificates/"+number)
		}),
		portalPage("portal-certificates-number.unknown", "/certificates/7KQ4-M2ZD-9F"),
		page("portal-certificates-number.revoked", func(s *site) string {
			_, number := s.finished("ana@example.com")
			s.alter("UPDATE certificate SET revoked_at = now() WHERE number = $1", number)
			return s.portal("acme", "/certificates/"+number)
		}),
		portalPage("portal-l-token.unknown", "/l/nothing-of-ours"),
		page("portal-stop-token", func(s *site) string {
			return s.portal("acme", jobs.StopPath(s.mails.Secret.StopToken(s.contact("acme", "priya.raghavan@example.org"))))
		}),
		{"portal-stop-token.stopped", func(s *site, w *browsertest.Window) { w.Follow(submit("/stop/")) }},
		page("portal-email-token", func(s *site) string {
			confirm, _ := s.emailLinks("acme", "chiara@rinaldi.example")
			return confirm
		}),
		page("portal-email-token.confirmed", func(s *site) string {
			confirm, _ := s.emailLinks("acme", "rafael@ortega.example")
			return confirm
		}),
		page("portal-email-undo-token", func(s *site) string {
			_, undo := s.emailLinks("acme", "rafael@ortega.example")
			return undo
		}),
		portalPage("portal.missing", "/no-such-page"),
	}},
	{"newcomer", newcomer, []view{
		portalPage("portal-welcome", "/welcome"),
		{"portal-welcome.refused", func(s *site, w *browsertest.Window) {
			w.Type(`input[name="password"]`, "short")
			refused(w, "/welcome")
		}},
		{"portal.without-password", func(s *site, w *browsertest.Window) {
			w.Press(`input[name="link_only"]`)
			w.Follow(submit("/welcome"))
		}},
		portalPage("portal-profile.without-password", "/profile"),
	}},
	{"client", client, []view{
		portalPage("portal", "/"),
		portalPage("portal-profile", "/profile"),
		{"portal-profile.address", func(s *site, w *browsertest.Window) {
			w.Press("#profile-email summary")
			w.Type(`#profile-email input[name="email"]`, "ana@new.example")
			w.Type(`#profile-email input[name="current"]`, demoPassword)
			w.Follow(submit("/profile/email"))
			w.Open(s.portal("acme", "/profile")) // without the message, which goes by itself
		}},
		{"portal-profile.deletion", func(s *site, w *browsertest.Window) {
			w.Press(`[commandfor="ask-deletion"]`)
			w.Follow("#ask-deletion .btn-danger")
			w.Open(s.portal("acme", "/profile")) // without the message, which goes by itself
		}},
		{"portal-profile.refused", func(s *site, w *browsertest.Window) {
			w.Type(`#profile-password input[name="current"]`, "not the right one")
			w.Type(`#profile-password input[name="password"]`, "short")
			refused(w, "/profile/password")
		}},
		{"portal-profile.menu", func(s *site, w *browsertest.Window) {
			w.Open(s.portal("acme", "/profile"))
			w.Press(`[popovertarget="menu-person"]`)
		}},
	}},
	{"staff-to-be", stranger, []view{
		adminPage("admin-sign-in", "/sign-in"),
		{"admin-sign-in.refused", func(s *site, w *browsertest.Window) {
			w.Type(`input[name="email"]`, maya.email)
			w.Type(`input[name="password"]`, "not the right one")
			refused(w, "/sign-in")
		}},
		adminPage("admin-password-reset", "/password-reset"),
		{"admin-password-reset.sent", func(s *site, w *browsertest.Window) {
			w.Type(`input[name="email"]`, maya.email)
			w.Press(submit("/password-reset"))
			w.Until(`!document.querySelector('form[action="/password-reset"]')`)
		}},
		page("admin-l-token.reset", func(s *site) string { return linkIn(s.t, s.mail(maya.email)) }),
		page("admin-l-token", func(s *site) string {
			s.createAccount("fresh", "Fresh Start", "vera@fresh.example")
			return linkIn(s.t, s.mail("vera@fresh.example"))
		}),
		adminPage("admin-l-token.over", "/l/nothing-of-ours"),
	}},
	{"staff", staff, []view{
		adminPage("admin", "/"),
		adminPage("admin-sessions", "/sessions"),
		adminPage("admin-account-leave", "/lumen/leave"),
		adminPage("admin-account-leave.only-owner", "/acme/leave"),
		adminPage("admin-account", "/acme"),
		adminPage("admin-account.quarter", "/acme?days=90"),
		adminPage("admin-account-reminders", "/acme/reminders"),
		{"admin-account-reminders.refused", func(s *site, w *browsertest.Window) {
			w.Type(`input[name="days"]`, "90")
			refused(w, "/acme/reminders")
		}},
		adminPage("admin-account-search", "/acme/search?q=an"),
		adminPage("admin-account-search.none", "/acme/search?q=nobody-at-all"),
		adminPage("admin-account-invitations-new", "/acme/invitations/new"),
		{"admin-account-invitations-new.results", func(s *site, w *browsertest.Window) {
			w.Type(`textarea[name="people"]`, "Nils Aalto <nils@example.org>\nana@example.com\njonas.brandt@example.org\nnot an address")
			w.Press(submit("/acme/invitations"))
			w.Until(`document.querySelectorAll("#invitations-form li").length === 4`)
		}},
		adminPage("admin-account-invitations-new.found", "/acme/invitations/new?q=an"),
		adminPage("admin-account-magic-links-new", "/acme/magic-links/new"),
		adminPage("admin-account-magic-links-new.found", "/acme/magic-links/new?q=an"),
		page("admin-account-magic-links-new.chosen", func(s *site) string {
			return s.admin("/acme/magic-links/new?contact=" + s.contact("acme", "ana@example.com").String())
		}),
		{"admin-account-magic-links-new.made", func(s *site, w *browsertest.Window) {
			w.Press(`button[name="by"][value="copy"]`)
			w.Until(`document.querySelector("[data-copy]")`)
		}},
	}},
	{"staff-with-contacts", staff, []view{
		adminPage("admin-account-contacts", "/acme/contacts"),
		adminPage("admin-account-contacts.none", "/acme/contacts?q=nobody-at-all"),
		adminPage("admin-account-contacts-new", "/acme/contacts/new"),
		{"admin-account-contacts-new.refused", func(s *site, w *browsertest.Window) {
			w.Type(`input[name="email"]`, "ana@example.com")
			refused(w, "/acme/contacts")
		}},
		adminPage("admin-account-contacts-import", "/acme/contacts/import"),
		{"admin-account-contacts-import-import-columns", func(s *site, w *browsertest.Window) {
			w.Open(s.admin("/acme/contacts"))
			upload(w, "kunden.csv", messyFile)
		}},
		{"admin-account-contacts-import-import", func(_ *site, w *browsertest.Window) { checkRows(w) }},
		page("admin-account-contacts-id", func(s *site) string {
			s.magicLink("acme", "ana@example.com", queries.AppHome, day)
			return s.admin(s.contactPath("acme", "ana@example.com"))
		}),
		page("admin-account-contacts-id.long", func(s *site) string { return s.admin(s.contactPath("acme", "gabriela.montserrat@example.org")) }),
		page("admin-account-contacts-id.bounced", func(s *site) string { return s.admin(s.contactPath("acme", "jonas.brandt@example.org")) }),
		{"admin-account-contacts-id.dialog", func(s *site, w *browsertest.Window) { w.Press(`[commandfor="correct"]`) }},
		page("admin-account-contacts-id-merge", func(s *site) string { return s.admin(s.contactPath("acme", "ana@example.com") + "/merge?q=an") }),
		page("admin-account-contacts-id-merge.compare", func(s *site) string {
			return s.admin(s.contactPath("acme", "ana@example.com") + "/merge?other=" + s.contact("acme", "wei.zhang@example.org").String())
		}),
		page("admin-account-contacts-id-visit", func(s *site) string { return s.admin(s.contactPath("acme", "ana@example.com") + "/visit") }),
		{"admin-account-contacts-id-visit.refused", func(s *site, w *browsertest.Window) {
			w.Press(`#visit .btn-primary`)
			w.Until(`document.querySelector("#visit [aria-invalid]")`)
		}},
		adminPage("admin-account-settings", "/acme/settings"),
		{"admin-account.palette", func(s *site, w *browsertest.Window) {
			w.Open(s.admin("/acme"))
			w.Press(`[data-palette]`)
			w.Type(`#palette input`, "an")
			w.Until(`document.querySelectorAll('#palette-list [role="option"][href^="/acme/contacts/0"]').length > 0`) // ids begin so
		}},
		adminPage("admin.missing", "/acme/no-such-page"),
	}},
	{"staff-with-forms", staff, []view{
		adminPage("admin-account-forms", "/acme/forms"),
		adminPage("admin-account-forms-new", "/acme/forms/new"),
		{"admin-account-forms-new.refused", func(s *site, w *browsertest.Window) {
			w.Press(`#forms-edit .btn-primary`)
			w.Until(`document.querySelector("[aria-invalid]")`)
		}},
		page("admin-account-forms-id", func(s *site) string { return s.admin(s.formPath("acme")) }),
		{"admin-account-forms-id.dialog", func(s *site, w *browsertest.Window) { w.Press(`[commandfor="delete"]`) }},
		page("admin-account-forms-id-edit", func(s *site) string { return s.admin(s.formPath("acme") + "/edit") }),
		{"admin-account-forms-id-edit.added", func(s *site, w *browsertest.Window) {
			w.Press(`button[name="do"][value="add"]`)
			w.Until(`document.activeElement.name?.startsWith("label-q-")`)
		}},
	}},
	{"learner", learner, learningViews},
	{"teacher", teacher, teacherViews},
	{"staff-with-files", staff, fileViews},
	{"staff-halfway", halfway, halfwayViews},
	{"staff-with-colleagues", staff, colleagueViews},
	{"staff-with-portal", staff, portalViews},
	{"staff-with-stripe", staff, stripeViews},
	{"client-who-buys", client, buyerViews},
	{"staff-with-tasks", staff, taskViews},
	{"staff-with-courses", staff, courseViews},
	{"staff-with-given", staff, grantViews},
	{"taker", stranger, takerViews},
	{"client-with-given", client, givenViews},
	{"staff-as-client", asClient, []view{
		portalPage("portal.visit", "/"),
		portalPage("portal-profile.visit", "/profile"),
	}},
	{"founder", founder, []view{
		adminPage("admin-account.empty", "/fresh"),
		adminPage("admin-account-contacts.empty", "/fresh/contacts"),
		adminPage("admin-account-courses.empty", "/fresh/courses"),
		{"admin-account-courses-id.empty", func(s *site, w *browsertest.Window) {
			w.Open(s.admin("/fresh/courses/new"))
			w.Type(`input[name="title"]`, "The first course")
			w.Follow("#courses-new .btn-primary")
			w.Open(w.URL().String()) // without the message, which goes by itself
		}},
	}},
}
