package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
)

// guests gives an account that many contacts, and returns their ids in order.
func (s *site) guests(slug string, n int) (ids []uuid.UUID) {
	s.t.Helper()
	account := s.account(slug)
	if err := queries.InTx(s.t.Context(), s.database.pool, func(q *queries.Queries, _ pgx.Tx) error {
		for i := range n {
			id, _, err := queries.AddContact(s.t.Context(), q, account, guest(i), fmt.Sprintf("Guest %d", i), queries.ContactSourceManual, s.now())
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	}); err != nil {
		s.t.Fatal(err)
	}
	return ids
}

func guest(n int) string { return fmt.Sprintf("guest-%d@example.com", n) }

// held keeps a contact from being changed until the returned function is called.
func (s *site) held(contact uuid.UUID) (release func()) {
	s.t.Helper()
	tx, err := s.database.pool.Begin(s.t.Context())
	if err == nil {
		_, err = tx.Exec(s.t.Context(), "SELECT FROM contact WHERE id = $1 FOR UPDATE", contact)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return func() { _ = tx.Rollback(context.WithoutCancel(s.t.Context())) } // done twice it has no effect
}

// TestBulkInvitation invites everybody of a list: chosen, asked about once more, followed while it works, left and come back to,
// with a mail for each and a reason for each who gets none.
func TestBulkInvitation(t *testing.T) {
	t.Parallel()
	const all, leftOut = 120, 3
	s := startSite(t, nil)
	s.createAccount("fjord", "Fjord & Fell Retreats", "ingrid@fjord.example")
	guests := s.guests("fjord", all)
	for n, column := range []string{"joined_at", "bounced_at", "no_mail_at"} {
		if _, err := s.database.pool.Exec(t.Context(), "UPDATE contact SET "+column+" = $1 WHERE id = $2", s.now(), guests[n]); err != nil {
			t.Fatal(err)
		}
	}
	w := browsertest.Open(t, browsertest.Settings{})
	setUpOwner(w, linkIn(t, s.mail("ingrid@fjord.example")))
	w.Open(s.admin("/fjord/contacts"))
	w.Press(`input[data-check-all]`)
	w.Press(`input[name="all"]`)
	w.Follow(`.choose .btn-primary`)
	if text := w.Text("#contacts-chosen"); !strings.Contains(text, "Invite 117 contacts") || !strings.Contains(text, "Of 120 contacts 3 are left out") {
		t.Errorf("it asks %q", text)
	}
	if n := read[int](s, "SELECT count(*) FROM task"); n != 0 {
		t.Fatal("it began before it was asked about")
	}
	release := s.held(guests[all-10]) // in its third portion
	defer release()
	w.Follow(`#contacts-chosen .btn-primary`)
	const bar = `document.querySelector("#tasks-progress progress")`
	w.Until(bar + `?.value === 100 && ` + bar + `.max === 120`)
	task := w.URL().Path
	w.Follow(`nav a[href="/fjord/contacts"]`)
	w.Open(s.admin("/fjord/tasks"))
	w.Follow(fmt.Sprintf(`main a[href=%q]`, task))
	w.Until(bar + `?.value === 100`)
	if text := w.Text("#tasks-progress"); !strings.Contains(text, "100 of 120 done") {
		t.Errorf("after coming back it says %q", text)
	}
	release()
	w.Until(`!` + bar + ` && document.querySelectorAll("main tbody tr").length === 100`)
	if text := w.Text("#tasks-progress"); !strings.Contains(text, "Done: 117, Left out: 3") {
		t.Errorf("it ends with %q", text)
	}
	w.Follow(`main a[href$="?outcome=skipped"]`)
	rows := w.Text("main tbody")
	for n, reason := range []string{"Joined already.", "was refused for good", "Asked for no more mails"} {
		if !strings.Contains(rows, guest(n)) || !strings.Contains(rows, reason) {
			t.Errorf("%s is left out because of %s? %s", guest(n), reason, rows)
		}
	}
	received := map[string]bool{}
	for n := leftOut; n < all; n++ {
		m := s.mail(guest(n))
		received[linkIn(t, m)] = true
		if !strings.Contains(m.Text, fmt.Sprintf("Guest %d", n)) {
			t.Errorf("%s is greeted with %q", guest(n), m.Text)
		}
	}
	if len(received) != all-leftOut {
		t.Errorf("%d different links were received", len(received))
	}
	for _, m := range s.box.Messages() {
		for n := range leftOut {
			if m.To == guest(n) {
				t.Errorf("%s was written to: %s", m.To, m.Subject)
			}
		}
	}
	w.Open(s.admin("/fjord"))
	w.Until(figure("invited") + ` === 117`)
	phone := browsertest.Open(t, browsertest.Settings{Phone: true})
	phone.Open(linkIn(t, s.mail(guest(all-1))))
	phone.Follow(submit("/l/"))
	phone.UntilPath("/welcome")
}

// TestBulkInvitationIsStopped cancels one on its way: what is done stays done, and nobody else is written to.
func TestBulkInvitationIsStopped(t *testing.T) {
	t.Parallel()
	s := startSite(t, nil)
	s.createAccount("fjord", "Fjord & Fell Retreats", "ingrid@fjord.example")
	guests := s.guests("fjord", 120)
	w := browsertest.Open(t, browsertest.Settings{})
	setUpOwner(w, linkIn(t, s.mail("ingrid@fjord.example")))
	w.Open(s.admin("/fjord/contacts"))
	w.Press(`input[data-check-all]`)
	w.Press(`input[name="all"]`)
	w.Follow(`.choose .btn-primary`)
	release := s.held(guests[70]) // in its second portion, which it ends first: a cancel waits for it
	defer release()
	w.Follow(`#contacts-chosen .btn-primary`)
	w.Until(`document.querySelector("#tasks-progress progress")?.value === 50`)
	w.Press(`button[commandfor="cancel-task"]`)
	w.Leave(func() {
		w.Press(`#cancel-task .btn-danger`)
		until(t, 10*time.Second, "the cancel waits", func() bool {
			return read[int](s, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%TaskAskCancel%' AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()") == 1
		})
		release()
	})
	w.Until(`document.querySelector("#tasks-progress").innerText.includes("Done: 100")`)
	if text := w.Text("#tasks-progress"); !strings.Contains(text, "Cancelled") {
		t.Errorf("it says %q", text)
	}
	s.mail(guest(99))
	until(t, 10*time.Second, "everybody who was done is written to", func() bool { return len(s.box.Messages()) == 1+100 })
	if n := read[int](s, "SELECT count(*) FROM invitation"); n != 100 {
		t.Errorf("%d are invited", n)
	}
}
