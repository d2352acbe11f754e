package handlers

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/jobs/billing"
	"atrium/queries"
)

// billed is what one client bought and owes: an order of an offer, a subscription, and an open invoice.
type billed struct {
	order, subscription, invoice uuid.UUID
	customer, payToken           string
}

// farAway is a Stripe that is not connected and cannot be reached: nothing listens there.
func farAway() *billing.Door {
	return billing.New(billing.Config{URL: "http://127.0.0.1:1", Time: time.Second})
}

// billed makes them as rows, as they stand after Stripe was looked at.
func (s *testSite) billed(t testing.TB, c contact, offer, course uuid.UUID) (w billed) {
	t.Helper()
	a, now, price := c.account.id, s.clock.now(), queries.NewID()
	w.order = queries.NewID()
	checkout, tail := queries.NewID(), w.order.String()
	w.customer = "cus_" + tail
	s.exec(t, "INSERT INTO stripe_customer VALUES ($1, $2, $3, $4)", a, w.customer, c.id, now)
	s.exec(t, "INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, created_at, replaced_at) VALUES ($1, $2, $3, 4900, 'eur', 'once', $4, $4)", a, price, offer, now)
	s.exec(t, "INSERT INTO checkout (account_id, id, offer_id, price_id, contact_id, browser_hash, state, stripe_session_id, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, '', 'done', $6, $7, $7)",
		a, checkout, offer, price, c.id, "cs_"+tail, now)
	s.exec(t, "INSERT INTO sales_order (account_id, id, contact_id, offer_id, price_id, checkout_id, made_contact, amount_minor, currency, stripe_payment_id, created_at, changed_at) "+
		"VALUES ($1, $2, $3, $4, $5, $6, false, 4900, 'eur', $7, $8, $8)", a, w.order, c.id, offer, price, checkout, "pi_"+tail, now)
	s.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) VALUES ($1, $2, $3, $4, 'order', $5, $6, $6)",
		a, queries.NewID(), c.id, course, w.order, now.Add(-time.Hour))
	w.subscription = s.subscription(t, c, nil)
	w.invoice = s.invoice(t, c, nil)
	w.payToken = s.Mails.Secret.PayToken(w.invoice)
	return w
}

// receipt is the paid invoice that Stripe makes of what was bought once.
func (s *testSite) receipt(t testing.TB, c contact, order uuid.UUID, other columns) uuid.UUID {
	t.Helper()
	row := columns{"order_id": order, "state": "paid", "payment": "succeeded", "total_minor": 4900, "paid_minor": 4900, "remaining_minor": 0, "paid_at": s.clock.now(), "due_at": nil, "memo": "",
		"lines": `[{"text": "Clear goals", "quantity": 1, "amount_minor": 4900}]`}
	for name, value := range other {
		row[name] = value
	}
	return s.invoice(t, c, row)
}

// columns are those of a row that a test sets otherwise than they are by default.
type columns map[string]any

// invoice is one of a contact's, of 120 €, open and due in a week unless columns say otherwise.
func (s *testSite) invoice(t testing.TB, c contact, other columns) uuid.UUID {
	t.Helper()
	id, now := queries.NewID(), s.clock.now()
	row := columns{"account_id": c.account.id, "id": id, "contact_id": c.id, "stripe_id": "in_" + id.String(), "number": "AC-" + id.String()[28:], "state": "open", "payment": "waiting",
		"total_minor": 12000, "tax_minor": 0, "paid_minor": 0, "remaining_minor": 12000, "currency": "eur", "memo": "Coaching in March", "hosted_url": "http://stripe.test/i/" + id.String(),
		"pdf_url": "http://stripe.test/i/" + id.String() + "/pdf", "receipt_url": "http://stripe.test/receipts/" + id.String(), "lines": `[{"text": "Three sessions", "quantity": 3, "amount_minor": 12000}]`, "stripe_payment_id": "pi_" + id.String(),
		"issued_at": now, "due_at": now.AddDate(0, 0, 7), "created_at": now, "looked_at": now}
	s.insert(t, "invoice", row, other)
	return id
}

// subscription is one of a contact's, of 19 € a month, active unless columns say otherwise.
func (s *testSite) subscription(t testing.TB, c contact, other columns) uuid.UUID {
	t.Helper()
	id, now := queries.NewID(), s.clock.now()
	row := columns{"account_id": c.account.id, "id": id, "contact_id": c.id, "stripe_id": "sub_" + id.String(), "title": "Monthly circle", "state": "active", "amount_minor": 1900,
		"currency": "eur", "charged": "month", "card": "Visa ending in 4242", "started_at": now.AddDate(0, 0, -10), "period_ends_at": now.AddDate(0, 0, 20), "created_at": now, "looked_at": now}
	s.insert(t, "subscription", row, other)
	return id
}

// insert writes a row, with what other says in place of what row does.
func (s *testSite) insert(t testing.TB, table string, row, other columns) {
	t.Helper()
	for name, value := range other {
		row[name] = value
	}
	var names, places string
	var values []any
	for name, value := range row {
		values = append(values, value)
		names, places = names+", "+name, fmt.Sprintf("%s, $%d", places, len(values))
	}
	s.exec(t, "INSERT INTO "+table+" ("+names[2:]+") VALUES ("+places[2:]+")", values...)
}

// paths are the names of a route's path that are about money.
func (w billed) paths() []string {
	return []string{
		"/invoices/:id", "/invoices/" + w.invoice.String(),
		"/subscriptions/:id", "/subscriptions/" + w.subscription.String(),
		"/orders/:id", "/orders/" + w.order.String(),
		"/pay/:token", "/pay/" + w.payToken,
	}
}

// wrongs are as those of taught.
func (w billed) wrongs(path string, foreign billed, with func(func(*billed)) things) (wrong []things) {
	for name, of := range map[string]func(*billed) *uuid.UUID{
		"/invoices/:id":      func(w *billed) *uuid.UUID { return &w.invoice },
		"/subscriptions/:id": func(w *billed) *uuid.UUID { return &w.subscription },
		"/orders/:id":        func(w *billed) *uuid.UUID { return &w.order },
	} {
		if containsName(path, name) {
			wrong = append(wrong, with(func(w *billed) { *of(w) = *of(&foreign) }), with(func(w *billed) { *of(w) = queries.NewID() }))
		}
	}
	return wrong
}

// keepsWhenAway are the routes whose form is kept with a message while Stripe cannot be reached, or while their contact owes something, as
// in the tests that walk all routes: whoever may not use them is refused before that.
var keepsWhenAway = map[string]bool{"/:account/invoices": true, "/:account/orders/:id/refund": true, "/:account/contacts/:id/delete": true}

// failed says whether a route did not let somebody in, or broke.
func (p *page) failed(r route) bool {
	return p.status >= http.StatusBadRequest && (p.status != http.StatusUnprocessableEntity || !keepsWhenAway[r.path])
}

// reaches demands that an answer sends the browser on to Stripe.
func (p *page) reaches(url string) {
	p.t.Helper()
	p.is(http.StatusSeeOther)
	if to := p.header.Get("Location"); to != url {
		p.t.Errorf("%s leads to %s, want %s", p.asked, to, url)
	}
}
