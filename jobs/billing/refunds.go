package billing

import (
	"context"

	"github.com/stripe/stripe-go/v76"
)

// RefundReason is why money is given back, in Stripe's words.
type RefundReason string

// The reasons Stripe takes.
const (
	RefundRequested  RefundReason = "requested_by_customer"
	RefundDuplicate  RefundReason = "duplicate"
	RefundFraudulent RefundReason = "fraudulent"
)

// NewRefund is money to be given back.
type NewRefund struct {
	Account     string // the connected account; empty: the installation's own
	Once        string // of this attempt: it gives back once, however often it is asked
	Payment     string // the payment intent
	AmountMinor int64
	Reason      RefundReason
}

// Refund gives money of a payment back, and answers the refund's id. Asked again with the same Once and the same amount it answers
// the same one.
func (d *Door) Refund(ctx context.Context, n NewRefund) (id string, err error) {
	r, err := d.api.Refunds.New(&stripe.RefundParams{Params: params(ctx, n.Account, "refund-"+n.Once+"-"+digest(n.Payment, n.AmountMinor)), PaymentIntent: stripe.String(n.Payment),
		Amount: stripe.Int64(n.AmountMinor), Reason: stripe.String(string(n.Reason))})
	if err != nil {
		return "", kind(err)
	}
	return r.ID, nil
}
