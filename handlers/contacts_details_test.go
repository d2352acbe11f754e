package handlers

import (
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// Each detail is saved by itself, with a word beside the field when it cannot be, and stands in the trail.
func TestContactsSaveDetail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	page := "/acme/contacts/" + ana.id.String()
	form := func(name string) string { return "#contacts-detail-" + name + " form" }
	for _, c := range []struct{ name, typed, kept string }{
		{"name", "  Ana   de Souza ", "Ana de Souza"}, {"phone", " +46 8  123 ", "+46 8 123"}, {"company", "Souza & Filhos", "Souza & Filhos"},
		{"note", "Likes\r\nmornings ", "Likes\nmornings"}, {"note", "", ""},
	} {
		b.fill(b.get(page), form(c.name), c.name, c.typed).leadsTo(page)
		s.rows(t, 1, "contact WHERE id = $1 AND "+c.name+" = $2", ana.id, c.kept)
		s.rows(t, 1, "audit WHERE subject_id = $1 AND action = 'contact.details' AND became->>'"+c.name+"' = $2", ana.id, c.kept)
	}
	b.fill(b.get(page), form("phone")).leadsTo(page) // unchanged, so nothing to tell
	s.rows(t, 5, "audit")

	p := b.htmx().fill(b.get(page), form("company"), "company", "Ana & Co").is(http.StatusOK).has("#contacts-detail-company summary[autofocus]").lacks("main", "#contacts-detail-phone")
	if !strings.Contains(p.words(), "Ana & Co") {
		t.Errorf("the part says %q", p.words())
	}
	if p := b.htmx().fill(b.get(page), form("name"), "name", "Ana"); p.header.Get("HX-Redirect") != page {
		t.Errorf("a new name, which stands at the head of the page, leads to %q", p.header.Get("HX-Redirect"))
	}

	before := s.everything(t)
	for name, typed := range map[string]string{"name": strings.Repeat("a", 121), "phone": "1\x01", "company": strings.Repeat("ä", 121), "note": strings.Repeat("a", noteMost+1)} {
		p := b.fill(b.get(page), form(name), name, typed).is(http.StatusUnprocessableEntity).has("h1", "#contacts-detail-"+name+" details[open] .error")
		if name == "company" {
			p.has("#contacts-detail-company [value='" + typed + "']")
		}
		b.htmx().fill(b.get(page), form(name), name, typed).is(http.StatusUnprocessableEntity).has("#contacts-detail-" + name + " .error").lacks("main")
	}
	b.send(post, page+"/details", map[string][]string{"_token": {b.token()}, "email": {"x@example.com"}}).is(http.StatusBadRequest)
	if s.everything(t) != before {
		t.Error("what was refused changed something")
	}
	support := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	support.get(page).has("#contacts-detail-name").lacks(form("name"), "form[action='"+page+"/tags']", "form[action='"+page+"/delete']", "a[href='"+page+"/visit']", "a[href='"+page+"/merge']")
}

// Tags are added and taken by themselves, spelled as they first were.
func TestContactsTags(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben := s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.contact(t, s.acme, "ben@example.com", "Ben Okri")
	anas, bens := "/acme/contacts/"+ana.id.String(), "/acme/contacts/"+ben.id.String()
	add, remove := "#contacts-tags form.tag-add", "#contacts-tags .tag form"
	b.fill(b.get(anas), add, "tag", " VIP ").leadsTo(anas + "#tags")
	b.fill(b.get(bens).has("#known-tags option[value=VIP]"), add, "tag", "vip").leadsTo(bens + "#tags")
	b.get(bens).lacks("#known-tags option").has("#contacts-tags .tag [value=VIP]")
	s.rows(t, 2, "contact WHERE tags = '{VIP}'")
	b.fill(b.get(bens), add, "tag", "Vip").leadsTo(bens + "#tags") // again is no mistake
	s.rows(t, 2, "audit WHERE action = 'contact.tag' AND note IN ('VIP', 'vip')")
	for _, typed := range []string{"", "a,b", strings.Repeat("a", 41)} {
		b.fill(b.get(anas), add, "tag", typed).is(http.StatusUnprocessableEntity).has("h1", add+" .error")
		b.htmx().fill(b.get(anas), add, "tag", typed).is(http.StatusUnprocessableEntity).has("#contacts-tags .error").lacks("main")
	}
	b.htmx().fill(b.get(anas), add, "tag", "early").is(http.StatusOK).has("#contacts-tags [value=early]", add+" [autofocus]").lacks("main")
	b.htmx().fill(b.get(anas), remove, "tag", "VIP").is(http.StatusOK).lacks(".tag [value=VIP]")
	b.fill(b.get(anas), remove).leadsTo(anas + "#tags")
	s.rows(t, 1, "contact WHERE id = $1 AND tags = '{}'", ana.id)
	s.rows(t, 2, "audit WHERE action = 'contact.untag' AND subject_id = $1", ana.id)
	b.send(post, anas+"/tags/remove", map[string][]string{"_token": {b.token()}}).leadsTo(anas)

	s.exec(t, "UPDATE contact SET tags = (SELECT array_agg('t' || n) FROM generate_series(1, 50) n) WHERE id = $1", ana.id)
	full := b.get(bens).form(add, "tag", "one more")
	b.send(full.method, anas+"/tags", full.values).is(http.StatusUnprocessableEntity)
	b.get(anas).lacks(add)
}

