package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/internal/browsertest"
	"atrium/cmd/stripesim"
	"atrium/jobs/mailbox"
	"atrium/queries"
)

// maya is Acme's owner, signed in on the admin side.
func (s *shop) maya() *visitor {
	s.t.Helper()
	v := newVisitor(s.t)
	v.open(s.mail("maya@acme.example").Links[0])
	v.send(v.at.Path, "name", "Maya Lindqvist", "password", "seven quiet harbours")
	return v
}

// Staff make an invoice and send it; the client sees it and pays; by bank debit it is on its way and nobody offers to pay again;
// what is paid is given back in part and then in full.
func TestInvoiceFromStaffToClient(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	const nia = "nia@example.com"
	maya := s.maya()
	client := s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
	contact := s.one("SELECT id::text FROM contact WHERE email = $1", nia)
	make := func() (path string) {
		t.Helper()
		maya.open(s.admin("/acme/invoices/new?contact="+contact)).send("/acme/invoices", "line-1-text", "Three sessions", "line-1-quantity", "3", "line-1-amount", "40.00")
		path = maya.at.Path
		if !strings.Contains(maya.page, "€120.00") || !strings.Contains(maya.page, "Draft") {
			t.Fatalf("the draft: %s", maya.page)
		}
		maya.send(path + "/send").arrivesAt(path)
		return path
	}
	card := make()
	id := card[strings.LastIndex(card, "/")+1:]
	client.open(s.portal("acme", "/"))
	if !strings.Contains(client.page, "€120.00 to be paid") {
		t.Errorf("home says %s", client.page)
	}
	client.open(s.portal("acme", "/invoices/"+id+"/pay"))
	client.pays("pay", nia)
	s.settled()
	if client.open(s.portal("acme", "/invoices/"+id)); !strings.Contains(client.page, "Paid") || !strings.Contains(client.page, "/receipt") || strings.Contains(client.page, id+"/pay") {
		t.Errorf("paid: %s", client.page)
	}

	debit := make()
	id = debit[strings.LastIndex(debit, "/")+1:]
	_, token, _ := strings.Cut(maya.page, "/pay/")
	token, _, _ = strings.Cut(token, `"`)
	nobody := newVisitor(t)
	w := browsertest.Open(t, browsertest.Settings{})
	w.Open(s.portal("acme", "/pay/"+token))
	nobody.open(s.portal("acme", "/pay/"+token+"/go")).pays("debit", nia)
	s.settled()
	w.Until(`(window.shownBefore = true) && dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`) // back from Stripe's page, out of the browser's memory
	w.Until(`!window.shownBefore && document.readyState === "complete"`)
	if w.Has("[data-afresh]") {
		t.Error("whoever goes back is asked to pay once more")
	}
	for _, page := range []string{client.open(s.portal("acme", "/invoices/"+id)).page, nobody.open(s.portal("acme", "/pay/"+token)).page} {
		if !strings.Contains(page, "on its way") || strings.Contains(page, "Pay €120") {
			t.Errorf("by bank debit: %s", page)
		}
	}
	if maya.open(s.admin(debit)); !strings.Contains(maya.page, "on its way") || strings.Contains(maya.page, debit+"/void") {
		t.Errorf("staff may take it back while it is paid: %s", maya.page)
	}
	list := s.api.PaymentIntents.List(&stripe.PaymentIntentListParams{})
	list.Next()
	if err := s.sim.Settle(list.PaymentIntent().ID, false); err != nil {
		t.Fatal(err)
	}
	s.settled()
	if client.open(s.portal("acme", "/")); !strings.Contains(client.page, "€120.00 to be paid") {
		t.Errorf("the bank did not pay, and home says %s", client.page)
	}
	if client.open(s.portal("acme", "/invoices/"+id)); !strings.Contains(client.page, "Your bank did not make the last payment") || !strings.Contains(client.page, "Pay €120.00") {
		t.Errorf("the bank did not pay, and the invoice says %s", client.page)
	}
	if maya.open(s.admin(debit)); !strings.Contains(maya.page, "A bank sent the payment back") {
		t.Errorf("the bank did not pay, and staff read %s", maya.page)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	told, err := s.box.Wait(ctx, nia, func(m mailbox.Message) bool { return strings.Contains(m.Subject, "did not go through") })
	if err != nil || !strings.Contains(told.Text, "€120.00") || told.Links[0] != s.portal("acme", "/pay/"+token) {
		t.Fatalf("they are told: %s\n%s %v", told.Subject, told.Text, err)
	}
	if nobody.open(told.Links[0]); !strings.Contains(nobody.page, "The bank did not make the last payment") {
		t.Errorf("behind the link: %s", nobody.page)
	}
	nobody.open(s.portal("acme", "/pay/"+token+"/go")).pays("debit", nia)
	s.settled()
	list = s.api.PaymentIntents.List(&stripe.PaymentIntentListParams{})
	list.Next()
	if err := s.sim.Settle(list.PaymentIntent().ID, true); err != nil {
		t.Fatal(err)
	}
	s.settled()
	if n := s.count("mail WHERE kind = 'payment_returned'"); n != 1 {
		t.Errorf("told %d times", n)
	}
	if s.count("invoice WHERE id = $1 AND state = 'paid' AND returned_at IS NULL", id) != 1 {
		t.Error("the bank paid, and it is not paid")
	}

	order := "/acme/orders/" + s.one("SELECT id::text FROM sales_order")
	if maya.open(s.admin(order + "/refund")); !strings.Contains(maya.page, "Clear goals") {
		t.Errorf("the preview: %s", maya.page)
	}
	maya.send(order+"/refund", "amount", "9.00").arrivesAt(order)
	if !strings.Contains(maya.page, "Refunded in part") || !s.sees(nia) {
		t.Errorf("a part is given back: %s", maya.page)
	}
	charges := s.api.Charges.List(&stripe.ChargeListParams{PaymentIntent: stripe.String(s.one("SELECT stripe_payment_id FROM sales_order"))})
	charges.Next()
	dispute, err := s.sim.Dispute(charges.Charge().ID, "fraudulent")
	if err != nil {
		t.Fatal(err)
	}
	s.settled()
	if maya.open(s.admin(order)); !strings.Contains(maya.page, "In dispute") || strings.Contains(maya.page, order+"/refund") || !s.sees(nia) {
		t.Errorf("while a bank decides: %s", maya.page)
	}
	if err := s.sim.CloseDispute(dispute, true); err != nil {
		t.Fatal(err)
	}
	s.settled()
	maya.open(s.admin(order+"/refund")).send(order+"/refund", "amount", "40.00").arrivesAt(order)
	if s.count("sales_order WHERE refunded_minor = amount_minor") != 1 || s.sees(nia) {
		t.Error("all is given back, and the access stays")
	}
	maya.open(s.admin(card+"/refund")).send(card+"/refund", "amount", "20").arrivesAt(card)
	if s.count("invoice WHERE refunded_minor = 2000 AND state = 'paid'") != 1 {
		t.Error("a part of the invoice is not given back")
	}
}

// A draft that is deleted at Stripe is gone here as well, by its event, or by a walk when that is lost; and what was reported
// about it before waits for nothing.
func TestDraftDeletedAtStripe(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	maya := s.maya()
	s.buys(newVisitor(t)).pays("pay", "nia@example.com").arrivesAt("/welcome")
	s.settled()
	form := s.admin("/acme/invoices/new?contact=" + s.one("SELECT id::text FROM contact"))
	deleted := func() {
		t.Helper()
		maya.open(form).send("/acme/invoices", "line-1-text", "Three sessions", "line-1-quantity", "3", "line-1-amount", "40.00")
		if _, err := s.api.Invoices.Del(s.one("SELECT stripe_id FROM invoice WHERE state = 'draft'"), nil); err != nil {
			t.Fatal(err)
		}
	}
	const billed = "invoice WHERE order_id IS NULL" // and not what was bought
	gone := func(how string) {
		t.Helper()
		if s.count(billed) != 0 || s.count("stripe_event WHERE state IN ('waiting', 'failed')") != 0 {
			t.Errorf("%s: %s", how, s.one("SELECT coalesce(string_agg(e::text, ' '), '') FROM stripe_event e WHERE state IN ('waiting', 'failed')"))
		}
	}
	s.sim.Hold() // so that it is gone before anything about it is looked at
	deleted()
	if err := s.sim.Release(); err != nil {
		t.Fatal(err)
	}
	s.settled()
	gone("by its event")
	if s.count("stripe_event WHERE type = 'invoice.deleted' AND state <> 'waiting'") != 1 {
		t.Error("its event is not there")
	}
	s.sim.Misdeliver(stripesim.Mischief{Drop: true, Count: -1})
	deleted()
	s.settled()
	if s.count(billed) != 1 {
		t.Fatal("the event was lost, and yet it counts")
	}
	s.reconcile()
	gone("by a walk")
}
