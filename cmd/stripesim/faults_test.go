package stripesim_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

// named makes a customer under a name and an idempotency key, with little patience.
func (s *sim) named(name, key string) (*stripe.Customer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	params := &stripe.CustomerParams{Name: stripe.String(name), Params: stripe.Params{Context: ctx}}
	if key != "" {
		params.SetIdempotencyKey(key)
	}
	return s.Customers.New(params)
}

// customers are the names of all there are.
func (s *sim) customers() string {
	var names []string
	for list := s.Customers.List(&stripe.CustomerListParams{}); list.Next(); {
		names = append(names, list.Customer().Name)
	}
	return strings.Join(names, " ")
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		kind   stripesim.Kind
		status int  // of Stripe's error; 0: it is none of Stripe's
		done   bool // although it failed
		after  int  // the status of another try with the same key; 200: it works
	}{
		{stripesim.RateLimited, 429, false, 200},
		{stripesim.ServerError, 500, false, 500},
		{stripesim.Unavailable, 503, false, 200},
		{stripesim.Conflict, 409, false, 200},
		{stripesim.BadGateway, 0, false, 200},
		{stripesim.Hang, 0, false, 200},
		{stripesim.Broken, 0, false, 200},
		{stripesim.Truncated, 0, true, 200},
		{stripesim.LostReply, 0, true, 200},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			s := start(t, stripesim.Options{})
			s.server.Fail(stripesim.Fault{Method: http.MethodPost, Path: "/v1/customers", Kind: test.kind, After: 1})
			must(s.named("before", ""))
			if test.kind == stripesim.Hang {
				s.patience = 2 * time.Second
			}
			_, err := s.named("ada", "key")
			s.patience = 30 * time.Second
			var refusal *stripe.Error
			if err == nil || errors.As(err, &refusal) != (test.status != 0) || refusal != nil && refusal.HTTPStatusCode != test.status {
				t.Fatalf("the call ended with %v", err)
			}
			is(t, "whether it was done", s.customers() == "ada before", test.done)
			_, err = s.named("ada", "key")
			if test.after == 200 {
				is(t, "another try", err, nil)
				is(t, "customers after it", s.customers(), "ada before")
			} else {
				refused(t, err, test.after, "")
				s.advance(day)
				must(s.named("ada", "key"))
			}
			is(t, "faults left", s.server.Mend(), 0)
		})
	}
}

func TestFaultsSayWhenAndAreSlow(t *testing.T) {
	s := start(t, stripesim.Options{})
	s.server.Fail(stripesim.Fault{Kind: stripesim.RateLimited, Delay: 7 * time.Second})
	_, err := s.named("ada", "")
	var refusal *stripe.Error
	errors.As(err, &refusal)
	is(t, "when to come back", refusal.LastResponse.Header.Get("Retry-After"), "7")
	s.server.Fail(stripesim.Fault{Kind: stripesim.Slow, Delay: 20 * time.Millisecond})
	began := time.Now()
	must(s.named("ada", ""))
	is(t, "slow", time.Since(began) >= 20*time.Millisecond, true)
	s.server.Fail(stripesim.Fault{Path: "/v1/invoices/*/pay", Count: -1, Kind: stripesim.Unavailable})
	is(t, "another path", must(s.named("bob", "")).Name, "bob")
	for range 3 {
		_, err := s.Invoices.Pay("in_1", nil)
		refused(t, err, 503, "")
	}
	is(t, "faults left", s.server.Mend(), 1)
}

func TestIdempotency(t *testing.T) {
	s := start(t, stripesim.Options{})
	first := must(s.named("ada", "key"))
	is(t, "the same again", must(s.named("ada", "key")).ID, first.ID)
	_, err := s.named("bob", "key")
	var refusal *stripe.Error
	errors.As(err, &refusal)
	is(t, "other parameters", refusal.Type, stripe.ErrorTypeIdempotency)
	is(t, "customers", s.customers(), "ada")

	wrong := &stripe.CustomerParams{Email: stripe.String("nobody"), Params: stripe.Params{IdempotencyKey: stripe.String("declined")}}
	for range 2 {
		_, err := s.Customers.New(wrong)
		refused(t, err, 400, "email_invalid")
	}
	account := must(s.Accounts.New(&stripe.AccountParams{}))
	elsewhere := &stripe.CustomerParams{Name: stripe.String("bob"), Params: stripe.Params{IdempotencyKey: stripe.String("key"), StripeAccount: stripe.String(account.ID)}}
	is(t, "the key in another account", must(s.Customers.New(elsewhere)).Name, "bob")
	s.advance(day)
	is(t, "a day later", must(s.named("bob", "key")).Name, "bob")
}

