package billing

import (
	"context"
	"errors"

	"github.com/stripe/stripe-go/v76"
)

// CancelAtPeriodEnd has a subscription end when what is paid for is over, or, with false, go on after all. Asked again with the
// same attempt it changes nothing more.
func (d *Door) CancelAtPeriodEnd(ctx context.Context, account, id, attempt string, ends bool) error {
	return d.change(id, "ends-"+attempt, &stripe.SubscriptionParams{Params: params(ctx, account, ""), CancelAtPeriodEnd: stripe.Bool(ends)})
}

// change asks for what a subscription is to be, which is the same done twice.
func (d *Door) change(id, key string, p *stripe.SubscriptionParams) error {
	_, err := once(key, nil, func(key string) (*stripe.Subscription, error) {
		p.SetIdempotencyKey(key)
		return d.api.Subscriptions.Update(id, p)
	})
	return err
}

// CancelNow ends a subscription at once; nothing is given back. It is ErrNotThere when it has ended already.
func (d *Door) CancelNow(ctx context.Context, account, id, attempt string) error {
	_, err := d.api.Subscriptions.Cancel(id, &stripe.SubscriptionCancelParams{Params: params(ctx, account, "cancel-"+attempt)})
	return kind(err)
}

// EndUnpaid ends a subscription whose first charge did not come, and takes that charge back, so that nothing of it is collected later. Asked
// again with the same attempt it changes nothing more; a charge that is on its way after all is left to come.
func (d *Door) EndUnpaid(ctx context.Context, account, id, attempt string) error {
	s, err := d.Subscription(ctx, account, id)
	if err != nil {
		return err
	}
	if err := d.CancelNow(ctx, account, id, attempt); err != nil && !errors.Is(err, ErrNotThere) || s.LatestInvoice == "" {
		return err
	}
	i, err := d.Invoice(ctx, account, s.LatestInvoice)
	if err != nil || i.State != string(stripe.InvoiceStatusOpen) || i.Processing {
		return err
	}
	return d.VoidInvoice(ctx, account, i.ID, attempt)
}

// PauseCollection has the charges of a subscription left out, which are void then, until they are let go on with false. What it
// gives goes on.
func (d *Door) PauseCollection(ctx context.Context, account, id, attempt string, paused bool) error {
	p := &stripe.SubscriptionParams{Params: params(ctx, account, "")}
	if paused {
		p.PauseCollection = &stripe.SubscriptionPauseCollectionParams{Behavior: stripe.String(string(stripe.SubscriptionPauseCollectionBehaviorVoid))}
	} else {
		p.AddExtra("pause_collection", "") // how Stripe takes a thing away; the library has no word for it
	}
	return d.change(id, "pause-"+attempt, p)
}
