package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
	"atrium/queries"
)

// Who buys once finds the paid invoice with its PDF among their invoices. While Stripe makes it, a draft first and then open though it is
// paid, nobody is asked to pay it; what is given back of the order stands on it as well.
func TestPurchaseHasAnInvoice(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce, func(o *stripesim.Options) { o.ReceiptPause = time.Minute })
	const nia = "nia@example.com"
	client := s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
	s.settled()
	for range 3 {
		s.reconcile() // and looks at what is open at Stripe
		if s.count("invoice") != 0 || strings.Contains(client.open(s.portal("acme", "/")).page, "to be paid") || client.open(s.portal("acme", "/invoices")).status != http.StatusNotFound {
			t.Errorf("an invoice that is not ready is shown: %s", client.page)
		}
		if err := s.sim.Advance(time.Minute); err != nil {
			t.Fatal(err)
		}
		s.settled()
	}
	if s.count("invoice i JOIN sales_order o ON o.id = i.order_id AND o.contact_id = i.contact_id WHERE i.state = 'paid' AND i.paid_minor = 4900 AND i.remaining_minor = 0") != 1 {
		t.Fatal("there is no paid invoice")
	}
	if s.count("sales_order") != 1 || s.count("access_grant") != 1 || s.count("mail WHERE kind IN ('course_ready', 'invoice_reminder')") != 1 {
		t.Error("the invoice made another order, grant or mail")
	}
	id := s.one("SELECT id::text FROM invoice")
	if client.open(s.portal("acme", "/invoices")); !strings.Contains(client.page, "Clear goals") || !strings.Contains(client.page, "Nothing is open") {
		t.Errorf("the invoices: %s", client.page)
	}
	if client.open(s.portal("acme", "/invoices/"+id)); !strings.Contains(client.page, "Paid") || strings.Contains(client.page, id+"/pay") {
		t.Errorf("the invoice: %s", client.page)
	}
	if client.open(s.portal("acme", "/invoices/"+id+"/pdf")); client.status != http.StatusOK || !strings.HasPrefix(client.page, "%PDF") {
		t.Errorf("its PDF: %d %.60s", client.status, client.page)
	}
	if client.open(s.portal("acme", "/")); strings.Contains(client.page, "to be paid") {
		t.Errorf("home says %s", client.page)
	}

	maya, order := s.maya(), "/acme/orders/"+s.one("SELECT id::text FROM sales_order")
	maya.open(s.admin(order+"/refund")).send(order+"/refund", "amount", "9.00").arrivesAt(order)
	if s.count("invoice WHERE refunded_minor = 900") != 1 || s.count("sales_order WHERE refunded_minor = 900") != 1 {
		t.Error("what is given back is not on both")
	}
	if client.open(s.portal("acme", "/invoices/"+id)); !strings.Contains(client.page, "Refunded in part") || !strings.Contains(client.page, "€9.00") {
		t.Errorf("given back in part: %s", client.page)
	}
	maya.open(s.admin("/acme/invoices/"+id+"/refund")).arrivesAt(order+"/refund").send(order+"/refund", "amount", "40.00").arrivesAt(order)
	if s.sees(nia) || s.count("invoice WHERE refunded_minor = 4900") != 1 {
		t.Error("all is given back, and the access stays")
	}
	maya.open(s.admin("/acme/subscriptions"))
	if strings.Contains(maya.page, "€49.00") {
		t.Errorf("what was bought once counts as monthly: %s", maya.page)
	}
}

