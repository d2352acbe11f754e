package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"atrium/jobs/internal/mail"
	"atrium/queries"
)

const oneDay = 24 * time.Hour

// reminding is an account that reminds on those days, at ten o'clock where it is, with a contact invited at that moment by a mail
// that arrived.
func reminding(t *testing.T, days ...int16) (o *office, contact uuid.UUID, invited time.Time) {
	t.Helper()
	o = newOffice(t)
	invited = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	o.config.Now = func() time.Time { return invited.Add(time.Duration(o.ahead.Load())) }
	o.exec("UPDATE account SET reminder_days = coalesce($2::smallint[], '{}') WHERE id = $1", o.account, days)
	contact = o.contact("ana@example.com", "Ana Souza")
	o.invitedAt(contact, invited)
	return o, contact, invited
}

// invitedAt invites a contact and has the mail accepted.
func (o *office) invitedAt(contact uuid.UUID, at time.Time) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		_, err := mails.Invite(ctx, q, queries.InvitationOf{AccountID: o.account, ContactID: contact, Now: at})
		return err
	})
	o.exec("UPDATE invitation SET sent_at = $1 WHERE contact_id = $2", at, contact)
}

// jobOf is a job as its worker is handed it, by nobody's queue.
func jobOf[T river.JobArgs](args T) *river.Job[T] {
	return &river.Job[T]{JobRow: &rivertype.JobRow{Kind: args.Kind()}, Args: args}
}

// remind works the job of the account once and says how many reminders there are by now.
func (o *office) remind() int {
	o.t.Helper()
	check(o.t, (&remindWorker{db: o.pool, c: o.config, queue: o.queue}).Work(o.t.Context(), jobOf(remindArgs{o.account})))
	return read[int](o, "SELECT count(*) FROM mail WHERE kind = 'reminder'")
}

// A reminder comes on each of the days, once however often the job runs, and prolongs nothing.
func TestRemindersComeOnTheirDays(t *testing.T) {
	t.Parallel()
	o, contact, invited := reminding(t, 3, 7)
	expires := read[time.Time](o, "SELECT expires_at FROM invitation")
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 0}, {3*oneDay - time.Second, 0}, {3 * oneDay, 1}, {3 * oneDay, 1}, {3*oneDay + time.Hour, 1}, {7*oneDay - time.Second, 1}, {7 * oneDay, 2}, {7 * oneDay, 2}, {20 * oneDay, 2}} {
		o.ahead.Store(int64(c.after))
		if n := o.remind(); n != c.want {
			t.Errorf("after %s there are %d reminders, want %d", c.after, n, c.want)
		}
	}
	if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = 'mail_send' AND priority = 2"); n != 2 {
		t.Errorf("%d mails are to be sent", n)
	}
	if got := read[time.Time](o, "SELECT expires_at FROM invitation"); !got.Equal(expires) {
		t.Errorf("the invitation ends at %s instead of %s", got, expires)
	}
	if n := read[int](o, "SELECT count(*) FROM magic_link WHERE kind = 'invitation' AND contact_id = $1 AND expires_at = $2", contact, expires); n != 3 {
		t.Errorf("%d links end with the invitation", n)
	}
	if n := read[int](o, "SELECT count(*) FROM invitation WHERE reminded = 2 AND reminded_at = $1", invited.Add(7*oneDay)); n != 1 {
		t.Error("the invitation does not know of its reminders")
	}
}

// Nobody is reminded whom a reminder would not help, or who wants none.
func TestRemindersStop(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(o *office, contact uuid.UUID){
		"joined": func(o *office, contact uuid.UUID) {
			o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
				s := o.signIn()
				s.ContactID, s.Method = contact, queries.SignInMethodInvitation
				_, err := queries.SignInClient(ctx, q, s)
				return err
			})
		},
		"bounced": func(o *office, contact uuid.UUID) {
			o.exec("UPDATE contact SET bounced_at = now(), bounce_reason = 'No'")
			o.exec("UPDATE invitation SET bounced_at = now()")
		},
		"the address bounced by another mail": func(o *office, contact uuid.UUID) {
			o.exec("UPDATE contact SET bounced_at = now(), bounce_reason = 'No'")
		},
		"the invitation was withdrawn": func(o *office, contact uuid.UUID) {
			o.exec("UPDATE invitation SET ended_at = now(), ended_because = 'revoked'")
		},
		"the invitation is over": func(o *office, contact uuid.UUID) {
			o.exec("UPDATE invitation SET expires_at = created_at + interval '2 days'")
		},
		"the mail never arrived":            func(o *office, contact uuid.UUID) { o.exec("UPDATE invitation SET sent_at = NULL") },
		"reminders are off":                 func(o *office, contact uuid.UUID) { o.exec("UPDATE account SET reminder_days = '{}'") },
		"invited again less than a day ago": func(o *office, contact uuid.UUID) { o.invitedAt(contact, o.config.Now().Add(-oneDay+time.Second)) },
		"reminded less than a day ago": func(o *office, contact uuid.UUID) {
			o.exec("UPDATE invitation SET reminded_at = $1", o.config.Now().Add(-oneDay+time.Second))
		},
		"no more mails wanted": func(o *office, contact uuid.UUID) {
			o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
				_, err := queries.StopMails(ctx, q, o.account, contact, o.now())
				return err
			})
		},
		"the night there": func(o *office, contact uuid.UUID) { o.exec("UPDATE account SET time_zone = 'Pacific/Auckland'") },
		"address corrected": func(o *office, contact uuid.UUID) {
			o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
				return queries.ChangeEmail(ctx, q, o.account, contact, "right@example.com", o.now())
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, contact, _ := reminding(t, 3, 7)
			o.later(3 * oneDay)
			stop(o, contact)
			if n := o.remind(); n != 0 {
				t.Errorf("%d reminders", n)
			}
		})
	}
}

