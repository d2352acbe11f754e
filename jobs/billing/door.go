// Package billing is the door to Stripe: the only place that speaks to it, by stripe-go v76 and its API version 2023-10-16.
// What goes in and comes out are structs of ours, so that no other room knows Stripe's; money is integer minor units with
// its ISO currency, as Stripe counts it.
//
// Not in here: rows. Jobs and handlers ask the door and write what it says, in their own transactions. Handlers and jobs may
// import it; it imports no room of ours.
package billing

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
)

// Config is what the door needs from outside.
type Config struct {
	Key  string // the installation's secret key; empty: nothing can be sold
	URL  string // where Stripe is; empty: the real one. Tests and the demo set the stand-in's
	Time time.Duration
}

// callTime is how long one call may take. Stripe answers most within a second; a call that hangs holds a job's transaction.
const callTime = 15 * time.Second

// Door speaks to Stripe. It may be used by many at once.
type Door struct {
	open bool
	url  string
	api  *client.API
}

// New makes a door. All three of the library's backends go to the same place: one that is forgotten would leave the machine.
func New(c Config) *Door {
	if c.Time == 0 {
		c.Time = callTime
	}
	paced := &pace{next: http.DefaultTransport, lanes: map[string]*lane{}}
	if c.Key == "" {
		paced.next = shut{}
	}
	backend := func(kind stripe.SupportedBackend) stripe.Backend {
		config := &stripe.BackendConfig{HTTPClient: &http.Client{Timeout: c.Time, Transport: paced}, EnableTelemetry: stripe.Bool(false), MaxNetworkRetries: stripe.Int64(0), // jobs try again, with longer pauses
			LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}}
		if c.URL != "" {
			config.URL = stripe.String(c.URL)
		}
		return stripe.GetBackendWithConfig(kind, config)
	}
	d := &Door{open: c.Key != "", url: c.URL, api: &client.API{}}
	d.api.Init(c.Key, &stripe.Backends{API: backend(stripe.APIBackend), Connect: backend(stripe.ConnectBackend), Uploads: backend(stripe.UploadsBackend)})
	return d
}

// shut asks nobody: without a key Stripe would refuse, and it is no business of Stripe's what jobs of a time with a key still wait here.
type shut struct{}

func (shut) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("there is no key of Stripe's")
}

// Open says whether there is a key, so that something can be sold.
func (d *Door) Open() bool { return d != nil && d.open }

// Pages is where the pages stand that people pay on, for the policies of pages whose forms lead there.
func (d *Door) Pages() string {
	if d.url != "" {
		return d.url
	}
	return "https://checkout.stripe.com"
}

// params are what every call has: who waits for it, on which connected account (empty: the installation's own), and the key
// that makes asking again harmless (empty for what only reads).
func params(ctx context.Context, account, once string) stripe.Params {
	p := stripe.Params{Context: ctx}
	if account != "" {
		p.StripeAccount = stripe.String(account)
	}
	if once != "" {
		p.IdempotencyKey = stripe.String(once)
	}
	return p
}
