package billing

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// Difference says when what another price comes to for the rest of a period is asked for, in Stripe's words.
type Difference string

// The ways it can be. With a price of another interval a new period begins at once, and only DifferenceNone matters: what is left
// of the old period is not credited then.
const (
	DifferenceNext Difference = "create_prorations" // with the next charge
	DifferenceNow  Difference = "always_invoice"
	DifferenceNone Difference = "none" // the new price counts from the next charge on
)

// PlanChange is another price for a subscription that has one.
type PlanChange struct {
	Account      string // the connected account; empty: the installation's own
	Subscription string // Stripe's ids
	Item, Price  string
	Difference   Difference
	At           time.Time // as of when the difference is counted: the same for the preview and the change, so that they agree
}

// Upcoming is an invoice that is still to come.
type Upcoming struct {
	DueMinor int64 // after discounts, tax and credit
	Currency string
	Due      time.Time // from when on it is asked for
	Lines    []InvoiceLine
	Until    time.Time // when the new period in it ends; zero: it has none
}

// PreviewPlan asks Stripe what a change of plan would ask for, and changes nothing.
func (d *Door) PreviewPlan(ctx context.Context, c PlanChange) (Upcoming, error) {
	p := &stripe.InvoiceUpcomingParams{Params: params(ctx, c.Account, ""), Subscription: stripe.String(c.Subscription), SubscriptionItems: c.items(),
		SubscriptionProrationBehavior: stripe.String(string(c.Difference)), SubscriptionProrationDate: c.date()}
	i, err := d.api.Invoices.Upcoming(p)
	if err != nil {
		return Upcoming{}, kind(err)
	}
	u := Upcoming{DueMinor: i.AmountDue, Currency: string(i.Currency), Due: at(i.Created)}
	if i.Lines == nil {
		return u, nil
	}
	for _, line := range i.Lines.Data {
		u.Lines = append(u.Lines, readLine(line))
		if line.Period != nil && !line.Proration && at(line.Period.End).After(u.Until) {
			u.Until = at(line.Period.End)
		}
	}
	return u, nil
}

// ChangePlan has a subscription charged by another price. When something has to be paid at once and cannot be, it is Refused and
// all stays as it was. Asked again with the same attempt it changes nothing more.
func (d *Door) ChangePlan(ctx context.Context, c PlanChange, attempt string) error {
	return d.change(c.Subscription, "plan-"+attempt+"-"+digest(c.Item, c.Price, c.Difference, c.At.Unix()), &stripe.SubscriptionParams{Params: params(ctx, c.Account, ""),
		Items: c.items(), ProrationBehavior: stripe.String(string(c.Difference)), ProrationDate: c.date(), PaymentBehavior: stripe.String("error_if_incomplete")})
}

func (c PlanChange) items() []*stripe.SubscriptionItemsParams {
	return []*stripe.SubscriptionItemsParams{{ID: stripe.String(c.Item), Price: stripe.String(c.Price)}}
}

// date is none where nothing is prorated: Stripe refuses one then.
func (c PlanChange) date() *int64 {
	if c.Difference == DifferenceNone {
		return nil
	}
	return stripe.Int64(c.At.Unix())
}

// Extend lets a subscription go on until a time without being charged; the next charge is then, and later ones follow from it. Stripe
// calls such days a trial. Asked again with the same attempt it changes nothing more.
func (d *Door) Extend(ctx context.Context, account, id, attempt string, until time.Time) error {
	return d.change(id, "extend-"+attempt+"-"+digest(until.Unix()), &stripe.SubscriptionParams{Params: params(ctx, account, ""), TrialEnd: stripe.Int64(until.Unix()),
		ProrationBehavior: stripe.String(string(DifferenceNone))})
}
