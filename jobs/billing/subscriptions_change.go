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
	ended := func() (s *stripe.Subscription, is bool, err error) {
		s, err = d.api.Subscriptions.Get(id, &stripe.SubscriptionParams{Params: params(ctx, account, "")})
		return s, err == nil && s.Status == stripe.SubscriptionStatusCanceled, err
	}
	_, err := once("cancel-"+attempt, ended, func(key string) (*stripe.Subscription, error) {
		return d.api.Subscriptions.Cancel(id, &stripe.SubscriptionCancelParams{Params: params(ctx, account, key)})
	})
	return err
}

// EndUnpaid ends a subscription that is not paid for, and before that takes back its open charges, so that nothing of it is collected
// later. It is ErrPaidMeanwhile, and nothing was done, when the money of one is there after all or on its way. Asked again with the same
// attempt it changes nothing more.
func (d *Door) EndUnpaid(ctx context.Context, account, id, attempt string) error {
	s, err := d.api.Subscriptions.Get(id, &stripe.SubscriptionParams{Params: params(ctx, account, "")})
	if err != nil {
		return kind(err)
	}
	if s.Status == stripe.SubscriptionStatusActive { // what was open is paid
		return ErrPaidMeanwhile
	}
	p := &stripe.InvoiceListParams{ListParams: listed(ctx, account), Subscription: stripe.String(id), Status: stripe.String(string(stripe.InvoiceStatusOpen))}
	p.AddExpand("data.payment_intent")
	var open []string
	list := d.api.Invoices.List(p)
	for list.Next() {
		i := list.Invoice()
		if i.PaymentIntent != nil && (i.PaymentIntent.Status == stripe.PaymentIntentStatusProcessing || i.PaymentIntent.Status == stripe.PaymentIntentStatusSucceeded) {
			return ErrPaidMeanwhile
		}
		open = append(open, i.ID)
	}
	if err := list.Err(); err != nil {
		return kind(err)
	}
	for _, invoice := range open {
		if err := d.VoidInvoice(ctx, account, invoice, attempt+"-"+invoice); err != nil { // refused when it was paid this moment: asked again, that is seen
			return err
		}
	}
	if s.Status == stripe.SubscriptionStatusCanceled {
		return nil
	}
	if err := d.CancelNow(ctx, account, id, attempt); !errors.Is(err, ErrNotThere) {
		return err
	}
	return nil
}

// Resume lets a subscription go on whose trial ended without a way to pay: its first period begins now, and is charged now. It is Refused
// when it does not wait for that, or there still is nothing to charge: Stripe would begin it all the same, as one whose charge failed.
// Asked again with the same attempt it changes nothing more.
func (d *Door) Resume(ctx context.Context, account, id, attempt string) error {
	p := &stripe.SubscriptionParams{Params: params(ctx, account, "")}
	p.AddExpand("customer")
	is, err := d.api.Subscriptions.Get(id, p)
	if err != nil {
		return kind(err)
	}
	who := is.Customer
	if is.DefaultPaymentMethod == nil && is.DefaultSource == nil && (who == nil || who.DefaultSource == nil && (who.InvoiceSettings == nil || who.InvoiceSettings.DefaultPaymentMethod == nil)) {
		return Refused{Message: "there is no payment method that can be charged. Add one first."}
	}
	goesOn := func() (s *stripe.Subscription, is bool, err error) {
		s, err = d.api.Subscriptions.Get(id, &stripe.SubscriptionParams{Params: params(ctx, account, "")})
		return s, err == nil && s.Status != stripe.SubscriptionStatusPaused, err
	}
	_, err = once("resume-"+attempt, goesOn, func(key string) (*stripe.Subscription, error) {
		return d.api.Subscriptions.Resume(id, &stripe.SubscriptionResumeParams{Params: params(ctx, account, key)})
	})
	return err
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
