package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
)

// newcomer is a browser in which a contact has just accepted their invitation.
func (s *testSite) newcomer(t testing.TB, a account, email, name string) (*browser, contact) {
	t.Helper()
	c, b := s.contact(t, a, email, name), s.portal(t, a)
	b.confirm(s.invited(t, c)).leadsTo("/")
	return b, c
}

// The first confirmed sign-in makes a contact joined, in its own transaction, whichever way it is; later ones change nothing.
func TestJoining(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hash := passwordHash(t)
	for name, signIn := range map[string]func(b *browser, c contact){
		"invitation": func(b *browser, c contact) { b.confirm(s.invited(t, c)).leadsTo("/") },
		"magic link": func(b *browser, c contact) {
			path, _ := s.magicLink(t, c, queries.AppHome, queries.MagicLinkDefault)
			b.confirm(path).leadsTo("/")
		},
		"code": func(b *browser, c contact) { b.code(s.ask(t, b, c.email).code).leadsTo("/") },
		"password": func(b *browser, c contact) {
			s.exec(t, "UPDATE contact SET password_hash = $2 WHERE id = $1", c.id, hash)
			b.fill(b.get("/sign-in"), "#signin-form", "email", c.email, "password", rightPassword).leadsTo("/")
		},
	} {
		s.exec(t, "DELETE FROM metric")
		ana := s.contact(t, s.acme, queries.NewID().String()+"@example.com", "")
		link := s.invited(t, ana)
		s.jobs(t)
		began := s.clock.now()
		signIn(s.portal(t, s.acme), ana)
		s.rows(t, 1, "contact WHERE id = $1 AND joined_at = $2 AND accepted_at IS NULL", ana.id, began)
		s.rows(t, 1, "invitation WHERE contact_id = $1 AND joined_at = $2 AND ended_because = 'used'", ana.id, began)
		s.rows(t, 0, "magic_link WHERE contact_id = $1 AND kind = 'invitation' AND ended_at IS NULL", ana.id)
		counts := 0
		for _, j := range s.jobs(t) {
			if j.Kind == "metric_count" && j.Args["account_id"] == s.acme.id.String() {
				counts++
			}
		}
		if counts != 1 {
			t.Errorf("%s: %d jobs count the join, want 1", name, counts)
		}
		s.portal(t, s.acme).get(link).has("#link-over")
		s.clock.move(queries.MagicLinkMax)
		s.portal(t, s.acme).confirm(s.toProfile(t, ana)).leadsTo("/profile")
		s.rows(t, 1, "contact WHERE id = $1 AND joined_at = $2", ana.id, began)
		s.inserted(t)
	}
}

// A sign-in that cannot be finished leaves nothing behind: no session, no join, no used link.
func TestJoiningIsOneTransaction(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "")
	path, b := s.invited(t, ana), s.portal(t, s.acme)
	open := b.get(path)
	before := s.everything(t, "contact", "session", "invitation", "magic_link")
	s.exec(t, "ALTER TABLE river.river_job RENAME TO away")
	if p := b.fill(open, "form[action='"+path+"']").is(http.StatusInternalServerError); len(p.cookies) != 0 {
		t.Errorf("a failed sign-in sets %v", p.cookies)
	}
	s.exec(t, "ALTER TABLE river.away RENAME TO river_job")
	if s.everything(t, "contact", "session", "invitation", "magic_link") != before {
		t.Error("a failed sign-in changed rows")
	}
	b.fill(open, "form[action='"+path+"']").leadsTo("/")
}

// The first arrival asks for a name and a password that can be taken, keeps what was typed, and then leads on.
func TestWelcome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, ana := s.newcomer(t, s.acme, "ana@example.com", "Ana")
	p := b.follow(b.get("/profile?a=b").leadsTo("/welcome?next=" + url.QueryEscape("/profile?a=b"))).is(http.StatusOK)
	p.has("#welcome-form input[name=name][value=Ana]")
	for _, c := range []struct{ name, password, wrong string }{
		{"", rightPassword, "name"}, {" ", rightPassword, "name"}, {"Ana\x07", rightPassword, "name"}, {strings.Repeat("a", 121), rightPassword, "name"},
		{"Ana Souza", "", "password"}, {"Ana Souza", "too short", "password"}, {"Ana Souza", "ana@example.com", "password"},
		{"Ana Souza", "ACME COACHING", "password"}, {"Ana Souza", strings.Repeat("é", 201), "password"}, {"Ana Souza", "0123456789\xff", "password"},
		{"Ana Souza", "qwertyuiop", "password"}, {"Ana Souza", strings.Repeat("\x00", 12), "password"},
	} {
		for _, b := range []*browser{b, b.htmx()} {
			again := b.fill(p, "#welcome-form", "name", c.name, "password", c.password).is(http.StatusUnprocessableEntity)
			again.has("#field-"+c.wrong+"-error", "input[name=next][value='/profile?a=b']").lacks("input[type=password][value]")
		}
	}
	s.rows(t, 1, "contact WHERE id = $1 AND accepted_at IS NULL AND password_hash IS NULL AND name = 'Ana'", ana.id)
	b.fill(p, "#welcome-form", "name", " Ana  Souza ", "password", rightPassword).leadsTo("/profile?a=b")
	s.rows(t, 1, "contact WHERE id = $1 AND accepted_at = $2 AND name = 'Ana Souza'", ana.id, noon)
	b.get("/welcome?next=%2Fprofile").leadsTo("/profile") // only once
	other := s.portal(t, s.acme)
	other.fill(other.get("/sign-in"), "#signin-form", "email", ana.email, "password", rightPassword).leadsTo("/")
	other.get("/").is(http.StatusOK)
}

// Whoever wants no password has none, whatever stands in its field.
func TestWelcomeByLinkOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, ana := s.newcomer(t, s.acme, "ana@example.com", "")
	b.fill(b.get("/welcome"), "#welcome-form", "name", "", "link_only", "on").is(http.StatusUnprocessableEntity).has("[name=link_only][checked]")
	b.fill(b.get("/welcome"), "#welcome-form", "name", "Ana Souza", "password", "short", "link_only", "on").leadsTo("/")
	s.rows(t, 1, "contact WHERE id = $1 AND accepted_at IS NOT NULL AND password_hash IS NULL", ana.id)
	b.get("/").is(http.StatusOK).has("a[href='/profile#password']")
}

// The form of the first arrival is no way around the current password afterwards, as for somebody who finds a browser open.
func TestWelcomeIsOnlyForNewcomers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	before := s.everything(t, "contact")
	b.send(post, "/welcome", url.Values{"_token": {b.token()}, "name": {"Somebody Else"}, "password": {"a new long password"}, "next": {"/profile"}}).leadsTo("/profile")
	if s.everything(t, "contact") != before {
		t.Error("name or password changed")
	}
}
