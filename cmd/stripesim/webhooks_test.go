package stripesim_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"atrium/cmd/stripesim"
)

// receiver is where webhooks arrive.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	bodies   [][]byte
	headers  []string
	refusals int // how many it answers with 500 first
}

func (s *sim) receiver() *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		body, _ := io.ReadAll(q.Body)
		r.bodies, r.headers = append(r.bodies, body), append(r.headers, q.Header.Get("Stripe-Signature"))
		if r.refusals > 0 {
			r.refusals--
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	s.Cleanup(r.Close)
	return r
}

// endpoint has events sent to a receiver.
func (s *sim) endpoint(r *receiver, connect bool, events ...string) *stripe.WebhookEndpoint {
	s.Helper()
	params := &stripe.WebhookEndpointParams{URL: stripe.String(r.URL), APIVersion: stripe.String(stripe.APIVersion), EnabledEvents: stripe.StringSlice(events)}
	if connect {
		params.Connect = stripe.Bool(true)
	}
	return must(s.WebhookEndpoints.New(params))
}

func (s *sim) delivered() {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s.do(s.server.WaitDelivered(ctx))
}

// types are those of what arrived, with whether the signature was right.
func (r *receiver) types(secret string) (types []string, errs []error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n, body := range r.bodies {
		event, err := webhook.ConstructEvent(body, r.headers[n], secret)
		types, errs = append(types, string(event.Type)), append(errs, err)
	}
	r.bodies, r.headers = nil, nil
	return types, errs
}

func TestWebhookEndpoints(t *testing.T) {
	s := start(t, stripesim.Options{})
	r := s.receiver()
	endpoint := s.endpoint(r, false, "customer.created", "customer.updated")
	is(t, "the version", endpoint.APIVersion, stripe.APIVersion)
	is(t, "the secret is told once", must(s.WebhookEndpoints.Get(endpoint.ID, nil)).Secret, "")
	must(s.Customers.New(&stripe.CustomerParams{}))
	must(s.Products.New(&stripe.ProductParams{Name: stripe.String("x")}))
	s.delivered()
	types, errs := r.types(endpoint.Secret)
	is(t, "what arrived", len(types) == 1 && types[0] == "customer.created" && errs[0] == nil, true)
	must(s.WebhookEndpoints.Update(endpoint.ID, &stripe.WebhookEndpointParams{EnabledEvents: stripe.StringSlice([]string{"*"})}))
	must(s.Products.New(&stripe.ProductParams{Name: stripe.String("y")}))
	must(s.WebhookEndpoints.Update(endpoint.ID, &stripe.WebhookEndpointParams{Disabled: stripe.Bool(true)}))
	must(s.Products.New(&stripe.ProductParams{Name: stripe.String("z")}))
	s.delivered()
	types, _ = r.types(endpoint.Secret)
	is(t, "what arrived later", len(types), 1)
	list := s.WebhookEndpoints.List(&stripe.WebhookEndpointListParams{})
	is(t, "listed", list.Next(), true)
	is(t, "deleted", must(s.WebhookEndpoints.Del(endpoint.ID, nil)).Deleted, true)
	events := s.Events.List(&stripe.EventListParams{Type: stripe.String("product.*")})
	is(t, "an event", events.Next(), true)
	is(t, "the same by its id", must(s.Events.Get(events.Event().ID, nil)).Type, "product.created")
}

func TestWebhooksOfConnectedAccounts(t *testing.T) {
	s := start(t, stripesim.Options{})
	own, connected := s.receiver(), s.receiver()
	ownEndpoint, connectEndpoint := s.endpoint(own, false, "*"), s.endpoint(connected, true, "*")
	account := must(s.Accounts.New(&stripe.AccountParams{}))
	params := &stripe.CustomerParams{}
	params.SetStripeAccount(account.ID)
	must(s.Customers.New(params))
	must(s.Products.New(&stripe.ProductParams{Name: stripe.String("x")}))
	s.do(s.server.Deauthorize(account.ID))
	s.delivered()
	types, _ := own.types(ownEndpoint.Secret)
	is(t, "at the platform's", slices.Equal(types, []string{"product.created"}), true)
	types, _ = connected.types(connectEndpoint.Secret)
	is(t, "at the accounts'", slices.Equal(types, []string{"customer.created", "account.application.deauthorized"}), true)
}

func TestWebhookRetries(t *testing.T) {
	s := start(t, stripesim.Options{WebhookPause: time.Millisecond, WebhookRetries: 2})
	r := s.receiver()
	s.endpoint(r, false, "customer.created")
	r.refusals = 2
	must(s.Customers.New(&stripe.CustomerParams{}))
	s.delivered()
	r.refusals = 3
	must(s.Customers.New(&stripe.CustomerParams{}))
	s.delivered()
	all := s.server.Deliveries()
	is(t, "the first", all[0].State, stripesim.Delivered)
	is(t, "its attempts", len(all[0].Attempts), 3)
	is(t, "the second", all[1].State, stripesim.Failed)
	is(t, "its last answer", all[1].Attempts[2].Status, 500)
	away := must(s.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String("http://192.0.2.1/hook"), EnabledEvents: stripe.StringSlice([]string{"product.created"})}))
	must(s.Products.New(&stripe.ProductParams{Name: stripe.String("x")}))
	s.delivered()
	last := s.server.Deliveries()[2]
	is(t, "off this machine", last.Endpoint == away.ID && last.State == stripesim.Failed && last.Attempts[0].Error != "", true)
}

