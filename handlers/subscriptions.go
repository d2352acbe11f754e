package handlers

import (
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// subscriptionsPage is a client's plans: what goes on, and what is over.
type subscriptionsPage struct {
	views.Page
	Rows []subscriptionCard
	Past []subscriptionCard
}

// subscriptionCard is one plan in words.
type subscriptionCard struct {
	ID          uuid.UUID
	Title       string
	State       contactState
	Minor       int64
	Currency    string
	Every       string    // every month, every 3 months
	Next        time.Time // of the next charge; zero: there is none
	NextMinor   int64     // what it comes to, as far as Stripe knows now
	Trial       bool      // the next charge is the first
	Given       bool      // nothing is charged until the next charge, because the business gave these days
	Lasts       time.Time // until when access lasts, where it has an end; zero: it goes on
	Unpaid      bool      // a charge failed
	Lapsed      bool      // so long ago that its access has ended
	Ends        time.Time // when one ends that is not paid, or not yet, as was asked for; zero: it was not
	Paused      bool      // its charges are left out
	OnItsWay    bool      // the first money for it; nothing more is asked for
	Before      bool      // so that it gives nothing yet
	Waits       bool      // its trial is over, and there was nothing to charge
	Ended       time.Time // zero: it goes on
	Card        string    // what is charged; empty: not known
	CancelPath  string    // empty: nothing to cancel
	KeepPath    string    // empty: nothing to undo
	StartPath   string    // empty: it does not wait to be started
	PaymentPath string
	ChargesPath string // what it was charged; empty where that stands on the page
	AgainPath   string // where it can be bought once more; empty: it goes on, or is not sold any more
	Token       string
}

func (s *Site) subscriptionsIndex(c *fiber.Ctx) error {
	v := at(c)
	rows, err := s.q.SubscriptionListOfContact(c.UserContext(), queries.SubscriptionListOfContactParams{AccountID: v.account.ID, ContactID: v.client.ContactID, Now: v.now})
	if err != nil {
		return err
	}
	p := &subscriptionsPage{Page: s.page(c, v.labelOf(queries.AppSubscriptions))}
	for _, row := range rows {
		card := v.subscriptionCard(queries.SubscriptionOfContactRow{ID: row.ID, Title: row.Title, State: row.State, AmountMinor: row.AmountMinor, Currency: row.Currency,
			Charged: row.Charged, Every: row.Every, Card: row.Card, PeriodEndsAt: row.PeriodEndsAt, TrialEndsAt: row.TrialEndsAt, CancelsAt: row.CancelsAt,
			PastDueSince: row.PastDueSince, EndedAt: row.EndedAt, CollectionPaused: row.CollectionPaused, Given: row.Given, NextMinor: row.NextMinor, GraceDays: row.GraceDays, OrderID: row.OrderID, OnItsWay: row.OnItsWay})
		card.Token, card.ChargesPath = p.Token, "/subscriptions/"+row.ID.String()
		if !card.Ended.IsZero() && row.OfferName != "" {
			card.AgainPath = "/o/" + row.OfferName
		}
		switch {
		case row.State == queries.SubscriptionStateIncomplete || row.State == queries.SubscriptionStateIncompleteExpired: // it never began
		case card.Ended.IsZero():
			p.Rows = append(p.Rows, card)
		default:
			p.Past = append(p.Past, card)
		}
	}
	return render(c, views.FramePortal, "subscriptions/index", "", p)
}

func (v *visit) subscriptionCard(row queries.SubscriptionOfContactRow) subscriptionCard {
	path := "/subscriptions/" + row.ID.String()
	card := subscriptionCard{ID: row.ID, Title: row.Title, Minor: row.AmountMinor, Currency: row.Currency, Every: everyWords(row.Charged, row.Every), Card: row.Card,
		Ended: v.localTime(row.EndedAt), PaymentPath: path + "/payment", NextMinor: row.AmountMinor}
	if row.NextMinor != nil {
		card.NextMinor = *row.NextMinor
	}
	mirrored := queries.MirroredSubscription{State: row.State, PeriodEnds: row.PeriodEndsAt, TrialEnds: row.TrialEndsAt, CancelsAt: row.CancelsAt, PastDueSince: row.PastDueSince}
	until, gone := mirrored.Lasts(int(row.GraceDays))
	card.Lasts = v.localTime(until)
	switch {
	case gone:
		card.State, card.PaymentPath = contactState{"Ended", "", "ban"}, ""
		return card
	case unpaid(row.State): // before its end, which is not what to know first
		card.State, card.Unpaid = contactState{"Payment failed", "error", "circle-alert"}, true
		card.Lapsed = until != nil && !until.After(v.now)
		if row.CancelsAt != nil {
			card.Ends, card.KeepPath = v.localTime(row.CancelsAt), path+"/keep"
		}
	case row.State == queries.SubscriptionStatePaused:
		card.State, card.Waits, card.StartPath = contactState{"No payment method", "warning", "circle-alert"}, true, path+"/keep"
	case row.OnItsWay:
		card.State, card.OnItsWay, card.Before, card.PaymentPath = contactState{"Payment on its way", "info", "clock"}, true, row.OrderID == nil, ""
		if row.CancelsAt != nil {
			card.Ends, card.KeepPath = v.localTime(row.CancelsAt), path+"/keep"
			return card
		}
		card.Next = row.PeriodEndsAt.In(v.now.Location())
	case row.CancelsAt != nil:
		card.State, card.KeepPath = contactState{"Ends " + v.dateWords(v.local(*row.CancelsAt)), "warning", "clock"}, path+"/keep"
		return card
	case row.CollectionPaused:
		card.State, card.Paused = contactState{"Paused", "warning", "clock"}, true
	case row.State == queries.SubscriptionStateTrialing && row.Given:
		card.State, card.Given, card.Next = contactState{"Active", "success", "circle-check"}, true, v.localTime(row.TrialEndsAt)
	case row.State == queries.SubscriptionStateTrialing:
		card.State, card.Trial, card.Next = contactState{"Trial", "info", "clock"}, true, v.localTime(row.TrialEndsAt)
	default:
		card.State, card.Next = contactState{"Active", "success", "circle-check"}, row.PeriodEndsAt.In(v.now.Location())
	}
	card.CancelPath = path + "/cancel"
	return card
}

// unpaid says whether a charge of a subscription is open that failed, which Stripe may try again whatever else is asked for.
func unpaid(state queries.SubscriptionState) bool {
	return state == queries.SubscriptionStatePastDue || state == queries.SubscriptionStateUnpaid
}

// chargesPage is one plan with what it was charged.
type chargesPage struct {
	views.Page
	Card subscriptionCard
	Rows []invoiceRow
}

func (s *Site) subscriptionsShow(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	row, charges, err := queries.LoadCharges(c.UserContext(), s.DB, v.account.ID, v.client.ContactID, id)
	if err != nil {
		return err
	}
	p := &chargesPage{Page: s.page(c, row.Title), Card: v.subscriptionCard(row)}
	p.Card.Token = p.Token
	for _, charge := range charges {
		p.Rows = append(p.Rows, v.invoiceRow(queries.InvoiceListOfContactRow(charge)))
	}
	return render(c, views.FramePortal, "subscriptions/show", "", p)
}

// everyWords says how often something is charged.
func everyWords(charged queries.PriceInterval, every int32) string {
	if every > 1 {
		return fmt.Sprintf("every %d %ss", every, charged)
	}
	return "every " + string(charged)
}

// endsAtOnce says whether a subscription is paid for no more, so that it has no end that it could be cancelled to.
func endsAtOnce(state queries.SubscriptionState) bool {
	return unpaid(state) || state == queries.SubscriptionStatePaused
}

// cancelPage says what ends and when, before anything does. An unpaid one ends at once: what is paid for is over.
type cancelPage struct {
	views.Page
	Card  subscriptionCard
	Ends  time.Time // of one that is paid
	Gives []cancelledCourse
}

// cancelledCourse is a course that a subscription gives.
type cancelledCourse struct {
	Title string
	Stays bool // something else gives it, too
}

func (s *Site) subscriptionsCancelShow(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	row, gives, err := queries.LoadSubscriptionOfContact(c.UserContext(), s.DB, v.account.ID, v.client.ContactID, id, v.now)
	if err != nil {
		return err
	}
	p := &cancelPage{Page: s.page(c, "Cancel "+row.Title), Card: v.subscriptionCard(row), Ends: row.PeriodEndsAt.In(v.now.Location())}
	if p.Card.CancelPath == "" {
		return goTo{"/subscriptions"}
	}
	for _, g := range gives {
		p.Gives = append(p.Gives, cancelledCourse{g.Title, g.Stays})
	}
	return render(c, views.FramePortal, "subscriptions/cancel", "", p)
}

func (s *Site) subscriptionAsked(c *fiber.Ctx) (row queries.SubscriptionOfContactRow, err error) {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return row, queries.ErrNotFound
	}
	v := at(c)
	row, err = s.q.SubscriptionOfContact(c.UserContext(), queries.SubscriptionOfContactParams{AccountID: v.account.ID, ContactID: v.client.ContactID, ID: id})
	return row, queries.Kind(err)
}

