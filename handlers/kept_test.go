package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The sign-in page that is kept is the one that would be made: the account's own as it is now, with the token of who asks; what belongs to
// one request is in it for that one alone.
func TestKeptSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Site.kept = make(keptPages, 1) // one place for both accounts
	made := func(b *browser) string {
		t.Helper()
		p := b.get("/sign-in?next=%2F") // a page with a question is never kept
		return strings.ReplaceAll(p.is(http.StatusOK).body, b.token(), "TOKEN")
	}
	show := func(b *browser) {
		t.Helper()
		want := made(b)
		for range 2 {
			p := b.get("/sign-in").is(http.StatusOK)
			if got := strings.ReplaceAll(p.body, b.token(), "TOKEN"); got != want || !strings.Contains(p.body, b.token()) {
				t.Errorf("kept:\n%s\nmade:\n%s", got, want)
			}
			if p.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(p.header.Get("Vary"), "HX-Request") || p.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%v", p.header)
			}
		}
	}
	first, second, other := s.portal(t, s.acme), s.portal(t, s.acme), s.portal(t, s.lumen)
	for range 2 {
		for _, b := range []*browser{first, second, other} {
			show(b)
		}
	}
	if first.token() == second.token() {
		t.Error("two browsers have one token")
	}
	if p := s.portal(t, s.acme).get("/sign-in"); len(p.header.Values("Set-Cookie")) != 1 || strings.Contains(p.body, first.token()) {
		t.Error("a new browser is not given a token of its own")
	}

	if p := first.get("/sign-in?next=%2Fcourses"); !strings.Contains(p.body, `value="/courses"`) {
		t.Error("where to go on is lost")
	}
	if p := first.htmx().get("/sign-in"); strings.Contains(p.body, "<html") {
		t.Error("the whole page came instead of its part")
	}
	out := s.client(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	if p := out.fill(out.get("/profile"), "form[action='/sign-out']").leadsTo("/sign-in"); !strings.Contains(out.follow(p).body, "You are signed out.") {
		t.Error("the message is lost")
	}
	for _, b := range []*browser{out, first} {
		show(b)
		if strings.Contains(b.get("/sign-in").body, "You are signed out.") {
			t.Error("the message stays")
		}
	}

	s.exec(t, "UPDATE account SET name = 'Acme & Daughters', changed_at = $1 WHERE slug = 'acme'", noon.Add(time.Second))
	eventually(t, "the page wears the new name", func() bool { return strings.Contains(first.get("/sign-in").body, "Acme &amp; Daughters") })
	show(second)
}
