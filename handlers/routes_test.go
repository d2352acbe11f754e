package handlers

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// things are one of everything that a path can name, all of one account.
type things struct {
	account                     account
	contact                     contact
	session, link, staffSession uuid.UUID // of other browsers than the one that asks
	member                      uuid.UUID // of the staff, invited and not come yet
	token                       string    // the link's path
	form                        publicForm
	file                        uuid.UUID // of an import that is checked
	task                        uuid.UUID // an export that has made its file
	stop                        string    // the path that ends the contact's mails
	mail                        uuid.UUID // one that was sent, with its copy
	job                         int64     // one that has failed
	change, undo                string    // the tokens of a change of address that waits
	avatar                      string    // the hash of the contact's picture
	taught                      taught    // a course of theirs
	event                       string    // one of Stripe's about the account, which has failed
	billed                      billed    // what they bought and owe
}

// things makes them: a contact with a session and a link, a staff person's session that is not for the asking, a form with a
// submission that waits, and so on.
func (s *testSite) things(t testing.TB, a account, p staff) things {
	t.Helper()
	c := s.arrived(t, a, queries.NewID().String()+"@example.com", "Ana Souza")
	w := things{account: a, contact: c, session: s.session(t, c), staffSession: s.staffSession(t, p)}
	w.form = s.form(t, a, func(d *queries.FormDraft) { d.Name, d.Confirm = "form-"+c.id.String()[24:], true })
	w.task = s.exportTask(t, a, p)
	w.stop = jobs.StopPath(s.Mails.Secret.StopToken(c.id))
	w.token, w.link = s.magicLink(t, c, queries.AppHome, queries.MagicLinkDefault)
	w.file = s.checkedImport(t, a, p)
	w.member = s.pending(t, a, queries.NewID().String()+"@staff.example")
	w.mail, w.job = s.sentMail(t, c), s.failedJob(t, a)
	w.change, w.undo = s.emailChange(t, c, "new."+c.email)
	w.avatar, w.taught = s.avatar(t, c), s.taught(t, c)
	w.event = s.failedEvent(t, a)
	w.billed = s.billed(t, c, w.taught.offer, w.taught.course)
	return w
}

// exportTask is the task of an export that is done.
func (s *testSite) exportTask(t testing.TB, a account, p staff) uuid.UUID {
	t.Helper()
	id, err := queries.StartTask(t.Context(), s.q, queries.NewTask{AccountID: a.id, Kind: queries.TaskKindExport, StaffID: p.id, Now: s.clock.now()})
	if err != nil {
		t.Fatal(err)
	}
	s.exec(t, "UPDATE task SET state = 'done', done = 1, total = 1, counts = '{\"done\": 1}', started_at = created_at, finished_at = created_at WHERE id = $1", id)
	s.exec(t, "INSERT INTO task_result VALUES ($1, $2, 1, NULL, 'ana@example.com', 'done', ''), ($1, $2, 2, $3, '=1+1', 'skipped', 'Joined already.')", a.id, id, queries.NewID())
	s.exec(t, "INSERT INTO task_file VALUES ($1, $2, 0, 'E-mail\n')", a.id, id)
	return id
}

// path is the path of a route with the names in it filled in.
func (w things) path(pattern string) string {
	session := w.session.String()
	if strings.HasPrefix(pattern, "/sessions/") {
		session = w.staffSession.String()
	}
	return strings.NewReplacer(append(append(w.taught.paths(), w.billed.paths()...),
		"/contacts/:id", "/contacts/"+w.contact.id.String(),
		"/forms/:id", "/forms/"+w.form.id.String(),
		"/f/:name/confirm/:token", w.form.confirm,
		"/f/:name", "/f/"+w.form.Name,
		"/l/:token", w.token,
		"/tasks/:id", "/tasks/"+w.task.String(),
		"/stop/:token", w.stop,
		"/mail-log/:id", "/mail-log/"+w.mail.String(),
		"/jobs/:id", fmt.Sprintf("/jobs/%d", w.job),
		":kind", "invitation",
		":file", views.BrandFile(views.Brand{}),
		":hash", w.avatar,
		"/email/:token", "/email/"+w.change,
		"/email/undo/:token", "/email/undo/"+w.undo,
		":import", w.file.String(),
		":id", session,
		":session", session,
		":link", w.link.String(),
		":account", w.account.slug,
		":member", w.member.String(),
		":contact", w.contact.id.String(),
		":event", w.event,
	)...).Replace(pattern)
}

// hosted is the list of a kind of host, with who may use all of it.
type hosted struct {
	name     string
	routes   []route
	nobody   func() *browser
	somebody func() *browser // a client, or the owner of acme
}

