package main

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/cmd/stripesim"
)

// everyFault is all that can go wrong with a call.
var everyFault = []stripesim.Kind{stripesim.RateLimited, stripesim.ServerError, stripesim.Unavailable, stripesim.Conflict, stripesim.BadGateway, stripesim.Slow,
	stripesim.Hang, stripesim.Broken, stripesim.Truncated, stripesim.LostReply}

// allFaults has all of them tried at every call, as make faults does, which takes minutes; without it each call meets the two that
// leave most in doubt and one more, another at each.
var allFaults = flag.Bool("stripe.faults", false, "try every kind of fault at every call of Stripe's, not three at each")

func faultsAt(n int) []stripesim.Kind {
	if *allFaults {
		return everyFault
	}
	kinds := []stripesim.Kind{stripesim.LostReply, stripesim.ServerError}
	if other := everyFault[n%len(everyFault)]; !slices.Contains(kinds, other) {
		kinds = append(kinds, other)
	}
	return kinds
}

// afterFault are calls that are made only after a fault of Stripe's own at another, to see whether it was done though.
var afterFault = map[string]string{"GET /v1/refunds": "POST /v1/refunds", "GET /v1/invoiceitems": "POST /v1/invoiceitems"}

// Whatever goes wrong with any call that the program makes to Stripe, it comes right by itself or by pressing again: nothing is charged,
// given back, billed or mailed twice, and no order is lost. Which calls there are is read from the door, so that a new one is not forgotten.
func TestEveryFaultAtEveryCall(t *testing.T) {
	t.Parallel()
	calls := callsOfTheDoor(t)
	for n, act := range slices.Concat(faultActs, offerFaultActs) {
		for _, call := range act.at {
			delete(calls, call)
		}
		t.Run(act.name, func(t *testing.T) {
			t.Parallel()
			h := startHistory(t, 1, "past_due", 500*time.Millisecond)
			h.lossless = true
			act.prepare(h)() // nothing goes wrong
			for i, call := range act.at {
				for _, kind := range faultsAt(n + i) {
					h.meets(call, kind, act.prepare)
				}
			}
		})
	}
	if len(calls) > 0 {
		t.Errorf("calls of the door at which nothing goes wrong here: %v", slices.Sorted(maps.Keys(calls)))
	}
}

// meets does it again with a fault at one call.
func (h *history) meets(call string, kind stripesim.Kind, prepare func(*history) func()) {
	h.t.Helper()
	do := prepare(h)
	fault := func(call string, kind stripesim.Kind) stripesim.Fault {
		method, path, _ := strings.Cut(call, " ")
		return stripesim.Fault{Method: method, Path: strings.ReplaceAll(path, "{id}", "*"), Kind: kind}
	}
	if first := afterFault[call]; first != "" {
		h.sim.Fail(fault(first, stripesim.ServerError))
	}
	broken := fault(call, kind)
	if kind == stripesim.Slow {
		broken.Delay = 2 * h.callTime
	}
	h.sim.Fail(broken)
	before := h.t.Failed()
	do()
	if left := h.sim.Mend(); left > 0 {
		h.t.Errorf("%s was not called", call)
	}
	if h.t.Failed() && !before {
		h.t.Fatalf("that was with %s at %s", kind, call)
	}
}

// again does it until it works, as somebody who presses once more, or until it is too long.
func (h *history) again(what string, do func() error) {
	h.t.Helper()
	var err error
	end, next := time.After(20*time.Second), time.NewTicker(100*time.Millisecond)
	defer next.Stop()
	for {
		if err = do(); err == nil {
			return
		}
		select {
		case <-next.C:
		case <-end:
			h.t.Fatalf("%s: %v", what, err)
		}
	}
}

var (
	doorCall = regexp.MustCompile(`\bd\.api\.(\w+)\.(\w+)\(`)
	rawCall  = regexp.MustCompile(`B\.Call\(http\.Method(\w+), "([^"]+)"`)
)

// endpointOf is what a call of the library asks Stripe for.
var endpointOf = map[string]string{
	"AccountLinks.New": "POST /v1/account_links", "Accounts.GetByID": "GET /v1/accounts/{id}", "Accounts.New": "POST /v1/accounts",
	"BillingPortalSessions.New": "POST /v1/billing_portal/sessions", "Charges.Get": "GET /v1/charges/{id}", "CheckoutSessions.Get": "GET /v1/checkout/sessions/{id}",
	"CheckoutSessions.New": "POST /v1/checkout/sessions", "Customers.New": "POST /v1/customers", "Customers.Update": "POST /v1/customers/{id}", "Disputes.Get": "GET /v1/disputes/{id}", "Disputes.List": "GET /v1/disputes",
	"Events.List": "GET /v1/events", "InvoiceItems.List": "GET /v1/invoiceitems", "InvoiceItems.New": "POST /v1/invoiceitems", "Invoices.Del": "DELETE /v1/invoices/{id}",
	"Invoices.Get": "GET /v1/invoices/{id}", "Invoices.List": "GET /v1/invoices", "Invoices.New": "POST /v1/invoices", "Invoices.Pay": "POST /v1/invoices/{id}/pay",
	"Invoices.SendInvoice": "POST /v1/invoices/{id}/send", "Invoices.VoidInvoice": "POST /v1/invoices/{id}/void", "Invoices.ListLines": "GET /v1/invoices/{id}/lines", "Invoices.Upcoming": "GET /v1/invoices/upcoming", "CheckoutSessions.Expire": "POST /v1/checkout/sessions/{id}/expire",
	"PromotionCodes.List": "GET /v1/promotion_codes", "Products.Update": "POST /v1/products/{id}", "PaymentIntents.Get": "GET /v1/payment_intents/{id}",
	"Prices.New": "POST /v1/prices", "Products.New": "POST /v1/products", "Refunds.Get": "GET /v1/refunds/{id}", "Refunds.List": "GET /v1/refunds", "Refunds.New": "POST /v1/refunds",
	"Subscriptions.Cancel": "DELETE /v1/subscriptions/{id}", "Subscriptions.Get": "GET /v1/subscriptions/{id}", "Subscriptions.Resume": "POST /v1/subscriptions/{id}/resume", "Subscriptions.List": "GET /v1/subscriptions",
	"Subscriptions.Update": "POST /v1/subscriptions/{id}", "WebhookEndpoints.List": "GET /v1/webhook_endpoints", "WebhookEndpoints.New": "POST /v1/webhook_endpoints",
}

// callsOfTheDoor reads in the door's source what it can ask Stripe for.
func callsOfTheDoor(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../../jobs/billing/*.go")
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range rawCall.FindAllSubmatch(source, -1) {
			calls[strings.ToUpper(string(found[1]))+" "+string(found[2])] = true
		}
		for _, found := range doorCall.FindAllSubmatch(source, -1) {
			name := string(found[1]) + "." + string(found[2])
			if endpointOf[name] == "" {
				t.Errorf("%s makes a call that is not in endpointOf: %s", file, name)
			}
			calls[endpointOf[name]] = true
		}
	}
	if len(calls) < 20 {
		t.Errorf("only %d calls were found", len(calls))
	}
	return calls
}
