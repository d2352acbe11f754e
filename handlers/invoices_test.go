package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
	"atrium/jobs/billing"
	"atrium/queries"
)

// An invoice is told by the same word on every page, which follows from what Stripe says of it and of its payment.
func TestInvoiceStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	client, nobody := s.client(t, ana), s.portal(t, s.acme)
	staff := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	paid := columns{"state": "paid", "payment": "succeeded", "paid_minor": 12000, "remaining_minor": 0, "paid_at": noon}
	with := func(row columns, more columns) columns {
		both := columns{}
		for _, c := range []columns{row, more} {
			for name, value := range c {
				both[name] = value
			}
		}
		return both
	}
	for name, c := range map[string]struct {
		row     columns
		word    string // for the client
		staff   string // for staff; empty: the same
		payable bool
		shown   string // the filter that finds it
		offers  string // what staff can do, by the path's end; with blanks between
	}{
		"open":             {nil, "To be paid", "", true, "open", "remind void paid"},
		"overdue":          {columns{"due_at": noon.AddDate(0, 0, -1)}, "Overdue", "", true, "overdue", "remind void paid"},
		"on its way":       {columns{"payment": "processing", "due_at": noon.AddDate(0, 0, -1)}, "Payment on its way", "", false, "processing", ""},
		"paid":             {paid, "Paid", "", false, "paid", "refund"},
		"paid outside":     {with(paid, columns{"paid_outside": true}), "Paid", "Paid outside", false, "paid", ""},
		"refunded in part": {with(paid, columns{"refunded_minor": 100}), "Refunded in part", "", false, "refunded", "refund"},
		"refunded":         {with(paid, columns{"refunded_minor": 12000}), "Refunded", "", false, "refunded", ""},
		"void":             {columns{"state": "void"}, "Void", "", false, "void", ""},
		"written off":      {columns{"state": "uncollectible"}, "Written off", "", false, "uncollectible", ""},
		"draft":            {columns{"state": "draft", "number": "", "hosted_url": "", "pdf_url": "", "issued_at": nil}, "", "Draft", false, "draft", "send discard"},
	} {
		id := s.invoice(t, ana, with(c.row, columns{"memo": "This is " + name})).String()
		link := "/pay/" + s.Mails.Secret.PayToken(uuid.MustParse(id))
		if c.word == "" {
			client.get("/invoices/" + id).is(http.StatusNotFound)
			nobody.get(link).is(http.StatusNotFound)
			client.get("/invoices").lacks("#invoices-row-" + id)
		} else {
			for _, p := range []*page{client.get("/invoices/" + id), client.get("/invoices"), nobody.get(link)} {
				if p.is(http.StatusOK); !strings.Contains(p.words(), c.word) {
					t.Errorf("%s: %s says %s", name, p.asked, p.words())
				}
			}
			for path, p := range map[string]*page{"/invoices/" + id + "/pay": client.get("/invoices/" + id), link + "/go": nobody.get(link)} {
				if pays := len(p.all("a[href='"+path+"']")) > 0; pays != c.payable {
					t.Errorf("%s: can be paid at %s: %v", name, path, pays)
				}
			}
			if !c.payable {
				client.get("/invoices/" + id + "/pay").leadsTo("/invoices/" + id)
				nobody.get(link + "/go").leadsTo(link)
			}
		}
		p, path := staff.get("/acme/invoices/"+id).is(http.StatusOK), "/acme/invoices/"+id
		if word := orElse(c.staff, c.word); !strings.Contains(p.words(), word) {
			t.Errorf("%s: staff read %s", name, p.words())
		}
		for _, act := range []string{"send", "remind", "void", "paid", "discard", "refund"} {
			there := len(p.all("form[action='"+path+"/"+act+"']"))+len(p.all("a[href='"+path+"/"+act+"']")) > 0
			if want := strings.Contains(" "+c.offers+" ", " "+act+" "); there != want {
				t.Errorf("%s: %s is offered: %v", name, act, there)
			}
		}
		for _, shown := range invoiceShown[1:] {
			found := len(staff.get("/acme/invoices?state="+shown.Value).all("#staffinvoices-row-"+id)) > 0
			if want := shown.Value == c.shown || shown.Value == "open" && c.shown == "overdue"; found != want {
				t.Errorf("%s: found among %s: %v", name, shown.Value, found)
			}
		}
	}
}

