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

type stripeCustomerArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	Customer  string    `json:"customer"` // Stripe's id
}

func (stripeCustomerArgs) Kind() string { return "stripe_customer" }

// InsertOpts: as those of an event.
func (stripeCustomerArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, MaxAttempts: 20}
}

// stripeCustomerWorker has Stripe know a contact by the name and the address they have now, which is where it mails invoices to.
type stripeCustomerWorker struct {
	river.WorkerDefaults[stripeCustomerArgs]
	db queries.DB
	c  Config
}

// NextRetry is as that of an event.
func (w *stripeCustomerWorker) NextRetry(job *river.Job[stripeCustomerArgs]) time.Time {
	return w.c.in(billing.Pause(job.Attempt))
}

// Work tells Stripe. Of a customer who is gone there, or is nobody's here any more, there is nothing to tell.
func (w *stripeCustomerWorker) Work(ctx context.Context, job *river.Job[stripeCustomerArgs]) error {
	err := queries.InTx(ctx, w.db, func(q *queries.Queries, _ pgx.Tx) error {
		return NameCustomer(ctx, q, w.c.Stripe, job.Args.AccountID, job.Args.Customer)
	})
	if errors.Is(err, billing.ErrNoCustomer) {
		return nil
	}
	return later(err)
}

// NameCustomer has Stripe know a customer by the name and the address of the contact they are, and does nothing for one who is nobody's
// here. Until the transaction ends nobody else tells Stripe of the same one, so what was read last is what stays. ErrNoCustomer when Stripe
// has them no more.
func NameCustomer(ctx context.Context, q *queries.Queries, door *billing.Door, account uuid.UUID, customer string) error {
	seller, err := q.AccountOfStripe(ctx, account)
	if err != nil {
		return queries.Kind(err)
	}
	if err := q.StripeLock(ctx, queries.StripeLockParams{StripeAccount: seller, ObjectID: customer}); err != nil {
		return err
	}
	is, err := q.StripeCustomerIs(ctx, queries.StripeCustomerIsParams{AccountID: account, StripeID: customer})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	return door.NameCustomer(ctx, is.StripeAccount, customer, is.Email, is.Name)
}

// StripeCustomers has Stripe know contacts by the name or the address that the transaction gave them, those of them who pay there.
func (q *Queue) StripeCustomers(ctx context.Context, db *queries.Queries, tx pgx.Tx, account uuid.UUID, contacts ...uuid.UUID) error {
	if len(contacts) == 0 {
		return nil
	}
	customers, err := db.StripeCustomersOf(ctx, queries.StripeCustomersOfParams{AccountID: account, Contacts: contacts})
	if err != nil || len(customers) == 0 {
		return err
	}
	all := make([]river.InsertManyParams, len(customers))
	for i, customer := range customers {
		all[i] = river.InsertManyParams{Args: stripeCustomerArgs{account, customer}}
	}
	_, err = q.client.InsertManyFastTx(ctx, tx, all)
	return err
}
