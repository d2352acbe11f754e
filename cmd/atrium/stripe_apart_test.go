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