// What is on its way is not called left to pay, neither to the client nor to staff.
func TestMoneyOnItsWayIsNotLeftToPay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	client, staff := s.client(t, ana), s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	for payment, want := range map[string]string{"processing": "On its way€120.00", "waiting": "Left to pay€120.00"} {
		path := "/invoices/" + s.invoice(t, ana, columns{"payment": payment}).String()
		for _, p := range []*page{client.get(path), staff.get("/acme" + path)} {
			if text := p.words(); !strings.Contains(text, want) || strings.Contains(text, "Left to pay") != (payment == "waiting") {
				t.Errorf("%s: %s says %s", payment, p.asked, text)
			}
		}
	}
}

// Lists leave their column of dates out on phones, so each row has the date once more for these.
func TestInvoicesSayTheirDateOnPhones(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	plan := s.subscription(t, ana, nil)
	row := "#invoices-row-" + s.invoice(t, ana, columns{"subscription_id": plan, "order_id": nil}).String() + " .only-narrow"
	client, staff := s.client(t, ana), s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	client.get("/invoices").has(row)
	client.get("/subscriptions/" + plan.String()).has(row)
	staff.get("/acme/subscriptions/" + plan.String()).has(strings.Replace(row, "#invoices", "#staffinvoices", 1))
}

// The invoice of what was bought once is among the client's invoices and waits for nobody; staff find it by its order, which is where
// it is given back from, and the contact's page has the purchase once.
func TestInvoiceOfAPurchase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	taught := s.taught(t, ana)
	w := s.billed(t, ana, taught.offer, taught.course)
	title := ""
	if err := s.DB.QueryRow(t.Context(), "SELECT title FROM offer WHERE id = $1", taught.offer).Scan(&title); err != nil {
		t.Fatal(err)
	}
	id := s.receipt(t, ana, w.order, nil).String()
	client, staff := s.client(t, ana), s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	if row := words(client.get("/invoices").one("#invoices-row-" + id)); !strings.Contains(row, "Clear goals") || !strings.Contains(row, "Paid") || !strings.Contains(row, "€49.00") {
		t.Errorf("in the client's list: %s", row)
	}
	p := client.get("/invoices/" + id).has("a[href='/invoices/" + id + "/pdf']").lacks("a[href='/invoices/" + id + "/pay']")
	if text := p.words(); !strings.Contains(text, "Bought"+title) || !strings.Contains(text, "Paid€49.00 on") {
		t.Errorf("the client reads %s", text)
	}
	client.get("/invoices/" + id + "/pdf").reaches("http://stripe.test/i/" + id + "/pdf")
	if text := client.get("/").words(); strings.Contains(text, "€49.00 to be paid") {
		t.Errorf("it waits on the home page: %s", text)
	}
	if row := words(staff.get("/acme/invoices").one("#staffinvoices-row-" + id)); !strings.Contains(row, "Bought: "+title) {
		t.Errorf("in the list of staff: %s", row)
	}
	order := "/acme/orders/" + w.order.String()
	staff.get("/acme/invoices/"+id).has("dd a[href='"+order+"']", "a[href='"+order+"/refund']").lacks("form[action='/acme/invoices/" + id + "/remind']")
	staff.get("/acme/invoices/" + id + "/refund").leadsTo(order + "/refund")
	staff.get(order).has("a[href='/acme/invoices/" + id + "']")
	contact := staff.get("/acme/contacts/" + ana.id.String()).has("a[href='" + order + "']")
	if n := len(contact.all("a[href='/acme/invoices/" + id + "']")); n != 0 {
		t.Errorf("the contact's page has the purchase %d times more", n)
	}
}

// The page behind a pay link shows its invoice and nothing of whose it is, gives no session, and is there only for its own token.
func TestPayLinkShowsOneInvoice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	id, other := s.invoice(t, ana, nil), s.invoice(t, ana, columns{"memo": "Another matter"})
	b := s.portal(t, s.acme)
	token := s.Mails.Secret.PayToken(id)
	p := b.get("/pay/" + token).is(http.StatusOK)
	if text := p.words(); !strings.Contains(text, "Coaching in March") || strings.Contains(text, "Ana") || strings.Contains(p.body, ana.email) || strings.Contains(text, "Another matter") {
		t.Errorf("it says %s", text)
	}
	if p.header.Get("Referrer-Policy") != "strict-origin" || b.cookie(sessionCookie) != "" {
		t.Error("it gives the token away, or a session")
	}
	p.has("meta[name=robots]")
	b.get("/pay/" + token + "/pdf").reaches("http://stripe.test/i/" + id.String() + "/pdf")
	b.get("/invoices/" + id.String()).leadsTo("/sign-in?next=%2Finvoices%2F" + id.String())
	for name, wrong := range map[string]string{"another's proof": token[:30] + s.Mails.Secret.PayToken(other)[30:], "a stop token": s.Mails.Secret.StopToken(id), "nonsense": "x"} {
		if p := b.get("/pay/" + wrong); p.status != http.StatusNotFound {
			t.Errorf("%s: status %d", name, p.status)
		}
	}
	s.portal(t, s.lumen).get("/pay/" + token).is(http.StatusNotFound)
	b.get("/pay/" + token + "/go").leadsTo("/pay/" + token) // Stripe cannot be reached
	b.get("/pay/" + token).has(".flash")
}

