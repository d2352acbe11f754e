package main

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
)

// given is a course of acme that several people were given for several reasons, with an offer of it; made once a site.
func (s *site) given() (course, offer, grant uuid.UUID) {
	s.t.Helper()
	q, ctx, account := queries.New(s.database.pool), s.t.Context(), s.account("acme")
	exec := func(sql string, arguments ...any) {
		s.t.Helper()
		if _, err := s.database.pool.Exec(ctx, sql, append([]any{account}, arguments...)...); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.database.pool.QueryRow(ctx, "SELECT k.id, o.id, g.id FROM course k JOIN access_grant g ON g.course_id = k.id JOIN offer o ON o.name = 'given' WHERE k.title = 'Leading a first team' ORDER BY g.id LIMIT 1").Scan(&course, &offer, &grant); err == nil {
		return course, offer, grant
	}
	course, offer, grant = queries.NewID(), queries.NewID(), queries.NewID()
	exec("INSERT INTO course (account_id, id, title, position, published_at, created_at, changed_at) VALUES ($1, $2, 'Leading a first team', 9, now() - interval '1 day', now(), now())", course)
	draft := queries.OfferDraft{Name: "given", Title: "Your first week as a lead", Courses: []uuid.UUID{course}, Days: new(int32), Text: "Five short lessons, **one a day**:\n\n- what changes\n- whom to ask\n- what to leave alone"}
	*draft.Days = 30
	if err := draft.Insert(ctx, q, account, offer, s.now()); err != nil {
		s.t.Fatal(err)
	}
	var giver uuid.UUID
	if err := s.database.pool.QueryRow(ctx, "SELECT id FROM staff WHERE email = $1", maya.email).Scan(&giver); err != nil {
		s.t.Fatal(err)
	}
	for i, email := range []string{"ana@example.com", "wei.zhang@example.org", "gabriela.montserrat@example.org"} {
		g := queries.Grant{ID: queries.NewID(), AccountID: account, ContactID: s.contact("acme", email), CourseID: course, Source: queries.GrantSourceManual, SourceID: queries.NewID(), Starts: s.now(), Now: s.now()}
		g.By = &giver
		switch i {
		case 0:
			g.ID = grant
		case 1:
			ends := s.now().AddDate(0, 3, 0)
			g.Source, g.OriginID, g.Ends = queries.GrantSourceFreeOffer, &offer, &ends
		case 2:
			g.Starts = s.now().AddDate(0, 0, 10)
		}
		if _, err := queries.Give(ctx, q, g); err != nil {
			s.t.Fatal(err)
		}
	}
	return course, offer, grant
}

// people is a path below the people of that course.
func (s *site) people(path string) string {
	course, _, _ := s.given()
	return s.admin("/acme/courses/" + course.String() + "/people" + path)
}

// claim is the link that gives somebody that offer.
func (s *site) claim(email string) string {
	s.t.Helper()
	_, offer, _ := s.given()
	id, err := s.mails.Claim(s.t.Context(), queries.New(s.database.pool), queries.OfferClaim{AccountID: s.account("acme"), OfferID: offer, Email: email, Name: "Nia New", Now: s.now(), IP: netip.MustParseAddr("127.0.0.1")})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.portal("acme", "/o/given/confirm/"+s.mails.Secret.OfferToken(id))
}

// grantViews are who was given a course, and what gives it.
var grantViews = []view{
	page("admin-account-courses-id-people", func(s *site) string { return s.people("") }),
	page("admin-account-courses-id-people.none", func(s *site) string { return s.people("?q=nobody-at-all") }),
	page("admin-account-courses-id-people-new", func(s *site) string { return s.people("/new?q=an") }),
	{"admin-account-courses-id-people-new.results", func(_ *site, w *browsertest.Window) {
		w.Type(`textarea[name="people"]`, "Nils Aalto <nils.aalto@example.org>\nana@example.com\nnot an address")
		w.Press(`#grants-form .btn-primary`)
		w.Until(`document.querySelectorAll("#grants-new section li").length === 3`)
	}},
	page("admin-account-courses-id-people-grant-revoke", func(s *site) string {
		_, _, grant := s.given()
		return s.people("/" + grant.String() + "/revoke")
	}),
	page("admin-account-contacts-id.given", func(s *site) string { s.given(); return s.admin(s.contactPath("acme", "ana@example.com")) }),
	page("admin-account-contacts-id-enrol", func(s *site) string { return s.admin(s.contactPath("acme", "ana@example.com") + "/enrol") }),
	{"admin-account-contacts-id-enrol.refused", func(_ *site, w *browsertest.Window) {
		w.Until(`(document.querySelector("#field-ends").type = "text") === "text"`) // so that what is no day can be typed
		w.Type(`#field-ends`, "soon")
		w.Press(`#grants-enrol .btn-primary`)
		w.Until(`document.querySelector("#grants-enrol [aria-invalid]")`)
	}},
	adminPage("admin-account-offers", "/acme/offers"),
	adminPage("admin-account-offers-new", "/acme/offers/new"),
	{"admin-account-offers-new.refused", func(_ *site, w *browsertest.Window) {
		w.Press(`#offers-edit .btn-primary`)
		w.Until(`document.querySelector("#offers-edit [aria-invalid]")`)
	}},
	page("admin-account-offers-id", func(s *site) string { _, offer, _ := s.given(); return s.admin("/acme/offers/" + offer.String()) }),
	page("admin-account-offers-id-edit", func(s *site) string {
		_, offer, _ := s.given()
		return s.admin("/acme/offers/" + offer.String() + "/edit")
	}),
	{"admin-account-apps.asked", func(s *site, w *browsertest.Window) {
		w.Open(s.admin("/acme/apps"))
		w.Press(`input[name="on_courses"]`)
		w.Press(`#apps-form .form-actions .btn-primary`)
		w.Until(`document.querySelector("#grants-losers")`)
	}},
}

// takerViews are what a stranger sees of an offer, and a client of why they have a course.
var takerViews = []view{
	page("portal-o-name", func(s *site) string { s.given(); return s.portal("acme", "/o/given") }),
	{"portal-o-name.refused", func(_ *site, w *browsertest.Window) {
		w.Type(`#offer-form input[name="email"]`, "nia@example")
		w.Press(submit("/o/"))
		w.Until(`document.querySelector("#offer-form [aria-invalid]")`)
	}},
	portalPage("portal-o-name.sent", "/o/given?sent=1"),
	portalPage("portal-o-name.unknown", "/o/nothing-of-ours"),
	page("portal-o-name-confirm-token", func(s *site) string { return s.claim("nia.new@example.com") }),
	portalPage("portal-o-name-confirm-token.unknown", "/o/given/confirm/nothing-of-ours"),
}

var givenViews = []view{
	page("portal-courses-id-access", func(s *site) string {
		course, _, _ := s.given()
		return s.portal("acme", "/courses/"+course.String()+"/access")
	}),
	portalPage("portal-o-name.had", "/o/given"),
}

// An enrolment by hand is mailed, and the link in the mail leads somebody who has never been here to the course.
func TestEnrolByHandToTheCourse(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	admin := browsertest.Open(t, browsertest.Settings{})
	signIn(admin, s.admin(""), maya.email)
	admin.Open(s.people("/new"))
	admin.Type(`textarea[name="people"]`, "Nia New <nia.new@example.com>")
	admin.Press(`input[name="mail"]`)
	admin.Press(`#grants-form .btn-primary`)
	admin.Until(`document.querySelectorAll("#grants-new section li").length === 1`)
	reader := browsertest.Open(t, browsertest.Settings{Phone: true})
	reader.Open(linkIn(t, s.mail("nia.new@example.com")))
	reader.Follow(submit("/l/"))
	s.arrives(reader)
	if got := reader.Text("main"); !strings.Contains(got, "gave it to you on") {
		t.Errorf("the page says %q", got)
	}
}

// arrives has a newcomer who was led to the course finish the first arrival and come to a page of it.
func (s *site) arrives(w *browsertest.Window) {
	s.t.Helper()
	course, _, _ := s.given()
	if at := w.URL(); !strings.Contains(at.Path+" "+at.Query().Get("next"), "/courses/"+course.String()) {
		s.t.Errorf("the link leads to %s", at)
	}
	w.Open(s.portal("acme", "/courses/"+course.String()+"/access"))
	w.Type(`input[name="password"]`, "a long enough password")
	w.Follow(submit("/welcome"))
	if got, want := w.URL().Path, "/courses/"+course.String()+"/access"; got != want {
		s.t.Errorf("after the arrival it is %s instead of %s", got, want)
	}
}

// A stranger takes a free offer: from its page by the mail to the course.
func TestOfferTakenByAStranger(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	s.given()
	w := browsertest.Open(t, browsertest.Settings{})
	w.Open(s.portal("acme", "/o/given"))
	w.Type(`#offer-form input[name="name"]`, "Oda Olsen")
	w.Type(`#offer-form input[name="email"]`, "oda@example.com")
	w.Follow(submit("/o/"))
	if got := w.Text("h1"); got != "Look into your mail" {
		t.Errorf("it says %q", got)
	}
	links := s.mail("oda@example.com").Links
	w.Open(links[slices.IndexFunc(links, func(link string) bool { return strings.Contains(link, "/confirm/") })])
	w.Follow(submit("/o/given/confirm/"))
	s.arrives(w)
	w.Open(s.portal("acme", "/o/given"))
	if got := w.Text("h1"); got != "You already have access" {
		t.Errorf("it says %q", got)
	}
}
