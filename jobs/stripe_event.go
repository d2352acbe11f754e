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

type stripeEventArgs struct {
	StripeAccount string `json:"stripe_account"`
	EventID       string `json:"event_id"`
}

func (stripeEventArgs) Kind() string { return "stripe_event" }

// InsertOpts: with the pauses of billing.Pause, twenty tries take about eight hours, longer than Stripe's faults last.
func (stripeEventArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, MaxAttempts: 20}
}

// stripeEventWorker takes an event as a hint to look: it locks the object's id, asks Stripe how the object is now and writes
// that. So the order of events does not matter, nor does one that comes twice or never.
type stripeEventWorker struct {
	river.WorkerDefaults[stripeEventArgs]
	db   queries.DB
	c    Config
	look stripeLook
}

// NextRetry waits longer with every try: what was busy is busy for a while.
func (w *stripeEventWorker) NextRetry(job *river.Job[stripeEventArgs]) time.Time {
	return w.c.in(billing.Pause(job.Attempt))
}

// Work does what is left to do about an event; when that is nothing, it does nothing.
func (w *stripeEventWorker) Work(ctx context.Context, job *river.Job[stripeEventArgs]) error {
	account, id := job.Args.StripeAccount, job.Args.EventID
	event, err := queries.New(w.db).StripeEventForWork(ctx, queries.StripeEventForWorkParams{StripeAccount: account, ID: id})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	var about *uuid.UUID
	look := w.look
	look.found = func(account uuid.UUID) { about = &account }
	err = queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		ours, err := look.object(ctx, q, tx, account, event.ObjectID)
		if err != nil {
			return err
		}
		state := queries.StripeEventStateIgnored
		if ours {
			state = queries.StripeEventStateDone
		}
		return q.StripeEventSetState(ctx, queries.StripeEventSetStateParams{StripeAccount: account, ID: id, State: state, AboutAccountID: about, Now: w.c.Now()})
	})
	switch {
	case err == nil:
		return nil
	case isHeld(err):
		return later(err)
	case job.Attempt < job.MaxAttempts && about != nil: // so that its staff see that it waits
		return errors.Join(err, queries.New(w.db).StripeEventSetAbout(ctx, queries.StripeEventSetAboutParams{StripeAccount: account, ID: id, AboutAccountID: *about}))
	case job.Attempt < job.MaxAttempts:
		return err
	}
	return errors.Join(err, queries.New(w.db).StripeEventSetState(ctx, queries.StripeEventSetStateParams{StripeAccount: account, ID: id,
		State: queries.StripeEventStateFailed, Problem: stripeProblem(err), AboutAccountID: about, Now: w.c.Now()}))
}

// isHeld says whether Stripe named the time to come again.
func isHeld(err error) bool {
	var busy billing.Busy
	return errors.As(err, &busy) && busy.After > 0
}

// later has a job come again when Stripe said; that is no try of it. Anything else stays what it is.
func later(err error) error {
	var busy billing.Busy
	if errors.As(err, &busy) && busy.After > 0 {
		return river.JobSnooze(busy.After)
	}
	return err
}

// stripeProblem is what staff are told of an event that was given up.
func stripeProblem(err error) string {
	var refused billing.Refused
	var busy billing.Busy
	switch {
	case errors.As(err, &refused):
		return "Stripe refused to show it: " + refused.Message
	case errors.As(err, &busy):
		return "Stripe could not be reached for hours."
	case errors.Is(err, queries.ErrNoOwner):
		return "It is about a customer who is no contact here."
	case errors.Is(err, billing.ErrNotThere):
		return "Stripe does not know what the event is about."
	}
	return "Something went wrong on our side."
}

// StripeEvent looks at what an event is about.
func (q *Queue) StripeEvent(ctx context.Context, tx pgx.Tx, account, id string) error {
	return q.insert(ctx, tx, stripeEventArgs{account, id})
}

// StripeEvents is as StripeEvent, for many.
func (q *Queue) StripeEvents(ctx context.Context, tx pgx.Tx, events []queries.StripeEventReplayRangeRow) error {
	all := make([]river.InsertManyParams, len(events))
	for i, e := range events {
		all[i] = river.InsertManyParams{Args: stripeEventArgs{e.StripeAccount, e.ID}}
	}
	_, err := q.client.InsertManyFastTx(ctx, tx, all)
	return err
}