// Between finding who is due and writing the mail much can happen; the mail is not written then.
func TestRemindLooksOnceMore(t *testing.T) {
	t.Parallel()
	o, contact, invited := reminding(t, 3)
	of := queries.ReminderOf{AccountID: o.account, InvitationID: read[uuid.UUID](o, "SELECT id FROM invitation"), ContactID: contact, Days: []int16{3}, Now: invited.Add(3 * oneDay)}
	remind := func() error {
		return o.inTx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
			_, err := mails.Remind(ctx, q, of)
			return err
		})
	}
	for _, stop := range []string{"UPDATE contact SET no_mail_at = now()", "UPDATE contact SET no_mail_at = NULL, joined_at = now()", "UPDATE contact SET joined_at = NULL, bounced_at = now()",
		"UPDATE contact SET bounced_at = NULL; UPDATE invitation SET ended_at = now(), ended_because = 'revoked'"} {
		for statement := range strings.SplitSeq(stop, ";") {
			o.exec(statement)
		}
		if err := remind(); err != queries.ErrNotFound { //nolint:errorlint // as the worker gets it
			t.Errorf("%s: %v", stop, err)
		}
	}
	o.exec("UPDATE invitation SET ended_at = NULL, ended_because = NULL")
	check(t, remind())
	if err := remind(); err != queries.ErrNotFound { //nolint:errorlint // as the worker gets it
		t.Errorf("once more: %v", err)
	}
	if n := read[int](o, "SELECT count(*) FROM mail WHERE kind = 'reminder'"); n != 1 {
		t.Errorf("%d reminders", n)
	}
}

// Whoever switches reminders on late sends one mail for all days that have passed, not one a day.
func TestMissedDaysAreOneReminder(t *testing.T) {
	t.Parallel()
	o, _, _ := reminding(t)
	o.later(8 * oneDay)
	o.exec("UPDATE account SET reminder_days = '{1,3,7,12}'")
	for day, want := range []int{1, 1, 1, 1, 2, 2} {
		if n := o.remind(); n != want {
			t.Errorf("on day %d there are %d reminders, want %d", 8+day, n, want)
		}
		o.later(oneDay)
	}
}

// A reminder that waits for the mail server is withdrawn when there is no more reason for it, and one that arrives can be ended.
func TestRemindersThatWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stop func(h *hands, contact uuid.UUID)
		want queries.MailState
	}{
		"nothing": {func(*hands, uuid.UUID) {}, queries.MailStateSent},
		"no more mails wanted": {func(h *hands, contact uuid.UUID) {
			h.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
				_, err := queries.StopMails(ctx, q, h.account, contact, h.now())
				return err
			})
		}, queries.MailStateWithdrawn},
		"joined": {func(h *hands, contact uuid.UUID) {
			h.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
				s := h.signIn()
				s.ContactID, s.Method = contact, queries.SignInMethodInvitation
				_, err := queries.SignInClient(ctx, q, s)
				return err
			})
		}, queries.MailStateWithdrawn},
		"another mail bounced": {func(h *hands, contact uuid.UUID) {
			args := mailSendArgs{h.account, h.sendLink(contact, "ana@example.com", queries.AppHome)}
			refuse := func(context.Context, mail.Message) (string, error) {
				return "", &mail.Failure{Kind: mail.Bounced, Code: 550, Text: "No"}
			}
			id := read[int64](h.office, "SELECT id FROM river.river_job WHERE args->>'mail_id' = $1", args.MailID.String())
			check(h.t, (&mailSendWorker{db: h.pool, c: h.config, queue: h.queue, send: refuse}).Work(h.ctx, take(h, h.pool, id, args)))
		}, queries.MailStateWithdrawn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHands(t)
			h.exec("UPDATE account SET reminder_days = '{3}', time_zone = 'UTC'")
			contact := h.contact("ana@example.com", "Ana Souza")
			h.invitedAt(contact, h.now().Add(-4*oneDay))
			at := time.Date(h.now().Year(), h.now().Month(), h.now().Day(), 12, 0, 0, 0, time.UTC)
			h.config.Now = func() time.Time { return at }
			if n := h.remind(); n != 1 {
				t.Fatalf("%d reminders", n)
			}
			reminder := read[uuid.UUID](h.office, "SELECT id FROM mail WHERE kind = 'reminder'")
			c.stop(h, contact)
			var sent []mail.Message
			worker := &mailSendWorker{db: h.pool, c: h.config, queue: h.queue, send: func(_ context.Context, m mail.Message) (string, error) {
				sent = append(sent, m)
				return "queued", nil
			}}
			args := mailSendArgs{h.account, reminder}
			id := read[int64](h.office, "SELECT id FROM river.river_job WHERE args->>'mail_id' = $1", reminder.String())
			check(t, worker.Work(h.ctx, take(h, h.pool, id, args)))
			if state := h.mail(reminder).State; state != string(c.want) || len(sent) != map[bool]int{true: 1}[c.want == queries.MailStateSent] {
				t.Fatalf("the reminder is %s, and %d were sent", state, len(sent))
			}
			stop := "https://acme.portal.test" + StopPath(mails.Secret.StopToken(contact))
			if len(sent) == 1 && (sent[0].Unsubscribe != stop || !strings.Contains(sent[0].Text, stop) || !strings.Contains(sent[0].Text, "/l/")) {
				t.Errorf("the reminder cannot be ended by %s: %+v", stop, sent[0])
			}
		})
	}
}

