package handlers

import (
	"strings"
	"testing"

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
