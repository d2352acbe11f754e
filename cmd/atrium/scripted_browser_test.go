package main

import (
	"testing"

	"atrium/cmd/internal/browsertest"
)

// visits is how often and by whom a contact has been seen.
const visits = `SELECT (SELECT count(*) FROM session WHERE contact_id = contact.id), (SELECT count(*) FROM magic_link WHERE contact_id = contact.id AND ended_at IS NOT NULL),
	joined_at IS NULL FROM contact WHERE id = $1`

// TestScriptedBrowserChangesNothing opens a link as mail filters with a whole browser do: it waits until the page is at rest, and
// looks at everything the page points to, but presses nothing.
func TestScriptedBrowserChangesNothing(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	const email = "dmitri@example.com" // invited, never here
	link := s.invite("acme", email)
	filter := browsertest.Open(t, browsertest.Settings{})
	filter.Open(link)
	filter.UntilQuiet()
	looked := browsertest.Get[int](filter, `Promise.all([...document.querySelectorAll("[href], [src], [action], [hx-get], [formaction]")]
		.map(e => e.href || e.src || e.action || e.getAttribute("hx-get") || e.formAction).filter(a => String(a).startsWith(location.origin))
		.map(a => fetch(a).then(answer => answer.text()))).then(all => all.length)`)
	if looked < 3 {
		t.Errorf("the page points to %d places only, so this test shows little", looked)
	}
	filter.UntilQuiet()
	if filter.Cookie("atrium_session") != "" || signedIn(s, filter) {
		t.Error("looking at the link signed the filter in")
	}
	var sessions, ended int
	var never bool
	if err := s.database.pool.QueryRow(t.Context(), visits, s.contact("acme", email)).Scan(&sessions, &ended, &never); err != nil {
		t.Fatal(err)
	}
	if sessions != 0 || ended != 0 || !never {
		t.Errorf("looking at the link left %d sessions and ended %d links; never joined: %v", sessions, ended, never)
	}

	person := browsertest.Open(t, browsertest.Settings{Phone: true})
	person.Open(link)
	person.Follow(submit(path(link)))
	person.UntilPath("/welcome")
	if person.Cookie("atrium_session") == "" {
		t.Error("the link no longer works for the person it was for")
	}
}
