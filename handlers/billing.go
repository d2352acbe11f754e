package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// onceOf names one attempt to have something done at Stripe. The page that offers it made the name, so a form that is sent twice
// does it once; a form without one is an attempt of its own.
func onceOf(c *fiber.Ctx) string {
	if id, err := uuid.Parse(c.FormValue("once")); err == nil {
		return id.String()
	}
	return queries.NewID().String()
}

// atStripe has something done at Stripe and then writes what Stripe says of the object. It answers what to tell who asked for it
// when it was not done; empty: it was. What has already happened there is no failure: the look shows it.
func (s *Site) atStripe(c *fiber.Ctx, object string, do func() error) (problem string, err error) {
	err = do()
	if err == nil || errors.Is(err, billing.ErrNotThere) && !errors.Is(err, billing.ErrNoCustomer) {
		err = s.lookNow(c, object)
	}
	return s.stripeWords(c, err)
}

// stripeWords is what staff are told when Stripe did not do something; what is no answer or silence of Stripe's stays an error.
func (s *Site) stripeWords(c *fiber.Ctx, err error) (problem string, fault error) {
	var busy billing.Busy
	var refused billing.Refused
	switch {
	case err == nil:
		return "", nil
	case errors.Is(err, billing.ErrNoCustomer):
		return "The customer it is for was deleted at Stripe, so nothing was done. Make a new invoice for them: they become a new customer there.", nil
	case errors.Is(err, billing.ErrNotThere):
		return "Stripe does not know this any more. Nothing was done.", nil
	case errors.Is(err, billing.ErrPaidMeanwhile):
		return notCancelled, nil
	case errors.As(err, &refused):
		s.Log.Warn("Stripe refused", "id", at(c).id, "error", err)
		return "Stripe did not take this: " + refused.Message, nil
	case errors.As(err, &busy):
		s.Log.Warn("Stripe cannot be reached", "id", at(c).id, "error", err)
		return "Stripe cannot be reached right now, so this may not have been done. Please try again in a few minutes; nothing is done twice.", nil
	}
	return "", err
}

// told goes back to a page with what came of an attempt.
func (s *Site) told(c *fiber.Ctx, problem, done, path string) error {
	if problem != "" {
		s.flash(c, views.FlashError, problem)
	} else {
		s.flash(c, views.FlashSuccess, done)
	}
	return redirect(c, path)
}
