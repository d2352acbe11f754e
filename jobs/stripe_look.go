package jobs

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/billing"
	"atrium/queries"
)

type stripeLookArgs struct {
	StripeAccount string `json:"stripe_account"`
	ObjectID      string `json:"object_id"`
}

func (stripeLookArgs) Kind() string { return "stripe_look" }

// InsertOpts: as those of an event.
func (stripeLookArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, MaxAttempts: 20}
}

// stripeLookWorker looks at an object because something of ours happened to it, without an event of Stripe's.
type stripeLookWorker struct {
	river.WorkerDefaults[stripeLookArgs]
	db   queries.DB
	c    Config
	look stripeLook
}

// NextRetry is as that of an event.
func (w *stripeLookWorker) NextRetry(job *river.Job[stripeLookArgs]) time.Time {
	return w.c.in(billing.Pause(job.Attempt))
}

// Work writes how the object is now.
func (w *stripeLookWorker) Work(ctx context.Context, job *river.Job[stripeLookArgs]) error {
	return later(queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		_, err := w.look.object(ctx, q, tx, job.Args.StripeAccount, job.Args.ObjectID)
		return err
	}))
}

// StripeLook writes how an object of Stripe's is now.
func (q *Queue) StripeLook(ctx context.Context, tx pgx.Tx, account, object string) error {
	return q.insert(ctx, tx, stripeLookArgs{account, object})
}

// LookNow is as StripeLook, within the request that needs to know.
func (q *Queue) LookNow(ctx context.Context, db *queries.Queries, tx pgx.Tx, door *billing.Door, account, object string, now time.Time) error {
	_, err := stripeLook{door: door, queue: q, now: func() time.Time { return now }}.object(ctx, db, tx, account, object)
	return err
}

// stripeLook asks Stripe how an object is and writes that, with what follows from it, in one transaction. While it does, nobody
// else writes about the same object, so what was asked last is what stays.
type stripeLook struct {
	door  *billing.Door
	queue *Queue
	now   func() time.Time
	found func(account uuid.UUID) // told whose an object is as soon as Stripe has said it, also when nothing can be written; nil: nobody asks
}

// object looks at one, and says whether it is ours. What the account has no use for is not ours.
func (l stripeLook) object(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	kind, _, _ := strings.Cut(id, "_")
	look := map[string]func(context.Context, *queries.Queries, pgx.Tx, string, string) (bool, error){
		"cs": l.checkout, "sub": l.subscription, "in": l.invoice, "pi": l.payment,
		"ch": l.charge, "py": l.charge, "re": l.refund, "pyr": l.refund, "dp": l.dispute, "du": l.dispute}[kind] // py and pyr: of money that came by a bank
	if look == nil {
		return false, nil
	}
	if err := q.StripeLock(ctx, queries.StripeLockParams{StripeAccount: account, ObjectID: id}); err != nil {
		return false, err
	}
	return look(ctx, q, tx, account, id)
}

// mine says whether an object at that Stripe account can be an account's of this installation: it sells there, or the object, or the
// checkout it comes from (the nil id for none), is known from when it did.
func (l stripeLook) mine(ctx context.Context, q *queries.Queries, account uuid.UUID, stripe, object string, checkout uuid.UUID) (bool, error) {
	ours, err := q.StripeIsOurs(ctx, queries.StripeIsOursParams{ID: account, StripeAccount: stripe, ObjectID: object, CheckoutID: checkout})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return false, nil
	}
	if err != nil || !ours {
		return false, err
	}
	if l.found != nil {
		l.found(account)
	}
	return true, nil
}

func (l stripeLook) subscription(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	s, err := l.door.Subscription(ctx, account, id)
	if err != nil || !s.Ours {
		return false, err
	}
	if mine, err := l.mine(ctx, q, s.AccountID, account, id, uuid.Nil); err != nil || !mine {
		return false, err
	}
	given, err := queries.MirrorSubscription(ctx, q, queries.MirroredSubscription{AccountID: s.AccountID, StripeID: s.ID, Customer: s.Customer, Title: s.Title, Price: s.Price, Given: s.Given, NextMinor: s.NextMinor, OffMinor: s.OffMinor, OffUntil: s.OffUntil,
		State: queries.SubscriptionState(s.State), AmountMinor: s.AmountMinor, Currency: s.Currency, Charged: queries.PriceInterval(s.Interval), Every: s.Every, Card: s.Card,
		Started: s.Started, PeriodEnds: s.PeriodEnds, TrialEnds: s.TrialEnds, CancelsAt: s.CancelsAt, PastDueSince: s.UnpaidSince, Ended: s.Ended,
		CollectionPaused: s.CollectionPaused, Now: l.now()})
	if errors.Is(err, queries.ErrNoOwner) {
		return true, l.unlessBought(ctx, q, s.AccountID, s.CheckoutID, err)
	}
	if err == nil && len(given) > 0 { // of another plan; one mail for all of it
		err = l.queue.CourseReady(ctx, tx, s.AccountID, given[0], time.Time{}, false)
	}
	if err != nil || s.LatestInvoice == "" {
		return true, err
	}
	return true, l.queue.StripeLook(ctx, tx, account, s.LatestInvoice)
}

// unlessBought is the error that something belongs to nobody known here, unless it is bought by a checkout that is not paid: a debit
// takes days. Once it is paid everything it made is looked at again, and otherwise it never is anybody's.
func (l stripeLook) unlessBought(ctx context.Context, q *queries.Queries, account, checkout uuid.UUID, err error) error {
	waits, failed := q.CheckoutUnpaid(ctx, queries.CheckoutUnpaidParams{AccountID: account, ID: checkout})
	if failed != nil || waits {
		return failed
	}
	return err
}
