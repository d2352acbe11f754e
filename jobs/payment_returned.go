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

type paymentReturnedArgs struct {
	AccountID  uuid.UUID  `json:"account_id"`
	CheckoutID *uuid.UUID `json:"checkout_id,omitempty"`
	InvoiceID  *uuid.UUID `json:"invoice_id,omitempty"` // one of the two
}

func (paymentReturnedArgs) Kind() string { return "payment_returned" }

// InsertOpts: as those of an event.
func (paymentReturnedArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, MaxAttempts: 20}
}

// paymentReturnedWorker mails who paid by a bank that it did not. Twice is harmless: the mail's row remembers of what.
type paymentReturnedWorker struct {
	river.WorkerDefaults[paymentReturnedArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

// NextRetry is as that of an event.
func (w *paymentReturnedWorker) NextRetry(job *river.Job[paymentReturnedArgs]) time.Time {
	return w.c.in(billing.Pause(job.Attempt))
}

func (w *paymentReturnedWorker) Work(ctx context.Context, job *river.Job[paymentReturnedArgs]) error {
	a := job.Args
	if a.CheckoutID != nil {
		if back, err := w.ended(ctx, a.AccountID, *a.CheckoutID); err != nil || !back {
			return later(err)
		}
	}
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := w.c.Mails.PaymentReturned(ctx, q, queries.ReturnedPayment{AccountID: a.AccountID, CheckoutID: a.CheckoutID, InvoiceID: a.InvoiceID, Now: w.c.Now()})
		if err != nil || mail == nil {
			return err
		}
		return w.queue.Mail(ctx, tx, a.AccountID, *mail)
	})
}

// ended has nothing more collected of a checkout, before its buyer reads that nothing is bought and buys again: Stripe goes on trying to
// charge for a subscription, and when that succeeded they would have two. It says whether the money is still missing.
func (w *paymentReturnedWorker) ended(ctx context.Context, account, checkout uuid.UUID) (back bool, err error) {
	q := queries.New(w.db)
	is, err := q.CheckoutSession(ctx, queries.CheckoutSessionParams{AccountID: account, ID: checkout})
	if errors.Is(queries.Kind(err), queries.ErrNotFound) {
		return false, nil
	}
	if err != nil || is.SessionID == "" || !w.c.Stripe.Open() {
		return true, err
	}
	c, err := w.c.Stripe.Checkout(ctx, is.StripeAccount, is.SessionID)
	if err == nil && c.State == billing.CheckoutFailed && c.Subscription != "" {
		err = w.c.Stripe.EndUnpaid(ctx, is.StripeAccount, c.Subscription, checkout.String())
	}
	switch {
	case errors.Is(err, billing.ErrNotThere): // so nothing can come of it
		err = nil
	case errors.Is(err, billing.ErrPaidMeanwhile), err == nil && c.State != billing.CheckoutFailed:
		return false, queries.InTx(ctx, w.db, func(_ *queries.Queries, tx pgx.Tx) error {
			return w.queue.StripeLook(ctx, tx, is.StripeAccount, is.SessionID)
		})
	}
	if err == nil {
		err = q.CheckoutSetOver(ctx, queries.CheckoutSetOverParams{AccountID: account, ID: checkout, Now: w.c.Now()})
	}
	return true, err
}
