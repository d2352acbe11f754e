package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"atrium/queries"
)

// navLabels are the labels of the portal's navigation, in order.
func navLabels(p *page) (labels []string) {
	p.t.Helper()
	for _, place := range p.all("nav[aria-label=Portal] a") {
		labels = append(labels, words(place))
	}
	return labels
}

// What is saved is the portal's navigation from then on: order, words, and where clients arrive.
func TestAppsAreSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	contact := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	ana := s.client(t, contact)
	newcomer, _ := s.newcomer(t, s.acme, "new@example.com", "Nils")
	if got := navLabels(ana.get("/")); !slices.Equal(got, []string{"Home", "Profile"}) {
		t.Errorf("before anything was chosen there are %v", got)
	}
	p := maya.get("/acme/apps").is(http.StatusOK).has("#apps-row-courses .badge", "select[name=landing] option[value=courses]").lacks("input[name=on_home]", "input[name=on_profile]")
	maya.fill(p, "#apps-form", "label_home", "Start", "label_profile", "About you", "label_courses", "Lessons", "on_invoices", "", "landing", "profile").leadsTo("/acme/apps")
	eventually(t, "the portal knows", func() bool { return s.accounts.BySlug("acme").Landing == queries.AppProfile })
	if got := navLabels(ana.get("/")); !slices.Equal(got, []string{"Start", "About you"}) {
		t.Errorf("the places are %v", got)
	}
	if got := words(ana.get("/").one("a.card[href='/profile'] b")); got != "About you" {
		t.Errorf("the card says %q", got)
	}
	_, was, became := s.trail(t, s.acme, "apps.save")
	if was["landing"] != "home" || became["landing"] != "profile" || became["apps"].([]any)[0].(map[string]any)["label"] != "Start" {
		t.Errorf("the trail says %v and %v", was, became)
	}
	b := s.portal(t, s.acme)
	b.fill(b.get("/sign-in"), "#signin-form", "email", contact.email, "password", rightPassword).leadsTo("/arrive")
	b.get("/arrive").leadsTo("/profile")
	b.get("/sign-in").leadsTo("/arrive")
	other := s.portal(t, s.acme)
	other.fill(other.get("/sign-in?next=%2Fwelcome"), "#signin-form", "email", contact.email, "password", rightPassword).leadsTo("/welcome")
	maya.fill(maya.get("/acme/apps"), "#apps-form", "landing", "courses").leadsTo("/acme/apps")
	eventually(t, "the portal knows", func() bool { return s.accounts.BySlug("acme").Landing == queries.AppCourses })
	b.get("/arrive").leadsTo("/") // nothing is in it
	newcomer.fill(newcomer.get("/welcome"), "#welcome-form", "name", "Nils", "password", "a long enough password").leadsTo("/arrive")
	if got := navLabels(s.client(t, s.arrived(t, s.lumen, "yuki@example.com", "Yuki")).get("/")); !slices.Equal(got, []string{"Home", "Profile"}) {
		t.Errorf("in another account there are %v", got)
	}
}

// Buttons move an app, with scripts in place and without by a new page; what was typed goes with it.
func TestAppsAreMoved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	order := func(p *page) (ids []string) {
		for _, row := range p.all("ol li") {
			ids = append(ids, attr(row, "id")[len("apps-row-"):])
		}
		return ids
	}
	form := maya.get("/acme/apps").form("#apps-up-profile", "label_profile", "You")
	maya.send(form.method, form.action, form.values).leadsTo("/acme/apps")
	p := maya.get("/acme/apps")
	if got := order(p); got[6] != "profile" || got[7] != "affiliate" || attr(p.one("#field-label_profile"), "value") != "You" {
		t.Errorf("the order is %v", got)
	}
	moved := maya.htmx().fill(p, "#apps-down-home").is(http.StatusOK).has("#apps-form").lacks("main")
	if got := order(moved); got[0] != "courses" || got[1] != "home" {
		t.Errorf("the order is %v", got)
	}
	maya.fill(maya.get("/acme/apps"), "#apps-up-courses").leadsTo("/acme/apps") // it is first, and stays so
	if got := order(maya.get("/acme/apps")); got[0] != "courses" || len(got) != len(queries.AllAppValues()) {
		t.Errorf("the order is %v", got)
	}
	s.rows(t, 8, "account_app WHERE account_id = $1", s.acme.id)
	s.rows(t, 0, "account_app WHERE account_id = $1", s.lumen.id)
}

func TestAppsAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	form := maya.get("/acme/apps").form("#apps-form", "label_home", "A name in the menu that nobody can read")
	form.values.Set("landing", "invoices")
	form.values.Del("on_invoices")
	before := s.everything(t, "account", "account_app", "audit")
	p := maya.htmx().send(form.method, form.action, form.values).is(http.StatusUnprocessableEntity).has("#field-label_home[aria-invalid=true]", "select[name=landing][aria-invalid=true]", "#apps-row-invoices")
	if typed := attr(p.one("#field-label_home"), "value"); typed != form.values.Get("label_home") {
		t.Errorf("it keeps %q", typed)
	}
	form.values.Set("landing", "x")
	maya.send(form.method, form.action, form.values).is(http.StatusUnprocessableEntity).has("main #apps-form")
	if s.everything(t, "account", "account_app", "audit") != before {
		t.Error("something changed")
	}
}

// Switching invoices or subscriptions off says first how many clients have something there that goes on; what is paid, on its way, never
// begun or over is nobody's loss.
func TestAppsAskWhoMissesMoney(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben, zoe := s.contact(t, s.acme, "ana@example.com", "Ana"), s.contact(t, s.acme, "ben@example.com", "Ben"), s.contact(t, s.lumen, "zoe@example.com", "Zoe")
	s.invoice(t, ana, columns{"state": "paid", "remaining_minor": 0})
	s.invoice(t, ana, columns{"payment": "processing"})
	s.subscription(t, ana, columns{"state": "canceled", "ended_at": noon})
	s.subscription(t, ana, columns{"state": "incomplete"})
	s.invoice(t, zoe, nil)
	s.subscription(t, zoe, nil)
	without := func(apps ...string) *page {
		t.Helper()
		form := maya.get("/acme/apps").form("#apps-form")
		for _, app := range apps {
			form.values.Del("on_" + app)
		}
		return maya.send(form.method, form.action, form.values)
	}
	again := func() { s.exec(t, "UPDATE account_app SET switched_on = true") }
	without("invoices", "subscriptions").leadsTo("/acme/apps")
	again()
	for _, c := range []contact{ana, ben} {
		s.invoice(t, c, nil)
		s.invoice(t, c, nil)
	}
	s.subscription(t, ben, columns{"state": "past_due"})
	before := s.everything(t, "account_app", "account", "audit")
	const unpaid, running = "2 clients have unpaid invoices, which the portal does not", "1 client has a running subscription, which the portal does not"
	asked := without("invoices", "subscriptions").is(http.StatusOK).has("main a[href='/acme/invoices?state=open']", "main a[href='/acme/subscriptions']").lacks("#grants-losers")
	if said := asked.words(); !strings.Contains(said, unpaid) || !strings.Contains(said, running) || !strings.Contains(said, "Switch off invoices and subscriptions?") {
		t.Errorf("it says %s", said)
	}
	if said := without("subscriptions").is(http.StatusOK).words(); strings.Contains(said, unpaid) || !strings.Contains(said, running) {
		t.Errorf("for subscriptions alone it says %s", said)
	}
	if s.everything(t, "account_app", "account", "audit") != before {
		t.Error("asking changed something")
	}
	maya.fill(asked, "button[name=sure]").leadsTo("/acme/apps")
	s.rows(t, 2, "account_app WHERE app IN ('invoices', 'subscriptions') AND NOT switched_on")
	without().leadsTo("/acme/apps") // they are off: nobody loses anything
}

// An app is there for a client when it is on and has something for them; for everybody else its addresses do not exist. The
// page for staff says which of the two is missing.
func TestAppsAreShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	full := portalApp{label: "Courses", path: "/courses", has: always}
	empty := portalApp{label: "Courses", path: "/courses"}
	v := &visit{account: s.accounts.BySlug("acme"), client: &queries.SessionByTokenRow{}}
	for _, c := range []struct {
		app   portalApp
		on    bool
		shown bool
		word  string
	}{{full, true, true, "On"}, {full, false, false, "Off"}, {empty, true, false, "On, empty"}, {empty, false, false, "Off"}} {
		choice := queries.AppChoice{App: queries.AppCourses, On: c.on}
		state, note := c.app.state(choice)
		if c.app.shown(v, choice) != c.shown || state.Word != c.word || note == "" {
			t.Errorf("on %v: shown %v, %q, %q", c.on, c.app.shown(v, choice), state.Word, note)
		}
	}
	for path, there := range map[string]bool{"/": true, "/profile": true, "/profile/x": true, "/courses": false, "/courses/1": false, "/coursesx": true, "/welcome": true} {
		if err := v.checkApp(path); (err == nil) != there {
			t.Errorf("%s: %v", path, err)
		}
	}
	ana := s.client(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	for _, app := range queries.AllAppValues() {
		if !app.AlwaysOn() {
			ana.get("/" + string(app)).is(http.StatusNotFound)
		}
		if a := portalApps[app]; a.label == "" || a.icon == "" || a.text == "" || a.path != pathOf(app) {
			t.Errorf("%s is %+v", app, a)
		}
	}
}
