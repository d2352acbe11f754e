package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
)

// stripeWebhook takes an event of Stripe's: signed, it is kept with the job that looks at it, in one transaction, and only
// then said to be taken. One that is known is taken once more and nothing is done.
func (s *Site) stripeWebhook(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	event, err := billing.ReadEvent(c.Body(), c.Get("Stripe-Signature"), s.StripeSecrets, v.now)
	if err != nil {
		s.Log.Warn("an event was refused", "id", v.id, "error", err)
		return c.Status(fiber.StatusBadRequest).SendString("The signature does not fit.\n")
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		added, err := q.StripeEventInsert(ctx, queries.StripeEventInsertParams{StripeAccount: event.Account, ID: event.ID, Type: event.Type,
			ObjectID: event.Object, CreatedAt: event.Created, Now: v.now})
		if err != nil || added == 0 {
			return err
		}
		return s.Queue.StripeEvent(ctx, tx, event.Account, event.ID)
	})
	if err != nil {
		return err
	}
	return c.SendString("ok\n")
}
