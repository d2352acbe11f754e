package main

import (
	"testing"

	"github.com/stripe/stripe-go/v76"

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
