package queries_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// shop is a school whose course is sold.
type shop struct {
	school
	offer, price uuid.UUID
}

func (a *tenant) shop(charged queries.PriceInterval) shop {
	a.t.Helper()
	s := shop{school: a.school(1), offer: queries.NewID(), price: queries.NewID()}
	a.exec("INSERT INTO offer (account_id, id, name, title, created_at, changed_at) VALUES ($1, $2, $3, 'Clear goals', $4, $4)", a.id, s.offer, "o-"+s.offer.String()[24:], noon)
	a.exec("INSERT INTO offer_course VALUES ($1, $2, $3)", a.id, s.offer, s.course)
	a.exec("INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, created_at) VALUES ($1, $2, $3, 4900, 'eur', $4, $5)", a.id, s.price, s.offer, charged, noon)
	return s
}

func (s shop) checkout(contact *uuid.UUID) queries.Paid {
	s.t.Helper()
	id := queries.NewID()
	check(s.t, s.q.CheckoutInsert(s.t.Context(), queries.CheckoutInsertParams{AccountID: s.id, ID: id, OfferID: s.offer, PriceID: s.price, ContactID: contact,
		BrowserHash: queries.TokenHash("browser"), Now: noon}))
	return queries.Paid{AccountID: s.id, CheckoutID: id, SessionID: "cs_" + id.String(), Email: "nia@example.com", Name: "Nia Okafor", AmountMinor: 4900, Currency: "eur",
		Customer: "cus_1", Payment: "pi_1", Now: noon}
}

func (a *tenant) fulfil(p queries.Paid) (f queries.Fulfilled, err error) {
	err = a.tx(func(ctx context.Context, q *queries.Queries) error {
		f, err = queries.Fulfil(ctx, q, p)
		return err
	})
	return f, err
}

// A paid checkout makes contact, order and grants once, whoever says it first and however many say it at once.
func TestFulfilOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.shop(queries.PriceIntervalOnce)
	paid := s.checkout(nil)
	var done []queries.Fulfilled
	results := make(chan queries.Fulfilled, 8)
	for _, err := range together(8, func(int) error {
		f, err := a.fulfil(paid)
		results <- f
		return err
	}) {
		check(t, err)
	}
	close(results)
	for f := range results {
		if f.IsNew {
			done = append(done, f)
		}
	}
	if len(done) != 1 || !done[0].MadeContact || len(done[0].Courses) != 1 {
		t.Fatalf("it was done as %+v", done)
	}
	if !a.may(done[0].ContactID, s.course, noon) {
		t.Error("the buyer cannot see the course")
	}
	if n := read[int](a, "SELECT count(*) FROM sales_order WHERE amount_minor = 4900 AND currency = 'eur' AND stripe_payment_id = 'pi_1' AND made_contact"); n != 1 {
		t.Errorf("%d orders", n)
	}
	if n := read[int](a, "SELECT count(*) FROM contact WHERE email = 'nia@example.com' AND source = 'checkout' AND name = 'Nia Okafor'"); n != 1 {
		t.Errorf("%d buyers", n)
	}
}

// Somebody who is known is not made anew, and a client who was signed in buys for themselves whatever address they pay with.
func TestFulfilForWhom(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.shop(queries.PriceIntervalOnce)
	nia, ana := a.contact("NIA@example.com"), a.contact("ana@example.com")
	f, err := a.fulfil(s.checkout(nil))
	check(t, err)
	if f.ContactID != nia || f.MadeContact {
		t.Errorf("by address: %+v", f)
	}
	f, err = a.fulfil(s.checkout(&ana))
	check(t, err)
	if f.ContactID != ana || f.MadeContact {
		t.Errorf("signed in: %+v", f)
	}
}

// What is bought once can have an end; what a subscription gives ends with it.
func TestFulfilUntilWhen(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	once, monthly := a.shop(queries.PriceIntervalOnce), a.shop(queries.PriceIntervalMonth)
	a.exec("UPDATE offer SET access_days = 30")
	f, err := a.fulfil(once.checkout(nil))
	check(t, err)
	if !a.may(f.ContactID, once.course, noon.AddDate(0, 0, 29)) || a.may(f.ContactID, once.course, noon.AddDate(0, 0, 30)) {
		t.Error("30 days are not 30 days")
	}
	f, err = a.fulfil(monthly.checkout(nil))
	check(t, err)
	if !a.may(f.ContactID, monthly.course, noon.AddDate(1, 0, 0)) {
		t.Error("a subscription's course ends by itself")
	}
	closed, err := queries.CloseSource(t.Context(), a.q, a.id, queries.GrantSourceSubscription, f.OrderID, queries.Ending{Because: queries.GrantEndCancelled, Now: noon.Add(time.Hour)})
	check(t, err)
	if len(closed) != 1 || a.may(f.ContactID, monthly.course, noon.Add(time.Hour)) || !a.may(f.ContactID, once.course, noon.Add(time.Hour)) {
		t.Errorf("its end closed %v", closed)
	}
}

// Another account's checkout does not exist here.
func TestFulfilKeepsToTheAccount(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	paid := a.another("lumen").shop(queries.PriceIntervalOnce).checkout(nil)
	paid.AccountID = a.id
	if _, err := a.fulfil(paid); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// Of the customers at Stripe who are a contact the newest pays who is them for certain: who brought them here, or was signed in. Who typed
// their address counts where there is nobody else, and then whoever did so first.
func TestCustomerOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		known bool     // before the first of them pays
		pays  []string // new customers, one after the other; those with a star are signed in
		want  string
	}{
		"none":                         {true, nil, ""},
		"who became one by it":         {false, []string{"a"}, "a"},
		"and somebody after them":      {false, []string{"a", "b"}, "a"},
		"and they themselves later":    {false, []string{"a", "b", "c*", "d"}, "c*"},
		"who was known":                {true, []string{"a"}, "a"},
		"and somebody after who was":   {true, []string{"a", "b"}, "a"},
		"and who is signed in at last": {true, []string{"a", "b", "c*"}, "c*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			s := a.shop(queries.PriceIntervalOnce)
			var nia uuid.UUID
			if c.known {
				nia = a.contact("nia@example.com")
			}
			for day, customer := range c.pays {
				var signedIn *uuid.UUID
				if strings.HasSuffix(customer, "*") {
					signedIn = &nia
				}
				paid := s.checkout(signedIn)
				paid.Customer, paid.Now = customer, noon.AddDate(0, 0, day)
				done, err := a.fulfil(paid)
				check(t, err)
				nia = done.ContactID
			}
			for what, ask := range map[string]func() (string, error){
				"billed": func() (string, error) {
					row, err := a.q.ContactForBilling(t.Context(), queries.ContactForBillingParams{AccountID: a.id, ID: nia})
					return row.Customer, err
				},
				"sold to": func() (string, error) {
					var name string
					check(t, a.pool.QueryRow(t.Context(), "SELECT name FROM offer WHERE id = $1", s.offer).Scan(&name))
					row, err := a.q.OfferPriceByName(t.Context(), queries.OfferPriceByNameParams{AccountID: a.id, Name: name, ContactID: nia})
					return row.Customer, err
				},
			} {
				if got, err := ask(); err != nil || got != c.want {
					t.Errorf("%s is %q, want %q: %v", what, got, c.want, err)
				}
			}
		})
	}
}