// What is owed and what failed waits on the home page, with the date until which access lasts; what is done with does not.
func TestHomeTellsWhatIsOwed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	s.invoice(t, ana, columns{"state": "paid", "payment": "succeeded", "remaining_minor": 0})
	s.invoice(t, ana, columns{"payment": "processing"})
	s.subscription(t, ana, nil)
	b.get("/").lacks(".todo")
	s.invoice(t, ana, nil)
	s.subscription(t, ana, columns{"state": "past_due", "past_due_since": noon.AddDate(0, 0, -2), "title": "Inner circle"})
	text := b.get("/").words()
	for _, want := range []string{"€120.00 to be paid", "Coaching in March, due on 17 Mar 2026", "The payment for Inner circle did not go through", "You keep access until 15 Mar 2026"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	if !strings.Contains(b.get("/subscriptions").words(), "You keep access until 15 Mar 2026") {
		t.Error("its page tells another date")
	}
}

// standIn is a site with a stand-in for Stripe.
func standIn(t *testing.T) (*testSite, *stripesim.Server) {
	t.Helper()
	sim := simtest.Start(t, stripesim.Options{Now: noon})
	return newSite(t, func(c *Config) { c.Stripe = billing.New(billing.Config{Key: simtest.Key, URL: sim.URL}) }), sim
}

