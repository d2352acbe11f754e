package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
	stripeapi "github.com/stripe/stripe-go/v76/client"

	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
	"atrium/queries"
)

// planned is a client who pays for one plan, among others that are sold.
type planned struct {
	*testSite
	sim      *stripesim.Server
	api      *stripeapi.API
	client   contact
	card     string // of Stripe's
	id, path string // of the subscription
	order    uuid.UUID
	courses  map[string]uuid.UUID // by the title of the offer that gives each
	prices   map[string]uuid.UUID
	stripe   map[string]string // Stripe's ids of the prices
}

// plans sells a circle for 19 a month with one course, an inner circle for 39 with two, and a year for 190, and has a client pay the
// first half a month ago.
func plans(t *testing.T) (p planned) {
	t.Helper()
	p.testSite, p.sim = standIn(t)
	p.api = simtest.API(p.sim)
	p.client = p.arrived(t, p.acme, "ana@example.com", "Ana Souza")
	p.courses, p.prices, p.stripe = map[string]uuid.UUID{}, map[string]uuid.UUID{}, map[string]string{}
	a, now := p.acme.id, p.clock.now()
	offers := map[string]uuid.UUID{}
	for i, o := range []struct {
		title, currency string
		minor           int64
		charged         string
	}{{"Circle", "eur", 1900, "month"}, {"Inner circle", "eur", 3900, "month"}, {"A year", "eur", 19000, "year"}, {"Abroad", "usd", 1900, "month"}, {"A book", "eur", 900, "once"}} {
		course, offer, price := queries.NewID(), queries.NewID(), queries.NewID()
		p.exec(t, "INSERT INTO course (account_id, id, title, position, published_at, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $5, $5)", a, course, "Course of "+o.title, 900+i, now)
		p.exec(t, "INSERT INTO offer (account_id, id, name, title, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $5)", a, offer, "plan-"+offer.String()[24:], o.title, now)
		p.exec(t, "INSERT INTO offer_course VALUES ($1, $2, $3)", a, offer, course)
		product, err := p.api.Products.New(&stripe.ProductParams{Name: stripe.String(o.title)})
		if err != nil {
			t.Fatal(err)
		}
		asked := &stripe.PriceParams{Product: &product.ID, Currency: &o.currency, UnitAmount: &o.minor}
		if o.charged != "once" {
			asked.Recurring = &stripe.PriceRecurringParams{Interval: &o.charged}
		}
		made, err := p.api.Prices.New(asked)
		if err != nil {
			t.Fatal(err)
		}
		p.exec(t, "INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, stripe_product_id, stripe_price_id, created_at) VALUES ($1, $2, $3, $4, $5, $6::price_interval, $7, $8, $9)",
			a, price, offer, o.minor, o.currency, o.charged, product.ID, made.ID, now)
		offers[o.title], p.courses[o.title], p.prices[o.title], p.stripe[o.title] = offer, course, price, made.ID
	}
	p.exec(t, "INSERT INTO offer_course VALUES ($1, $2, $3)", a, offers["Inner circle"], p.courses["Circle"])
	customer, err := p.api.Customers.New(&stripe.CustomerParams{Email: &p.client.email})
	if err != nil {
		t.Fatal(err)
	}
	card, err := p.api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: &customer.ID})
	if err != nil {
		t.Fatal(err)
	}
	params := &stripe.SubscriptionParams{Customer: &customer.ID, DefaultPaymentMethod: &card.ID, Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String(p.stripe["Circle"])}}}
	params.Metadata = map[string]string{"atrium_account": a.String()}
	made, err := p.api.Subscriptions.New(params)
	if err != nil {
		t.Fatal(err)
	}
	p.card = card.ID
	p.exec(t, "INSERT INTO stripe_customer VALUES ($1, $2, $3, $4)", a, customer.ID, p.client.id, now)
	checkout := queries.NewID()
	p.order = queries.NewID()
	p.exec(t, "INSERT INTO checkout (account_id, id, offer_id, price_id, contact_id, browser_hash, state, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, '', 'done', $6, $6)",
		a, checkout, offers["Circle"], p.prices["Circle"], p.client.id, now)
	p.exec(t, "INSERT INTO sales_order (account_id, id, contact_id, offer_id, price_id, checkout_id, made_contact, amount_minor, currency, stripe_subscription_id, created_at, changed_at) "+
		"VALUES ($1, $2, $3, $4, $5, $6, false, 1900, 'eur', $7, $8, $8)", a, p.order, p.client.id, offers["Circle"], p.prices["Circle"], checkout, made.ID, now)
	p.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, origin_id, starts_at, created_at) VALUES ($1, $2, $3, $4, 'subscription', $5, $6, $7, $7)",
		a, queries.NewID(), p.client.id, p.courses["Circle"], p.order, offers["Circle"], now)
	p.clock.move(31 * 12 * time.Hour)
	if err := p.sim.AdvanceTo(p.clock.now()); err != nil {
		t.Fatal(err)
	}
	id := p.subscription(t, p.client, columns{"stripe_id": made.ID, "order_id": p.order, "price_id": p.prices["Circle"], "title": "Circle", "period_ends_at": time.Unix(made.CurrentPeriodEnd, 0)})
	p.id, p.path = id.String(), "/acme/subscriptions/"+id.String()
	return p
}

