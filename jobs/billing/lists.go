package billing

import (
	"context"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// listMost is how many objects of a kind a walk takes; a business with more open at once needs more than one program can walk.
const listMost = 20000

// Unsettled lists what may still change at Stripe: open invoices and all subscriptions that have not ended.
func (d *Door) Unsettled(ctx context.Context, account string) (ids []string, err error) {
	open := &stripe.InvoiceListParams{ListParams: listed(ctx, account), Status: stripe.String(string(stripe.InvoiceStatusOpen))}
	for list := d.api.Invoices.List(open); ; {
		if !list.Next() {
			if err := list.Err(); err != nil {
				return nil, kind(err)
			}
			break
		}
		if ids = append(ids, list.Invoice().ID); len(ids) >= listMost {
			return ids, nil
		}
	}
	for list := d.api.Subscriptions.List(&stripe.SubscriptionListParams{ListParams: listed(ctx, account)}); ; {
		if !list.Next() {
			return ids, kind(list.Err())
		}
		if ids = append(ids, list.Subscription().ID); len(ids) >= 2*listMost {
			return ids, nil
		}
	}
}

// EventsSince lists what Stripe reported since a time, newest first; it keeps events for 30 days.
func (d *Door) EventsSince(ctx context.Context, account string, since time.Time) (events []Event, err error) {
	p := &stripe.EventListParams{ListParams: listed(ctx, account), CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	for list := d.api.Events.List(p); ; {
		if !list.Next() {
			return events, kind(list.Err())
		}
		e := list.Event()
		id, _ := e.Data.Object["id"].(string) // an object without an id is none that matters
		if events = append(events, Event{Account: account, ID: e.ID, Type: string(e.Type), Object: id, Created: at(e.Created)}); len(events) >= listMost {
			return events, nil
		}
	}
}

func listed(ctx context.Context, account string) stripe.ListParams {
	p := stripe.ListParams{Context: ctx, Limit: stripe.Int64(100)}
	if account != "" {
		p.StripeAccount = stripe.String(account)
	}
	return p
}
