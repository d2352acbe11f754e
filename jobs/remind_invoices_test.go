package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
	"atrium/jobs/billing"
	"atrium/queries"
)

// owing is an account that reminds of invoices on those days after they were due, at ten o'clock in its zone; a client in that of
// Tokyo owes 120 euros that are due now.
type owing struct {
	*office
	sim      *stripesim.Server
	due      time.Time
	contact  uuid.UUID
	invoice  uuid.UUID
	stripeID string
}

func owes(t *testing.T, days ...int16) *owing {
	t.Helper()
	o := &owing{office: newOffice(t), due: time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)} // ten in the morning in Tokyo
	o.sim = simtest.Start(t, stripesim.Options{Now: o.due.AddDate(0, 0, -14)})
	o.config.Stripe = billing.New(billing.Config{Key: simtest.Key, URL: o.sim.URL})
	o.config.Now = func() time.Time { return o.due.Add(time.Duration(o.ahead.Load())) }
	o.exec("UPDATE account SET invoice_reminder_days = coalesce($2::smallint[], '{}') WHERE id = $1", o.account, days)
	o.contact = o.office.contact("ana@example.com", "Ana Souza")
	o.exec("UPDATE contact SET time_zone = 'Asia/Tokyo', locale = 'de-DE' WHERE id = $1", o.contact)
	ctx := t.Context()
	customer, err := o.config.Stripe.MakeCustomer(ctx, "", o.account, o.contact, "ana@example.com", "Ana Souza")
	check(t, err)
	o.exec("INSERT INTO stripe_customer VALUES ($1, $2, $3, now())", o.account, customer, o.contact)
	o.stripeID, err = o.config.Stripe.DraftInvoice(ctx, billing.NewInvoice{AccountID: o.account, Once: "1", Customer: customer, Currency: "eur", Due: o.due, Memo: "Three sessions",
		Lines: []billing.NewInvoiceLine{{Text: "Session", Quantity: 3, UnitMinor: 4000}}})
	check(t, err)
	check(t, o.config.Stripe.SendInvoice(ctx, "", o.stripeID, "1"))
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		return o.queue.LookNow(ctx, q, tx, o.config.Stripe, "", o.stripeID, o.config.Now())
	})
	o.invoice = read[uuid.UUID](o.office, "SELECT id FROM invoice")
	return o
}

// worker works in the given database.
func (o *owing) worker(db queries.DB) *remindInvoicesWorker {
	return &remindInvoicesWorker{db: db, c: o.config, queue: o.queue, look: stripeLook{door: o.config.Stripe, queue: o.queue, now: o.config.Now}}
}

// after works the job so long after the invoice was due, and says how many reminders there are by then.
func (o *owing) after(d time.Duration) int {
	o.t.Helper()
	o.ahead.Store(int64(d))
	check(o.t, o.worker(o.pool).Work(o.t.Context(), jobOf(remindInvoicesArgs{o.account})))
	return read[int](o.office, "SELECT count(*) FROM mail WHERE kind = 'invoice_reminder'")
}

// A reminder comes on each of the days, in the day of the client, once however often the job runs; a day that was missed comes late,
// and one long past never.
func TestInvoiceReminders(t *testing.T) {
	t.Parallel()
	o := owes(t, 3, 10)
	o.exec("UPDATE contact SET no_course_mail_at = now()") // another kind
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 0}, {3*oneDay - 2*time.Hour, 0}, // eight in the morning
		{3*oneDay - time.Hour, 1}, {3 * oneDay, 1}, {4 * oneDay, 1}, {10*oneDay + 8*time.Hour, 1}, // six in the evening
		{11 * oneDay, 2}, {11 * oneDay, 2}, {12 * oneDay, 2}, {40 * oneDay, 2}} {
		if n := o.after(c.after); n != c.want {
			t.Errorf("after %s there are %d reminders, want %d", c.after, n, c.want)
		}
	}
	if n := read[int](o.office, "SELECT count(*) FROM river.river_job WHERE kind = 'mail_send' AND priority = 2"); n != 2 {
		t.Errorf("%d mails are to be sent", n)
	}
	if n := read[int](o.office, "SELECT count(*) FROM invoice_reminder WHERE NOT by_staff AND day IN ('2026-11-05', '2026-11-13')"); n != 2 {
		t.Errorf("%d days are written down", n)
	}
	check(t, (&remindInvoicesAllWorker{db: o.pool, queue: o.queue}).Work(t.Context(), jobOf(remindInvoicesAllArgs{})))
	if n := read[int](o.office, "SELECT count(*) FROM river.river_job WHERE kind = 'remind_invoices' AND queue = 'stripe'"); n != 1 {
		t.Errorf("%d accounts are looked at", n)
	}
}

