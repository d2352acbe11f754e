package handlers

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

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

// A client who cancels what is unpaid is not charged for it any more: it ends at once, and the charge that failed is void. What happens is
// what the page said, also when the charge failed or came after it was opened.
func TestUnpaidSubscriptionIsCancelledAtOnce(t *testing.T) {
	t.Parallel()
	p := plans(t)
	path := "/subscriptions/" + p.id
	cancel, stripeID := "form[action='"+path+"/cancel']", p.scanText(t, "SELECT stripe_id FROM subscription WHERE id = $1", p.id)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fails := func(days int) (b *browser, asked *page) { // while the page is open
		t.Helper()
		p.clock.move(time.Duration(days) * 24 * time.Hour)
		b = p.testSite.client(t, p.client)
		paid := b.get(path + "/cancel").is(http.StatusOK).lacks("[name=when]")
		check(p.sim.SetOutcome(p.card, stripesim.Declines))
		check(p.sim.AdvanceTo(p.clock.now()))
		asked = b.follow(b.fill(paid, cancel).leadsTo(path+"/cancel")).has("#notice .flash-error", cancel+" [name=when][value=now]")
		p.rows(t, 1, "subscription WHERE state = 'past_due' AND cancels_at IS NULL")
		return b, asked
	}
	b, asked := fails(20)
	text := asked.words()
	for _, want := range []string{"It ends at once", "The charge that failed is taken back", "Course of Circle", "Cancel it now"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	if strings.Contains(text, "you can change your mind") {
		t.Errorf("it says %s", text)
	}

	made, err := p.api.Subscriptions.Get(stripeID, nil)
	check(err)
	check(p.sim.SetOutcome(p.card, stripesim.Pays))
	_, err = p.api.Invoices.Pay(made.LatestInvoice.ID, nil)
	check(err)
	b.follow(b.fill(asked, cancel).leadsTo(path + "/cancel")).has("#notice .flash-error").lacks("[name=when]")
	p.rows(t, 1, "subscription WHERE state = 'active' AND cancels_at IS NULL")

	b, asked = fails(31)
	made, err = p.api.Subscriptions.Get(stripeID, nil)
	check(err)
	debit, err := p.api.Invoices.Pay(made.LatestInvoice.ID, &stripe.InvoicePayParams{PaymentMethod: stripe.String("pm_sepaDebit")})
	check(err)
	if said := b.follow(b.fill(asked, cancel).leadsTo("/subscriptions")).has("#notice .flash-error").words(); !strings.Contains(said, "a payment of it is on its way") {
		t.Errorf("while it is paid: %s", said)
	}
	p.rows(t, 1, "subscription WHERE state = 'past_due' AND ended_at IS NULL")
	check(p.sim.Settle(debit.PaymentIntent.ID, false))
	for range 2 { // twice sent it is ended once
		b.follow(b.fill(asked, cancel).leadsTo("/subscriptions")).has("#notice .flash-success").lacks("form[action='" + path + "/keep']")
	}
	p.rows(t, 1, "subscription WHERE state = 'canceled' AND ended_at IS NOT NULL")
	made, err = p.api.Subscriptions.Get(stripeID, nil)
	check(err)
	charge, err := p.api.Invoices.Get(made.LatestInvoice.ID, nil)
	check(err)
	if made.Status != stripe.SubscriptionStatusCanceled || charge.Status != stripe.InvoiceStatusVoid || p.sees(t) != "" {
		t.Errorf("it is %s, its charge %s, and %q is left", made.Status, charge.Status, p.sees(t))
	}
}

// Staff who cancel what is unpaid end its open charge with it: by their page too, it does what was said or nothing.
func TestStaffCancelWhatIsUnpaid(t *testing.T) {
	t.Parallel()
	p := plans(t)
	path := "/acme/subscriptions/" + p.id
	cancel, stripeID := "form[action='"+path+"/cancel']", p.scanText(t, "SELECT stripe_id FROM subscription WHERE id = $1", p.id)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p.clock.move(20 * 24 * time.Hour)
	b := p.staff(t, p.person(t, "ines@acme.example", queries.StaffRoleAdmin, p.acme))
	paid := b.get(path + "/cancel").is(http.StatusOK).lacks("[name=open]")
	check(p.sim.SetOutcome(p.card, stripesim.Declines))
	check(p.sim.AdvanceTo(p.clock.now()))
	for _, when := range []string{"now", "end"} { // it failed while the page was open
		b.follow(b.fill(paid, cancel, "when", when).leadsTo(path+"/cancel")).has("#notice .flash-error", cancel+" [name=open]")
	}
	p.rows(t, 1, "subscription WHERE state = 'past_due' AND cancels_at IS NULL AND ended_at IS NULL")
	asked := b.get(path + "/cancel")
	if text := asked.words(); !strings.Contains(text, "the charge that failed is taken back: Stripe does not try it again") || strings.Contains(text, "When what is paid for is over") {
		t.Errorf("it says %s", text)
	}

	made, err := p.api.Subscriptions.Get(stripeID, nil)
	check(err)
	check(p.sim.SetOutcome(p.card, stripesim.Pays))
	debit, err := p.api.Invoices.Pay(made.LatestInvoice.ID, &stripe.InvoicePayParams{PaymentMethod: stripe.String("pm_sepaDebit")})
	check(err)
	if said := b.follow(b.fill(asked, cancel, "when", "now").leadsTo(path)).has("#notice .flash-error").words(); !strings.Contains(said, "a payment of it is on its way") {
		t.Errorf("while it is paid: %s", said)
	}
	p.rows(t, 1, "subscription WHERE state = 'past_due' AND ended_at IS NULL")
	p.rows(t, 0, "audit WHERE action LIKE 'subscription.cancel%'")
	check(p.sim.Settle(debit.PaymentIntent.ID, false))
	for range 2 { // twice sent it is ended once
		if said := b.follow(b.fill(asked, cancel, "when", "now").leadsTo(path)).has("#notice .flash-success").words(); !strings.Contains(said, "It has ended") {
			t.Errorf("it says %s", said)
		}
	}
	p.rows(t, 1, "subscription WHERE state = 'canceled' AND ended_at IS NOT NULL")
	p.rows(t, 1, "audit WHERE action = 'subscription.cancel_unpaid'")
	made, err = p.api.Subscriptions.Get(stripeID, nil)
	check(err)
	charge, err := p.api.Invoices.Get(made.LatestInvoice.ID, nil)
	check(err)
	if made.Status != stripe.SubscriptionStatusCanceled || charge.Status != stripe.InvoiceStatusVoid || p.sees(t) != "" {
		t.Errorf("it is %s, its charge %s, and %q is left", made.Status, charge.Status, p.sees(t))
	}
}

// That a payment failed is said also of what is to end.
func TestUnpaidSubscriptionThatEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	id := s.subscription(t, ana, columns{"state": "past_due", "past_due_since": noon.AddDate(0, 0, -1), "cancels_at": noon.AddDate(0, 0, 3)}).String()
	page := s.client(t, ana).get("/subscriptions").has("form[action='/subscriptions/"+id+"/keep']", "a[href='/subscriptions/"+id+"/cancel']")
	if text := page.words(); !strings.Contains(text, "Payment failed") || !strings.Contains(text, "It ends on 13 Mar 2026, and until then the charge may be tried again.") || strings.Contains(text, "it goes on") {
		t.Errorf("it says %s", text)
	}
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
