package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/jobs/mailbox"
	"atrium/queries"
)

// customerIs demands what the only customer at Stripe is called there.
func (s *shop) customerIs(when, email, name string) {
	s.t.Helper()
	list := s.api.Customers.List(&stripe.CustomerListParams{})
	for list.Next() {
		if c := list.Customer(); c.Email != email || c.Name != name {
			s.t.Errorf("%s Stripe knows %q at %s, want %q at %s", when, c.Name, c.Email, name, email)
		}
	}
	if err := list.Err(); err != nil {
		s.t.Fatal(err)
	}
}

// Stripe mails an invoice to where its customer reads mail: it knows a client by the name and address they have here, whichever way these
// changed, also when they are changed back within the day that Stripe remembers a call, and before an invoice is made or sent.
func TestStripeKnowsClientsAsTheyAre(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	const was, now = "nia@example.com", "nia@new.example"
	maya := s.maya()
	s.buys(newVisitor(t)).pays("pay", was).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
	s.settled()
	s.customerIs("after the arrival", was, "Nia Okafor")
	contact := s.one("SELECT id::text FROM contact WHERE email = $1", was)
	page := "/acme/contacts/" + contact
	for _, step := range []struct{ email, name string }{{now, "Nia Okafor"}, {was, "Nia Okafor"}, {now, "Nia Okafor"}, {now, "Nia Lund"}, {now, "Nia Okafor"}} {
		maya.open(s.admin(page)).send(page+"/email", "email", step.email)
		maya.open(s.admin(page)).send(page+"/details", "name", step.name)
		s.settled()
		s.customerIs("after a change", step.email, step.name)
	}
	unheard := func(email string) { // a change whose job has not come to it
		t.Helper()
		if _, err := s.database.pool.Exec(t.Context(), "UPDATE contact SET email = $1", email); err != nil {
			t.Fatal(err)
		}
	}
	unheard("first@new.example")
	maya.open(s.admin("/acme/invoices/new?contact="+contact)).send("/acme/invoices", "line-1-text", "Three sessions", "line-1-quantity", "3", "line-1-amount", "40.00")
	s.customerIs("with a draft", "first@new.example", "Nia Okafor")
	draft := maya.at.Path
	unheard("second@new.example")
	maya.send(draft + "/send").arrivesAt(draft)
	s.customerIs("with an invoice", "second@new.example", "Nia Okafor")
	invoices := s.api.Invoices.List(&stripe.InvoiceListParams{Status: stripe.String("open")})
	if !invoices.Next() || invoices.Invoice().CustomerEmail != "second@new.example" {
		t.Errorf("the invoice went to %+v", invoices.Current())
	}
}

// Whoever was deleted at Stripe is another customer there from then on: staff bill them, and they buy, as if nothing had been, also when it
// happens twice within the day that Stripe remembers a call. A draft of the one who is gone is not sent, and says why.
func TestCustomerDeletedAtStripe(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	const nia = "nia@example.com"
	maya := s.maya()
	client := s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
	s.settled()
	contact := s.one("SELECT id::text FROM contact WHERE email = $1", nia)
	deleted := func() {
		t.Helper()
		if _, err := s.api.Customers.Del(s.one("SELECT stripe_id FROM stripe_customer ORDER BY created_at DESC LIMIT 1"), nil); err != nil {
			t.Fatal(err)
		}
	}
	draft := func() (path string) {
		t.Helper()
		maya.open(s.admin("/acme/invoices/new?contact="+contact)).send("/acme/invoices", "line-1-text", "Three sessions", "line-1-quantity", "3", "line-1-amount", "40.00")
		if path = maya.at.Path; !strings.Contains(maya.page, "Draft") || !strings.Contains(maya.page, "€120.00") {
			t.Fatalf("the draft: %s", maya.page)
		}
		return path
	}
	for range 2 {
		deleted()
		draft()
		s.customerIs("made anew", nia, "Nia Okafor")
	}
	path := draft()
	deleted()
	if maya.send(path + "/send"); !strings.Contains(maya.page, "was deleted at Stripe, so nothing was done") || s.count("audit WHERE action = 'invoice.send'") != 0 {
		t.Errorf("sent to nobody: %s", maya.page)
	}
	if _, err := s.database.pool.Exec(t.Context(), "UPDATE access_grant SET ended_at = now(), ended_because = 'revoked'"); err != nil {
		t.Fatal(err)
	}
	if client.open(s.portal("acme", offerPath)).send(offerPath + "/buy"); !strings.HasPrefix(client.at.String(), s.sim.URL) {
		t.Fatalf("they are not led to pay but to %s: %s", client.at, client.page)
	}
	client.pays("pay", nia)
	s.settled()
	if !s.sees(nia) || s.count("sales_order WHERE contact_id = $1", contact) != 2 {
		t.Error("they paid, and it is not theirs")
	}
}