// subscriptionsCancel ends a subscription when what is paid for is over, or at once when that is unpaid, whose open charge is taken back. It
// does what its page said or nothing, so Stripe is asked first how it stands: the charge may have come meanwhile, or failed.
func (s *Site) subscriptionsCancel(c *fiber.Ctx) error {
	row, err := s.subscriptionAsked(c)
	if err != nil {
		return err
	}
	if err := s.lookNow(c, row.StripeID); err != nil {
		return s.changedSubscription(c, err, "")
	}
	if row, err = s.subscriptionAsked(c); err != nil {
		return err
	}
	now := c.FormValue("when") == "now"
	switch {
	case row.EndedAt != nil: // sent twice, or ended by staff
		return s.changedSubscription(c, nil, "It has ended.")
	case now != endsAtOnce(row.State):
		s.flash(c, views.FlashError, "Nothing was cancelled: its payment stands differently now. Please read again what would happen.")
		return redirect(c, "/subscriptions/"+row.ID.String()+"/cancel")
	case now:
		done := "It has ended."
		if unpaid(row.State) {
			done += " The charge that failed is taken back."
		}
		return s.changeSubscription(c, row, done, func() error {
			return s.Stripe.EndUnpaid(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c))
		})
	}
	return s.changeSubscription(c, row, "It is cancelled. You keep what it gives until then, and can change your mind.", s.cancelsLater(c, row, true))
}

