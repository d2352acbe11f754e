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
	key := "refund-" + n.Once + "-" + digest(n.Payment, n.AmountMinor)
	p := &stripe.RefundParams{Params: params(ctx, n.Account, ""), PaymentIntent: stripe.String(n.Payment), Amount: stripe.Int64(n.AmountMinor), Reason: stripe.String(string(n.Reason))}
	p.Metadata = map[string]string{metaOnce: key}
	found := func() (*stripe.Refund, bool, error) {
		list := d.api.Refunds.List(&stripe.RefundListParams{ListParams: listed(ctx, n.Account), PaymentIntent: stripe.String(n.Payment)})
		for list.Next() {
			if list.Refund().Metadata[metaOnce] == key {
				return list.Refund(), true, nil
			}
		}
		return nil, false, list.Err()
	}
	r, err := once(key, found, func(key string) (*stripe.Refund, error) {
		p.SetIdempotencyKey(key)
		return d.api.Refunds.New(p)
	})
	if err != nil {
		return "", err
	}
	return r.ID, nil
}
