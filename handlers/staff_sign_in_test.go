package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
)

// As on a portal: one answer for everybody who may not come in.
func TestStaffSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	s.arrived(t, s.acme, "client@example.com", "Ana Souza")
	s.setup(t, "new@acme.example")
	b := s.admin(t)
	var answers []string
	for _, c := range []struct{ email, password string }{
		{"maya@acme.example", "not the password"}, {"nobody@acme.example", rightPassword}, {"new@acme.example", "nobody has this password"}, {"client@example.com", rightPassword},
	} {
		p := b.fill(b.get("/sign-in"), "#staff-signin", "email", c.email, "password", c.password).is(http.StatusUnprocessableEntity).has("#staff-signin [role=alert]")
		answers = append(answers, strings.ReplaceAll(p.body, c.email, "ADDRESS"))
	}
	for i, answer := range answers {
		if answer != answers[0] {
			t.Errorf("answer %d differs:\n%s\nfrom\n%s", i, answer, answers[0])
		}
	}
	for _, c := range []struct{ email, password, wrong string }{{"", "x", "email"}, {"maya", "x", "email"}, {"maya@acme.example", "", "password"}} {
		b.fill(b.get("/sign-in"), "#staff-signin", "email", c.email, "password", c.password).is(http.StatusUnprocessableEntity).has("#field-" + c.wrong + "-error")
		b.htmx().fill(b.get("/sign-in"), "#staff-signin", "email", c.email, "password", c.password).is(http.StatusUnprocessableEntity).lacks("main")
	}
	s.rows(t, 0, "staff_session")
	p := b.follow(b.get("/acme/contacts?q=a%26b").leadsTo("/sign-in?next=" + url.QueryEscape("/acme/contacts?q=a%26b")))
	b.fill(p, "#staff-signin", "email", "MAYA@acme.example", "password", rightPassword).leadsTo("/acme/contacts?q=a%26b")
	b.get("/acme/contacts").is(http.StatusOK)
	s.rows(t, 1, "staff_session WHERE user_agent = $1 AND created_at = $2", firefox, noon)
}

func TestStaffSignInRotatesTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	b := s.admin(t)
	p := b.get("/sign-in") // in two tabs
	b.fill(p, "#staff-signin", "email", maya.email, "password", rightPassword).leadsTo("/")
	b.get("/sign-in").leadsTo("/")
	b.get("/sign-in?next=%2Facme%2Fcontacts").leadsTo("/acme/contacts")
	first, thief := b.cookie(sessionCookie), b.stolen(s.admin(t))
	b.fill(p, "#staff-signin", "email", maya.email, "password", rightPassword).leadsTo("/")
	if b.cookie(sessionCookie) == first {
		t.Error("the cookie stays")
	}
	thief.get("/sessions").leadsTo("/sign-in?next=%2Fsessions")
	s.rows(t, 1, "staff_session WHERE ended_because = 'superseded'")
	thief = b.stolen(s.admin(t))
	b.follow(b.fill(b.get("/sessions"), "form[action='/sign-out']").leadsTo("/sign-in")).has("#notice .flash")
	thief.get("/sessions").leadsTo("/sign-in?next=%2Fsessions")
	s.rows(t, 1, "staff_session WHERE ended_because = 'signed_out'")
	s.rows(t, 0, "staff_session WHERE ended_at IS NULL")
}

func TestStaffSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	samir := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	b, laptop := s.staff(t, maya), s.staff(t, maya)
	phone := s.staffSession(t, maya)
	end := "form[action='/sessions/" + phone.String() + "/end']"
	p := b.get("/sessions").is(http.StatusOK).has(end, "form[action='/sessions/end-all']")
	ends := 0
	for _, form := range p.all("form[method=post]") {
		if strings.HasSuffix(attr(form, "action"), "/end") {
			ends++
		}
	}
	if ends != 2 {
		t.Errorf("%d devices can be ended, want the two others", ends)
	}
	b.fill(p, end).leadsTo("/sessions")
	b.get("/sessions").is(http.StatusOK).lacks(end)
	b.fill(p, end).is(http.StatusNotFound)
	laptop.get("/sessions").is(http.StatusOK)
	b.follow(b.fill(b.get("/sessions"), "form[action='/sessions/end-all']").leadsTo("/sign-in")).has("#notice .flash")
	for _, b := range []*browser{b, laptop} {
		b.get("/sessions").leadsTo("/sign-in?next=%2Fsessions")
	}
	samir.get("/sessions").is(http.StatusOK)
	s.rows(t, 3, "staff_session WHERE staff_id = $1 AND ended_because = 'signed_out'", maya.id)
}

// Whoever has one account is taken to it, with several there is a switcher, and without any the page says so.
func TestAccounts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	one := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	one.follow(one.get("/").leadsTo("/acme")).is(http.StatusOK).lacks("#menu-accounts")
	several := s.staff(t, s.person(t, "both@acme.example", queries.StaffRoleSupport, s.lumen, s.acme))
	several.get("/").is(http.StatusOK).has("main a[href='/acme']", "main a[href='/lumen']")
	several.get("/acme").is(http.StatusOK).has("#menu-accounts a[href='/acme'][aria-current=true]", "#menu-accounts a[href='/lumen']").
		lacks("#menu-accounts a[href='/lumen'][aria-current]")
	none := s.staff(t, s.person(t, "none@acme.example", queries.StaffRoleOwner))
	none.get("/").is(http.StatusOK).lacks("main a[href]")
	none.get("/acme").is(http.StatusNotFound)
	none.get("/sessions").is(http.StatusOK)
	s.exec(t, "DELETE FROM staff_membership WHERE account_id = $1", s.lumen.id)
	several.get("/lumen").is(http.StatusNotFound) // at once, also in an open session
	several.get("/").leadsTo("/acme")
	one.get("/ACME/contacts").is(http.StatusOK)
}