// subscriptionsKeep lets a subscription go on that was cancelled, or that waited for a way to pay.
func (s *Site) subscriptionsKeep(c *fiber.Ctx) error {
	row, err := s.subscriptionAsked(c)
	if err != nil {
		return err
	}
	if row.State == queries.SubscriptionStatePaused {
		return s.subscriptionsStart(c, row)
	}
	return s.changeSubscription(c, row, "It goes on as before.", s.cancelsLater(c, row, false))
}

// subscriptionsStart has the first charge made of a subscription that waited for a way to pay. Where there still is none, or it fails, the
// page says so.
func (s *Site) subscriptionsStart(c *fiber.Ctx, row queries.SubscriptionOfContactRow) error {
	err := s.Stripe.Resume(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c))
	var refused billing.Refused
	asked := errors.As(err, &refused)
	if asked { // also when it goes on already
		s.Log.Warn("a subscription could not be resumed", "id", at(c).id, "error", err)
		err = nil
	}
	if err == nil {
		err = s.lookNow(c, row.StripeID)
	}
	if err == nil {
		row, err = s.subscriptionAsked(c)
	}
	switch {
	case err != nil:
		return s.changedSubscription(c, err, "")
	case endsAtOnce(row.State):
		s.flash(c, views.FlashError, "It was not started, because nothing could be charged. Please look at how you pay, and try again.")
		return redirect(c, "/subscriptions")
	}
	return s.changedSubscription(c, nil, "It is started, and what it gives is there again.")
}

func (s *Site) cancelsLater(c *fiber.Ctx, row queries.SubscriptionOfContactRow, ends bool) func() error {
	return func() error {
		return s.Stripe.CancelAtPeriodEnd(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c), ends)
	}
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
	} else if row.OnItsWay { // that page asks for what is open, too
		return goTo{"/subscriptions"}
	}
	url, err := s.payerPage(c, row)
	if errors.Is(err, queries.ErrNotFound) {
		return err
	} else if err != nil {
		s.Log.Warn("the page of a customer could not be made", "id", at(c).id, "error", err)
		s.flash(c, views.FlashError, "The payment page cannot be reached right now. Please try again in a few minutes.")
		return goTo{"/subscriptions"}
	}
	return goTo{url}
}

// payerPage is that page. ErrNotFound when Stripe's customer is not this client.
func (s *Site) payerPage(c *fiber.Ctx, row queries.SubscriptionOfContactRow) (url string, err error) {
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
	return s.Stripe.Customer(ctx, row.StripeAccount, subscription.Customer, s.portalURL(v.account)+"/subscriptions")
}
