package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v76"

	"atrium/queries"
)

// connected has an account sell through a Stripe account of its own.
func (s *shop) connected(slug string) (stripeAccount string) {
	s.t.Helper()
	made, err := s.api.Accounts.New(&stripe.AccountParams{Type: stripe.String("standard")})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.sim.Onboard(made.ID); err != nil {
		s.t.Fatal(err)
	}
	err = queries.InTx(s.t.Context(), s.database.pool, func(q *queries.Queries, _ pgx.Tx) error {
		_, err := queries.SellThrough(s.t.Context(), q, s.account(slug), made.ID, s.now())
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return made.ID
}

// belonging is what an account has of sales, in numbers.
func (s *shop) belonging(account uuid.UUID) [5]int {
	s.t.Helper()
	return [5]int{s.count("contact WHERE account_id = $1", account), s.count("sales_order WHERE account_id = $1", account), s.count("access_grant WHERE account_id = $1", account),
		s.count("invoice WHERE account_id = $1", account), s.count("stripe_customer WHERE account_id = $1", account)}
}

// Two accounts with a Stripe account each: what happens at the one is nothing at the other, whichever way it is tried.
func TestStripeAccountsAreApart(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	s.createAccount("lumen", "Lumen Studio", "tomas@lumen.example")
	s.stock("lumen", queries.PriceIntervalOnce)
	atAcme, atLumen := s.connected("acme"), s.connected("lumen")
	acme, lumen := s.account("acme"), s.account("lumen")

	nia := s.buys(newVisitor(t)).pays("pay", "nia@example.com").arrivesAt("/welcome")
	s.settled()
	if got := s.belonging(acme); got != [5]int{1, 1, 1, 1, 1} {
		t.Errorf("Acme has %v", got)
	}
	if got := s.belonging(lumen); got != [5]int{} {
		t.Errorf("Lumen has %v of what was bought at Acme", got)
	}
	const sales = "stripe_event WHERE type <> 'account.updated'" // which came before anybody sold there, and is nobody's
	if n := s.count(sales+" AND stripe_account = $1 AND about_account_id = $2", atAcme, acme); n == 0 || n != s.count(sales) {
		t.Errorf("%d of %d events are Acme's", n, s.count(sales))
	}

	t.Run("by the id of a checkout", func(t *testing.T) { // neither in the browser that paid nor in another, at the other portal
		session := s.one("SELECT stripe_session_id FROM checkout WHERE account_id = $1", acme)
		for _, v := range []*visitor{nia, newVisitor(t)} {
			if v.open(s.portal("lumen", "/checkout/return?session_id="+url.QueryEscape(session))); v.status != http.StatusNotFound {
				t.Errorf("Lumen's portal answers %d for Acme's checkout", v.status)
			}
		}
	})
	t.Run("by cookie", func(t *testing.T) {
		if nia.open(s.portal("lumen", "/profile")).at.Path != "/sign-in" {
			t.Errorf("a client of Acme's is at %s of Lumen's portal", nia.at)
		}
	})
	t.Run("by what an object says", func(t *testing.T) { // whoever has Lumen's Stripe account can write Acme's id into its objects
		s.foreignInvoice(atLumen, acme)
		s.foreignInvoice("", acme)
		s.settled()
		if got := s.belonging(acme); got != [5]int{1, 1, 1, 1, 1} {
			t.Errorf("Acme has %v", got)
		}
		if n := s.count("stripe_event WHERE stripe_account = $1 AND state <> 'ignored'", atLumen); n != 0 {
			t.Errorf("%d events of Lumen's Stripe account did something", n)
		}
	})
	t.Run("by event", func(t *testing.T) { // the same person buys at Lumen and is somebody of its own there
		s.buysOf("lumen", newVisitor(t)).pays("pay", "nia@example.com").arrivesAt("/welcome")
		s.settled()
		if got := s.belonging(lumen); got != [5]int{1, 1, 1, 1, 1} {
			t.Errorf("Lumen has %v", got)
		}
		if got := s.belonging(acme); got != [5]int{1, 1, 1, 1, 1} {
			t.Errorf("Acme has %v", got)
		}
		if n := s.count(sales+" AND (stripe_account = $1) <> (about_account_id IS NOT DISTINCT FROM $2)", atLumen, lumen); n != 0 {
			t.Errorf("%d events are about the wrong account", n)
		}
	})
	t.Run("by host", func(t *testing.T) {
		if away := s.buysOf("lumen", newVisitor(t)).pays("pay", "away@example.com").arrivesAt("/welcome"); !strings.HasPrefix(away.at.Host, "lumen.") {
			t.Errorf("who bought at Lumen is led to %s", away.at)
		}
	})
}

// Money goes back where it was taken. An account that sells elsewhere by now still hears of refunds and disputes of what it sold before, and
// gives back there what staff give back; nothing new of the Stripe account before is its own.
func TestMoneyGoesBackWhereItWasTaken(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	maya := s.maya()
	first := s.connected("acme")
	for _, email := range []string{"ana@example.com", "ben@example.com", "cem@example.com"} {
		s.buys(newVisitor(t)).pays("pay", email).arrivesAt("/welcome")
	}
	s.settled()
	s.connected("acme")
	s.buys(newVisitor(t)).pays("pay", "nia@example.com").arrivesAt("/welcome")
	s.settled()
	for _, table := range []string{"checkout", "sales_order", "invoice"} {
		if s.count(table+" WHERE stripe_account = $1", first) != 3 || s.count(table+" WHERE stripe_account IS NULL") != 1 {
			t.Fatalf("of the Stripe account before are not three of %s", table)
		}
	}
	if is, err := queries.New(s.database.pool).CheckoutSession(t.Context(), queries.CheckoutSessionParams{AccountID: s.account("acme"), ID: uuid.MustParse(s.one("SELECT checkout_id::text FROM sales_order ORDER BY id LIMIT 1"))}); err != nil || is.StripeAccount != first {
		t.Errorf("a checkout of before is asked for at %s: %v", is.StripeAccount, err)
	}
	of := func(email, what string) string {
		return s.one("SELECT o."+what+"::text FROM sales_order o JOIN contact c ON c.id = o.contact_id WHERE c.email = $1", email)
	}
	stands := func(when, email string, sees bool, refunded, lost int) {
		t.Helper()
		s.settled()
		if s.sees(email) != sees || s.count("sales_order o JOIN contact c ON c.id = o.contact_id JOIN invoice i ON i.order_id = o.id AND (i.refunded_minor, i.lost_minor) = (o.refunded_minor, o.lost_minor) "+
			"WHERE c.email = $1 AND o.refunded_minor = $2 AND o.lost_minor = $3", email, refunded, lost) != 1 {
			t.Errorf("%s: %s sees it %v, refunded %s, lost %s", when, email, s.sees(email), of(email, "refunded_minor"), of(email, "lost_minor"))
		}
	}

	refund := &stripe.RefundParams{PaymentIntent: stripe.String(of("ana@example.com", "stripe_payment_id"))}
	refund.SetStripeAccount(first)
	made, err := s.api.Refunds.New(refund)
	if err != nil {
		t.Fatal(err)
	}
	stands("given back at Stripe", "ana@example.com", false, 4900, 0)
	if err := s.sim.FailRefund(made.ID); err != nil {
		t.Fatal(err)
	}
	stands("which failed", "ana@example.com", true, 0, 0)

	get := &stripe.PaymentIntentParams{}
	get.SetStripeAccount(first)
	payment, err := s.api.PaymentIntents.Get(of("ben@example.com", "stripe_payment_id"), get)
	if err != nil {
		t.Fatal(err)
	}
	dispute, err := s.sim.Dispute(payment.LatestCharge.ID, "fraudulent")
	if err != nil {
		t.Fatal(err)
	}
	stands("in dispute", "ben@example.com", true, 0, 0)
	if err := s.sim.CloseDispute(dispute, false); err != nil {
		t.Fatal(err)
	}
	stands("lost", "ben@example.com", false, 0, 4900)

	page := s.admin("/acme/orders/" + of("cem@example.com", "id"))
	maya.open(page+"/refund").send("/acme/orders/", "amount", "49.00")
	if !strings.Contains(maya.page, "is given back") {
		t.Errorf("staff give it back: %s", maya.page)
	}
	stands("given back by staff", "cem@example.com", false, 4900, 0)
	stands("and of the one after", "nia@example.com", true, 0, 0)

	before := s.belonging(s.account("acme"))
	s.foreignInvoice(first, s.account("acme"))
	if s.settled(); s.belonging(s.account("acme")) != before {
		t.Error("something new of the Stripe account before is Acme's")
	}
	if s.count("stripe_event WHERE state IN ('waiting', 'failed')") != 0 {
		t.Error("events were not understood")
	}
}

// foreignInvoice is one at a Stripe account that says it is an account's.
func (s *shop) foreignInvoice(at string, says uuid.UUID) {
	s.t.Helper()
	here := stripe.Params{}
	if at != "" {
		here.StripeAccount = &at
	}
	customer, err := s.api.Customers.New(&stripe.CustomerParams{Params: here, Email: stripe.String("nia@example.com")})
	if err != nil {
		s.t.Fatal(err)
	}
	p := &stripe.InvoiceParams{Params: here, Customer: &customer.ID, CollectionMethod: stripe.String("send_invoice"), DaysUntilDue: stripe.Int64(7), Currency: stripe.String("eur")}
	p.Metadata = map[string]string{"atrium_account": says.String()}
	invoice, err := s.api.Invoices.New(p)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.api.Invoices.FinalizeInvoice(invoice.ID, &stripe.InvoiceFinalizeInvoiceParams{Params: here}); err != nil {
		s.t.Fatal(err)
	}
}