// The invoice is there also when its event comes first, by a debit once the bank has paid, and for somebody who has bought before; all
// events lost, by a walk. A buyer who was deleted has none any more, and what is given back then is no fault.
func TestPurchaseInvoiceHoweverItComes(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	away := func(do, email string) {
		t.Helper()
		v := s.buys(newVisitor(t))
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		v.pays(do, email)
	}
	has := func(email string, orders, invoices int) {
		t.Helper()
		if n := s.count("sales_order o JOIN contact c ON c.id = o.contact_id WHERE c.email = $1", email); n != orders {
			t.Errorf("%s has %d orders, want %d", email, n, orders)
		}
		if n := s.count("invoice i JOIN contact c ON c.id = i.contact_id JOIN sales_order o ON o.id = i.order_id AND o.contact_id = c.id WHERE c.email = $1 AND i.state = 'paid'", email); n != invoices {
			t.Errorf("%s has %d invoices, want %d", email, n, invoices)
		}
	}
	s.sim.Misdeliver(stripesim.Mischief{Drop: true, Count: -1})
	away("pay", "walked@example.com")
	s.settled()
	has("walked@example.com", 0, 0)
	s.reconcile()
	has("walked@example.com", 1, 1)
	away("pay", "first@example.com")
	list := s.api.Invoices.List(nil)
	list.Next()
	s.look(list.Invoice().ID) // nothing of its checkout is known yet
	has("first@example.com", 1, 1)
	s.reconcile()
	away("pay", "first@example.com")
	s.reconcile()
	has("first@example.com", 2, 2)
	away("debit", "bank@example.com")
	s.reconcile()
	has("bank@example.com", 0, 0)
	payments := s.api.PaymentIntents.List(nil)
	payments.Next()
	if err := s.sim.Settle(payments.PaymentIntent().ID, true); err != nil {
		t.Fatal(err)
	}
	s.reconcile()
	has("bank@example.com", 1, 1)

	if _, err := s.database.pool.Exec(t.Context(), "DELETE FROM contact WHERE email = 'bank@example.com'"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &payments.PaymentIntent().ID}); err != nil {
		t.Fatal(err)
	}
	s.reconcile()
	if n := s.count("stripe_event WHERE state IN ('failed', 'waiting')") + s.count("river.river_job WHERE kind LIKE 'stripe%' AND state NOT IN ('completed')"); n != 0 {
		t.Errorf("%d events or jobs are not done: %s", n, s.one("SELECT coalesce(string_agg(type || ' ' || object_id || ' ' || problem, ', '), '') FROM stripe_event WHERE state IN ('failed', 'waiting')"))
	}
}

// What costs nothing is an order without an invoice, and where Stripe makes one over nothing, it is the order's.
func TestFreePurchase(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	s.coupon(func(c *stripe.CouponParams, _ *stripe.PromotionCodeParams) { c.PercentOff = stripe.Float64(100) })
	const nia = "nia@example.com"
	client := newVisitor(t).open(s.portal("acme", offerPath)).send(offerPath+"/buy", "coupon", "SPRING").pays("pay", nia).arrivesAt("/welcome").
		send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
	s.settled()
	if !s.sees(nia) || s.count("sales_order WHERE amount_minor = 0 AND stripe_payment_id = ''") != 1 || s.count("invoice") != 0 {
		t.Fatal("it is no order of nothing alone")
	}
	if client.open(s.portal("acme", "/invoices")); client.status != http.StatusNotFound {
		t.Errorf("the invoices: %d", client.status)
	}
	customer := s.one("SELECT stripe_id FROM stripe_customer")
	if _, err := s.api.Invoices.New(&stripe.InvoiceParams{Customer: &customer, Currency: stripe.String("eur"), AutoAdvance: stripe.Bool(false),
		Metadata: map[string]string{"atrium_account": s.account("acme").String(), "atrium_checkout": s.one("SELECT id::text FROM checkout")}}); err != nil {
		t.Fatal(err)
	}
	list := s.api.Invoices.List(nil)
	list.Next()
	if _, err := s.api.Invoices.FinalizeInvoice(list.Invoice().ID, nil); err != nil {
		t.Fatal(err)
	}
	s.settled()
	if s.count("invoice WHERE order_id IS NOT NULL AND state = 'paid' AND total_minor = 0") != 1 || s.count("sales_order") != 1 {
		t.Error("an invoice over nothing is not the order's")
	}
	if client.open(s.portal("acme", "/invoices")); !strings.Contains(client.page, "€0.00") || !strings.Contains(client.page, "Paid") {
		t.Errorf("the invoices: %s", client.page)
	}
}

