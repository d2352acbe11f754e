package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// MoneyBack is what of a payment went back to who paid, or may go, each in all and in minor units.
type MoneyBack struct {
	RefundedMinor int64
	DisputedMinor int64 // a bank is deciding about it
	LostMinor     int64 // a bank took it back for good
}

// Payment is what Stripe says about a payment intent, as far as it leads on.
type Payment struct {
	Invoice string // what it is to pay; empty: no invoice
	Charge  string // its last try; empty: none
}

// Payment asks Stripe how a payment intent is. ErrNotThere when there is none of that id.
func (d *Door) Payment(ctx context.Context, account, id string) (Payment, error) {
	p, err := d.api.PaymentIntents.Get(id, &stripe.PaymentIntentParams{Params: params(ctx, account, "")})
	if err != nil {
		return Payment{}, kind(err)
	}
	r := Payment{}
	if p.Invoice != nil {
		r.Invoice = p.Invoice.ID
	}
	if p.LatestCharge != nil {
		r.Charge = p.LatestCharge.ID
	}
	return r, nil
}

// Charge is what Stripe says about money that was taken, or was to be, as far as its going back matters.
type Charge struct {
	AccountID   uuid.UUID // whose it is; nil when it does not say
	Ours        bool      // false: it does not say that it is ours, though its invoice may
	Paid        bool      // false: the money is on its way, or it is a try that failed, after which the same payment can be paid by another charge
	Payment     string    // its payment intent; empty without one
	Invoice     string    // empty without one
	AmountMinor int64
	Currency    string
	Back        MoneyBack
}

// Charge asks Stripe how a charge is. ErrNotThere when there is none of that id.
func (d *Door) Charge(ctx context.Context, account, id string) (Charge, error) {
	p := &stripe.ChargeParams{Params: params(ctx, account, "")}
	p.AddExpand("payment_intent")
	c, err := d.api.Charges.Get(id, p)
	if err != nil {
		return Charge{}, kind(err)
	}
	r := Charge{AmountMinor: c.Amount, Currency: string(c.Currency), Paid: c.Paid}
	if c.PaymentIntent != nil {
		r.Payment = c.PaymentIntent.ID
		r.AccountID, _, r.Ours = ours(c.PaymentIntent.Metadata)
	}
	r.Ours = r.Ours && r.Payment != ""
	if c.Invoice != nil {
		r.Invoice = c.Invoice.ID
	}
	r.Back, err = d.back(ctx, account, c)
	return r, err
}

// back is what went back of a charge. Stripe tells in the charge how much was refunded and that there are disputes, and no more. One
// refund counts that is on its way or there; one that failed does not, whose money is the business's again
// (https://docs.stripe.com/refunds#failed-refunds).
func (d *Door) back(ctx context.Context, account string, c *stripe.Charge) (r MoneyBack, err error) {
	if c.AmountRefunded > 0 {
		if r.RefundedMinor, err = d.refunded(ctx, account, c.ID); err != nil {
			return r, err
		}
	}
	if !c.Disputed {
		return r, nil
	}
	list := d.api.Disputes.List(&stripe.DisputeListParams{ListParams: listed(ctx, account), Charge: stripe.String(c.ID)})
	for list.Next() {
		switch dispute := list.Dispute(); dispute.Status {
		case stripe.DisputeStatusLost:
			r.LostMinor += dispute.Amount
		case stripe.DisputeStatusNeedsResponse, stripe.DisputeStatusUnderReview:
			r.DisputedMinor += dispute.Amount
		} // what is won, or only asked about, takes nothing
	}
	return r, kind(list.Err())
}

func (d *Door) refunded(ctx context.Context, account, charge string) (minor int64, err error) {
	list := d.api.Refunds.List(&stripe.RefundListParams{ListParams: listed(ctx, account), Charge: stripe.String(charge)})
	for list.Next() {
		if r := list.Refund(); r.Status != stripe.RefundStatusFailed && r.Status != stripe.RefundStatusCanceled {
			minor += r.Amount
		}
	}
	return minor, kind(list.Err())
}

// ChargeOfRefund asks Stripe which charge a refund gives back. ErrNotThere when there is none of that id.
func (d *Door) ChargeOfRefund(ctx context.Context, account, id string) (charge string, err error) {
	r, err := d.api.Refunds.Get(id, &stripe.RefundParams{Params: params(ctx, account, "")})
	if err != nil {
		return "", kind(err)
	}
	if r.Charge == nil {
		return "", ErrNotThere
	}
	return r.Charge.ID, nil
}

// ChargeOfDispute asks Stripe which charge is disputed. ErrNotThere when there is no dispute of that id.
func (d *Door) ChargeOfDispute(ctx context.Context, account, id string) (charge string, err error) {
	r, err := d.api.Disputes.Get(id, &stripe.DisputeParams{Params: params(ctx, account, "")})
	if err != nil {
		return "", kind(err)
	}
	if r.Charge == nil {
		return "", ErrNotThere
	}
	return r.Charge.ID, nil
}
