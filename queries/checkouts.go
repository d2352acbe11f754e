package queries

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Paid is what Stripe says about a checkout that is paid, or for which there was nothing to pay.
type Paid struct {
	AccountID, CheckoutID uuid.UUID
	SessionID             string
	Email, Name           string // the buyer's; the address as ParseEmail returns it
	AmountMinor           int64
	Currency              string // ISO 4217, lower case
	Customer              string // Stripe's ids
	Payment               string // empty for subscriptions and what cost nothing
	Subscription          string // empty for single payments
	Now                   time.Time
}

// Fulfilled is what became of a paid checkout.
type Fulfilled struct {
	IsNew       bool // this call did it; false: it was done before, and the rest is zero
	OrderID     uuid.UUID
	ContactID   uuid.UUID
	MadeContact bool // the buyer was not known before
	OtherEmail  bool // the client has another address than the one that was paid with
	Courses     []uuid.UUID
	Grants      []uuid.UUID // one for each course
}

// Fulfil gives somebody what they paid for, once: the order, the contact where it is new, and a grant for each course of the
// offer. The arrival of the buyer and the job of the event both call it; whichever is first does it, the other finds it done.
// ErrNotFound without such a checkout in the account.
func Fulfil(ctx context.Context, q *Queries, p Paid) (f Fulfilled, err error) {
	checkout, err := q.CheckoutLock(ctx, CheckoutLockParams{AccountID: p.AccountID, ID: p.CheckoutID})
	switch {
	case err != nil:
		return f, Kind(err)
	case checkout.State == CheckoutStateDone:
		return f, nil
	}
	f = Fulfilled{IsNew: true, OrderID: NewID()}
	if checkout.ContactID != nil {
		f.ContactID = *checkout.ContactID // who pays with another address buys for the client who is signed in
		f.OtherEmail = !strings.EqualFold(checkout.Email, p.Email)
	} else {
		id, known, err := AddContact(ctx, q, p.AccountID, p.Email, p.Name, ContactSourceCheckout, p.Now)
		if err != nil {
			return f, err
		}
		f.ContactID, f.MadeContact = id, !known
	}
	if err := q.OrderInsert(ctx, OrderInsertParams{AccountID: p.AccountID, ID: f.OrderID, ContactID: f.ContactID, OfferID: checkout.OfferID, PriceID: checkout.PriceID,
		CheckoutID: p.CheckoutID, MadeContact: f.MadeContact, AmountMinor: p.AmountMinor, Currency: p.Currency, StripePaymentID: p.Payment,
		StripeSubscriptionID: p.Subscription, Now: p.Now}); err != nil {
		return f, err
	}
	if p.Customer != "" && checkout.SellsThere { // elsewhere nobody knows them
		byAddress := checkout.ContactID == nil && !f.MadeContact // paying with somebody's address is no proof of being them
		if err := q.StripeCustomerUpsert(ctx, StripeCustomerUpsertParams{AccountID: p.AccountID, StripeID: p.Customer, ContactID: f.ContactID, ByAddress: byAddress, Now: p.Now}); err != nil {
			return f, err
		}
	}
	if f.Courses, err = q.OrderCourses(ctx, OrderCoursesParams{AccountID: p.AccountID, OfferID: checkout.OfferID}); err != nil {
		return f, err
	}
	for _, course := range f.Courses {
		g := p.grant(checkout, f, course)
		if _, err := Give(ctx, q, g); err != nil {
			return f, err
		}
		f.Grants = append(f.Grants, g.ID)
	}
	return f, q.CheckoutSetState(ctx, CheckoutSetStateParams{AccountID: p.AccountID, ID: p.CheckoutID, State: CheckoutStateDone, StripeSessionID: p.SessionID, Now: p.Now})
}

// grant is one of the grants an order gives. What a subscription gives has no planned end: it ends with the subscription.
func (p Paid) grant(checkout CheckoutLockRow, f Fulfilled, course uuid.UUID) Grant {
	g := Grant{ID: NewID(), AccountID: p.AccountID, ContactID: f.ContactID, CourseID: course, Source: GrantSourceOrder, SourceID: f.OrderID, OriginID: &checkout.OfferID,
		Starts: p.Now, Now: p.Now}
	switch {
	case checkout.Charged != PriceIntervalOnce:
		g.Source = GrantSourceSubscription
	case checkout.AccessDays != nil:
		ends := p.Now.AddDate(0, 0, int(*checkout.AccessDays))
		g.Ends = &ends
	}
	return g
}
