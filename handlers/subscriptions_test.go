package handlers

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
	"atrium/queries"
)

// Once the days of grace are over nobody is told that access lasts until a day that is past.
func TestLapsedSubscriptionSaysWhenItEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	s.subscription(t, ana, columns{"state": "past_due", "past_due_since": noon.AddDate(0, 0, -10), "title": "Inner circle"})
	b := s.client(t, ana)
	for _, path := range []string{"/", "/subscriptions"} {
		text := b.get(path).words()
		if !strings.Contains(text, "What it gives ended on 7 Mar 2026. Change how you pay, and it comes back.") || strings.Contains(text, "keep access") {
			t.Errorf("%s says %s", path, text)
		}
	}
}

// What is over can be started again where it is still sold, and where there is something in it that the client does not have.
func TestEndedSubscriptionCanBeStartedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	goals := s.course(t, s.acme, "Clear goals", 1)
	offer, price, now := queries.NewID(), queries.NewID(), s.clock.now()
	s.exec(t, "INSERT INTO offer (account_id, id, name, title, created_at, changed_at) VALUES ($1, $2, 'inner-circle', 'Inner circle', $3, $3)", s.acme.id, offer, now)
	s.exec(t, "INSERT INTO offer_course VALUES ($1, $2, $3)", s.acme.id, offer, goals.id)
	s.exec(t, "INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, created_at) VALUES ($1, $2, $3, 1900, 'eur', 'month', $4)", s.acme.id, price, offer, now)
	s.subscription(t, ana, columns{"state": "canceled", "ended_at": noon.AddDate(0, 0, -1), "price_id": price})
	b, again := s.client(t, ana), "a[href='/o/inner-circle']"
	b.get("/subscriptions").has(again)
	goals.give(t, ana, noon.AddDate(0, 0, -3))
	b.get("/subscriptions").lacks(again) // the offer's page would say that there is nothing to do
	s.exec(t, "UPDATE access_grant SET ended_at = $1, ended_because = 'revoked'", now)
	b.get("/subscriptions").has(again)
	s.exec(t, "UPDATE offer SET switched_on = false")
	b.get("/subscriptions").lacks(again)
}

// Somebody who bought once more without signing in is two customers at Stripe: whoever changes how they pay for a plan changes the one
// who pays it, and nobody is led to a customer who is not theirs.
func TestPaymentIsOfWhoPaysThePlan(t *testing.T) {
	t.Parallel()
	p := plans(t)
	newer, err := p.api.Customers.New(&stripe.CustomerParams{Email: &p.client.email})
	if err != nil {
		t.Fatal(err)
	}
	p.exec(t, "INSERT INTO stripe_customer VALUES ($1, $2, $3, $4)", p.acme.id, newer.ID, p.client.id, p.clock.now())
	ana, path := p.testSite.client(t, p.client), "/subscriptions/"+p.id+"/payment"
	answer, err := http.Get(ana.get(path).is(http.StatusSeeOther).header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if page, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(page), "Circle, ") {
		t.Errorf("%v: it is the page of %s", err, page)
	}
	ben := p.arrived(t, p.acme, "ben@example.com", "Ben Adler")
	p.exec(t, "UPDATE stripe_customer SET contact_id = $2 WHERE stripe_id <> $1", newer.ID, ben.id)
	ana.get(path).is(http.StatusNotFound)
	p.sim.Fail(stripesim.Fault{Path: "/v1/subscriptions/*", Kind: stripesim.Unavailable})
	ana.get(path).leadsTo("/subscriptions")
	p.exec(t, "DELETE FROM stripe_customer WHERE stripe_id <> $1", newer.ID)
	ana.get(path).is(http.StatusNotFound)
}
