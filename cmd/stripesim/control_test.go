package stripesim_test

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

// control asks the control API.
func (s *sim) control(method, path, body string) (int, string) {
	s.Helper()
	request := must(http.NewRequest(method, s.server.URL+"/_control/"+path, strings.NewReader(body)))
	status, body, _ := answered(http.DefaultClient.Do(request))
	return status, strings.TrimSpace(body)
}

func TestControlAPI(t *testing.T) {
	s := start(t, stripesim.Options{WebhookRetries: -1})
	r := s.receiver()
	endpoint := s.endpoint(r, false, "*")
	card := must(s.PaymentMethods.New(&stripe.PaymentMethodParams{Type: stripe.String("card"), Card: &stripe.PaymentMethodCardParams{Token: stripe.String("tok_visa")}}))
	debit := must(s.intent("pm_sepaDebit", nil))
	paid := must(s.intent("pm_card_visa", nil))
	refund := must(s.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(paid.ID), Amount: stripe.Int64(100)}))
	account := must(s.Accounts.New(&stripe.AccountParams{}))
	events := s.Events.List(&stripe.EventListParams{})
	events.Next()
	for _, test := range []struct{ method, path, body, says string }{
		{"POST", "seed", `[{"path":"/v1/customers","params":{"email":"ada@example.com"}},{"method":"GET","path":"/v1/customers/cus_00000000000001"}]`, `"email":"ada@example.com"`},
		{"POST", "seed", `[{"path":"/v1/customers","account":"` + account.ID + `"}]`, `"object":"customer"`},
		{"POST", "seed", `[{"path":"/v1/nothing"}]`, "no such endpoint"},
		{"POST", "seed", `[{"path":"/v1/customers","params":{"email":"no"}}]`, "Invalid email address"},
		{"POST", "clock", `{"advance_seconds":3600}`, `{"now":"2026-03-02T13:00:00Z"}`},
		{"POST", "clock", `{"advance_seconds":-1}`, "cannot go back"},
		{"POST", "faults", `{"path":"/v1/customers","kind":"503"}`, "done"},
		{"POST", "faults", `{"kind":"flood"}`, "kind is one of"},
		{"DELETE", "faults", "", `{"left":1}`},
		{"POST", "webhooks/mischief", `{"type":"*","drop":true}`, "done"},
		{"POST", "webhooks/hold", "", "done"},
		{"POST", "webhooks/release", `{"ids":["evt_no"]}`, "no event evt_no is held"},
		{"POST", "webhooks/release", "{}", "done"},
		{"POST", "webhooks/resend", `{"id":"` + events.Event().ID + `"}`, "done"},
		{"POST", "webhooks/rotate", `{"id":"` + endpoint.ID + `"}`, `{"secret":"whsec_`},
		{"POST", "webhooks/rotated", `{"id":"` + endpoint.ID + `"}`, "done"},
		{"POST", "webhooks/wait", "", "done"},
		{"GET", "webhooks/deliveries", "", `"state":"delivered"`},
		{"GET", "unknown", "", "null"},
		{"POST", "settle", `{"id":"` + debit.ID + `","good":true}`, "done"},
		{"POST", "outcome", `{"id":"` + card.ID + `","outcome":"declines"}`, "done"},
		{"POST", "outcome", `{"id":"pm_no","outcome":"declines"}`, "no payment method"},
		{"POST", "refund/fail", `{"id":"` + refund.ID + `"}`, "done"},
		{"POST", "refund/fail", `{"id":"re_no"}`, "no refund"},
		{"POST", "dispute", `{"id":"` + paid.LatestCharge.ID + `","reason":"fraudulent"}`, `{"id":"dp_00000000000001"}`},
		{"POST", "dispute", `{"id":"ch_no"}`, "no charge"},
		{"POST", "dispute/close", `{"id":"dp_00000000000001","good":true}`, "done"},
		{"POST", "dispute/close", `{"id":"dp_no"}`, "no open dispute"},
		{"POST", "onboard", `{"id":"` + account.ID + `"}`, "done"},
		{"POST", "onboard", `{"id":"acct_no"}`, "no account"},
		{"POST", "deauthorize", `{"id":"` + account.ID + `"}`, "done"},
		{"POST", "deauthorize", `{"id":"acct_no"}`, "no account"},
		{"POST", "settle", `{"what":1}`, "unknown field"},
		{"POST", "reset", "", "done"},
	} {
		status, answer := s.control(test.method, test.path, test.body)
		if !strings.Contains(answer, test.says) || (status == 200) != json.Valid([]byte(answer)) {
			t.Errorf("%s %s: %d %s, want %s", test.path, test.body, status, answer, test.says)
		}
	}
	is(t, "the next id after a reset", must(s.Customers.New(&stripe.CustomerParams{})).ID, "cus_00000000000001")
	is(t, "the clock after a reset", s.server.Now(), monday)
	if s.server.AdvanceTo(monday.Add(time.Hour)); !s.server.Now().Equal(monday.Add(time.Hour)) {
		t.Error("the clock did not go where it was told to")
	}
}

func TestOverview(t *testing.T) {
	s := start(t, stripesim.Options{WebhookRetries: -1})
	gone := s.receiver()
	gone.Close()
	s.endpoint(gone, false, "*")
	intents := []*stripe.PaymentIntent{must(s.intent("pm_sepaDebit", nil)), must(s.intent("pm_sepaDebit", nil)), must(s.intent("pm_card_visa", nil))}
	s.delivered()
	b := s.browser()
	b.open(s.server.URL)
	b.sees("never compared with the live service", "€50.00", intents[0].ID, "payment_intent.succeeded", "failed")
	b.press("settle", "id", intents[0].ID)
	b.press("bounce", "id", intents[1].ID)
	b.press("dispute", "id", intents[2].LatestCharge.ID)
	b.sees("disputed")
	b.press("day")
	b.press("month")
	b.sees("Friday, 3 April 2026, 12:00")
	is(t, "settled", must(s.PaymentIntents.Get(intents[0].ID, nil)).Status, stripe.PaymentIntentStatusSucceeded)
	is(t, "bounced", must(s.PaymentIntents.Get(intents[1].ID, nil)).Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
	status, _, _ := answered(http.PostForm(s.server.URL, map[string][]string{"do": {"settle"}, "id": {"pi_no"}}))
	is(t, "what cannot be done", status, 409)
	_, _, style := answered(http.Get(s.server.URL + "/style.css"))
	is(t, "the stylesheet", style.Get("Content-Type"), "text/css; charset=utf-8")
}

// TestWallClock lets the clock run, as the demo does.
func TestWallClock(t *testing.T) {
	t.Parallel()
	server := must(stripesim.Start(stripesim.Options{}))
	before := server.Now()
	if off := time.Since(before); off > time.Minute || off < -time.Minute {
		t.Errorf("its clock is off by %v", off)
	}
	if err := server.Advance(time.Hour); err != nil || server.Now().Sub(before) < time.Hour {
		t.Errorf("the clock was moved to %v: %v", server.Now(), err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	past := must(stripesim.Start(stripesim.Options{Now: monday, Business: "Acme"}))
	past.Run()
	if ran := past.Now().Sub(monday); ran < 0 || ran > time.Minute || past.Now().Equal(monday) {
		t.Errorf("a clock that runs is %v on", ran)
	}
	if err := past.Close(); err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://")); err == nil {
		conn.Close()
		t.Error("it listens after it was closed")
	}
}
