package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// MirroredInvoice is an invoice as Stripe shows it, in the columns of its row.
type MirroredInvoice struct {
	InvoiceUpsertParams                     // but for ID, ContactID, SubscriptionID and OrderID, which are found out
	Customer            string              // Stripe's ids
	Subscription        string              // empty without one
	Order               *OrderOfCheckoutRow // what was bought once and is paid with it; nil: something else
}

// MirrorInvoice writes how an invoice is at Stripe. What was bought once belongs to whom the order does, also where somebody else
// paid; everything else to the customer, and ErrNoOwner while that is nobody here. It answers the invoice when a payment of it that was
// on its way has come back, for whose client the caller inserts the job that tells them.
func MirrorInvoice(ctx context.Context, q *Queries, m MirroredInvoice) (returned *uuid.UUID, err error) {
	row := m.InvoiceUpsertParams
	row.ID = NewID()
	if m.Order != nil {
		row.ContactID, row.OrderID = m.Order.ContactID, &m.Order.ID
	} else if err := m.findOwner(ctx, q, &row); err != nil {
		return nil, err
	}
	written, err := q.InvoiceUpsert(ctx, row)
	if err != nil || !written.Returned {
		return nil, err
	}
	return &written.ID, nil
}

// findOwner finds whose an invoice is by its customer, and what it is a charge of. Customers of a Stripe account that is sold through no
// more are forgotten: what is known of it stays whose it is.
func (m MirroredInvoice) findOwner(ctx context.Context, q *Queries, row *InvoiceUpsertParams) error {
	contact, err := q.StripeCustomerContact(ctx, StripeCustomerContactParams{AccountID: m.AccountID, StripeID: m.Customer})
	if errors.Is(Kind(err), ErrNotFound) {
		var known InvoiceByStripeRow
		known, err = q.InvoiceByStripe(ctx, InvoiceByStripeParams{AccountID: m.AccountID, StripeID: m.StripeID})
		contact = known.ContactID
	}
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return ErrNoOwner
	} else if err != nil {
		return err
	}
	row.ContactID = contact
	if m.Subscription == "" {
		return nil
	}
	found, err := q.SubscriptionByStripe(ctx, SubscriptionByStripeParams{AccountID: m.AccountID, StripeID: m.Subscription})
	switch err = Kind(err); {
	case err == nil:
		row.SubscriptionID = &found.ID
	case !errors.Is(err, ErrNotFound): // it comes with the next look
		return err
	}
	return nil
}

// MoneyBack is what the business does not have any more of a payment, or may lose of it, each in all and in minor units.
type MoneyBack struct {
	RefundedMinor int64
	DisputedMinor int64 // a bank is deciding about it
	LostMinor     int64 // a bank took it back for good
}

// TakeBack writes what went back of an order's payment at a Stripe account, and ends what the order gave once nothing of it is left: given back or
// lost, it is all the same; what is disputed counts as paid until it is decided. A refund can fail weeks later, and its money come back:
// then something is paid again, and what it gave is given again. An order that is not there yet is looked at when it comes.
func TakeBack(ctx context.Context, q *Queries, account uuid.UUID, at, payment string, back MoneyBack, now time.Time) error {
	order, err := q.OrderOfPayment(ctx, OrderOfPaymentParams{AccountID: account, StripeAccount: at, StripePaymentID: payment})
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	back.RefundedMinor = min(back.RefundedMinor, order.AmountMinor)
	back.LostMinor = min(back.LostMinor, order.AmountMinor-back.RefundedMinor) // a bank can take all of it though some was given back
	back.DisputedMinor = min(back.DisputedMinor, order.AmountMinor-back.RefundedMinor-back.LostMinor)
	if err := q.OrderSetBack(ctx, OrderSetBackParams{AccountID: account, ID: order.ID, RefundedMinor: back.RefundedMinor, DisputedMinor: back.DisputedMinor,
		LostMinor: back.LostMinor, Now: now}); err != nil {
		return err
	}
	if gone := back.RefundedMinor + back.LostMinor; gone == 0 || gone < order.AmountMinor {
		return giveAgain(ctx, q, account, order.ID, now) // something of it is paid, or nothing went back
	}
	because := GrantEndRefunded
	if back.LostMinor > 0 {
		because = GrantEndDisputed
	}
	_, err = CloseSource(ctx, q, account, GrantSourceOrder, order.ID, Ending{Because: because, Now: now})
	return err
}

// giveAgain gives what an order gave until its money went back. Run again it gives nothing more.
func giveAgain(ctx context.Context, q *Queries, account, order uuid.UUID, now time.Time) error {
	gone, err := q.GrantTakenBack(ctx, GrantTakenBackParams{AccountID: account, SourceID: order, Now: now})
	for _, g := range gone {
		if err := q.GrantGiveAgain(ctx, GrantGiveAgainParams{AccountID: account, ID: NewID(), ContactID: g.ContactID, CourseID: g.CourseID, SourceID: order, OriginID: g.OriginID,
			StartsAt: g.StartsAt, EndsAt: g.EndsAt, Now: now, Nth: g.Nth + 1}); err != nil {
			return err
		}
	}
	return err
}
