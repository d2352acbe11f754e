package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// MirroredInvoice is an invoice as Stripe shows it, in the columns of its row.
type MirroredInvoice struct {
	InvoiceUpsertParams        // but for ID, ContactID and SubscriptionID, which are found out
	Customer            string // Stripe's ids
	Subscription        string // empty without one
}

// MirrorInvoice writes how an invoice is at Stripe. ErrNoOwner while its customer is nobody's here.
func MirrorInvoice(ctx context.Context, q *Queries, m MirroredInvoice) error {
	contact, err := q.StripeCustomerContact(ctx, StripeCustomerContactParams{AccountID: m.AccountID, StripeID: m.Customer})
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return ErrNoOwner
	} else if err != nil {
		return err
	}
	row := m.InvoiceUpsertParams
	row.ID, row.ContactID = NewID(), contact
	if m.Subscription != "" {
		found, err := q.SubscriptionByStripe(ctx, SubscriptionByStripeParams{AccountID: m.AccountID, StripeID: m.Subscription})
		switch err = Kind(err); {
		case err == nil:
			row.SubscriptionID = &found.ID
		case !errors.Is(err, ErrNotFound): // it comes with the next look
			return err
		}
	}
	return q.InvoiceUpsert(ctx, row)
}

// Refund writes how much of a payment was given back in all, and ends what its order gave once nothing of it is left. It says
// whether the payment is one of the account's.
func Refund(ctx context.Context, q *Queries, account uuid.UUID, payment string, refundedMinor int64, now time.Time) (ours bool, err error) {
	n, err := q.InvoiceSetRefunded(ctx, InvoiceSetRefundedParams{AccountID: account, StripePaymentID: payment, RefundedMinor: refundedMinor, Now: now})
	if err != nil {
		return false, err
	}
	order, err := q.OrderOfPayment(ctx, OrderOfPaymentParams{AccountID: account, StripePaymentID: payment})
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return n > 0, nil
	} else if err != nil {
		return false, err
	}
	refundedMinor = min(refundedMinor, order.AmountMinor)
	if err := q.OrderSetRefunded(ctx, OrderSetRefundedParams{AccountID: account, ID: order.ID, RefundedMinor: refundedMinor, Now: now}); err != nil {
		return true, err
	}
	if refundedMinor == 0 || refundedMinor < order.AmountMinor {
		return true, nil // something of it is paid, or nothing was given back
	}
	_, err = CloseSource(ctx, q, account, GrantSourceOrder, order.ID, Ending{Because: GrantEndRefunded, Now: now})
	return true, err
}