// Staff make an invoice, look it over and send it; the form says what is wrong and keeps what was typed; twice sent it is one.
func TestStaffMakeAnInvoice(t *testing.T) {
	t.Parallel()
	s, sim := standIn(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	form := b.get("/acme/invoices/new?contact=" + ana.id.String()).is(http.StatusOK)
	for name, c := range map[string]struct{ field, value, invalid string }{
		"nothing":         {"memo", "", "line-1-text"},
		"no amount":       {"line-2-text", "Workbook", "line-2-amount"},
		"no words":        {"line-1-amount", "40", "line-1-text"},
		"a past day":      {"due", "2026-03-01", "due"},
		"another century": {"due", "2126-03-01", "due"},
		"no day":          {"due", "soon", "due"},
		"a currency":      {"currency", "xxx", "currency"},
		"a quantity":      {"line-1-quantity", "half", "line-1-quantity"},
	} {
		fields := []string{c.field, c.value}
		if name == "a quantity" {
			fields = append(fields, "line-1-text", "Session", "line-1-amount", "40")
		}
		p := b.fill(form, "#staffinvoices-form form", fields...).is(http.StatusUnprocessableEntity)
		if len(p.all("[name='"+c.invalid+"'][aria-invalid=true]")) == 0 {
			t.Errorf("%s: %s is not marked: %s", name, c.invalid, p.words())
		}
	}
	s.rows(t, 0, "invoice")
	filled := []string{"line-1-text", "Session", "line-1-quantity", "3", "line-1-amount", "40", "line-3-text", "Workbook", "line-3-amount", "15.50", "memo", "Coaching in March"}
	sim.Fail(stripesim.Fault{Path: "/v1/invoiceitems", Method: "POST", Kind: stripesim.Unavailable})
	away := b.fill(form, "#staffinvoices-form form", filled...).is(http.StatusUnprocessableEntity)
	if away.has("input[value='15.50']"); !strings.Contains(away.words(), "nothing is done twice") {
		t.Errorf("Stripe cannot be reached, and it says %s", away.words())
	}
	made := b.fill(away, "#staffinvoices-form form").is(http.StatusSeeOther).header.Get("Location")
	if again := b.fill(away, "#staffinvoices-form form").header.Get("Location"); again != made {
		t.Errorf("sent twice it is %s and %s", made, again)
	}
	s.rows(t, 1, "invoice WHERE state = 'draft' AND total_minor = 13550 AND contact_id = $1", ana.id)
	s.client(t, ana).get("/invoices").is(http.StatusNotFound)
	b.fill(b.get(made), "form[action='"+made+"/send']").leadsTo(made)
	s.rows(t, 1, "invoice WHERE state = 'open' AND total_minor = 13550 AND number <> '' AND due_at BETWEEN '2026-03-24' AND '2026-03-25'")
	for _, action := range []string{"invoice.create", "invoice.send"} {
		if s.count(t, "audit WHERE action = $1 AND actor LIKE 'Maya%'", action) == 0 {
			t.Errorf("no line of %s", action)
		}
	}
	stale := b.get(made)
	b.fill(stale, "form[action='"+made+"/paid']").leadsTo(made)
	s.rows(t, 1, "invoice WHERE state = 'paid' AND paid_outside")
	b.fill(stale, "form[action='"+made+"/void']").leadsTo(made) // the page was from before
	s.rows(t, 1, "invoice WHERE state = 'paid' AND paid_outside")
	s.rows(t, 0, "audit WHERE action = 'invoice.void'")
}

// What is no text in the words of an invoice is left out before Stripe has them: they come back from there, and into a row.
func TestInvoiceWordsAreText(t *testing.T) {
	t.Parallel()
	s, _ := standIn(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	form := b.get("/acme/invoices/new?contact=" + ana.id.String())
	for _, wrong := range []string{"\x00", "\xff", "\xed\xa0\x80"} {
		made := b.fill(form, "#staffinvoices-form form", "line-1-text", "One"+wrong+" session", "line-1-amount", "40", "memo", "Coaching"+wrong+"\nin March").is(http.StatusSeeOther)
		if p := b.follow(made); !strings.Contains(p.words(), "One session") {
			t.Errorf("with %q it says %s", wrong, p.words())
		}
		form = b.get("/acme/invoices/new?contact=" + ana.id.String())
	}
}

// While Stripe cannot be reached nothing changes, nothing is in the trail, and a sentence says so.
func TestStaffChangesWhileStripeIsAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	w := s.things(t, s.acme, maya)
	b := s.staff(t, maya)
	token := b.token()
	for _, r := range adminRoutes {
		if r.method == get || !strings.Contains(r.path, "/invoices/:id") && !strings.Contains(r.path, "/subscriptions/:id") && !strings.Contains(r.path, "/orders/:id") {
			continue
		}
		before := s.everything(t, "invoice", "subscription", "sales_order", "audit")
		p := b.ask(r, w.path(r.path), token, w.formOf(r.path))
		if p.status == http.StatusSeeOther {
			p = b.follow(p)
		}
		if len(p.all(".flash"))+len(p.all(".notice-box-error")) == 0 {
			t.Errorf("%s: no sentence says so: %s", r.path, p.words())
		}
		if s.everything(t, "invoice", "subscription", "sales_order", "audit") != before {
			t.Errorf("%s changed something", r.path)
		}
	}
}

// Sums are those of each currency; a search finds number, name and address, and pages follow each other without gap or repeat.
func TestStaffInvoiceList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.staff(t, s.person(t, "sam@acme.example", queries.StaffRoleSupport, s.acme))
	b.get("/acme/invoices").has(".empty").lacks("a[href='/acme/invoices/new']", ".log-filters")
	s.invoice(t, ana, nil)
	s.invoice(t, ana, columns{"due_at": noon.AddDate(0, 0, -1), "remaining_minor": 5000})
	s.invoice(t, ana, columns{"payment": "processing"})
	s.invoice(t, ana, columns{"currency": "jpy", "remaining_minor": 900, "number": "ZZ-1"})
	s.invoice(t, s.contact(t, s.lumen, "li@example.com", "Li"), nil)
	text := b.get("/acme/invoices").words()
	for _, want := range []string{"To be paid€170.00", "Of that overdue€50.00", "On its way€120.00", "To be paid¥900"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing: %s", want, text)
		}
	}
	for q, want := range map[string]int{"zz-1": 1, "souza": 4, "ANA@": 4, "%": 0, "li@": 0, "\x00": 4} {
		if n := len(b.get("/acme/invoices?q=" + strings.NewReplacer("%", "%25", "\x00", "%00").Replace(q)).all("tr.row")); n != want {
			t.Errorf("%q finds %d", q, n)
		}
	}
	for range invoicesPerPage {
		s.clock.move(time.Second)
		s.invoice(t, ana, nil)
	}
	first := b.get("/acme/invoices")
	more := b.htmx().get(attr(first.one("#staffinvoices-more a"), "href"))
	if a, c := len(first.all("tr.row")), strings.Count(more.body, `<tr class="row"`); a != invoicesPerPage || c != 4 {
		t.Errorf("%d rows and then %d", a, c)
	}
}
