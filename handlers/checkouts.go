package handlers

import (
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// checkoutsStart sends somebody who buys an offer to Stripe's page. What is bought is written down first, with the browser that
// buys, so that whoever comes back is known; while Stripe cannot be reached, the choice stays where it was.
func (s *Site) checkoutsStart(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	o, err := s.offerOf(c)
	switch {
	case err != nil:
		return err
	case v.client != nil && hasOffer(o.Courses):
		return s.offerHad(c, o)
	}
	if problem := o.Offer.Problem(o.Courses, v.now, v.account.Location); problem != nil {
		return s.offerClosed(c, o.Offer.Title, problem)
	}
	name, contact := o.Offer.Name, uuid.Nil
	if v.client != nil {
		contact = v.client.ContactID
	}
	price, err := s.q.OfferPriceByName(ctx, queries.OfferPriceByNameParams{AccountID: v.account.ID, Name: name, ContactID: contact})
	if err != nil {
		return queries.Kind(err)
	}
	n := billing.NewCheckout{Account: price.StripeAccount, AccountID: v.account.ID, ID: queries.NewID(), Price: price.StripePriceID,
		Subscribes: price.Charged != queries.PriceIntervalOnce, TrialDays: int(price.TrialDays), Customer: price.Customer,
		Success: s.portalURL(v.account) + "/checkout/return?session_id={CHECKOUT_SESSION_ID}", Cancel: s.portalURL(v.account) + "/o/" + url.PathEscape(name) + "?cancelled=1"}
	row := queries.CheckoutInsertParams{AccountID: v.account.ID, ID: n.ID, OfferID: price.OfferID, PriceID: price.ID, BrowserHash: queries.TokenHash(v.browser), Now: v.now}
	if v.client != nil {
		n.Email, row.ContactID = v.client.Email, &contact
	}
	if err := s.q.CheckoutInsert(ctx, row); err != nil {
		return err
	}
	to, err := s.startCheckout(c, n, price.ID)
	if err != nil {
		s.Log.Warn("a checkout could not be started", "id", v.id, "error", err)
		s.flash(c, views.FlashError, "The payment page cannot be reached right now. Nothing was charged. Please try again in a few minutes.")
		return redirect(c, "/o/"+name)
	}
	return redirect(c, to)
}

// startCheckout makes the checkout at Stripe, and its price where the job has not come to that yet, and answers where its page is.
func (s *Site) startCheckout(c *fiber.Ctx, n billing.NewCheckout, price uuid.UUID) (url string, err error) {
	ctx := c.UserContext()
	if n.Price == "" {
		if n.Price, err = jobs.MakePrice(ctx, s.q, s.Stripe, n.AccountID, price); err != nil {
			return "", err
		}
	}
	started, err := s.Stripe.StartCheckout(ctx, n)
	if err != nil {
		return "", err
	}
	return started.URL, s.q.CheckoutSetSession(ctx, queries.CheckoutSetSessionParams{AccountID: n.AccountID, ID: n.ID, StripeSessionID: started.SessionID, Now: at(c).now})
}
