package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/cmd/internal/browsertest"
	"atrium/jobs/mailbox"
	"atrium/queries"
)

// invitedThreeDaysAgo is a business that reminds on days 3, 7 and 10, where it is noon, and three people whose invitation arrived.
func invitedThreeDaysAgo(people ...string) func(context.Context, *program) error {
	return func(ctx context.Context, pr *program) error {
		invited := time.Now().Add(-3*day - time.Hour)
		return queries.InTx(ctx, pr.database.pool, func(q *queries.Queries, tx pgx.Tx) error {
			account, err := queries.NewAccount(ctx, q, "fjord", "Fjord & Fell Retreats", "ingrid@fjord.example", invited)
			if err != nil {
				return err
			}
			if err := q.ReminderSettingsSave(ctx, queries.ReminderSettingsSaveParams{ID: account, ReminderDays: []int16{3, 7, 10}, Now: invited}); err != nil {
				return err
			}
			for _, email := range people {
				id, _, err := queries.AddContact(ctx, q, account, email, "", queries.ContactSourceManual, invited)
				if err != nil {
					return err
				}
				if _, err := pr.mails.Invite(ctx, q, queries.InvitationOf{AccountID: account, ContactID: id, Now: invited}); err != nil {
					return err
				}
			}
			zone := fmt.Sprintf("Etc/GMT%+d", time.Now().UTC().Hour()-12) // their signs are the other way round
			_, err = tx.Exec(ctx, "WITH z AS (UPDATE account SET time_zone = $1) UPDATE invitation SET sent_at = $2", zone, invited)
			return err
		})
	}
}

// TestReminderStopsOnJoin lets ten days pass for three people: one joins by the first reminder, one wants no more mails after the
// second, and one does nothing and hears of all three.
func TestReminderStopsOnJoin(t *testing.T) {
	t.Parallel()
	const ana, ben, cid = "ana@example.com", "ben@example.com", "cid@example.com"
	s := startSite(t, invitedThreeDaysAgo(ana, ben, cid))
	seen := map[string][]string{}
	next := func(to string) mailbox.Message {
		m := s.mail(to, seen[to]...)
		seen[to] = append(seen[to], linkIn(t, m))
		return m
	}
	first := next(ana)
	if !strings.Contains(first.Header.Get("List-Unsubscribe"), "/stop/") {
		t.Errorf("a mail program is not told how to end it: %v", first.Header)
	}
	next(ben)
	next(cid)

	phone := browsertest.Open(t, browsertest.Settings{Phone: true})
	phone.Open(linkIn(t, first))
	phone.Follow(submit("/l/"))
	phone.UntilPath("/welcome")

	s.hoursPass(4 * day)
	second := next(ben)
	next(cid)
	laptop := browsertest.Open(t, browsertest.Settings{})
	laptop.Open(stopIn(t, second))
	if !strings.Contains(laptop.Text("#stop"), "Fjord & Fell Retreats") {
		t.Errorf("whose mails would end? %s", laptop.Text("#stop"))
	}
	laptop.Follow(submit("/stop/"))
	laptop.Until(`document.querySelector('form[action$="/undo"]')`)

	s.hoursPass(3 * day)
	next(cid)
	for to, want := range map[string]int{ana: 1, ben: 2, cid: 3} {
		if n := read[int](s, "SELECT count(*) FROM mail WHERE kind = 'reminder' AND to_email = $1", to); n != want {
			t.Errorf("%s was reminded %d times, want %d", to, n, want)
		}
	}
	laptop.Follow(submit("/stop/")) // Undo
	laptop.Until(`!document.querySelector('form[action$="/undo"]')`)
	if id := read[*uuid.UUID](s, "SELECT min(id::text)::uuid FROM contact WHERE no_mail_at IS NOT NULL"); id != nil {
		t.Errorf("%s still wants no mails", id)
	}
}

// hoursPass moves the site's clock and has the hourly look for reminders done once more.
func (s *site) hoursPass(by time.Duration) {
	s.t.Helper()
	s.ahead.Add(int64(by))
	if _, err := s.database.pool.Exec(s.t.Context(), "UPDATE river.river_job SET state = 'available', finalized_at = NULL, scheduled_at = now() WHERE kind = 'remind_all'"); err != nil {
		s.t.Fatal(err)
	}
}

// stopIn is the link of a mail that ends mails of its sort.
func stopIn(t *testing.T, m mailbox.Message) string {
	t.Helper()
	i := slices.IndexFunc(m.Links, func(link string) bool { return strings.Contains(link, "/stop/") })
	if i < 0 {
		t.Fatalf("no way to end them in %q: %s", m.Subject, m.Text)
	}
	return m.Links[i]
}

// read answers a question with one value.
func read[T any](s *site, sql string, args ...any) (value T) {
	s.t.Helper()
	if err := s.database.pool.QueryRow(s.t.Context(), sql, args...).Scan(&value); err != nil {
		s.t.Fatal(err)
	}
	return value
}
