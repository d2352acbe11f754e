package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
)

// withManyContacts is the demo, and so many more contacts at Acme that the list has three pages.
func withManyContacts(t *testing.T) *site {
	t.Helper()
	s := startSite(t, seedDemo)
	account := s.account("acme")
	for n := range 90 {
		if _, _, err := queries.AddContact(t.Context(), queries.New(s.database.pool), account, fmt.Sprintf("guest%d@example.org", n),
			fmt.Sprintf("Guest %d", n), queries.ContactSourceImport, s.now()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestListsKeepTheFocus searches and pages as somebody does who cannot see the page jump: the focus stays where they are.
func TestListsKeepTheFocus(t *testing.T) {
	t.Parallel()
	s := withManyContacts(t)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/contacts"))
	const rows = `document.querySelectorAll("#contacts-list tr[id]").length`
	w.Until(rows + ` === 50`)

	w.Press(`.find input[name="q"]`)
	w.Keys("guest 8")
	w.Until(rows + ` === 11`) // 8, and 80 to 89
	w.UntilFocus(`.find input[name="q"]`)
	w.Keys("7")
	w.Until(rows + ` === 1`)
	w.UntilFocus(`.find input[name="q"]`)
	if typed := w.Value(`.find input[name="q"]`); typed != "guest 87" {
		t.Errorf("while the list changed, the search became %q", typed)
	}
	if q := w.URL().Query().Get("q"); q != "guest 87" {
		t.Errorf("the address, for a reload or a colleague, searches for %q", q)
	}

	w.Open(s.admin("/acme/contacts"))
	for seen := 50; w.Has("#contacts-more a"); {
		browsertest.Get[any](w, `document.querySelector("#contacts-more a").focus()`)
		w.Keys(kb.Enter)
		w.Until(fmt.Sprintf(rows+` > %d`, seen))
		w.Until(`document.activeElement !== document.body`) // a swap that loses the focus puts it there
		w.Keys(kb.Tab)
		at := browsertest.Get[int](w, `[...document.querySelectorAll("#contacts-list tr[id]")].indexOf(document.activeElement.closest("tr"))`)
		if at != seen {
			t.Errorf("after loading more, the next Tab is in row %d; the first new one is %d", at, seen)
		}
		seen = browsertest.Get[int](w, rows)
	}
	var contacts int
	if err := s.database.pool.QueryRow(t.Context(), "SELECT count(*) FROM contact WHERE account_id = $1", s.account("acme")).Scan(&contacts); err != nil {
		t.Fatal(err)
	}
	if total := browsertest.Get[int](w, rows); total != contacts {
		t.Errorf("all pages together have %d rows of %d", total, contacts)
	}
}

// TestDoubleSubmit presses each button twice on a slow line. The first answer is for both.
func TestDoubleSubmit(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Slow()
	pavel := s.contactPath("acme", "pavel.horak@example.com")
	for _, form := range []struct{ page, field, typed, action string }{
		{"/acme/contacts/new", "email", "once@example.org", "/acme/contacts"},         // by htmx
		{"/acme/invitations/new", "people", "twice@example.org", "/acme/invitations"}, // by htmx
		{pavel, "", "", pavel + "/invite"},                                            // by the browser itself
	} {
		w.Open(s.admin(form.page))
		if form.field != "" {
			w.Type(fmt.Sprintf(`[name=%q]`, form.field), form.typed)
		}
		w.Leave(func() { w.PressTwice(submit(form.action)) })
		if times := w.Sent("POST", form.action); times != 1 {
			t.Errorf("%s was sent %d times", form.action, times)
		}
	}
	s.mail("pavel.horak@example.com")
	s.mail("twice@example.org")
	if mails := s.mailsTo("pavel.horak@example.com", "twice@example.org", "once@example.org"); mails != 2 {
		t.Errorf("%d mails have come, want one to each of two", mails)
	}
}
