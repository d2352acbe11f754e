package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
	"atrium/jobs/billing"
	"atrium/queries"
)

// failedEvent is an event of Stripe's about an account that was given up.
func (s *testSite) failedEvent(t testing.TB, a account) string {
	t.Helper()
	id := "evt_" + strings.ReplaceAll(queries.NewID().String(), "-", "")
	s.exec(t, `INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at, state, problem, about_account_id)
		VALUES ('', $1, 'invoice.paid', 'in_of_' || $2::text, now(), now(), 'failed', 'Stripe could not be reached for hours.', $3)`, id, a.slug, a.id)
	return id
}

// stripeSite is a site with a stand-in for Stripe.
func stripeSite(t *testing.T) (*testSite, *stripesim.Server) {
	t.Helper()
	sim := simtest.Start(t, stripesim.Options{Now: noon, Business: "Atrium Hosting"})
	s := newSite(t, withStripe, func(c *Config) {
		c.Stripe = billing.New(billing.Config{Key: simtest.Key, URL: sim.URL, Time: 5 * time.Second})
	})
	return s, sim
}

// An account connects a Stripe account of its own, and what was asked at Stripe decides what happens; its prices are made there.
func TestStripeIsConnected(t *testing.T) {
	t.Parallel()
	s, sim := stripeSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	s.exec(t, "INSERT INTO offer (account_id, id, name, title, created_at, changed_at) VALUES ($1, $2, 'goals', 'Goals', now(), now())", s.acme.id, s.acme.id)
	s.exec(t, `INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, stripe_product_id, stripe_price_id, created_at)
		VALUES ($1, $1, $1, 4900, 'eur', 'once', 'prod_1', 'price_1', now())`, s.acme.id)
	p := b.get("/acme/stripe").is(http.StatusOK).has("form[action='/acme/stripe/connect']", "nav a[href='/acme/stripe'][aria-current]").lacks("#disconnect")
	if !strings.Contains(p.body, "Atrium Hosting") {
		t.Error("the page does not name the installation's Stripe account")
	}
	b.get("/acme/stripe/onboard").leadsTo("/acme/stripe") // nothing to go on with
	b.get("/acme/stripe/return").leadsTo("/acme/stripe")
	b.fill(p, "form[action='/acme/stripe/connect']").leadsTo("/acme/stripe")
	s.rows(t, 1, "account WHERE slug = 'acme' AND stripe_account = '' AND stripe_pending LIKE 'acct_%'")
	b.get("/acme/stripe").has("a[href='/acme/stripe/onboard']", "form[action='/acme/stripe/disconnect']")
	if to := b.get("/acme/stripe/onboard").is(http.StatusSeeOther).header.Get("Location"); !strings.HasPrefix(to, sim.URL+"/connect/") {
		t.Errorf("leads to %s", to)
	}
	b.get("/acme/stripe/return").leadsTo("/acme/stripe") // left without having told Stripe anything
	s.rows(t, 1, "account WHERE slug = 'acme' AND stripe_account = ''")
	var pending string
	s.scan(t, "SELECT stripe_pending FROM account WHERE slug = 'acme'", nil, &pending)
	s.rows(t, 1, "audit WHERE action = 'stripe.prepare' AND was->>'prepared_stripe_account' = '' AND became->>'prepared_stripe_account' = $1", pending)
	if err := sim.Onboard(pending); err != nil {
		t.Fatal(err)
	}
	b.get("/acme/stripe/return").leadsTo("/acme/stripe")
	s.rows(t, 1, "account WHERE slug = 'acme' AND stripe_account = $1 AND stripe_pending = ''", pending)
	s.rows(t, 1, "offer_price WHERE stripe_price_id = '' AND stripe_product_id = ''")
	s.inserted(t, "offer_price")
	s.rows(t, 1, "audit WHERE action = 'stripe.connect' AND became @> jsonb_build_object('stripe_account', $1::text)", pending)
	p = b.get("/acme/stripe").has("#disconnect form[action='/acme/stripe/disconnect']")
	if !strings.Contains(p.body, pending) || !strings.Contains(p.body, "Acme Coaching") {
		t.Error("the page does not name the connected account")
	}
	if err := sim.Deauthorize(pending); err != nil {
		t.Fatal(err)
	}
	b.get("/acme/stripe").is(http.StatusOK).has("#disconnect", ".notice-box-warning") // Stripe does not show it any more
	b.fill(p, "#disconnect form").leadsTo("/acme/stripe")
	s.rows(t, 2, "account WHERE stripe_account = '' AND stripe_pending = ''")
}

