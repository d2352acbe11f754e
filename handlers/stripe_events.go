package handlers

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// stripeEvents is what Stripe reported about an account.
type stripeEvents struct {
	Last     string // what the newest is about; empty: nothing was reported yet
	LastAt   views.Moment
	Lag      string // from when the newest happened that was looked at until it was done; empty: none was
	Waiting  int64
	Failed   int64
	Ignored  int64 // in the last 30 days
	Rows     []stripeEventRow
	More     bool // there are more than those shown
	ReplayAt string
	Token    string
}

// stripeEventRow is one that waits or has failed.
type stripeEventRow struct {
	ID      string
	What    string
	Object  string // Stripe's id of what it is about
	Problem string
	State   contactState
	At      views.Moment
	Replay  string // where its form posts to; empty: nothing to try
	Token   string
}

// stripeEventWords says what an event tells, as far as it matters here.
func stripeEventWords(kind string) string {
	if words, known := map[string]string{"account.updated": "A Stripe account changed", "charge.refunded": "Money was given back",
		"charge.dispute.created": "A payment is disputed", "charge.dispute.closed": "A dispute is over", "checkout.session.completed": "Somebody finished a checkout",
		"checkout.session.expired": "A checkout was left", "checkout.session.async_payment_succeeded": "A bank payment arrived",
		"checkout.session.async_payment_failed": "A bank payment failed", "customer.subscription.created": "A subscription began",
		"customer.subscription.deleted": "A subscription ended", "customer.subscription.updated": "A subscription changed", "invoice.created": "An invoice was made",
		"invoice.finalized": "An invoice was issued", "invoice.paid": "An invoice was paid", "invoice.payment_failed": "A charge failed",
		"invoice.sent": "An invoice was sent", "invoice.voided": "An invoice was voided", "payment_intent.succeeded": "A payment went through",
		"payment_intent.processing": "A payment is on its way", "payment_intent.payment_failed": "A payment failed"}[kind]; known {
		return words
	}
	noun, _, _ := strings.Cut(kind, ".")
	if words, known := map[string]string{"customer": "Something about a customer changed", "invoice": "An invoice changed", "charge": "A charge changed",
		"payment_intent": "A payment changed", "checkout": "A checkout changed"}[noun]; known {
		return words
	}
	return "Something happened at Stripe"
}

func (v *visit) stripeEvents(is queries.StripePage, token string) stripeEvents {
	r := stripeEvents{Waiting: is.Figures.Waiting, Failed: is.Figures.Failed, Ignored: is.Figures.Ignored, ReplayAt: v.base() + "/stripe/replay", Token: token,
		More: is.Figures.Waiting+is.Figures.Failed > int64(len(is.Unsettled))}
	if is.Newest.ID != "" {
		r.Last, r.LastAt = stripeEventWords(is.Newest.Type), v.moment(&is.Newest.CreatedAt)
	}
	if done := is.Done.DoneAt; done != nil {
		r.Lag = lagWords(done.Sub(is.Done.CreatedAt))
	}
	for _, e := range is.Unsettled {
		row := stripeEventRow{ID: e.ID, What: stripeEventWords(e.Type), Object: e.ObjectID, Problem: orElse(e.Problem, "It is looked at as soon as Stripe answers."),
			State: contactState{"Waiting", "", "clock"}, At: v.moment(&e.CreatedAt), Token: token}
		if e.State == queries.StripeEventStateFailed {
			row.State, row.Replay = contactState{"Failed", "error", "circle-alert"}, v.base()+"/stripe/events/"+e.ID+"/replay"
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// lagWords is how long something took; Stripe tells whole seconds, so less is no news.
func lagWords(d time.Duration) string {
	switch {
	case d < 2*time.Second:
		return "at once"
	case d < 2*time.Minute:
		return counted(int64(d/time.Second), "second", "seconds") + " later"
	case d < 2*time.Hour:
		return counted(int64(d/time.Minute), "minute", "minutes") + " later"
	case d < 48*time.Hour:
		return counted(int64(d/time.Hour), "hour", "hours") + " later"
	}
	return counted(int64(d/(24*time.Hour)), "day", "days") + " later"
}

// stripeReplay has one failed event looked at again.
func (s *Site) stripeReplay(c *fiber.Ctx) error {
	v, ctx, id := at(c), c.UserContext(), c.Params("event")
	there, err := s.q.StripeEventIsThere(ctx, queries.StripeEventIsThereParams{AccountID: v.account.ID, ID: id})
	if err != nil {
		return err
	} else if !there {
		return queries.ErrNotFound
	}
	return s.replay(c, id)
}

// stripeReplayAll has all of the account's failed events looked at again.
func (s *Site) stripeReplayAll(c *fiber.Ctx) error { return s.replay(c, "") }

func (s *Site) replay(c *fiber.Ctx, id string) error {
	v, ctx := at(c), c.UserContext()
	n := 0
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		rows, err := q.StripeEventReplay(ctx, queries.StripeEventReplayParams{AccountID: v.account.ID, ID: id})
		if n = len(rows); err != nil || n == 0 {
			return err
		}
		for _, row := range rows {
			if err := s.Queue.StripeEvent(ctx, tx, row.StripeAccount, row.ID); err != nil {
				return err
			}
		}
		return v.did(ctx, q, "stripe.replay", queries.AuditSubject{Kind: "stripe", Name: counted(int64(n), "event", "events")})
	})
	switch {
	case err != nil:
		return err
	case n == 0:
		return s.stripeBack(c, views.FlashInfo, "Nothing has failed, so there is nothing to try again.")
	}
	return s.stripeBack(c, views.FlashSuccess, counted(int64(n), "event is", "events are")+" being looked at again.")
}