func TestWebhookMischief(t *testing.T) {
	s := start(t, stripesim.Options{WebhookRetries: -1})
	r := s.receiver()
	endpoint := s.endpoint(r, false, "*")
	for _, test := range []struct {
		what     string
		mischief stripesim.Mischief
		arrives  int
		right    bool
	}{
		{"nothing", stripesim.Mischief{Type: "invoice.*"}, 1, true},
		{"dropped", stripesim.Mischief{Drop: true}, 0, true},
		{"three times", stripesim.Mischief{Type: "customer.*", Duplicate: 2}, 3, true},
		{"late", stripesim.Mischief{Delay: time.Millisecond}, 1, true},
		{"a wrong secret", stripesim.Mischief{BadSecret: true}, 1, false},
		{"an old signature", stripesim.Mischief{Age: 10 * time.Minute}, 1, false},
		{"a signature from the future", stripesim.Mischief{Age: -10 * time.Minute}, 1, true}, // which stripe-go takes
	} {
		s.server.Misdeliver(test.mischief)
		must(s.Customers.New(&stripe.CustomerParams{}))
		s.delivered()
		_, errs := r.types(endpoint.Secret)
		if len(errs) != test.arrives || slices.ContainsFunc(errs, func(err error) bool { return (err == nil) != test.right }) {
			t.Errorf("%s: arrived with %v", test.what, errs)
		}
	}
}

func TestWebhooksHeldAndReleased(t *testing.T) {
	s := start(t, stripesim.Options{})
	r := s.receiver()
	endpoint := s.endpoint(r, false, "*")
	s.server.Hold()
	must(s.Customers.New(&stripe.CustomerParams{}))
	must(s.Products.New(&stripe.ProductParams{Name: stripe.String("x")}))
	must(s.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(1)}))
	s.delivered()
	held := s.server.Deliveries()
	is(t, "held", held[0].State, stripesim.Held)
	s.do(s.server.Release(held[2].Event, held[0].Event))
	s.do(s.server.Release())
	s.do(s.server.Resend(held[1].Event))
	s.delivered()
	types, _ := r.types(endpoint.Secret)
	is(t, "the order", slices.Equal(types, []string{"coupon.created", "customer.created", "product.created", "product.created"}), true)
	if s.server.Release("evt_no") == nil || s.server.Resend("evt_no") == nil {
		t.Error("an event of nobody's was sent")
	}
}

func TestWebhookSecretRotates(t *testing.T) {
	s := start(t, stripesim.Options{})
	r := s.receiver()
	endpoint := s.endpoint(r, false, "*")
	fresh := must(s.server.RotateSecret(endpoint.ID))
	works := func(secret string) bool {
		must(s.Customers.New(&stripe.CustomerParams{}))
		s.delivered()
		_, errs := r.types(secret)
		return len(errs) == 1 && errs[0] == nil
	}
	is(t, "the new one", works(fresh), true)
	is(t, "the old one meanwhile", works(endpoint.Secret), true)
	s.do(s.server.EndRotation(endpoint.ID))
	is(t, "the new one after", works(fresh), true)
	is(t, "the old one after", works(endpoint.Secret), false)
	if _, err := s.server.RotateSecret("we_no"); err == nil || s.server.EndRotation("we_no") == nil {
		t.Error("the secret of nobody's endpoint was changed")
	}
}

// TestManyAtOnce has many callers use the same keys at once: each key does one thing, and each thing is told once, signed.
func TestManyAtOnce(t *testing.T) {
	s := start(t, stripesim.Options{})
	r := s.receiver()
	endpoint := s.endpoint(r, false, "customer.created")
	const keys, callers = 50, 4
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for n := range keys {
				if _, err := s.named("ada", "key"+strconv.Itoa(n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	s.delivered()
	types, errs := r.types(endpoint.Secret)
	is(t, "what was told", len(types), keys)
	is(t, "a bad signature", slices.ContainsFunc(errs, func(err error) bool { return err != nil }), false)
}

func TestPreviousAttributes(t *testing.T) {
	s := start(t, stripesim.Options{})
	sub := s.subscribe(s.customer("pm_card_visa").ID, nil)
	must(s.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)}))
	events := s.Events.List(&stripe.EventListParams{Type: stripe.String("customer.subscription.updated")})
	events.Next()
	is(t, "before", events.Event().GetPreviousValue("cancel_at_period_end"), "false")
	is(t, "now", events.Event().GetObjectValue("cancel_at_period_end"), "true")
	must(s.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)}))
	again := s.Events.List(&stripe.EventListParams{Type: stripe.String("customer.subscription.updated")})
	again.Next()
	is(t, "no event without a change", again.Event().ID, events.Event().ID)
}
