package handlers

import (
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
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
	for path, want := range map[string]string{"/": "What it gives ended on 7 Mar 2026. See what to do", "/subscriptions": "What it gives ended on 7 Mar 2026. Change how you pay, and it comes back once the charge goes through."} {
		text := b.get(path).words()
		if !strings.Contains(text, want) || strings.Contains(text, "keep access") {
			t.Errorf("%s says %s", path, text)
		}
	}
}

// A charge that failed is asked for once, by what pays it: to change how one pays charges nothing at once, and whoever comes back from that
// reads so.
func TestUnpaidSubscriptionIsPaid(t *testing.T) {
	t.Parallel()
	p := plans(t)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	looked := func(object string) {
		t.Helper()
		check(queries.InTx(t.Context(), p.DB, func(q *queries.Queries, tx pgx.Tx) error {
			return p.Queue.LookNow(t.Context(), q, tx, p.Stripe, "", object, p.clock.now())
		}))
	}
	stripeID := p.scanText(t, "SELECT stripe_id FROM subscription WHERE id = $1", p.id)
	check(p.sim.SetOutcome(p.card, stripesim.Declines))
	p.clock.move(20 * 24 * time.Hour)
	check(p.sim.AdvanceTo(p.clock.now()))
	made, err := p.api.Subscriptions.Get(stripeID, nil)
	check(err)
	looked(stripeID)
	looked(made.LatestInvoice.ID)
	b := p.testSite.client(t, p.client)
	pay, change := "/invoices/"+p.scanText(t, "SELECT id::text FROM invoice WHERE state = 'open'")+"/pay", "/subscriptions/"+p.id+"/payment"
	if text := b.get("/").has(".todo a[href='" + pay + "']").words(); !strings.Contains(text, "One thing waits for you") || !strings.Contains(text, "Pay €19.00 now") {
		t.Errorf("home says %s", text)
	}
	b.get("/subscriptions").has("a.btn-primary[href='"+pay+"']", "a.btn[href='"+change+"']").lacks("a.btn-primary[href='" + change + "']")

	answer, err := http.PostForm(b.get(change).is(http.StatusSeeOther).header.Get("Location"), url.Values{"do": {"debit"}})
	check(err)
	page, err := io.ReadAll(answer.Body)
	check(errors.Join(err, answer.Body.Close()))
	_, link, _ := strings.Cut(string(page), `id="back" href="`)
	link, _, _ = strings.Cut(html.UnescapeString(link), `"`)
	back, err := url.Parse(link)
	check(err)
	saved := b.follow(b.get(back.RequestURI()).leadsTo("/subscriptions")).has("a.btn-primary[href='" + pay + "']")
	for _, want := range []string{"How you pay is saved. Nothing has been charged to it yet.", "Bank account ending in 3000"} {
		if text := saved.words(); !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	debit, err := p.api.Invoices.Pay(made.LatestInvoice.ID, nil)
	check(err)
	b.get(pay).leadsTo("/invoices/" + strings.Split(pay, "/")[2]) // it is on its way: seen before anybody pays again
	for _, path := range []string{"/", "/subscriptions"} {
		if text := b.get(path).lacks("a[href='" + pay + "']").words(); strings.Contains(text, "did not go through") {
			t.Errorf("while it is on its way %s says %s", path, text)
		}
	}
	if text := b.get("/subscriptions").lacks("a[href='"+change+"']", "a[href='/subscriptions/"+p.id+"/cancel']").words(); !strings.Contains(text, "Payment on its way") {
		t.Errorf("while it is on its way the plan says %s", text)
	}
	b.get(change).leadsTo("/subscriptions") // Stripe's page would ask for it once more
	check(p.sim.Settle(debit.PaymentIntent.ID, true))
	looked(made.LatestInvoice.ID)
	same, err := p.Stripe.Subscription(t.Context(), "", stripeID)
	check(err)
	b.follow(b.get(change+"/back?was="+same.Method).leadsTo("/subscriptions")).lacks("#notice .flash", "a[href='"+pay+"']") // nothing was changed there
	if text := b.follow(b.get(change + "/back?was=other").leadsTo("/subscriptions")).has("#notice .flash-success").words(); strings.Contains(text, "Nothing has been charged") {
		t.Errorf("once it is paid it says %s", text)
	}
}

// Once a plan has been unpaid for longer than a period, its older charge does not bring it back, and is not offered as what does. It stays
// owed, among the invoices.
func TestOlderChargeDoesNotBringBack(t *testing.T) {
	t.Parallel()
	p := plans(t)
	hour := func(n int) time.Time { return p.clock.now().Add(time.Duration(n) * time.Hour) }
	bill := func(state, url string, at time.Time) (id string) {
		return p.scanText(t, `INSERT INTO invoice (account_id, id, contact_id, subscription_id, stripe_id, state, payment, total_minor, tax_minor, paid_minor, remaining_minor, currency, hosted_url, created_at, looked_at)
			SELECT account_id, gen_random_uuid(), contact_id, id, 'in_' || $2, $2::invoice_state, 'waiting', 1900, 0, 0, 1900, 'eur', $3, $4, $4 FROM subscription WHERE id = $1 RETURNING id::text`, p.id, state, url, at)
	}
	p.exec(t, "UPDATE subscription SET state = 'unpaid', past_due_since = $2 WHERE id = $1", p.id, hour(-1000))
	pay := "/invoices/" + bill("open", "https://stripe.test/pay", hour(-1000)) + "/pay"
	b := p.testSite.client(t, p.client)
	b.get("/subscriptions").has("a[href='" + pay + "']")
	bill("draft", "", hour(-200))
	if text := b.get("/subscriptions").lacks("a[href='" + pay + "']").words(); strings.Contains(text, "Pay it now") || !strings.Contains(text, "please write to us") {
		t.Errorf("the plan says %s", text)
	}
	home := b.get("/").lacks(".todo a[href='" + pay + "']").words()
	if !strings.Contains(home, "did not go through") || !strings.Contains(home, "2 things wait for you") {
		t.Errorf("home says %s", home)
	}
	b.get(strings.TrimSuffix(pay, "/pay")).has("a[href='" + pay + "']")
	p.exec(t, "UPDATE invoice SET payment = 'processing' WHERE state = 'open'")
	b.get("/subscriptions/" + p.id + "/payment").leadsTo("/subscriptions") // Stripe's page would ask for it once more
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

// A trial that ended without a way to pay gives nothing, says so wherever it is shown, and goes on once there is one: the client starts it,
// or staff do, and not before something can be charged.
func TestTrialThatEndedWithoutACard(t *testing.T) {
	t.Parallel()
	p := plans(t)
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	looked := func(stripeID string) {
		t.Helper()
		check(queries.InTx(t.Context(), p.DB, func(q *queries.Queries, tx pgx.Tx) error {
			return p.Queue.LookNow(t.Context(), q, tx, p.Stripe, "", stripeID, p.clock.now())
		}))
	}
	tries := func(title string) (path, stripeID, customer string) { // in place of the plan that is paid for
		t.Helper()
		made, err := p.api.Customers.New(&stripe.CustomerParams{Email: &p.client.email})
		check(err)
		params := &stripe.SubscriptionParams{Customer: &made.ID, TrialPeriodDays: stripe.Int64(7), Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String(p.stripe[title])}},
			TrialSettings: &stripe.SubscriptionTrialSettingsParams{EndBehavior: &stripe.SubscriptionTrialSettingsEndBehaviorParams{MissingPaymentMethod: stripe.String("pause")}}}
		params.Metadata = map[string]string{"atrium_account": p.acme.id.String()}
		plan, err := p.api.Subscriptions.New(params)
		check(err)
		p.exec(t, "INSERT INTO stripe_customer VALUES ($1, $2, $3, $4)", p.acme.id, made.ID, p.client.id, p.clock.now())
		p.exec(t, "UPDATE sales_order SET stripe_subscription_id = $1", plan.ID)
		p.exec(t, "DELETE FROM subscription")
		looked(plan.ID)
		return "/subscriptions/" + p.scanText(t, "SELECT id::text FROM subscription"), plan.ID, made.ID
	}
	pays := func(customer string) {
		t.Helper()
		card, err := p.api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: &customer})
		check(err)
		_, err = p.api.Customers.Update(customer, &stripe.CustomerParams{InvoiceSettings: &stripe.CustomerInvoiceSettingsParams{DefaultPaymentMethod: &card.ID}})
		check(err)
	}
	passes := func(stripeID string) {
		t.Helper()
		p.clock.move(8 * 24 * time.Hour)
		check(p.sim.AdvanceTo(p.clock.now()))
		looked(stripeID)
		p.rows(t, 1, "subscription WHERE state = 'paused' AND ended_at IS NULL")
	}

	path, stripeID, customer := tries("Circle")
	if p.sees(t) != "Circle; " {
		t.Fatal("the trial gives nothing")
	}
	passes(stripeID)
	if got := p.sees(t); got != "" {
		t.Fatalf("without a way to pay it gives %s", got)
	}
	b := p.testSite.client(t, p.client)
	if text := b.get("/").words(); !strings.Contains(text, "The trial of Circle is over") {
		t.Errorf("home says %s", text)
	}
	start := "form[action='" + path + "/keep']"
	page := b.get("/subscriptions").has(start, "a[href='"+path+"/payment']")
	for _, want := range []string{"No payment method", "it gives nothing now", "Add a payment method", "the first €19.00 are charged at once"} {
		if text := page.words(); !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	if text := b.get(path + "/cancel").has("[name=when][value=now]").words(); !strings.Contains(text, "It ends at once") || strings.Contains(text, "change your mind") {
		t.Errorf("the page to cancel says %s", text)
	}
	pays(customer)
	b.follow(b.fill(page, start).leadsTo("/subscriptions")).has("#notice .flash-success").lacks(start)
	p.rows(t, 1, "subscription WHERE state = 'active'")
	invoices := p.api.Invoices.List(&stripe.InvoiceListParams{Subscription: &stripeID})
	if !invoices.Next() || invoices.Invoice().AmountPaid != 1900 {
		t.Errorf("it was charged %+v", invoices.Current())
	}
	if p.sees(t) != "Circle; " {
		t.Error("it is paid, and what it gives did not come back")
	}

	path, stripeID, customer = tries("Circle")
	passes(stripeID)
	maya := p.staff(t, p.person(t, "ines@acme.example", queries.StaffRoleAdmin, p.acme))
	staffs := "/acme" + path
	shown := maya.get(staffs).has("form[action='"+staffs+"/resume']").lacks("#pause", "a[href='"+staffs+"/plan']")
	if text := shown.words(); !strings.Contains(text, "Stripe has no payment method to charge, so it gives nothing now") || strings.Contains(text, "What it gives goes on") {
		t.Errorf("staff read %s", text)
	}
	maya.get("/acme/subscriptions?state=paused").has("main [href='" + staffs + "']")
	pays(customer)
	maya.fill(shown, "form[action='"+staffs+"/resume']").leadsTo(staffs)
	p.rows(t, 1, "subscription WHERE state = 'active'")
	p.rows(t, 1, "audit WHERE action = 'subscription.start'")

	path, stripeID, _ = tries("Circle")
	passes(stripeID)
	b = p.testSite.client(t, p.client)
	b.follow(b.fill(b.get("/subscriptions"), "form[action='"+path+"/keep']").leadsTo("/subscriptions")).has("#notice .flash-error") // still nothing to charge
	p.rows(t, 1, "subscription WHERE state = 'paused'")
	if got := p.sees(t); got != "" {
		t.Errorf("it was not started, and gives %s", got)
	}
	maya = p.staff(t, p.person(t, "omar@acme.example", queries.StaffRoleAdmin, p.acme))
	if said := maya.follow(maya.fill(maya.get("/acme"+path), "form[action='/acme"+path+"/resume']").leadsTo("/acme" + path)).has("#notice .flash-error").words(); !strings.Contains(said, "there is no payment method that can be charged") {
		t.Errorf("staff read %s", said)
	}
	b.fill(b.get(path+"/cancel"), "form[action='"+path+"/cancel']").leadsTo("/subscriptions")
	p.rows(t, 1, "subscription WHERE state = 'canceled'")
}