// sees are the courses that a client can use, by their offers.
func (p planned) sees(t *testing.T) (titles string) {
	t.Helper()
	for _, title := range []string{"Circle", "Inner circle", "A year"} {
		if p.count(t, "courses_of($1, $2, $3) AS o WHERE o.course_id = $4", p.acme.id, p.client.id, p.clock.now(), p.courses[title]) == 1 {
			titles += title + "; "
		}
	}
	return titles
}

// asks is the page of a plan with what it comes to.
func (p planned) asks(b *browser, title, difference string) *page {
	return b.get(p.path + "/plan?" + url.Values{"price": {p.prices[title].String()}, "difference": {difference}}.Encode())
}

// Another plan is shown with its sums and what opens and ends, then charged as shown; courses follow, there and back again.
func TestStaffChangeAPlan(t *testing.T) {
	t.Parallel()
	p := plans(t)
	b := p.staff(t, p.person(t, "maya@acme.example", queries.StaffRoleAdmin, p.acme))
	b.get(p.path).has("a[href='"+p.path+"/plan']", "a[href='"+p.path+"/extend']")
	first := b.get(p.path + "/plan").is(http.StatusOK)
	if text := first.words(); !strings.Contains(text, "Inner circle") || !strings.Contains(text, "A year") || strings.Contains(text, "Abroad") || strings.Contains(text, "A book") {
		t.Errorf("it offers %s", text)
	}
	form := "form[method=post][action='" + p.path + "/plan']"
	first.lacks(form)
	shown := p.asks(b, "Inner circle", "create_prorations").is(http.StatusOK)
	for _, want := range []string{"€39.00 every month", "Next charge€49.00", "Unused time on Circle", "Course of Inner circle", "Opens at once"} { // 39 + 39/2 − 19/2
		if !strings.Contains(shown.words(), want) {
			t.Errorf("%q is missing: %s", want, shown.words())
		}
	}
	now := p.asks(b, "Inner circle", "always_invoice")
	if !strings.Contains(now.words(), "Change plan and charge €10.00") {
		t.Errorf("at once it says %s", now.words())
	}
	p.rows(t, 0, "audit WHERE action = 'subscription.plan'")

	if err := p.sim.SetOutcome(p.card, stripesim.Declines); err != nil {
		t.Fatal(err)
	}
	b.fill(now, form).leadsTo(p.path)
	if text := b.get(p.path).words(); !strings.Contains(text, "Stripe did not take this") || p.sees(t) != "Circle; " {
		t.Errorf("with a bad card: %s; %s", p.sees(t), text)
	}
	if err := p.sim.SetOutcome(p.card, stripesim.Pays); err != nil {
		t.Fatal(err)
	}
	now = p.asks(b, "Inner circle", "always_invoice") // Stripe answers the same attempt with the same refusal
	for range 2 {                                     // twice sent it is one change
		b.fill(now, form).leadsTo(p.path)
		p.rows(t, 1, "subscription WHERE id = $1 AND title = 'Inner circle' AND amount_minor = 3900 AND price_id = $2 AND next_minor = 3900", p.id, p.prices["Inner circle"])
		p.rows(t, 1, "audit WHERE action = 'subscription.plan' AND subject = 'Circle of ana@example.com'")
	}
	if p.sees(t) != "Circle; Inner circle; " {
		t.Errorf("then they see %s", p.sees(t))
	}
	p.rows(t, 1, "river.river_job WHERE kind = 'course_ready'")

	b.fill(shown, form).leadsTo(p.path) // that page was from before
	if text := b.get(p.path).words(); !strings.Contains(text, "It has changed since") && !strings.Contains(text, "The plan is changed") {
		t.Errorf("an old page: %s", text)
	}
	back := p.asks(b, "Circle", "none")
	if text := back.words(); !strings.Contains(text, "Ends at once") || !strings.Contains(text, "Next charge€19.00") {
		t.Errorf("back: %s", text)
	}
	b.fill(back, form).leadsTo(p.path)
	if p.sees(t) != "Circle; " || p.count(t, "access_grant WHERE ended_because = 'plan_changed'") != 1 {
		t.Errorf("back they see %s", p.sees(t))
	}
	b.fill(p.asks(b, "Inner circle", "none"), form).leadsTo(p.path)
	if p.sees(t) != "Circle; Inner circle; " {
		t.Errorf("again they see %s", p.sees(t))
	}
	year := p.asks(b, "A year", "create_prorations")
	if text := year.words(); !strings.Contains(text, "A new period begins today") || !strings.Contains(text, "Charged now€170.50") { // 190 − 39/2
		t.Errorf("a year: %s", text)
	}
	b.fill(year, form).leadsTo(p.path)
	p.rows(t, 1, "subscription WHERE id = $1 AND charged = 'year' AND next_minor = 19000", p.id)
	if p.sees(t) != "A year; " {
		t.Errorf("by the year they see %s", p.sees(t))
	}
}

