package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
)

// Whoever may not come in gets one answer, whatever the reason is.
func TestSignInByPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.arrived(t, s.acme, "Ana@example.com", "Ana Souza")
	s.arrived(t, s.lumen, "elsewhere@example.com", "Yuki Tanaka")
	s.contact(t, s.acme, "nopassword@example.com", "Ben Okri")
	b := s.portal(t, s.acme)
	var answers []string
	for _, c := range []struct{ email, password string }{
		{"ana@example.com", "not the password"},
		{"ana@example.com", " " + rightPassword},
		{"nobody@example.com", rightPassword},
		{"nopassword@example.com", rightPassword},
		{"nopassword@example.com", "nobody has this password"}, // what unknown addresses are compared with
		{"nobody@example.com", "nobody has this password"},
		{"elsewhere@example.com", rightPassword},
	} {
		p := b.fill(b.get("/sign-in"), "#signin-form", "email", c.email, "password", c.password).is(http.StatusUnprocessableEntity)
		p.has("#signin-form [role=alert]", "input[name=email][value='"+c.email+"']", "input[name=password][autofocus]")
		if strings.Contains(p.body, c.password) {
			t.Errorf("%s: the password comes back", c.email)
		}
		answers = append(answers, strings.ReplaceAll(p.body, c.email, "ADDRESS"))
	}
	for i, answer := range answers {
		if answer != answers[0] {
			t.Errorf("answer %d differs:\n%s\nfrom\n%s", i, answer, answers[0])
		}
	}
	s.rows(t, 0, "session")
	b.fill(b.get("/sign-in"), "#signin-form", "email", " ANA@EXAMPLE.COM ", "password", rightPassword).leadsTo("/")
	b.get("/").is(http.StatusOK)
	s.rows(t, 1, "session WHERE method = 'password' AND user_agent = $1", firefox)
}

// What cannot be tried at all is said beside its field, and counts as no try.
func TestSignInFormIsChecked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.portal(t, s.acme)
	for _, c := range []struct{ action, email, password, wrong string }{
		{"#signin-form", "", "x", "email"},
		{"#signin-form", "ana", "x", "email"},
		{"#signin-form", "ana@example", "x", "email"},
		{"#signin-form", "ana\x00@example.com", "x", "email"},
		{"#signin-form", "ana\xff@example.com", "x", "email"},
		{"#signin-form", "ana@example.com", "", "password"},
		{"button[formaction='/sign-in/link']", "ana@", "", "email"},
		{"button[formaction='/sign-in/link']", "", rightPassword, "email"},
	} {
		for _, b := range []*browser{b, b.htmx()} {
			b.fill(s.portalPage(b), c.action, "email", c.email, "password", c.password).is(http.StatusUnprocessableEntity).
				has("#field-"+c.wrong+"-error", "[name="+c.wrong+"][aria-invalid=true]")
		}
	}
	s.rows(t, 0, "allowance")
	s.rows(t, 0, "sign_in_request")
}

// portalPage is the sign-in page, whatever the browser asks parts of.
func (s *testSite) portalPage(b *browser) *page { return b.with("HX-Request", "false").get("/sign-in") }

func TestSignInLeadsOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	for next, to := range map[string]string{
		"": "/", "/profile": "/profile", "/profile?a=b&c=d": "/profile?a=b&c=d", "profile": "/", "//evil.test": "/", "https://evil.test/": "/",
		`/\evil.test`: "/", `\\evil.test`: "/", "/\t/evil.test": "/", "/\r\nSet-Cookie: a=b": "/", "javascript:alert(1)": "/", "/sign-in?next=/": "/", "/sign-out": "/", "/#\x00": "/",
	} {
		b := s.portal(t, s.acme)
		p := b.get("/sign-in?next=" + url.QueryEscape(next))
		if got := attr(p.one("#signin-form input[name=next]"), "value"); got != to {
			t.Errorf("%q becomes %q in the form, want %q", next, got, to)
		}
		b.fill(p, "#signin-form", "email", ana.email, "password", rightPassword, "next", next).leadsTo(to)
		b.get("/sign-in?next=" + url.QueryEscape(next)).leadsTo(to) // nobody signs in twice
	}
	b := s.portal(t, s.acme)
	b.fill(b.get("/sign-in"), "button[formaction='/sign-in/link']", "email", ana.email, "next", "/#\x00").leadsTo("/sign-in/code") // where it is kept, no NUL can be
	p := b.htmx().fill(s.portalPage(b), "#signin-form", "email", ana.email, "password", rightPassword, "next", "/profile").is(http.StatusOK)
	if to := p.header.Get("HX-Redirect"); to != "/profile" {
		t.Errorf("htmx is sent to %q", to)
	}
}

// A new sign-in has a new cookie, and the one before is worth nothing any more.
func TestSignInRotatesTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, thief := s.client(t, ana), s.portal(t, s.acme)
	thief = b.stolen(thief)
	thief.get("/profile").is(http.StatusOK)
	first, form := b.cookie(sessionCookie), url.Values{"email": {ana.email}, "password": {rightPassword}, "_token": {b.token()}}
	b.send(post, "/sign-in", form).leadsTo("/")
	if b.cookie(sessionCookie) == first {
		t.Error("the cookie stays")
	}
	thief.get("/profile").leadsTo("/sign-in?next=%2Fprofile")
	b.get("/profile").is(http.StatusOK)
	s.rows(t, 1, "session WHERE ended_because = 'superseded' AND token_hash = $1", queries.TokenHash(first))
	s.rows(t, 1, "session WHERE ended_at IS NULL")

	link, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	b.confirm(link).leadsTo("/")
	s.rows(t, 2, "session WHERE ended_because = 'superseded'")
	s.rows(t, 1, "session WHERE ended_at IS NULL AND method = 'link'")
	s.rows(t, 0, "session WHERE token_hash = $1", []byte(b.cookie(sessionCookie))) // stored only as a hash
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, other := s.client(t, ana), s.client(t, ana)
	thief := b.stolen(s.portal(t, s.acme))
	p := b.follow(b.fill(b.get("/"), "form[action='/sign-out']").leadsTo("/sign-in"))
	p.has("#notice .flash", "#signin-form")
	b.get("/sign-in").lacks("#notice .flash") // said once
	if b.cookie(sessionCookie) != "" {
		t.Error("the cookie stays")
	}
	thief.get("/profile").leadsTo("/sign-in?next=%2Fprofile")
	other.get("/profile").is(http.StatusOK)
	s.rows(t, 1, "session WHERE ended_because = 'signed_out' AND ended_at = $1", noon)
}
