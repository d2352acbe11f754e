package handlers

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim/simtest"
	"atrium/queries"
)

// Figures count what goes on, began and ended, each as many as its state lists; a month's revenue leaves out trials, paused and failed for good.
func TestSubscriptionFigures(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.staff(t, s.person(t, "sam@acme.example", queries.StaffRoleSupport, s.acme))
	b.get("/acme/subscriptions").has(".empty")
	long := noon.AddDate(-1, 0, 0)
	rows := map[string]struct {
		row  columns
		word string
	}{
		"active":  {columns{"started_at": long}, "Active"},
		"ending":  {columns{"amount_minor": 12000, "charged": "year", "cancels_at": noon.AddDate(0, 0, 5)}, "Ends 15 Mar 2026"},
		"failed":  {columns{"state": "past_due", "amount_minor": 300, "charged": "week", "started_at": long}, "Payment failed"},
		"trial":   {columns{"state": "trialing", "trial_ends_at": noon.AddDate(0, 0, 3)}, "Trial"},
		"given":   {columns{"state": "trialing", "given": true, "trial_ends_at": noon.AddDate(0, 0, 3), "started_at": long, "amount_minor": 1000}, "these days were given"},
		"paused":  {columns{"collection_paused": true, "started_at": long}, "Paused"},
		"ended":   {columns{"state": "canceled", "ended_at": noon.AddDate(0, 0, -3), "started_at": long}, "Ended"},
		"coming":  {columns{"started_at": long, "amount_minor": 99900}, "Payment on its way"},
		"foreign": {columns{"currency": "jpy", "every": 2, "amount_minor": 1000, "started_at": long}, "Active"},
	}
	for shown, c := range rows {
		id := s.subscription(t, ana, c.row).String()
		if shown == "coming" {
			s.invoice(t, ana, columns{"subscription_id": id, "payment": "processing"})
			b.get("/acme/subscriptions?state=active").lacks("#staffsubscriptions-row-" + id)
		}
		if text := b.get("/acme/subscriptions/" + id).is(http.StatusOK).words(); !strings.Contains(text, c.word) {
			t.Errorf("%s: it says %s", shown, text)
		}
		if shown != "foreign" && shown != "given" {
			b.get("/acme/subscriptions?state=" + shown).has("#staffsubscriptions-row-" + id)
		}
	}
	s.subscription(t, ana, columns{"state": "incomplete"})
	s.subscription(t, ana, columns{"state": "canceled", "started_at": long, "trial_ends_at": noon.AddDate(0, 0, -2), "ended_at": noon.AddDate(0, 0, -3)}) // it ended on its trial
	s.subscription(t, ana, columns{"state": "canceled", "started_at": long, "ended_at": noon.AddDate(0, 0, -31)})
	never := s.subscription(t, ana, columns{"state": "canceled", "started_at": long, "ended_at": noon.AddDate(0, 0, -3)}) // its money never came
	s.invoice(t, ana, columns{"subscription_id": never, "state": "void"})
	s.subscription(t, ana, columns{"state": "unpaid", "started_at": long})
	for until, ends := range map[string]any{"never": nil, "later": noon.AddDate(0, 1, 0), "over": noon.AddDate(0, 0, -1)} {
		s.subscription(t, ana, columns{"amount_minor": 2000, "off_minor": 500, "off_until": ends, "started_at": long, "title": until})
	}
	again := s.subscription(t, ana, columns{"started_at": long}) // another charge is on its way, not the first
	s.invoice(t, ana, columns{"subscription_id": again, "state": "paid", "payment": "succeeded", "paid_minor": 1900, "remaining_minor": 0})
	s.invoice(t, ana, columns{"subscription_id": again, "payment": "processing"})
	b.get("/acme/subscriptions?state=active").has("#staffsubscriptions-row-" + again.String())
	text := b.get("/acme/subscriptions").words()
	for _, want := range []string{"Active7and 2 with a failed payment, 1 ending, 1 on a trial, 1 with a payment on its way, 1 paused", "New in 30 days2", "Churned in 30 days1", "Each month€121.00after lasting discounts, with plans that are ending, with failed charges as long as they are tried again", "Each month¥500"} { // 19 + 120/12 + 3 × 52/12 + 10 + 15 + 15 + 20 + 19
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	for state, figure := range map[string]int{"active": 7, "failed": 2, "ending": 1, "trial": 1, "coming": 1, "paused": 1} { // as said above
		if listed := strings.Count(b.get("/acme/subscriptions?state="+state).body, `id="staffsubscriptions-row-`); listed != figure {
			t.Errorf("%d are %s, and %d are listed", figure, state, listed)
		}
	}
}

// Staff pause, resume, cancel for later, keep and end a subscription; each is what Stripe says then, and stands in the trail.
func TestStaffChangeASubscription(t *testing.T) {
	t.Parallel()
	s, sim := standIn(t)
	api := simtest.API(sim)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	mine := map[string]string{"atrium_account": s.acme.id.String()}
	customer, err := api.Customers.New(&stripe.CustomerParams{Email: &ana.email})
	if err != nil {
		t.Fatal(err)
	}
	card, err := api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: &customer.ID})
	if err != nil {
		t.Fatal(err)
	}
	product, err := api.Products.New(&stripe.ProductParams{Name: stripe.String("Monthly circle")})
	if err != nil {
		t.Fatal(err)
	}
	price, err := api.Prices.New(&stripe.PriceParams{Product: &product.ID, Currency: stripe.String("eur"), UnitAmount: stripe.Int64(1900), Recurring: &stripe.PriceRecurringParams{Interval: stripe.String("month")}})
	if err != nil {
		t.Fatal(err)
	}
	params := &stripe.SubscriptionParams{Customer: &customer.ID, DefaultPaymentMethod: &card.ID, Items: []*stripe.SubscriptionItemsParams{{Price: &price.ID}}}
	params.Metadata = mine
	made, err := api.Subscriptions.New(params)
	if err != nil {
		t.Fatal(err)
	}
	s.exec(t, "INSERT INTO stripe_customer VALUES ($1, $2, $3, $4)", s.acme.id, customer.ID, ana.id, noon)
	id := s.subscription(t, ana, columns{"stripe_id": made.ID}).String()
	path := "/acme/subscriptions/" + id
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for _, step := range []struct{ page, form, action, row string }{
		{path, path + "/pause", "subscription.pause", "collection_paused"},
		{path, path + "/resume", "subscription.resume", "NOT collection_paused"},
		{path + "/cancel", path + "/cancel", "subscription.cancel", "cancels_at = period_ends_at"},
		{path, path + "/keep", "subscription.keep", "cancels_at IS NULL"},
	} {
		b.fill(b.get(step.page), "form[action='"+step.form+"']").leadsTo(path)
		s.rows(t, 1, "subscription WHERE id = $1 AND "+step.row, id)
		s.rows(t, 1, "audit WHERE action = $1 AND subject = 'Monthly circle of ana@example.com'", step.action)
	}
	b.fill(b.get(path+"/cancel"), "form[action='"+path+"/cancel']", "when", "never").is(http.StatusUnprocessableEntity)
	b.fill(b.get(path+"/cancel"), "form[action='"+path+"/cancel']", "when", "now").leadsTo(path)
	s.rows(t, 1, "subscription WHERE id = $1 AND state = 'canceled' AND ended_at IS NOT NULL", id)
	b.get(path + "/cancel").leadsTo(path)
	b.get(path).lacks("form[action='"+path+"/pause']", "a[href='"+path+"/cancel']")
}

