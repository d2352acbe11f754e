package billing

import (
	"context"
	"strings"

	"github.com/stripe/stripe-go/v76"
)

// APIVersion is the one that is spoken here, which an endpoint's events must have.
const APIVersion = stripe.APIVersion

// endpointMost is how many endpoints are read; Stripe allows sixteen.
const endpointMost = 100

// metaConnect marks an endpoint that we made for the events of connected accounts. Stripe does not answer what an endpoint was
// made for; of those made elsewhere only its application tells.
const metaConnect = "atrium_connect"

// Endpoint is an address of ours that Stripe reports events to.
type Endpoint struct {
	ID      string
	Connect bool   // it gets the events of connected accounts, else those of the installation's own
	Version string // of the API its events are written in; empty: whatever the Stripe account's is
	Enabled bool
	All     bool // it gets every type of event that matters here
}

// Fits says whether its events can be read here.
func (e Endpoint) Fits() bool { return e.Enabled && e.All && e.Version == APIVersion }

// EventTypes are those that are about what is looked at here; an endpoint is asked for no others.
var EventTypes = []string{"account.updated", "charge.refunded", "charge.refund.updated", "charge.dispute.created", "charge.dispute.closed",
	"checkout.session.async_payment_failed", "checkout.session.async_payment_succeeded", "checkout.session.completed", "checkout.session.expired",
	"customer.subscription.created", "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed", "customer.subscription.trial_will_end",
	"customer.subscription.updated", "invoice.created", "invoice.deleted", "invoice.finalized", "invoice.marked_uncollectible", "invoice.paid",
	"invoice.payment_failed", "invoice.sent", "invoice.updated", "invoice.voided", "payment_intent.canceled", "payment_intent.payment_failed",
	"payment_intent.processing", "payment_intent.succeeded"}

// Endpoints lists those that report to an address, the newest first.
func (d *Door) Endpoints(ctx context.Context, url string) (found []Endpoint, err error) {
	list := d.api.WebhookEndpoints.List(&stripe.WebhookEndpointListParams{ListParams: listed(ctx, "")})
	for n := 0; n < endpointMost && list.Next(); n++ {
		if e := list.WebhookEndpoint(); e.URL == url {
			found = append(found, readEndpoint(e))
		}
	}
	return found, kind(list.Err())
}

func readEndpoint(e *stripe.WebhookEndpoint) Endpoint {
	r := Endpoint{ID: e.ID, Connect: e.Application != "" || e.Metadata[metaConnect] != "", Version: e.APIVersion, Enabled: e.Status == "enabled", All: true}
	on := " " + strings.Join(e.EnabledEvents, " ") + " "
	for _, kind := range EventTypes {
		if !strings.Contains(on, " * ") && !strings.Contains(on, " "+kind+" ") {
			r.All = false
		}
	}
	return r
}

// MakeEndpoint has Stripe report events to an address, in the version that is read here. The secret that signs them is answered
// now and never again. key makes asking again harmless.
func (d *Door) MakeEndpoint(ctx context.Context, url string, connect bool, key string) (secret string, err error) {
	p := &stripe.WebhookEndpointParams{Params: params(ctx, "", ""), URL: stripe.String(url), APIVersion: stripe.String(APIVersion),
		EnabledEvents: stripe.StringSlice(EventTypes), Description: stripe.String("Atrium")}
	if connect {
		p.Connect, p.Metadata = stripe.Bool(true), map[string]string{metaConnect: "yes"}
	}
	e, err := once(key, nil, func(key string) (*stripe.WebhookEndpoint, error) {
		if key != "" {
			p.SetIdempotencyKey(key)
		}
		return d.api.WebhookEndpoints.New(p)
	})
	if err != nil {
		return "", err
	}
	return e.Secret, nil
}
