package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim/simtest"
	"atrium/queries"
)

// Reminders of invoices are switched on with days and off again; the page tells how many are due, and what cannot be taken comes back.
func TestInvoiceReminderSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	b.get("/acme/invoices").has("a[href='/acme/invoices/reminders']")
	s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme)).get("/acme/invoices").lacks("a[href='/acme/invoices/reminders']")
	p := b.get("/acme/invoices/reminders").is(http.StatusOK).has("#invoicereminders-form [value=off][checked]", "[name=days][value='3, 10']")
	if text := words(p.one("#invoicereminders-due")); !strings.Contains(text, "With days 3 and 10 nobody would be reminded today") {
		t.Errorf("it says %s", text)
	}
	for _, b := range []*browser{b, b.htmx()} {
		b.fill(p, "#invoicereminders-form", "reminders", "on", "days", "3, x").is(http.StatusUnprocessableEntity).
			has("[name=days][value='3, x'][aria-invalid]", "[value=on][checked]")
	}
	s.rows(t, 0, "audit")
	b.follow(b.fill(p, "#invoicereminders-form", "reminders", "on", "days", "7 2").leadsTo("/acme/invoices/reminders")).has("#notice .flash", "[value=on][checked]", "[name=days][value='2, 7']")
	s.rows(t, 1, "account WHERE slug = 'acme' AND invoice_reminder_days = '{2,7}' AND reminder_days = '{}'")
	s.rows(t, 1, `audit WHERE staff_id = $1 AND action = 'invoice_reminders.change' AND was = '{"days": []}' AND became = '{"days": [2, 7]}'`, maya.id)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	for _, row := range []columns{{"due_at": noon.AddDate(0, 0, -2)}, {"due_at": noon.AddDate(0, 0, -3)}, {"due_at": noon.AddDate(0, 0, -1)}, {"due_at": noon.AddDate(0, 0, -30)},
		{"due_at": noon.AddDate(0, 0, -3), "payment": "processing"}, {"due_at": noon.AddDate(0, 0, -3), "state": "void"}} {
		s.invoice(t, ana, row)
	}
	if text := words(b.get("/acme/invoices/reminders").one("#invoicereminders-due")); !strings.Contains(text, "2 invoices to be reminded of today, on days 2 and 7") {
		t.Errorf("it says %s", text)
	}
	b.fill(p, "#invoicereminders-form", "reminders", "off", "days", "nonsense").leadsTo("/acme/invoices/reminders")
	s.rows(t, 2, "account WHERE invoice_reminder_days = '{}'")
}

// By hand an open invoice is reminded of once a day, after a look at Stripe: what was paid in the meantime is not.
func TestStaffRemindOfAnInvoice(t *testing.T) {
	t.Parallel()
	s, sim := standIn(t)
	api := simtest.API(sim)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	form := b.get("/acme/invoices/new?contact=" + ana.id.String())
	path := b.fill(form, "#staffinvoices-form form", "line-1-text", "Session", "line-1-amount", "40").header.Get("Location")
	b.fill(b.get(path), "form[action='"+path+"/send']").leadsTo(path)
	remind := func(mails int, told string) {
		t.Helper()
		p := b.follow(b.fill(b.get(path), "form[action='"+path+"/remind']").leadsTo(path))
		if !strings.Contains(p.words(), told) {
			t.Errorf("it says %s", p.words())
		}
		s.rows(t, mails, "mail WHERE kind = 'invoice_reminder' AND contact_id = $1 AND invoice_id IS NOT NULL", ana.id)
		s.rows(t, mails, "audit WHERE action = 'invoice.remind'")
	}
	remind(1, "A reminder is on its way to ana@example.com")
	remind(1, "They were reminded of it today")
	if text := b.get(path).words(); !strings.Contains(text, "Reminded") {
		t.Errorf("the invoice says %s", text)
	}
	s.clock.move(24 * time.Hour)
	remind(2, "A reminder is on its way")
	s.clock.move(24 * time.Hour)
	s.exec(t, "UPDATE contact SET bounced_at = $1", noon)
	remind(2, "was refused for good")
	s.exec(t, "UPDATE contact SET bounced_at = NULL")
	stale := b.get(path)
	list := api.Invoices.List(&stripe.InvoiceListParams{})
	list.Next()
	if _, err := api.Invoices.Pay(list.Invoice().ID, &stripe.InvoicePayParams{PaidOutOfBand: stripe.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if text := b.follow(b.fill(stale, "form[action='"+path+"/remind']").leadsTo(path)).words(); !strings.Contains(text, "It has changed since") {
		t.Errorf("it says %s", text)
	}
	s.rows(t, 2, "mail WHERE kind = 'invoice_reminder'")
}