// A plan is not changed by a form that is too old, that names no plan of the account, or for what is about to end.
func TestPlanIsNotChanged(t *testing.T) {
	t.Parallel()
	p := plans(t)
	b := p.staff(t, p.person(t, "maya@acme.example", queries.StaffRoleAdmin, p.acme))
	form := "form[method=post][action='" + p.path + "/plan']"
	shown := p.asks(b, "Inner circle", "none")
	for name, fields := range map[string][]string{"a foreign price": {"price", uuid.NewString()}, "no price": {"price", ""}, "another currency": {"price", p.prices["Abroad"].String()},
		"a single payment": {"price", p.prices["A book"].String()}, "an old preview": {"as", "1"}, "a preview of tomorrow": {"as", "9999999999"}, "no time": {"as", "now"}, "another plan before": {"from", uuid.NewString()}} {
		b.fill(shown, form, fields...).is(http.StatusSeeOther)
		if p.count(t, "subscription WHERE price_id = $1", p.prices["Circle"]) != 1 {
			t.Fatalf("%s: it is changed", name)
		}
	}
	b.get(p.path + "/plan?price=" + p.prices["Abroad"].String()).is(http.StatusOK).lacks(form)
	b.fill(b.get(p.path+"/cancel"), "form[action='"+p.path+"/cancel']", "when", "end").leadsTo(p.path)
	b.fill(shown, form).leadsTo(p.path)
	p.rows(t, 1, "subscription WHERE price_id = $1", p.prices["Circle"])
	b.get(p.path + "/plan").leadsTo(p.path)
	b.get(p.path + "/extend").leadsTo(p.path)
	b.get(p.path).lacks("a[href='"+p.path+"/plan']", "a[href='"+p.path+"/extend']")
	p.rows(t, 0, "audit WHERE action = 'subscription.plan'")
}

// Days that are given move the next charge once; the client reads that nothing is charged until then, and it is no trial.
func TestStaffGiveDays(t *testing.T) {
	t.Parallel()
	p := plans(t)
	b := p.staff(t, p.person(t, "maya@acme.example", queries.StaffRoleAdmin, p.acme))
	form := "form[action='" + p.path + "/extend']"
	page := b.get(p.path + "/extend").is(http.StatusOK)
	for _, days := range []string{"", "0", "-1", "366", "two"} {
		b.fill(page, form, "days", days).is(http.StatusUnprocessableEntity).has("[name=days][aria-invalid=true]")
	}
	for range 2 { // twice sent it is given once
		b.fill(page, form, "days", "10").leadsTo(p.path)
		p.rows(t, 1, "subscription WHERE id = $1 AND state = 'trialing' AND given AND period_ends_at = $2 AND trial_ends_at = period_ends_at", p.id, noon.AddDate(0, 1, 10))
		p.rows(t, 1, "audit WHERE action = 'subscription.extend' AND note = '10 days'")
	}
	if text := b.get(p.path).words(); !strings.Contains(text, "Active") || strings.Contains(text, "Trial") || !strings.Contains(text, "these days were given") {
		t.Errorf("staff read %s", text)
	}
	client := p.testSite.client(t, p.client)
	if text := client.get("/subscriptions").words(); !strings.Contains(text, "Nothing is charged until 20 Apr 2026") || !strings.Contains(text, "Next charge€19.00 on 20 Apr 2026") {
		t.Errorf("the client reads %s", text)
	}
	p.subscription(t, p.client, columns{"title": "Before", "state": "canceled", "ended_at": noon, "price_id": p.prices["A year"]})
	if page := client.get("/subscriptions").has("a[href='/subscriptions/" + p.id + "']"); !strings.Contains(page.body, `href="/o/plan-`) {
		t.Error("what is over cannot be started again")
	}
	p.invoice(t, p.client, columns{"subscription_id": p.id, "memo": "", "number": "AC-1"})
	p.invoice(t, p.client, columns{"number": "AC-2"})
	if text := client.get("/subscriptions/" + p.id).is(http.StatusOK).words(); !strings.Contains(text, "AC-1") || strings.Contains(text, "AC-2") || !strings.Contains(text, "€19.00 every month, next on 20 Apr 2026") {
		t.Errorf("what was charged: %s", text)
	}
	b.fill(b.get(p.path+"/extend"), form, "days", "365").leadsTo(p.path)
	b.fill(b.get(p.path+"/extend"), form, "days", "365").is(http.StatusUnprocessableEntity)
	if p.sees(t) != "Circle; " {
		t.Errorf("they see %s", p.sees(t))
	}
}
