package handlers

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

func (s *Site) subscriptionAsked(c *fiber.Ctx) (row queries.SubscriptionOfContactRow, err error) {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return row, queries.ErrNotFound
	}
	v := at(c)
	row, err = s.q.SubscriptionOfContact(c.UserContext(), queries.SubscriptionOfContactParams{AccountID: v.account.ID, ContactID: v.client.ContactID, ID: id})
	return row, queries.Kind(err)
}

// changeSubscription asks Stripe for it and then writes what Stripe says, so that the page shows nothing that is not so.
func (s *Site) changeSubscription(c *fiber.Ctx, row queries.SubscriptionOfContactRow, done string, do func() error) error {
	err := do()
	if err == nil {
		err = s.lookNow(c, row.StripeID)
	}
	return s.changedSubscription(c, err, done)
}

func (s *Site) changedSubscription(c *fiber.Ctx, err error, done string) error {
	if errors.Is(err, billing.ErrPaidMeanwhile) {
		s.flash(c, views.FlashError, "Nothing was cancelled: a payment of it is on its way. Once that is there, you can cancel it to the end of what it pays for.")
		return redirect(c, "/subscriptions")
	}
	if err != nil {
		s.Log.Warn("a subscription could not be changed", "id", at(c).id, "error", err)
		s.flash(c, views.FlashError, "This cannot be reached right now, so nothing may have changed. Please look again in a few minutes.")
		return redirect(c, "/subscriptions")
	}
	s.flash(c, views.FlashSuccess, done)
	return redirect(c, "/subscriptions")
}

// subscriptionsPayment leads to Stripe's page where the client changes how they pay, which is for the client alone. A client can be
// several customers at Stripe: it is the page of the one who pays this plan, while that is still theirs.
func (s *Site) subscriptionsPayment(c *fiber.Ctx) error {
	if at(c).visiting() {
		return errClientsOwn
	}
	row, err := s.subscriptionAsked(c)
	if err != nil {
		return err
	} else if row.OnItsWay || row.DueOnItsWay { // that page asks for what is open, too
		return goTo{"/subscriptions"}
	}
	page, err := s.payerPage(c, row)
	if errors.Is(err, queries.ErrNotFound) {
		return err
	} else if err != nil {
		s.Log.Warn("the page of a customer could not be made", "id", at(c).id, "error", err)
		s.flash(c, views.FlashError, "The payment page cannot be reached right now. Please try again in a few minutes.")
		return goTo{"/subscriptions"}
	}
	return goTo{page}
}

// payerPage is that page. ErrNotFound when Stripe's customer is not this client.
func (s *Site) payerPage(c *fiber.Ctx, row queries.SubscriptionOfContactRow) (page string, err error) {
	v, ctx := at(c), c.UserContext()
	subscription, err := s.Stripe.Subscription(ctx, row.StripeAccount, row.StripeID)
	if err != nil {
		return "", err
	}
	owner, err := s.q.StripeCustomerContact(ctx, queries.StripeCustomerContactParams{AccountID: v.account.ID, StripeID: subscription.Customer})
	if err != nil {
		return "", queries.Kind(err)
	} else if owner != v.client.ContactID {
		return "", queries.ErrNotFound
	}
	back := s.portalURL(v.account) + "/subscriptions/" + row.ID.String() + "/payment/back?" + url.Values{"was": {subscription.Method}}.Encode()
	return s.Stripe.Customer(ctx, row.StripeAccount, subscription.Customer, back)
}

// subscriptionsPaymentBack is where that page leads back to. It says whether something was changed there, and what that does not do: Stripe
// charges what is open to a new way of paying when it tries again, and not at once.
func (s *Site) subscriptionsPaymentBack(c *fiber.Ctx) error {
	row, err := s.subscriptionAsked(c)
	if err != nil {
		return err
	}
	ctx, saved := c.UserContext(), false
	subscription, err := s.Stripe.Subscription(ctx, row.StripeAccount, row.StripeID)
	if err == nil {
		saved = subscription.Method != "" && subscription.Method != c.Query("was")
		err = s.lookNow(c, row.StripeID)
	}
	if err == nil {
		row, err = s.subscriptionAsked(c)
	}
	switch {
	case err != nil: // what was saved there is read from its event
		s.Log.Warn("a subscription could not be looked at after its payment page", "id", at(c).id, "error", err)
	case saved && unpaid(row.State) && !row.DueOnItsWay:
		s.flash(c, views.FlashInfo, "How you pay is saved. "+stillUnpaid(row.State, at(c).payPath(row.DueID) != ""))
	case saved:
		s.flash(c, views.FlashSuccess, "How you pay is saved.")
	}
	return goTo{"/subscriptions"}
}

// stillUnpaid is what somebody has to know of a charge that failed and was not tried again yet, who may be able to pay it on a page here.
func stillUnpaid(state queries.SubscriptionState, canPay bool) string {
	text := "Nothing has been charged to it yet. "
	switch tried := state != queries.SubscriptionStateUnpaid; {
	case !tried && canPay:
		return text + "Pay now, and what the plan gives comes back."
	case !tried:
		return text + "It is not charged by itself any more: please write to us to settle what is open."
	case canPay:
		return text + "Pay now to settle what is open, or wait: the charge is tried again by itself within a few days."
	}
	return text + "The charge is tried again by itself within a few days."
}