// An account that does without invoices of purchases sells as before: the order is the record, and is given back from there.
func TestPurchaseWithoutAnInvoice(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	maya := s.maya()
	maya.open(s.admin("/acme/stripe")).send("/acme/stripe/invoices").arrivesAt("/acme/stripe")
	const nia = "nia@example.com"
	s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome")
	s.settled()
	s.reconcile()
	if !s.sees(nia) || s.count("sales_order WHERE amount_minor = 4900") != 1 || s.count("invoice") != 0 || s.api.Invoices.List(nil).Next() {
		t.Error("it is no order alone")
	}
	order := "/acme/orders/" + s.one("SELECT id::text FROM sales_order")
	maya.open(s.admin(order+"/refund")).send(order+"/refund", "amount", "49.00").arrivesAt(order)
	if s.sees(nia) {
		t.Error("all is given back, and the access stays")
	}
}

// A refund can fail weeks after it was made, and its money come back: the order is paid again, and what it gave is there again as it was,
// once, also when it was given back in parts; given back once more, it ends once more. Staff read why.
func TestRefundThatFails(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	const nia = "nia@example.com"
	maya := s.maya()
	s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome")
	s.settled()
	payment := s.one("SELECT stripe_payment_id FROM sales_order")
	order := "/acme/orders/" + s.one("SELECT id::text FROM sales_order")
	refund := func(minor int64) (id string) {
		t.Helper()
		made, err := s.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &payment, Amount: &minor})
		if err != nil {
			t.Fatal(err)
		}
		s.settled()
		return made.ID
	}
	stands := func(when string, sees bool, lines, refunded int) {
		t.Helper()
		if s.sees(nia) != sees || s.count("access_grant") != lines || s.count("sales_order WHERE refunded_minor = $1", refunded) != 1 || s.count("invoice WHERE refunded_minor = $1", refunded) != 1 {
			t.Errorf("%s: sees it %v; %d lines; refunded %s", when, s.sees(nia), s.count("access_grant"), s.one("SELECT refunded_minor::text FROM sales_order"))
		}
	}
	fails := func(id string) {
		t.Helper()
		if err := s.sim.FailRefund(id); err != nil {
			t.Fatal(err)
		}
		s.settled()
	}
	first := refund(900)
	second := refund(4000)
	stands("all is given back", false, 1, 4900)
	fails(first)
	stands("a part came back", true, 2, 4000)
	fails(second)
	stands("all of it came back", true, 2, 0)
	s.look(payment)
	stands("looked at once more", true, 2, 0)
	if s.count("access_grant a JOIN access_grant b ON a.nth = 0 AND b.nth = 1 AND (a.starts_at, a.contact_id, a.course_id, a.origin_id) = (b.starts_at, b.contact_id, b.course_id, b.origin_id)") != 1 {
		t.Error("it is not given as it was")
	}
	if maya.open(s.admin(order)); !strings.Contains(maya.page, "is with you again, as happens when a bank cannot take a refund") || !strings.Contains(maya.page, order+"/refund") {
		t.Errorf("the order: %s", maya.page)
	}
	contact := s.admin("/acme/contacts/" + s.one("SELECT id::text FROM contact WHERE email = $1", nia))
	if maya.open(contact); !strings.Contains(maya.page, "Bought, and given again when its money came back") || !strings.Contains(maya.page, "The order was refunded") {
		t.Errorf("the contact: %s", maya.page)
	}
	refund(4900)
	stands("given back once more", false, 2, 4900)
	if maya.open(s.admin(order)); strings.Contains(maya.page, "is with you again") {
		t.Errorf("the order, given back: %s", maya.page)
	}
}

// look has an object looked at by a job, as after an event, and waits for it.
func (s *shop) look(object string) {
	s.t.Helper()
	(&history{shop: s}).looks(object)
	s.settled()
}
