package stripesim_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"atrium/cmd/internal/browsertest"
	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
)

// monday is when the tests' clocks stand: 2 March 2026, noon.
var monday = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// exercised are the endpoints that stripe-go has called and that have answered well.
var exercised sync.Map

// TestMain fails when a whole run leaves an endpoint that stripe-go never used.
func TestMain(m *testing.M) {
	code := m.Run()
	browsertest.Stop()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" {
		for _, pattern := range stripesim.Endpoints() {
			if _, used := exercised.Load(pattern); !used {
				fmt.Printf("FAIL: no test calls %s through stripe-go\n", pattern)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// sim is a checked stand-in and stripe-go, with the test that they belong to.
type sim struct {
	*testing.T
	server *stripesim.Server
	*client.API
	patience time.Duration // with a call of named
}

func start(t *testing.T, options stripesim.Options) *sim {
	t.Helper()
	t.Parallel()
	if options.Now.IsZero() {
		options.Now = monday
	}
	options.Observe = func(e stripesim.Exchange) {
		if e.Status == http.StatusOK && strings.HasPrefix(e.Header.Get("User-Agent"), "Stripe/v1 GoBindings/76.25.0") {
			exercised.Store(e.Pattern, true)
		}
	}
	server := simtest.Start(t, options)
	return &sim{t, server, simtest.API(server), 30 * time.Second}
}

// must is the value of a call that has to go well; a test that cannot go on has nothing better to do than to stop everything.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// do ends the test with an error.
func (s *sim) do(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// is fails the test where two values differ.
func is[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// refused checks what Stripe's error says.
func refused(t testing.TB, err error, status int, code string) {
	t.Helper()
	var refusal *stripe.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error %v is not Stripe's", err)
	}
	if refusal.HTTPStatusCode != status || string(refusal.Code) != code {
		t.Errorf("refused with %d %q (%s), want %d %q", refusal.HTTPStatusCode, refusal.Code, refusal.Msg, status, code)
	}
}

// advance moves the clock.
func (s *sim) advance(by time.Duration) {
	s.Helper()
	s.do(s.server.Advance(by))
}

const day = 24 * time.Hour

// customer makes one with a card of Stripe's test mode; "": without any.
func (s *sim) customer(card string) *stripe.Customer {
	s.Helper()
	params := &stripe.CustomerParams{Email: stripe.String("ada@example.com"), Name: stripe.String("Ada Lovelace")}
	if card != "" {
		params.PaymentMethod = stripe.String(card)
	}
	customer := must(s.Customers.New(params))
	if card == "" {
		return customer
	}
	methods := s.Customers.ListPaymentMethods(&stripe.CustomerListPaymentMethodsParams{Customer: stripe.String(customer.ID)})
	for methods.Next() {
		change := &stripe.CustomerParams{InvoiceSettings: &stripe.CustomerInvoiceSettingsParams{DefaultPaymentMethod: stripe.String(methods.PaymentMethod().ID)}}
		customer = must(s.Customers.Update(customer.ID, change))
	}
	return customer
}

// price makes one of a product of its own: "" once, else per interval.
func (s *sim) price(amount int64, interval string) *stripe.Price {
	s.Helper()
	params := &stripe.PriceParams{Currency: stripe.String("eur"), UnitAmount: stripe.Int64(amount), ProductData: &stripe.PriceProductDataParams{Name: stripe.String("Course")}}
	if interval != "" {
		params.Recurring = &stripe.PriceRecurringParams{Interval: stripe.String(interval)}
	}
	return must(s.Prices.New(params))
}

// eventTypes are all events so far, oldest first.
func (s *sim) eventTypes() []string {
	s.Helper()
	var types []string
	events := s.Events.List(&stripe.EventListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100)}})
	for events.Next() {
		types = append(types, string(events.Event().Type))
	}
	s.do(events.Err())
	slices.Reverse(types)
	return types
}

// happened checks that these events came in this order, others between them allowed.
func (s *sim) happened(wanted ...string) {
	s.Helper()
	all := s.eventTypes()
	rest := all
	for _, want := range wanted {
		at := slices.Index(rest, want)
		if at < 0 {
			s.Fatalf("no %s in order in %v", want, all)
		}
		rest = rest[at+1:]
	}
}

// answered is what a plain request was answered.
func answered(answer *http.Response, err error) (status int, body string, header http.Header) {
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode, string(must(io.ReadAll(answer.Body))), answer.Header
}

// browser is a person's browser, which does not follow redirects off the stand-in.
type browser struct {
	*sim
	http *http.Client
	at   string // the address it shows
	page string
	code int
}

func (s *sim) browser() *browser {
	jar := must(cookiejar.New(nil))
	b := &browser{sim: s, http: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
	b.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), s.server.URL) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return b
}

func (b *browser) open(address string) {
	b.Helper()
	answer, err := b.http.Get(address)
	b.took(answer, err)
}

// press sends the form of the page with a button, and fields by name and value.
func (b *browser) press(button string, fields ...string) {
	b.Helper()
	values := url.Values{"do": {button}}
	for n := 0; n+1 < len(fields); n += 2 {
		values.Set(fields[n], fields[n+1])
	}
	if !strings.Contains(b.page, `value="`+button+`"`) {
		b.Fatalf("no button %s on %s:\n%s", button, b.at, b.page)
	}
	answer, err := b.http.PostForm(b.at, values)
	b.took(answer, err)
}

func (b *browser) took(answer *http.Response, err error) {
	b.Helper()
	b.do(err)
	defer answer.Body.Close()
	body := must(io.ReadAll(answer.Body))
	b.code, b.page, b.at = answer.StatusCode, string(body), answer.Request.URL.String()
	if to := answer.Header.Get("Location"); to != "" {
		b.at = to
	}
}

func (b *browser) sees(parts ...string) {
	b.Helper()
	for _, part := range parts {
		if !strings.Contains(b.page, part) {
			b.Errorf("%s (%d) has no %q:\n%s", b.at, b.code, part, b.page)
		}
	}
}
