package jobs

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type paymentReturnedArgs struct {
	AccountID  uuid.UUID  `json:"account_id"`
	CheckoutID *uuid.UUID `json:"checkout_id,omitempty"`
	InvoiceID  *uuid.UUID `json:"invoice_id,omitempty"` // one of the two
}

func (paymentReturnedArgs) Kind() string { return "payment_returned" }

// paymentReturnedWorker mails who paid by a bank that it did not. Twice is harmless: the mail's row remembers of what.
type paymentReturnedWorker struct {
	river.WorkerDefaults[paymentReturnedArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *paymentReturnedWorker) Work(ctx context.Context, job *river.Job[paymentReturnedArgs]) error {
	a := job.Args
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := w.c.Mails.PaymentReturned(ctx, q, queries.ReturnedPayment{AccountID: a.AccountID, CheckoutID: a.CheckoutID, InvoiceID: a.InvoiceID, Now: w.c.Now()})
		if err != nil || mail == nil {
			return err
		}
		return w.queue.Mail(ctx, tx, a.AccountID, *mail)
	})
}