// Before a plan is cancelled it is said which courses end with it and which stay, and where none ends, that all stay.
func TestCancelSaysWhatEndsAndWhatStays(t *testing.T) {
	t.Parallel()
	p := plans(t)
	client, staff, path := p.testSite.client(t, p.client), p.staff(t, p.person(t, "ines@acme.example", queries.StaffRoleAdmin, p.acme)), "/subscriptions/"+p.id+"/cancel"
	says := func(text string, wants []string, nots ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing: %s", want, text)
			}
		}
		for _, not := range nots {
			if strings.Contains(text, not) {
				t.Errorf("%q is there: %s", not, text)
			}
		}
	}
	gives := func(source string, id uuid.UUID, title string) {
		t.Helper()
		p.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) VALUES ($1, $2, $3, $4, $5::grant_source, $6, $7, $7)",
			p.acme.id, queries.NewID(), p.client.id, p.courses[title], source, id, p.clock.now())
	}
	clients := func() string { return client.get(path).is(http.StatusOK).words() }
	staffs := func() string { return staff.get("/acme" + path).is(http.StatusOK).words() }
	says(clients(), []string{"What ends on", "Course of Circle"}, "What you keep")
	says(staffs(), []string{"What ends Course of Circle"}, "What they keep", "No access depends on it")
	gives("manual", queries.NewID(), "Circle")
	says(clients(), []string{"all your courses stay", "What you keep", "No course ends with this plan", "Course of Circle"}, "What ends")
	says(staffs(), []string{"What they keep", "No course ends with this plan: they have all of them by something else as well.", "Course of Circle"}, "What ends")
	gives("subscription", p.order, "Inner circle")
	says(clients(), []string{"Course of Inner circle What you keep Course of Circle", "You have it by something else as well.", "everything stays as it is"}, "No course ends")
	says(staffs(), []string{"What ends Course of Inner circle What they keep Course of Circle", "They have it by something else as well."}, "No course ends")
	p.exec(t, "UPDATE subscription SET cancels_at = period_ends_at")
	says(staffs(), []string{"What ends now Course of Inner circle What they keep Course of Circle"})
	p.exec(t, "DELETE FROM access_grant")
	says(staffs(), []string{"No access depends on it."}, "What ends", "What they keep")
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
