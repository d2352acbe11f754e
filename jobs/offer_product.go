package jobs

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/billing"
	"atrium/queries"
)

type offerProductArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	OfferID   uuid.UUID `json:"offer_id"`
}

func (offerProductArgs) Kind() string { return "offer_product" }

// InsertOpts: as those of an event.
func (offerProductArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, MaxAttempts: 20}
}

// offerProductWorker has Stripe call an offer what it is called here.
type offerProductWorker struct {
	river.WorkerDefaults[offerProductArgs]
	db queries.DB
	c  Config
}

// NextRetry is as that of an event.
func (w *offerProductWorker) NextRetry(job *river.Job[offerProductArgs]) time.Time {
	return w.c.in(billing.Pause(job.Attempt))
}

// Work tells Stripe the title of now; an offer that is nothing there yet is made with it. Twice it says the same.
func (w *offerProductWorker) Work(ctx context.Context, job *river.Job[offerProductArgs]) error {
	p, err := queries.New(w.db).OfferProduct(ctx, queries.OfferProductParams{AccountID: job.Args.AccountID, OfferID: job.Args.OfferID})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	once := "name-" + p.StripeProductID + "-" + strconv.FormatInt(p.ChangedAt.UnixMicro(), 10)
	if err = w.c.Stripe.NameProduct(ctx, p.StripeAccount, p.StripeProductID, p.Title, once); errors.Is(err, billing.ErrNotThere) {
		return nil // somebody deleted it there
	}
	return err
}

// OfferProduct has Stripe call an offer what it is called now.
func (q *Queue) OfferProduct(ctx context.Context, tx pgx.Tx, account, offer uuid.UUID) error {
	return q.insert(ctx, tx, offerProductArgs{account, offer})
}
