package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/billing"
	"atrium/queries"
)

type remindInvoicesAllArgs struct{}

func (remindInvoicesAllArgs) Kind() string { return "remind_invoices_all" }

// remindInvoicesAllWorker has the clients of every account reminded of open invoices that wants it, each by a job of its own.
type remindInvoicesAllWorker struct {
	river.WorkerDefaults[remindInvoicesAllArgs]
	db    queries.DB
	queue *Queue
}

func (w *remindInvoicesAllWorker) Work(ctx context.Context, _ *river.Job[remindInvoicesAllArgs]) error {
	accounts, err := queries.New(w.db).InvoiceReminderAccounts(ctx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if err := queries.InTx(ctx, w.db, func(_ *queries.Queries, tx pgx.Tx) error {
			return w.queue.insert(ctx, tx, remindInvoicesArgs{account})
		}); err != nil {
			return err
		}
	}
	return nil
}

type remindInvoicesArgs struct {
	AccountID uuid.UUID `json:"account_id"`
}

func (remindInvoicesArgs) Kind() string { return "remind_invoices" }

// InsertOpts: one an account waits or runs at a time, in the queue of what asks Stripe.
func (remindInvoicesArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// remindInvoicesAtOnce is how many invoices are read at a time.
const remindInvoicesAtOnce = 200

// remindInvoicesWorker reminds the clients of one account of what is overdue, by day where each is. Stripe is asked before, so that
// nobody is reminded of what they have paid; each mail is queued in a transaction of its own, which takes the day's reminder, so a run
// that breaks off goes on where it was, and two at once send nothing twice.
type remindInvoicesWorker struct {
	river.WorkerDefaults[remindInvoicesArgs]
	db    queries.DB
	c     Config
	queue *Queue
	look  stripeLook
}

// Timeout: each invoice is asked about.
func (w *remindInvoicesWorker) Timeout(*river.Job[remindInvoicesArgs]) time.Duration {
	return 4 * time.Minute
}

func (w *remindInvoicesWorker) Work(ctx context.Context, job *river.Job[remindInvoicesArgs]) error {
	q, account, now := queries.New(w.db), job.Args.AccountID, w.c.Now()
	for after := uuid.Nil; ; {
		due, err := queries.DueInvoiceReminders(ctx, q, account, after, now, []int16{}, remindInvoicesAtOnce)
		if err != nil {
			return err
		}
		for _, invoice := range due {
			if after = invoice.ID; !fitHour(now, invoice.Zone) {
				continue
			}
			if err := w.remind(ctx, account, invoice, now); err != nil {
				return err
			}
		}
		if len(due) < remindInvoicesAtOnce {
			return nil
		}
	}
}

// remind is about one invoice. When Stripe cannot say how it stands, the next hour's job tries again.
func (w *remindInvoicesWorker) remind(ctx context.Context, account uuid.UUID, invoice queries.InvoiceReminderDueRow, now time.Time) error {
	err := queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		_, err := w.look.object(ctx, q, tx, invoice.StripeAccount, invoice.StripeID)
		return err
	})
	var busy billing.Busy
	var refused billing.Refused
	switch {
	case errors.As(err, &busy), errors.As(err, &refused), errors.Is(err, billing.ErrNotThere):
		w.c.Log.WarnContext(ctx, "an invoice could not be looked at before its client is reminded", "invoice", invoice.ID, "error", err)
		return nil
	case err != nil:
		return err
	}
	err = queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := w.c.Mails.RemindOfInvoice(ctx, q, account, invoice.ID, false, now)
		if err != nil {
			return err
		}
		return w.queue.BulkMail(ctx, tx, account, mail)
	})
	if errors.Is(err, queries.ErrReminded) || errors.Is(err, queries.ErrNotFound) {
		return nil
	}
	return err
}