// Who is deleted is gone with all that was theirs, and out.
func TestContactsDelete(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	client := s.client(t, ana)
	link, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	s.ask(t, s.portal(t, s.acme), ana.email)
	page := "/acme/contacts/" + ana.id.String()
	p := b.get(page).has("#delete form[action='" + page + "/delete']")
	if !strings.Contains(words(p.one("#delete")), "Ana Souza") {
		t.Error("the question does not name the contact")
	}
	s.jobs(t)
	b.fill(p, "#delete form").leadsTo("/acme/contacts")
	for _, table := range []string{"contact", "session", "magic_link", "mail"} {
		s.rows(t, 0, table)
	}
	s.rows(t, 1, "audit WHERE action = 'contact.delete' AND subject = 'ana@example.com'")
	s.inserted(t, "metric_count")
	client.get("/").leadsTo("/sign-in")
	s.portal(t, s.acme).get(link).is(http.StatusNotFound)
	b.get(page).is(http.StatusNotFound)
}

// Whoever money can still be taken from stays, until that is over: staff read what to end first, and where.
func TestContactsDeleteWaitsForMoney(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	path := "/acme/contacts/" + ana.id.String()
	asked := b.get(path) // before any of it
	subscription, invoice, order := s.subscription(t, ana, nil), s.invoice(t, ana, columns{"number": "AC-7"}), s.things(t, s.acme, maya).billed.order
	s.exec(t, "UPDATE sales_order SET contact_id = $1 WHERE id = $2", ana.id, order)
	s.exec(t, "UPDATE checkout SET contact_id = $1, state = 'processing' FROM sales_order o WHERE o.id = $2 AND checkout.id = o.checkout_id", ana.id, order)
	for _, c := range []struct{ over, words, link string }{
		{"UPDATE subscription SET state = 'canceled', ended_at = now() WHERE contact_id = $1", "End the subscription “Monthly circle” now.", "/acme/subscriptions/" + subscription.String()},
		{"UPDATE invoice SET payment = 'processing' WHERE contact_id = $1", "Void invoice AC-7, or have it paid.", "/acme/invoices/" + invoice.String()},
		{"UPDATE invoice SET state = 'paid' WHERE contact_id = $1", "Wait until the payment of invoice AC-7 has come or failed.", "/acme/invoices/" + invoice.String()},
		{"UPDATE checkout SET state = 'done' WHERE contact_id = $1", "Wait until the payment of “", ""},
	} {
		refused := b.fill(asked, "#delete form").is(http.StatusUnprocessableEntity).has("#delete[open]")
		for _, p := range []*page{refused, b.get(path).lacks("#delete form", "#delete[open]")} {
			if text := words(p.one("#delete")); !strings.Contains(text, c.words) {
				t.Errorf("%q is missing: %s", c.words, text)
			}
			if c.link != "" {
				p.has("#delete a[href='" + c.link + "']")
			}
		}
		s.exec(t, c.over, ana.id)
	}
	s.rows(t, 0, "audit WHERE action = 'contact.delete'")
	b.fill(b.get(path), "#delete form").leadsTo("/acme/contacts")
	s.rows(t, 0, "contact WHERE id = $1", ana.id)
}