// While anything still goes on at the Stripe account that is sold through, it stays the one: nothing would follow it any more.
func TestStripeIsNotLeftWhileSomethingGoesOn(t *testing.T) {
	t.Parallel()
	s, _ := stripeSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	s.exec(t, `INSERT INTO subscription (account_id, id, contact_id, stripe_id, title, state, amount_minor, currency, charged, started_at, period_ends_at, past_due_since, created_at, looked_at)
		VALUES ($1, $1, $2, 'sub_1', 'Circle', 'past_due', 900, 'eur', 'month', now(), now(), now(), now(), now())`, s.acme.id, ana.id)
	before := s.everything(t, "account", "stripe_customer", "offer_price")
	p := b.follow(b.fill(b.get("/acme/stripe"), "form[action='/acme/stripe/connect']").leadsTo("/acme/stripe"))
	if text := words(p.one("#notice .flash")); !strings.Contains(text, "1 subscription") {
		t.Errorf("it says %s", text)
	}
	if s.everything(t, "account", "stripe_customer", "offer_price") != before {
		t.Error("something changed")
	}
	// and another number of days of grace has it looked at
	b.fill(p, "#stripe-grace", "grace_days", "14").leadsTo("/acme/stripe")
	s.inserted(t, "stripe_look")
	s.rows(t, 1, `audit WHERE action = 'stripe.grace' AND was = '{"grace_days": 7}' AND became = '{"grace_days": 14}'`)
	for _, typed := range []string{"", "-1", "61", "x", "1.5"} {
		for _, b := range []*browser{b, b.htmx()} {
			b.fill(p, "#stripe-grace", "grace_days", typed).is(http.StatusUnprocessableEntity).has("#stripe-grace [name=grace_days][value='" + typed + "'][aria-invalid]")
		}
	}
	s.rows(t, 1, "account WHERE grace_days = 14")
}

// Whether purchases have invoices is the owner's to say, and told to the others.
func TestStripePageInvoices(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	form := "form[action='/acme/stripe/invoices']"
	b.get("/acme/stripe").has(form + " [name=invoices][checked]")
	b.fill(b.get("/acme/stripe"), form, "invoices", "").leadsTo("/acme/stripe")
	s.rows(t, 1, `audit WHERE action = 'stripe.invoices' AND was = '{"purchase_invoices": true}' AND became = '{"purchase_invoices": false}'`)
	p := b.get("/acme/stripe").lacks(form + " [name=invoices][checked]")
	b.fill(p, form, "invoices", "").leadsTo("/acme/stripe") // as it is
	s.rows(t, 1, "audit WHERE action = 'stripe.invoices'")
	admin := s.staff(t, s.person(t, "theo@acme.example", queries.StaffRoleAdmin, s.acme))
	if p := admin.get("/acme/stripe").lacks(form); !strings.Contains(p.body, "Purchases have no invoice.") {
		t.Error("an admin does not read how it is")
	}
	b.fill(p, form, "invoices", "on").leadsTo("/acme/stripe")
	s.rows(t, 1, "account WHERE id = $1 AND purchase_invoices", s.acme.id)
}

// The endpoint is made once, in the version that is read here, and its secret is shown then and never again. One of another version
// is told of.
func TestStripeEndpointIsMade(t *testing.T) {
	t.Parallel()
	s, sim := stripeSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	old := stripesim.Step{Path: "/v1/webhook_endpoints", Params: map[string]string{"url": "http://app.test/webhooks/stripe", "enabled_events[0]": "*", "api_version": "2020-08-27"}}
	if _, err := sim.Seed(old); err != nil {
		t.Fatal(err)
	}
	p := b.get("/acme/stripe").has("form[action='/acme/stripe/endpoint']")
	if text := words(p.one("#stripe-endpoint")); !strings.Contains(text, "2020-08-27") {
		t.Errorf("it says %s", text)
	}
	made := b.htmx().fill(p, "form[action='/acme/stripe/endpoint']").is(http.StatusOK).has("#stripe-endpoint [data-copy]").lacks("form[action='/acme/stripe/endpoint']")
	if strings.Contains(made.body, "<html") || !strings.HasPrefix(attr(made.one("[data-copy]"), "data-copy"), "whsec_") {
		t.Errorf("the answer is %s", made.body)
	}
	s.rows(t, 1, "audit WHERE action = 'stripe.endpoint'")
	p = b.get("/acme/stripe").lacks("form[action='/acme/stripe/endpoint']")
	if strings.Contains(p.body, "whsec_") {
		t.Error("the secret is shown again")
	}
	b.send(post, "/acme/stripe/endpoint", url.Values{"_token": {b.token()}}).leadsTo("/acme/stripe") // one is enough
	s.rows(t, 1, "audit WHERE action = 'stripe.endpoint'")
}

