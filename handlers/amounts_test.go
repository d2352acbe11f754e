package handlers

import (
	"net/http"
	"testing"

	"atrium/queries"
)

// Wherever an amount is typed, what is allowed in its currency stands beside the field, and what was typed is kept.
func TestAmountsOfTheirCurrency(t *testing.T) {
	t.Parallel()
	s, _ := standIn(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	w := s.things(t, s.acme, maya)
	s.exec(t, "UPDATE sales_order SET currency = 'jpy' WHERE id = $1", w.billed.order)
	b := s.staff(t, maya)
	order := "/acme/orders/" + w.billed.order.String()
	for _, c := range []struct {
		page, form, field string
		others            []string
		most              string // what is said of an amount that is too large
	}{
		{"/acme/offers/new", "#offers-edit", "price", []string{"title", "A book", "currency", "jpy"}, "up to ¥99,999,999."},
		{"/acme/invoices/new?contact=" + w.contact.id.String(), "#staffinvoices-form form", "line-1-amount", []string{"line-1-text", "A session", "currency", "jpy"}, "up to ¥99,999,999."},
		{order + "/refund", "form[action='" + order + "/refund']", "amount", nil, "up to ¥4,900."},
	} {
		p := b.get(c.page).is(http.StatusOK)
		for typed, want := range map[string]string{
			"10.50":       "Japanese yen have no smaller unit: enter a whole amount, such as 4900.",
			"ten":         "Enter an amount, such as 4900.",
			"0":           "Enter an amount, such as 4900.",
			"100,000,000": "Enter an amount " + c.most,
			"1,2,3":       "Write it like 1,234 or 1234.",
		} {
			again := b.fill(p, c.form, append(c.others, c.field, typed)...).is(http.StatusUnprocessableEntity)
			if c.field == "price" {
				want += " Left empty, the offer is free."
			}
			field := again.one("[name='" + c.field + "']")
			if said := words(again.one("#" + attr(field, "aria-describedby"))); said != want || attr(field, "value") != typed || attr(field, "aria-invalid") != "true" {
				t.Errorf("%s says of %q, which became %q: %q, want %q", c.page, typed, attr(field, "value"), said, want)
			}
		}
	}
}

// Dinars have three digits, of which cards are charged two: what Stripe would refuse is said beside the field.
func TestAmountsThatCannotBeCharged(t *testing.T) {
	t.Parallel()
	s, _ := standIn(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	w := s.things(t, s.acme, maya)
	s.exec(t, "UPDATE sales_order SET currency = 'kwd' WHERE id = $1", w.billed.order)
	b := s.staff(t, maya)
	order := "/acme/orders/" + w.billed.order.String()
	for _, c := range []struct {
		page, form, field string
		others            []string
	}{
		{"/acme/offers/new", "#offers-edit", "price", []string{"title", "A book", "currency", "kwd"}},
		{"/acme/invoices/new?contact=" + w.contact.id.String(), "#staffinvoices-form form", "line-1-amount", []string{"line-1-text", "A session", "currency", "kwd"}},
		{order + "/refund", "form[action='" + order + "/refund']", "amount", nil},
	} {
		p := b.get(c.page).is(http.StatusOK)
		for typed, want := range map[string]string{"1.234": "Enter 1.230 or 1.240.", "0.005": "Enter 0.010."} {
			again := b.fill(p, c.form, append(c.others, c.field, typed)...).is(http.StatusUnprocessableEntity)
			if c.field == "price" {
				want += " Left empty, the offer is free."
			}
			want = "In KWD the last digit has to be 0, as cards are not charged to the last one. " + want
			if said := words(again.one("#" + attr(again.one("[name='"+c.field+"']"), "aria-describedby"))); said != want {
				t.Errorf("%s says of %q: %q, want %q", c.page, typed, said, want)
			}
		}
	}
}
