package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// graceIs is the setting as the audit log keeps it.
type graceIs struct {
	GraceDays int `json:"grace_days"`
}

// stripeSaveGrace sets how long access lasts after a charge of a subscription failed. It holds for those whose charge has failed
// already: each of them is looked at once more, so that the date they are shown and the one that is enforced stay the same.
func (s *Site) stripeSaveGrace(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	days, err := queries.ParseGraceDays(c.FormValue("grace_days"))
	if err != nil {
		return s.stripeRefuseGrace(c, err)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		was, err := q.StripeSettingsLock(ctx, v.account.ID)
		if err != nil || int(was.GraceDays) == days {
			return err
		}
		if err := q.StripeSetGraceDays(ctx, queries.StripeSetGraceDaysParams{ID: v.account.ID, GraceDays: int32(days), Now: v.now}); err != nil {
			return err
		}
		due, err := q.SubscriptionsPastDue(ctx, v.account.ID)
		if err != nil {
			return err
		}
		for _, subscription := range due {
			if err := s.Queue.StripeLook(ctx, tx, was.StripeAccount, subscription); err != nil {
				return err
			}
		}
		return v.changed(ctx, q, "stripe.grace", v.stripeSubject(), graceIs{int(was.GraceDays)}, graceIs{days})
	})
	if err != nil {
		return err
	}
	told := "Access now ends at once when a charge fails."
	if days > 0 {
		told = "Access lasts " + counted(int64(days), "day", "days") + " after a failed charge."
	}
	return s.stripeBack(c, views.FlashSuccess, told)
}

// stripeRefuseGrace sends the form back as it was filled in, with what is wrong.
func (s *Site) stripeRefuseGrace(c *fiber.Ctx, wrong error) error {
	p, err := s.newStripePage(c)
	if err != nil {
		return err
	}
	p.Grace.Value = c.FormValue("grace_days")
	p.Grace.Refuse(messageOf(wrong))
	invalid(c)
	return render(c, views.FrameAdmin, "stripe/show", "stripe/_grace", p)
}