// Staff see the events that are about their account, with words; what has failed is tried again, one or all.
func TestStripeEventsAreOfTheAccount(t *testing.T) {
	t.Parallel()
	s, _ := stripeSite(t)
	maya, tomas := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme), s.person(t, "tomas@lumen.example", queries.StaffRoleOwner, s.lumen)
	first, second, foreign := s.failedEvent(t, s.acme), s.failedEvent(t, s.acme), s.failedEvent(t, s.lumen)
	s.exec(t, `INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at, state, done_at, about_account_id)
		VALUES ('', 'evt_done', 'customer.subscription.updated', 'sub_1', $1, $1, 'done', $1::timestamptz + interval '3 seconds', $2), ('', 'evt_other', 'customer.created', 'cus_1', $1, $1, 'ignored', $1, NULL)`, time.Now().Add(time.Hour), s.acme.id) // newer than those that failed
	b := s.staff(t, maya)
	p := b.get("/acme/stripe").has("#stripe-event-"+first, "#stripe-event-"+second).lacks("#stripe-event-" + foreign)
	for _, wanted := range []string{"A subscription changed", "3 seconds later", "An invoice was paid", "Stripe could not be reached for hours."} {
		if !strings.Contains(p.body, wanted) {
			t.Errorf("the page does not say %q", wanted)
		}
	}
	if strings.Contains(p.body, "in_of_lumen") || strings.Contains(p.body, "30 days") {
		t.Error("the page tells what is not about this account")
	}
	s.staff(t, tomas).get("/lumen/stripe").has("#stripe-event-" + foreign).lacks("#stripe-event-" + first)
	b.fill(p, "#stripe-event-"+first+" form").leadsTo("/acme/stripe")
	s.inserted(t, "stripe_event")
	s.rows(t, 1, "stripe_event WHERE state = 'waiting' AND id = $1 AND problem = ''", first)
	b.fill(p, "form[action='/acme/stripe/replay']").leadsTo("/acme/stripe")
	s.rows(t, 2, "stripe_event WHERE state = 'waiting'")
	s.rows(t, 1, "stripe_event WHERE state = 'failed' AND id = $1", foreign)
	b.fill(p, "form[action='/acme/stripe/replay']").leadsTo("/acme/stripe") // nothing left
	s.rows(t, 2, "audit WHERE action = 'stripe.replay'")
}

// A walk is asked for with a button and followed; what differed is shown to whose it is, and how much was looked at only to who
// is alone there.
func TestStripeWalks(t *testing.T) {
	t.Parallel()
	s, _ := stripeSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	p := b.get("/acme/stripe").has("#stripe-walks").lacks("#stripe-walks[hx-get]")
	asked := b.fill(p, "form[action='/acme/stripe/reconcile']").is(http.StatusSeeOther)
	s.inserted(t, "stripe_reconcile")
	b.follow(asked).has(fmt.Sprintf("#stripe-walks[hx-get='/acme/stripe/walks?looking=%d']", noon.Unix()))
	walk := queries.NewID()
	s.exec(t, "INSERT INTO stripe_reconciliation (stripe_account, id, started_at, looked, total) VALUES ('', $1, $2, 20, 50)", walk, noon.Add(time.Second))
	b.htmx().get("/acme/stripe/walks").is(http.StatusOK).has("#stripe-walks[hx-get='/acme/stripe/walks'] progress[value='20'][max='50']").lacks("main")
	s.exec(t, `UPDATE stripe_reconciliation SET finished_at = $1, looked = 50, total = 50, differed = 2, report = jsonb_build_array(
		jsonb_build_object('object', 'in_mine', 'why', 'its event never came', 'account', $2::text), jsonb_build_object('object', 'in_theirs', 'why', 'its event never came', 'account', $3::text))`,
		noon.Add(2*time.Second), s.acme.id.String(), s.lumen.id.String())
	done := b.get("/acme/stripe/walks").lacks("#stripe-walks[hx-get]")
	if !strings.Contains(done.body, "in_mine") || strings.Contains(done.body, "in_theirs") || strings.Contains(done.body, "50") {
		t.Errorf("it says %s", done.body)
	}
	s.exec(t, "UPDATE stripe_reconciliation SET report = '[]'")
	if text := b.get("/acme/stripe/walks").body; !strings.Contains(text, "Nothing of yours differed.") {
		t.Errorf("it says %s", text)
	}
	s.exec(t, "UPDATE stripe_reconciliation SET finished_at = NULL")
	s.clock.move(time.Hour)
	b.get("/acme/stripe/walks").has("#stripe-walks .badge-warning").lacks("#stripe-walks[hx-get]")
}

// Without a key the page says so.
func TestStripeHasNoKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	b := s.staff(t, maya)
	b.get("/acme/stripe").is(http.StatusOK).has("#stripe-grace", ".notice-box-warning").lacks("form[action='/acme/stripe/connect']", "form[action='/acme/stripe/reconcile']")
	token := url.Values{"_token": {b.token()}}
	for _, path := range []string{"/connect", "/endpoint", "/reconcile"} {
		b.send(post, "/acme/stripe"+path, token).leadsTo("/acme/stripe")
	}
}

// While Stripe is away the page shows what is known here, and nothing is begun that cannot be finished.
func TestStripeIsAway(t *testing.T) {
	t.Parallel()
	away, sim := stripeSite(t)
	b := away.staff(t, away.person(t, "maya@acme.example", queries.StaffRoleOwner, away.acme))
	sim.Fail(stripesim.Fault{Kind: stripesim.Unavailable, Count: -1})
	p := b.get("/acme/stripe").is(http.StatusOK).has("form[action='/acme/stripe/connect']", "#stripe-grace")
	if strings.Count(p.body, "Stripe cannot be reached right now.") < 2 {
		t.Error("the page does not say that Stripe is away")
	}
	b.fill(p, "form[action='/acme/stripe/connect']").leadsTo("/acme/stripe")
	away.rows(t, 2, "account WHERE stripe_pending = ''")
}