// The preview of a refund names what ends when all is given back, and what stays by something else; too much is refused.
func TestRefundPreview(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	w := s.things(t, s.acme, maya)
	b := s.staff(t, maya)
	path := "/acme/orders/" + w.billed.order.String()
	b.get(path).has("a[href='" + path + "/refund']")
	p := b.get(path + "/refund").is(http.StatusOK)
	if text := p.words(); !strings.Contains(text, "Clear goals") || !strings.Contains(text, "They keep this one") || !strings.Contains(text, "€49.00") {
		t.Errorf("it says %s", text)
	}
	for _, amount := range []string{"", "0", "49.01", "x", "-3"} {
		b.fill(p, "form[action='"+path+"/refund']", "amount", amount).is(http.StatusUnprocessableEntity).has("[name=amount][aria-invalid=true]")
	}
	b.fill(p, "form[action='"+path+"/refund']", "reason", "whim").is(http.StatusUnprocessableEntity)
	s.exec(t, "UPDATE sales_order SET refunded_minor = 4900 WHERE id = $1", w.billed.order)
	b.get(path + "/refund").leadsTo(path)
	b.get(path).lacks("a[href='" + path + "/refund']")
}

// A pause is not offered, and not done, while a charge is open that failed: Stripe may try that whether it is paused or not.
func TestUnpaidSubscriptionIsNotPaused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	id := s.subscription(t, ana, nil)
	path := "/acme/subscriptions/" + id.String()
	before := b.get(path)
	for _, state := range []string{"past_due", "unpaid"} {
		s.exec(t, "UPDATE subscription SET state = $1::subscription_state WHERE id = $2", state, id)
		b.get(path).lacks("#pause", "[commandfor=pause]").has("a[href='" + path + "/cancel']")
		refused := b.follow(b.fill(before, "form[action='"+path+"/pause']").leadsTo(path)).has("#notice .flash-error")
		if text := words(refused.one("#notice")); !strings.Contains(text, "a charge of it failed") {
			t.Errorf("%s: it says %s", state, text)
		}
	}
	s.rows(t, 0, "audit WHERE action = 'subscription.pause'")
}

// While a bank pays a charge that had failed, staff read so wherever the subscription stands, as its client does, and are not offered to take
// the charge back.
func TestStaffSeeThatABankPays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	id := s.subscription(t, ana, columns{"state": "past_due", "past_due_since": noon.AddDate(0, 0, -1)}).String()
	charge := s.invoice(t, ana, columns{"subscription_id": id})
	b, path := s.staff(t, s.person(t, "ines@acme.example", queries.StaffRoleAdmin, s.acme)), "/acme/subscriptions/"+id
	contact, row := "/acme/contacts/"+ana.id.String(), "#staffsubscriptions-row-"+id
	states := func() string {
		return words(b.get("/acme/subscriptions").one(row)) + words(b.get(path).one(".page-head")) + words(b.get(contact).one("[aria-labelledby=sales-title]"))
	}
	if said := states(); strings.Count(said, "Payment failed") != 3 {
		t.Errorf("it says %s", said)
	}
	b.get(path + "/cancel").is(http.StatusOK)
	s.exec(t, "UPDATE invoice SET payment = 'processing' WHERE id = $1", charge)
	if said := states(); strings.Count(said, "Payment on its way") != 4 || strings.Contains(said, "failed") { // the fourth is the invoice's
		t.Errorf("it says %s", said)
	}
	b.get("/acme/subscriptions").says(t, "1 with a payment on its way")
	b.get("/acme/subscriptions?state=coming").has(row)
	b.get("/acme/subscriptions?state=failed").lacks(row)
	b.get(path).lacks("a[href='"+path+"/cancel']", ".notice-box-error").says(t, "The payment of the last charge is on its way.")
	b.get(path + "/cancel").leadsTo(path)
}