// Nobody is reminded who has paid, also when nobody was told so, or who wants no mails; nor of what is long past.
func TestInvoiceRemindersStop(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(o *owing) error{
		"paid, and no event came": func(o *owing) error { return o.config.Stripe.PaidOutside(t.Context(), "", o.stripeID, "2") },
		"taken back":              func(o *owing) error { return o.config.Stripe.VoidInvoice(t.Context(), "", o.stripeID, "2") },
		"the payment is on its way": func(o *owing) error {
			o.exec("UPDATE invoice SET payment = 'processing'")
			return nil
		},
		"wants no mails":      func(o *owing) error { o.exec("UPDATE contact SET no_mail_at = now()"); return nil },
		"wants no such mails": func(o *owing) error { o.exec("UPDATE contact SET no_invoice_mail_at = now()"); return nil },
		"bounced":             func(o *owing) error { o.exec("UPDATE contact SET bounced_at = now()"); return nil },
		"switched off":        func(o *owing) error { o.exec("UPDATE account SET invoice_reminder_days = '{}'"); return nil },
		"long past": func(o *owing) error {
			o.due = o.due.AddDate(0, 0, 10) // the clock
			return nil
		},
		"by hand today": func(o *owing) error {
			o.ahead.Store(int64(3*oneDay - 2*time.Hour))
			o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
				_, err := mails.RemindOfInvoice(ctx, q, o.account, o.invoice, true, o.config.Now())
				return err
			})
			o.exec("DELETE FROM mail")
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := owes(t, 3)
			check(t, stop(o))
			if n := o.after(3 * oneDay); n != 0 {
				t.Errorf("%d reminders", n)
			}
		})
	}
}

// When Stripe cannot say whether it was paid, the next hour's job does it.
func TestInvoiceRemindersWait(t *testing.T) {
	t.Parallel()
	o := owes(t, 3)
	o.sim.Fail(stripesim.Fault{Path: "/v1/invoices/" + o.stripeID, Method: "GET", Kind: stripesim.Unavailable})
	if n := o.after(3 * oneDay); n != 0 {
		t.Errorf("while Stripe is away there are %d reminders", n)
	}
	if n := o.after(3*oneDay + time.Hour); n != 1 {
		t.Errorf("an hour later there are %d reminders", n)
	}
}

// The mail says what is owed as its reader writes sums and dates, and leads to the page of that invoice alone.
func TestInvoiceReminderMail(t *testing.T) {
	t.Parallel()
	o := owes(t, 3)
	o.after(3 * oneDay)
	o.work()
	got := o.received("ana@example.com")
	if !strings.Contains(got.Subject, "was due on Monday, 2 November 2026") || !strings.Contains(got.Text, "120,00") || !strings.Contains(got.HTML, "Three sessions") ||
		!strings.Contains(got.Text, "https://acme.portal.test/pay/"+mails.Secret.PayToken(o.invoice)) || !strings.Contains(got.Header.Get("List-Unsubscribe"), "/stop/") {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
	o.idle()
	if copied := read[string](o.office, "SELECT body_text FROM mail_copy"); strings.Contains(copied, mails.Secret.PayToken(o.invoice)) {
		t.Error("the copy has the link")
	}
}

func TestInvoiceReminderMailOfWhatIsPaid(t *testing.T) {
	t.Parallel()
	o := owes(t, 3)
	o.after(3 * oneDay)
	check(t, o.config.Stripe.PaidOutside(t.Context(), "", o.stripeID, "2")) // or the look at everything that a program begins with opens it again
	o.exec("UPDATE invoice SET state = 'paid', remaining_minor = 0")
	o.work()
	eventually(t, func() (bool, string) {
		state := read[string](o.office, "SELECT max(state::text) FROM mail")
		return state == "withdrawn", "the mail to be withdrawn; it is " + state
	})
}

// By hand it goes also to who wants no automatic mails; once a day, and not to an address that refuses mail.
func TestInvoiceReminderByHand(t *testing.T) {
	t.Parallel()
	o := owes(t)
	o.exec("UPDATE contact SET no_mail_at = now(), no_invoice_mail_at = now()")
	hand := func() (err error) {
		o.t.Helper()
		return queries.InTx(t.Context(), o.pool, func(q *queries.Queries, _ pgx.Tx) error {
			_, err = mails.RemindOfInvoice(t.Context(), q, o.account, o.invoice, true, o.config.Now())
			return err
		})
	}
	check(t, hand())
	if err := hand(); !errors.Is(err, queries.ErrReminded) {
		t.Errorf("twice a day: %v", err)
	}
	o.later(oneDay)
	check(t, hand())
	o.later(oneDay)
	o.exec("UPDATE contact SET bounced_at = now()")
	var invalid queries.Invalid
	if err := hand(); !errors.As(err, &invalid) {
		t.Errorf("an address that refuses mail: %v", err)
	}
}