// Every account has its reminders looked after at its own fit hours, and only if it wants any.
func TestRemindersHaveTheirHours(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	zones := map[string]uuid.UUID{"UTC": o.account}
	for i, zone := range []string{"Asia/Kathmandu", "America/Los_Angeles", "Pacific/Kiritimati", "Europe/Atlantis"} {
		zones[zone] = o.newAccount(fmt.Sprintf("zone-%d", i), zone)
	}
	for zone, id := range zones {
		o.exec("UPDATE account SET time_zone = $2, reminder_days = '{3}' WHERE id = $1", id, zone)
	}
	o.newAccount("never", "Never reminds")
	for at, want := range map[string][]string{
		"2026-11-22T08:59:59Z": {"Asia/Kathmandu"},                           // where it is 14:44; in Kiritimati 22:59
		"2026-11-22T09:00:00Z": {"Asia/Kathmandu", "Europe/Atlantis", "UTC"}, // nobody knows where that is
		"2026-11-22T17:59:59Z": {"America/Los_Angeles", "Europe/Atlantis", "UTC"},
		"2026-11-22T18:00:00Z": {"America/Los_Angeles"},
		"2026-11-22T19:00:00Z": {"America/Los_Angeles", "Pacific/Kiritimati"},
	} {
		now, err := time.Parse(time.RFC3339, at)
		check(t, err)
		o.config.Now = func() time.Time { return now }
		o.exec("DELETE FROM river.river_job")
		for range 2 { // once more finds them waiting
			check(t, (&remindAllWorker{db: o.pool, c: o.config, queue: o.queue}).Work(t.Context(), jobOf(remindAllArgs{})))
		}
		got := read[[]string](o, "SELECT coalesce(array_agg(a.time_zone ORDER BY a.time_zone), '{}') FROM river.river_job j JOIN account a ON a.id::text = j.args->>'account_id' WHERE j.kind = 'remind'")
		if !slices.Equal(got, want) {
			t.Errorf("at %s: %v, want %v", at, got, want)
		}
	}
}

// A job that has queued as many as it may comes back for the rest, and two jobs at once send nothing twice.
func TestManyReminders(t *testing.T) {
	t.Parallel()
	o, _, invited := reminding(t, 3)
	const many = remindAtOnce + 20
	o.exec(`INSERT INTO contact (account_id, id, email, source, created_at, changed_at, invited_at, last_invited_at)
		SELECT $1, gen_random_uuid(), 'c' || n || '@example.com', 'import', $2, $2, $2, $2 FROM generate_series(2, $3::int) n`, o.account, invited, many)
	o.exec(`INSERT INTO invitation (account_id, id, contact_id, created_at, expires_at, sent_at)
		SELECT account_id, gen_random_uuid(), id, $1::timestamptz, $1::timestamptz + interval '30 days', $1::timestamptz FROM contact WHERE email LIKE 'c%'`, invited)
	o.later(4 * oneDay)
	stop := o.work()
	o.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
		return o.queue.insert(ctx, tx, remindArgs{o.account})
	})
	eventually(t, func() (bool, string) {
		n := read[int](o, "SELECT count(*) FROM mail WHERE kind = 'reminder'")
		return n >= many, fmt.Sprintf("%d reminders; there are %d", many, n)
	})
	stop()
	if n := o.remind(); n != many {
		t.Errorf("%d reminders for %d contacts", n, many)
	}
}