func (s *testSite) hosted(t testing.TB, w *things, maya staff) []hosted {
	t.Helper()
	fresh := func() { s.exec(t, "DELETE FROM allowance") } // there are more routes than tries to sign in
	return []hosted{
		{"portal", portalRoutes, func() *browser { return s.portal(t, s.acme) }, func() *browser { fresh(); return s.client(t, w.contact) }},
		{"admin", adminRoutes, func() *browser { return s.admin(t) }, func() *browser { fresh(); return s.staff(t, maya) }},
	}
}

// form is what could be sent to a route, so that it acts.
func (r route) form(w things, token string) url.Values {
	values := url.Values{"_token": {token}}
	maps.Copy(values, w.formOf(r.path))
	return values
}

// Whoever is not signed in sees nothing of a route that is not public, changes nothing by it, and comes back to the page
// after signing in.
func TestRoutesAreClosed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	for _, host := range s.hosted(t, &w, maya) {
		nobody, stale := host.nobody(), host.nobody()
		stale = stale.with("Cookie", sessionCookie+"="+queries.NewToken())
		token := nobody.token()
		for _, r := range host.routes {
			if r.guard == public || r.guard == visitor {
				continue
			}
			path, to := w.path(r.path), "/sign-in"
			if r.method != get {
				before := s.everything(t)
				nobody.send(r.method, path, r.form(w, token)).leadsTo(to)
				if s.everything(t) != before {
					t.Errorf("%s %s of nobody changed something", r.method, r.path)
				}
				continue
			}
			if path += "?q=a%26b"; r.path != "/" {
				to += "?next=" + url.QueryEscape(path)
			}
			nobody.get(path).leadsTo(to)
			nobody.send(http.MethodHead, path, nil).leadsTo(to)
			stale.get(path).leadsTo(to)
			if p := nobody.htmx().get(path).is(http.StatusOK); !strings.HasPrefix(p.header.Get("HX-Redirect"), "/sign-in") || p.body != "OK" {
				t.Errorf("%s for a part: HX-Redirect %q, body %q", r.path, p.header.Get("HX-Redirect"), p.body)
			}
		}
	}
}

// A client who has not finished the first arrival is brought there from every page, and then on to where they wanted.
func TestRoutesBringNewcomersToWelcome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "")
	link, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	b := s.portal(t, s.acme)
	b.fill(b.get(link), "form[action='"+link+"']").leadsTo("/")
	token := b.token()
	w := things{account: s.acme, contact: ana, session: s.session(t, ana), taught: s.taught(t, ana)}
	named := url.Values{"name": {"Ana"}, "password": {rightPassword}}
	before := s.everything(t)
	for _, r := range portalRoutes {
		switch {
		case r.guard != arrived:
		case r.method != get:
			values := r.form(w, token)
			maps.Copy(values, named)
			b.send(r.method, w.path(r.path), values).leadsTo("/welcome")
		case r.path == "/":
			b.get("/").leadsTo("/welcome")
		default:
			b.get(w.path(r.path)).leadsTo("/welcome?next=" + url.QueryEscape(w.path(r.path)))
		}
	}
	if s.everything(t) != before {
		t.Error("somebody who has not arrived changed something")
	}
}

// An account's slug stands first in the paths of the admin host; whatever else stands there has to be reserved.
func TestRoutesReserveTheirFirstWords(t *testing.T) {
	t.Parallel()
	reserved := 0
	for _, r := range append(sharedRoutes, adminRoutes...) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
		if first == "" || first == ":account" {
			continue
		}
		reserved++
		if slug, err := queries.ParseSlug(first); err == nil {
			t.Errorf("%s: an account can have the slug %s", r.path, slug)
		}
	}
	if reserved == 0 {
		t.Error("no route begins with a word")
	}
}

// Every route names its guard, and only those of accounts have a role.
func TestRoutesHaveGuards(t *testing.T) {
	t.Parallel()
	for _, list := range [][]route{sharedRoutes, portalRoutes, adminRoutes} {
		for _, r := range list {
			if r.guard < public || r.guard > owner {
				t.Errorf("%s has no guard", r.path)
			}
			if ofAccount := strings.HasPrefix(r.path, "/:account"); ofAccount != (r.guard.role() != "") {
				t.Errorf("%s: guard %d", r.path, r.guard)
			}
		}
	}
}

// Whoever looks at all pages finds every GET route once, under a name of its own.
func TestPagesAreAllPages(t *testing.T) {
	t.Parallel()
	names, gets := map[string]bool{}, 0
	for _, p := range Pages() {
		if names[p.Name()] || strings.ContainsAny(p.Name(), "/:") {
			t.Errorf("%s is called %s", p.Path, p.Name())
		}
		names[p.Name()] = true
	}
	for _, r := range append(portalRoutes, adminRoutes...) {
		if r.method == get {
			gets++
		}
	}
	if len(names)+len(notPages) != gets {
		t.Errorf("%d pages and %d routes that are none, of %d", len(names), len(notPages), gets)
	}
}
