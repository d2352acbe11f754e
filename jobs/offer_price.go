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

type offerPriceArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	PriceID   uuid.UUID `json:"price_id"`
}

func (offerPriceArgs) Kind() string { return "offer_price" }

// InsertOpts: as those of an event.
func (offerPriceArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, MaxAttempts: 20}
}

// offerPriceWorker makes a price of ours at Stripe.
type offerPriceWorker struct {
	river.WorkerDefaults[offerPriceArgs]
	db queries.DB
	c  Config
}

// NextRetry is as that of an event.
func (w *offerPriceWorker) NextRetry(job *river.Job[offerPriceArgs]) time.Time {
	return w.c.in(billing.Pause(job.Attempt))
}

// Work makes the price, unless that is done.
func (w *offerPriceWorker) Work(ctx context.Context, job *river.Job[offerPriceArgs]) error {
	_, err := MakePrice(ctx, queries.New(w.db), w.c.Stripe, job.Args.AccountID, job.Args.PriceID)
	return later(err)
}

// MakePrice makes a price at Stripe, unless that was done before, keeps its id there and answers it; empty for a price there is no more.
// Run twice at once it makes one, by the keys of its calls.
func MakePrice(ctx context.Context, q *queries.Queries, door *billing.Door, account, id uuid.UUID) (stripePrice string, err error) {
	p, err := q.OfferPriceForStripe(ctx, queries.OfferPriceForStripeParams{AccountID: account, ID: id})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return "", nil
	} else if err != nil || p.StripePriceID != "" {
		return p.StripePriceID, err
	}
	return makePrice(ctx, q, door, account, p, "")
}

// RemakePrice is as MakePrice, for a price of ours that somebody archived at Stripe, or whose product: it is sold here as long as its offer
// is switched on, so both are made anew. Staff are told in the trail. Of several at once each answers the same one.
func RemakePrice(ctx context.Context, db queries.DB, door *billing.Door, account, id uuid.UUID, archived string, now time.Time) (stripePrice string, err error) {
	err = queries.InTx(ctx, db, func(q *queries.Queries, _ pgx.Tx) error {
		if err := q.StripeLock(ctx, queries.StripeLockParams{ObjectID: archived}); err != nil {
			return err
		}
		p, err := q.OfferPriceForStripe(ctx, queries.OfferPriceForStripeParams{AccountID: account, ID: id})
		if err != nil || p.StripePriceID != archived {
			stripePrice = p.StripePriceID
			return queries.Kind(err)
		}
		p.Product = ""
		if stripePrice, err = makePrice(ctx, q, door, account, p, archived); err != nil {
			return err
		}
		return queries.Audit(ctx, q, queries.AuditEntry{AccountID: account, At: now, Actor: "Atrium", Action: "offer.remake", On: queries.AuditSubject{Kind: "offer", ID: &p.OfferID, Name: p.Title}})
	})
	return stripePrice, err
}

func makePrice(ctx context.Context, q *queries.Queries, door *billing.Door, account uuid.UUID, p queries.OfferPriceForStripeRow, instead string) (stripePrice string, err error) {
	n := billing.NewPrice{Instead: instead, Account: p.StripeAccount, AccountID: account, ID: p.ID, Product: p.Product, Title: p.Title, AmountMinor: p.AmountMinor, Currency: p.Currency}
	if p.Charged != queries.PriceIntervalOnce {
		n.Interval = string(p.Charged)
	}
	product, price, err := door.MakePrice(ctx, n)
	if err != nil {
		return "", err
	}
	return price, q.OfferPriceSetStripe(ctx, queries.OfferPriceSetStripeParams{AccountID: account, ID: p.ID, StripeProductID: product, StripePriceID: price})
}

// OfferPrice makes a price at Stripe whose row the transaction wrote.
func (q *Queue) OfferPrice(ctx context.Context, tx pgx.Tx, account, price uuid.UUID) error {
	return q.insert(ctx, tx, offerPriceArgs{account, price})
}