// Who types the address of somebody else at a checkout, pays for them, and is one more customer at Stripe. Whom the client and staff pay
// and bill by is another one, as long as there is one: who first paid as them, or was made anew for them in place of one who was deleted.
func TestWhoTypesAnAddressIsNotItsClient(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"of a client who was one by buying": false, "of a client who was known before": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startShop(t, queries.PriceIntervalOnce)
			const ana = "ana@example.com"
			maya, client := s.maya(), newVisitor(t)
			if known {
				s.one("INSERT INTO contact (account_id, id, email, name, source, created_at, changed_at, joined_at, accepted_at) VALUES ($1, $2, $3, 'Ana Souza', 'manual', now(), now(), now(), now()) RETURNING id::text",
					s.account("acme"), queries.NewID(), ana)
			}
			s.buys(client).pays("pay", ana)
			if known {
				client.send("/checkout/confirm").arrivesAt("/sign-in/code")
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				mail, err := s.box.Wait(ctx, ana, func(m mailbox.Message) bool { return typedCode.MatchString(m.Code) })
				if err != nil {
					t.Fatal(err)
				}
				client.send("/sign-in/code", "code", mail.Code)
			} else {
				client.arrivesAt("/welcome").send("/welcome", "name", "Ana Souza", "password", "seven quiet harbours")
			}
			s.settled()
			contact := s.one("SELECT id::text FROM contact WHERE email = $1", ana)
			customer := func() string { return s.one("SELECT stripe_id FROM stripe_customer ORDER BY created_at DESC LIMIT 1") }
			bills := func(when, want string) {
				t.Helper()
				maya.open(s.admin("/acme/invoices/new?contact="+contact)).send("/acme/invoices", "line-1-text", "Three sessions", "line-1-quantity", "3", "line-1-amount", "40.00")
				if list := s.api.Invoices.List(&stripe.InvoiceListParams{Status: stripe.String("draft")}); !list.Next() || list.Invoice().Customer.ID != want {
					t.Errorf("%s staff do not bill %s", when, want)
				}
			}
			again := func(when, want string) {
				t.Helper()
				if _, err := s.database.pool.Exec(t.Context(), "UPDATE access_grant SET ended_at = now(), ended_because = 'revoked' WHERE ended_at IS NULL"); err != nil {
					t.Fatal(err)
				}
				s.buys(client)
				session, err := s.api.CheckoutSessions.Get(s.one("SELECT stripe_session_id FROM checkout ORDER BY id DESC LIMIT 1"), nil)
				if err != nil {
					t.Fatal(err)
				}
				if got := session.Customer; want == "" && got != nil || want != "" && (got == nil || got.ID != want) {
					t.Errorf("%s the client pays as %v, want %q", when, got, want)
				}
			}
			first := customer()
			bills("at first", first)
			again("at first", first)
			s.buys(newVisitor(t)).pays("pay", ana)
			s.settled()
			stranger := customer()
			if stranger == first || s.count("stripe_customer WHERE contact_id = $1", contact) != 2 || s.count("sales_order WHERE contact_id = $1", contact) != 2 {
				t.Fatal("what the stranger paid for is not theirs")
			}
			bills("after it", first)
			again("after it", first)
			if _, err := s.api.Customers.Del(first, nil); err != nil {
				t.Fatal(err)
			}
			again("once that one is deleted", "")
			client.pays("pay", ana)
			s.settled()
			third := customer()
			s.buys(newVisitor(t)).pays("pay", ana)
			if s.settled(); third == first || third == stranger || third == customer() {
				t.Fatal("they are not another customer")
			}
			bills("anew", third)
			again("anew", third)
		})
	}
}

// What was archived at Stripe, the price or its product, is sold here as long as its offer is: it is made anew there, once, and staff read of it.
func TestArchivedAtStripe(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	archived := 0
	buys := func(email string) {
		t.Helper()
		s.buys(newVisitor(t)).pays("pay", email).arrivesAt("/welcome")
		s.settled()
		if !s.sees(email) || s.count("audit WHERE action = 'offer.remake'") != archived {
			t.Errorf("%s sees it: %v; made anew %d times", email, s.sees(email), s.count("audit WHERE action = 'offer.remake'"))
		}
	}
	buys("ana@example.com")
	for _, archive := range []func() error{
		func() error {
			_, err := s.api.Products.Update(s.one("SELECT stripe_product_id FROM offer_price"), &stripe.ProductParams{Active: stripe.Bool(false)})
			return err
		},
		func() error {
			_, err := s.api.Prices.Update(s.one("SELECT stripe_price_id FROM offer_price"), &stripe.PriceParams{Active: stripe.Bool(false)})
			return err
		},
	} {
		if err := archive(); err != nil {
			t.Fatal(err)
		}
		archived++
		buys(fmt.Sprintf("ben%d@example.com", archived))
		buys(fmt.Sprintf("cem%d@example.com", archived))
	}
	maya := s.maya()
	if maya.open(s.admin("/acme/audit-log")); !strings.Contains(maya.page, "Made anew at Stripe, where it was archived, the offer") {
		t.Errorf("the trail: %s", maya.page)
	}
}