func TestLists(t *testing.T) {
	s := start(t, stripesim.Options{})
	var ids []string
	for range 25 {
		ids = append(ids, must(s.Customers.New(&stripe.CustomerParams{})).ID)
		s.advance(time.Second)
	}
	page := func(change func(*stripe.CustomerListParams)) (all []string, more bool) {
		params := &stripe.CustomerListParams{ListParams: stripe.ListParams{Single: true}}
		change(params)
		list := s.Customers.List(params)
		for list.Next() {
			all = append(all, list.Customer().ID)
		}
		s.do(list.Err())
		return all, list.CustomerList().HasMore
	}
	first, more := page(func(*stripe.CustomerListParams) {})
	is(t, "the first page", len(first) == 10 && first[0] == ids[24] && more, true)
	second, _ := page(func(p *stripe.CustomerListParams) {
		p.Limit, p.StartingAfter = stripe.Int64(3), stripe.String(first[9])
	})
	is(t, "the page after", second[0], ids[14])
	back, more := page(func(p *stripe.CustomerListParams) {
		p.Limit, p.EndingBefore = stripe.Int64(4), stripe.String(second[0])
	})
	is(t, "the page before, which stripe-go turns round", len(back) == 4 && back[0] == ids[15] && more, true)
	last, more := page(func(p *stripe.CustomerListParams) { p.StartingAfter = stripe.String(ids[5]) })
	is(t, "the last page", len(last) == 5 && last[4] == ids[0] && !more, true)
	since, _ := page(func(p *stripe.CustomerListParams) {
		p.CreatedRange = &stripe.RangeQueryParams{GreaterThanOrEqual: monday.Add(20 * time.Second).Unix(), LesserThan: monday.Add(22 * time.Second).Unix()}
	})
	is(t, "between two moments", len(since), 2)
	all := 0
	for list := s.Customers.List(&stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(7)}}); list.Next(); {
		all++
	}
	is(t, "all pages", all, 25)
	_, err := s.named("x", "")
	s.do(err)
	for _, bad := range []stripe.ListParams{{Limit: stripe.Int64(101)}, {StartingAfter: stripe.String("cus_no")}, {EndingBefore: stripe.String("cus_no")}} {
		list := s.Customers.List(&stripe.CustomerListParams{ListParams: bad})
		is(t, "a bad page", list.Next(), false)
		is(t, "is refused", list.Err() != nil, true)
	}
}

func TestExpand(t *testing.T) {
	s := start(t, stripesim.Options{})
	sub := s.subscribe(s.customer("pm_card_visa").ID, nil)
	params := &stripe.InvoiceListParams{Subscription: stripe.String(sub.ID)}
	for _, path := range []string{"data.customer.invoice_settings.default_payment_method", "data.subscription.latest_invoice", "data.lines.data.price.product", "data.charge.balance_transaction", "data.default_payment_method"} {
		params.AddExpand(path)
	}
	list := s.Invoices.List(params)
	list.Next()
	s.do(list.Err())
	invoice := list.Invoice()
	is(t, "the customer's card", invoice.Customer.InvoiceSettings.DefaultPaymentMethod.Card.Last4, "4242")
	is(t, "the subscription's invoice", invoice.Subscription.LatestInvoice.Number, invoice.Number)
	is(t, "the product", invoice.Lines.Data[0].Price.Product.Name, "Course")
	is(t, "the money", invoice.Charge.BalanceTransaction.Amount, 1900)
	is(t, "what there is not", invoice.DefaultPaymentMethod == nil, true)
}

// TestUnknown uses a stand-in without checks, since it asks for what there is not.
func TestUnknown(t *testing.T) {
	t.Parallel()
	server := must(stripesim.Start(stripesim.Options{SecretKey: "sk_test_mine"}))
	defer server.Close()
	ask := func(method, path, body, key string) (int, string) {
		request := must(http.NewRequest(method, server.URL+path, strings.NewReader(body)))
		request.Header.Set("Authorization", "Bearer "+key)
		status, body, _ := answered(http.DefaultClient.Do(request))
		return status, body
	}
	for _, test := range []struct {
		method, path, body, key string
		status                  int
		says                    string
	}{
		{"GET", "/v1/topups", "", "sk_test_mine", 404, "Unrecognized request URL (GET: /v1/topups)"},
		{"PUT", "/v1/customers", "", "sk_test_mine", 404, "Unrecognized request URL"},
		{"POST", "/v1/customers", "cash_balance[settings][reconciliation_mode]=manual", "sk_test_mine", 400, "Received unknown parameter: cash_balance"},
		{"POST", "/v1/customers", "email=ada@example.com&expand[]=tax_ids", "sk_test_mine", 400, "This property cannot be expanded (tax_ids)"},
		{"POST", "/v1/prices", "currency=eur&unit_amount=1&product_data[name]=x&recurring[interval]=month&recurring[usage_type]=metered", "sk_test_mine", 400, "does not meter"},
		{"POST", "/v1/checkout/sessions", "mode=payment&success_url=x&automatic_tax[enabled]=true", "sk_test_mine", 400, "from tax rates only"},
		{"POST", "/v1/customers", "balance=much", "sk_test_mine", 400, "Invalid integer: much"},
		{"POST", "/v1/customers", "name[first]=Ada", "sk_test_mine", 400, "Invalid value for name"},
		{"POST", "/v1/customers", "", "sk_test_somebody", 401, "Invalid API Key provided: sk_test_****body"},
		{"POST", "/v1/customers", "", "", 401, "Invalid API Key"},
		{"GET", "/elsewhere", "", "", 404, "Nothing is here"},
	} {
		if status, answer := ask(test.method, test.path, test.body, test.key); status != test.status || !strings.Contains(answer, test.says) {
			t.Errorf("%s %s %s: %d %s", test.method, test.path, test.body, status, answer)
		}
	}
	want := "GET /v1/topups|PUT /v1/customers|POST /v1/customers: cash_balance|expand tax_ids|POST /v1/prices: recurring[usage_type]|POST /v1/checkout/sessions: automatic_tax"
	is(t, "what is recorded", strings.Join(server.Unknown(), "|"), want)
	_, page := ask("GET", "/", "", "")
	is(t, "the overview shows it", strings.Contains(page, "GET /v1/topups"), true)
	server.Reset()
	is(t, "recorded after a reset", len(server.Unknown()), 0)
}
