package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// A sign-in lasts 14 days without a visit and 90 days in all, for clients and staff alike, to the second; and that holds
// between two runs of the job that closes what is over.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	for name, c := range map[string]struct {
		table, path string
		signIn      func() *browser
	}{
		"client": {"session", "/profile", func() *browser { return s.client(t, ana) }},
		"staff":  {"staff_session", "/sessions", func() *browser { return s.staff(t, maya) }},
	} {
		idle, used, began := c.signIn(), c.signIn(), s.clock.now()
		nobody := func(b *browser) { b.get(c.path).leadsTo("/sign-in?next=%2F" + c.path[1:]) }
		s.clock.move(queries.SessionIdle - time.Second)
		used.get(c.path).is(http.StatusOK)
		s.clock.move(time.Second)
		nobody(idle)
		const step = 13 * 24 * time.Hour
		for s.clock.now().Add(step).Before(began.Add(queries.SessionMax)) {
			s.clock.move(step)
			used.get(c.path).is(http.StatusOK)
		}
		s.clock.move(began.Add(queries.SessionMax).Sub(s.clock.now()) - time.Second)
		used.get(c.path).is(http.StatusOK)
		s.clock.move(time.Second)
		nobody(used)
		s.rows(t, 2, c.table+" WHERE ended_at IS NULL") // no job ran
		if t.Failed() {
			t.Errorf("as %s", name)
		}
	}
}

// A sign-in that ends while a client types costs them nothing of it: what htmx sends leaves the page as it is and says where to sign in,
// what a plain form sends is followed by why nothing came of it. Signing out and what scripts send by themselves say nothing.
func TestSessionsEndInAnOpenForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	profile := b.get("/profile")
	s.exec(t, "UPDATE session SET ended_at = $1, ended_because = 'revoked'", s.clock.now())
	const form, page = "form[action='/profile/name']", "/profile?a=b%26c"
	p := b.htmx().with("HX-Current-URL", "http://acme.localhost"+page).fill(profile, form, "name", "Ana Maria").is(http.StatusUnauthorized)
	p.has(".flash-error[role=alert] a[target=_blank][href='/sign-in?next=" + url.QueryEscape(page) + "']")
	if said := p.words(); p.header.Get("HX-Retarget") != "#notice" || p.header.Get("HX-Redirect") != "" || !strings.Contains(said, "what you typed is still here") {
		t.Errorf("beside the page it says %q; %v", said, p.header)
	}
	b.fill(profile, "form[action='/sign-out']").leadsTo("/sign-in")
	b.with("Sec-Fetch-Mode", "no-cors").fill(profile, form, "name", "Ana Maria").leadsTo("/sign-in")
	b.get("/sign-in").lacks("#notice .flash")
	b.with("Sec-Fetch-Mode", "navigate").fill(profile, form, "name", "Ana Maria").leadsTo("/sign-in")
	if said := words(b.get("/sign-in").one("#notice .flash-warning")); !strings.Contains(said, "nothing was saved") {
		t.Errorf("on the page to sign in it says %q", said)
	}
	s.rows(t, 1, "contact WHERE name = 'Ana Souza'")
}

// A visit is remembered when the last one is over five minutes ago, and so most pages write nothing.
func TestSessionsAreSeen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	client, staff := s.client(t, ana), s.staff(t, maya)
	for _, c := range []struct{ after, seen time.Duration }{
		{0, 0}, {time.Minute, 0}, {5 * time.Minute, 0}, {5*time.Minute + time.Second, 5*time.Minute + time.Second},
		{10 * time.Minute, 5*time.Minute + time.Second}, {11 * time.Minute, 11 * time.Minute},
	} {
		s.clock.move(c.after - s.clock.now().Sub(noon))
		client.get("/").is(http.StatusOK)
		staff.get("/sessions").is(http.StatusOK)
		s.rows(t, 1, "session WHERE last_seen_at = $1 AND created_at = $2", noon.Add(c.seen), noon)
		s.rows(t, 1, "staff_session WHERE last_seen_at = $1 AND created_at = $2", noon.Add(c.seen), noon)
	}
}
