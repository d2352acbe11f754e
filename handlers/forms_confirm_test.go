package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
)

// The link in the mail changes nothing until its button is pressed, and then counts once.
func TestFormConfirm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Confirm = true })
	before := s.everything(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		s.portal(t, s.acme).send(method, f.confirm, nil).is(http.StatusOK)
	}
	if s.everything(t) != before {
		t.Error("looking at the link changed something")
	}
	b := s.portal(t, s.acme)
	open := b.get(f.confirm).has("form[action='" + f.confirm + "'] button")
	if !strings.Contains(open.words(), "waits@example.com") || !strings.Contains(open.words(), "Book a call") {
		t.Errorf("it does not say what is confirmed: %s", open.words())
	}
	s.exec(t, "UPDATE form SET name = 'renamed'") // the link in the mail goes on working
	done := b.fill(open, "form").is(http.StatusOK).lacks("main form")
	if got := words(done.one("main")); got != "Your address is confirmed We call you." {
		t.Errorf("it says %q", got)
	}
	s.rows(t, 1, "form_submission WHERE id = $1 AND confirmed_at = $2", f.submission, noon)
	s.inserted(t, "form_submission")
	again := b.fill(open, "form").is(http.StatusOK)
	if got := words(again.one("h1")); got != "Already confirmed" {
		t.Errorf("the second time it says %q", got)
	}
	if got := words(b.get(f.confirm).is(http.StatusOK).lacks("main form").one("h1")); got != "Already confirmed" {
		t.Errorf("looked at again it says %q", got)
	}
	s.inserted(t)
}

func TestFormConfirmTwiceAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Confirm = true })
	var sent []sending
	for range 4 {
		b := s.portal(t, s.acme)
		sent = append(sent, sending{b, b.get(f.confirm).form("form[action='" + f.confirm + "']")})
	}
	said := map[string]int{}
	for _, p := range together(t, sent...) {
		said[words(p.is(http.StatusOK).one("h1"))]++
	}
	if said["Your address is confirmed"] != 1 || said["Already confirmed"] != 3 {
		t.Errorf("they say %v", said)
	}
	s.inserted(t, "form_submission")
}

// A link that is over, unknown, or of another account counts nothing and says why.
func TestFormConfirmOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Confirm = true })
	theirs := s.form(t, s.lumen, func(d *queries.FormDraft) { d.Confirm = true })
	b := s.portal(t, s.acme)
	token := b.token()
	for _, path := range []string{theirs.confirm, "/f/call/confirm/x", "/f/call/confirm/%ff"} {
		b.get(path).is(http.StatusNotFound).has("main h1").lacks("main form")
		b.send(post, path, url.Values{"_token": {token}}).is(http.StatusNotFound)
	}
	b.send(post, f.confirm, nil).is(http.StatusForbidden)
	s.clock.move(queries.FormConfirmLife)
	b.get(f.confirm).is(http.StatusOK).has("main a[href='/f/call']").lacks("main form")
	b.send(post, f.confirm, url.Values{"_token": {token}}).is(http.StatusOK).has("main a[href='/f/call']")
	s.exec(t, "UPDATE form SET switched_on = false")
	b.get(f.confirm).is(http.StatusOK).lacks("main a[href='/f/call']")
	s.rows(t, 0, "form_submission WHERE confirmed_at IS NOT NULL")
	s.inserted(t)
}
