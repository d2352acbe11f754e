package handlers

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// newInvoicePage makes an invoice: first whom it is for, then its lines.
type newInvoicePage struct {
	views.Page
	Search  views.Field
	Found   []contactRow // each row's Href leads on with this contact
	None    bool         // the search found nobody
	Contact *contactRow  // nil: not chosen yet
	Once    string
	Problem string // about the form as a whole; empty: none
	Lines   []invoiceLineFields
	CanMore bool // there is room for another line
	Memo    views.Field
	Due     views.Field
	Money   views.Select
	closed  bool // nothing can be made: no key
	chosen  queries.ContactForBillingRow
}

// invoiceLineFields are the fields of one line.
type invoiceLineFields struct {
	Number                 int // from 1 on
	Text, Quantity, Amount views.Field
}

const (
	invoiceLinesMost  = 30
	invoiceLinesFirst = 3
	invoiceTextMost   = 250
	invoiceMemoMost   = 500
	quantityMost      = 9999
)

// invoiceDueDays is when an invoice is due unless staff say otherwise.
const invoiceDueDays = 14

func (s *Site) newNewInvoicePage(c *fiber.Ctx, contact string) (*newInvoicePage, error) {
	v := at(c)
	p := &newInvoicePage{Page: s.page(c, "New invoice"), Once: onceOf(c), closed: !s.Stripe.Open(),
		Search: views.Field{Name: "q", Label: "Who is it for?", Type: "search", Value: c.Query("q"), Placeholder: "Search name or address", Autofocus: true},
		Memo: views.Field{Name: "memo", Label: "Note to the client", Type: "textarea", Rows: 2, Value: c.FormValue("memo"), MaxLength: invoiceMemoMost,
			Hint: "Stands at the top of the invoice. May be empty."},
		Due:   views.Field{Name: "due", Label: "Due on", Type: "date", Required: true, Value: orElse(c.FormValue("due"), v.now.AddDate(0, 0, invoiceDueDays).Format(time.DateOnly))},
		Money: views.Select{Name: "currency", Label: "Currency", Value: orElse(c.FormValue("currency"), views.Currencies[0].Code)}}
	for _, currency := range views.Currencies {
		p.Money.Options = append(p.Money.Options, views.Option{Value: currency.Code, Label: strings.ToUpper(currency.Code) + " · " + currency.Name})
	}
	if contact == "" {
		return p, nil
	}
	id, err := uuid.Parse(contact)
	if err != nil {
		return nil, queries.ErrNotFound
	}
	p.chosen, err = s.q.ContactForBilling(c.UserContext(), queries.ContactForBillingParams{AccountID: v.account.ID, ID: id})
	if err != nil {
		return nil, queries.Kind(err)
	}
	row := s.newContactRow(c, queries.ContactListRow{ID: id, Email: p.chosen.Email, Name: p.chosen.Name})
	p.Contact = &row
	p.readLines(c)
	return p, nil
}

// readLines takes the lines as they were typed, and as many empty ones as there are to be.
func (p *newInvoicePage) readLines(c *fiber.Ctx) {
	typed, err := strconv.Atoi(c.FormValue("lines"))
	if err != nil || typed < invoiceLinesFirst {
		typed = invoiceLinesFirst
	}
	if c.FormValue("do") == "line" {
		typed++
	}
	for n := 1; n <= min(typed, invoiceLinesMost); n++ {
		name := func(part string) string { return fmt.Sprintf("line-%d-%s", n, part) }
		p.Lines = append(p.Lines, invoiceLineFields{Number: n,
			Text:     views.Field{Name: name("text"), Label: "For", Value: c.FormValue(name("text")), MaxLength: invoiceTextMost, Autofocus: n == typed && c.FormValue("do") == "line"},
			Quantity: views.Field{Name: name("quantity"), Label: "Quantity", Value: orElse(c.FormValue(name("quantity")), "1"), InputMode: "numeric", MaxLength: 4},
			Amount:   views.Field{Name: name("amount"), Label: "Amount of one", Value: c.FormValue(name("amount")), InputMode: "decimal", MaxLength: 16}})
	}
	p.CanMore = len(p.Lines) < invoiceLinesMost
}

func (s *Site) staffInvoicesNew(c *fiber.Ctx) error {
	p, err := s.newNewInvoicePage(c, c.Query("contact"))
	if err != nil {
		return err
	}
	if p.Contact == nil {
		if p.Found, err = s.findContacts(c, p.Search.Value); err != nil {
			return err
		}
		for i := range p.Found {
			p.Found[i].Href = at(c).base() + "/invoices/new?contact=" + p.Found[i].ID.String()
		}
		p.None = p.Search.Value != "" && len(p.Found) == 0
	}
	return render(c, views.FrameAdmin, "staffinvoices/new", "staffinvoices/_found", p)
}

// staffInvoicesCreate makes a draft at Stripe, where it stays until somebody sends it.
func (s *Site) staffInvoicesCreate(c *fiber.Ctx) error {
	v := at(c)
	p, err := s.newNewInvoicePage(c, c.FormValue("contact"))
	if err != nil {
		return err
	} else if p.Contact == nil {
		return goTo{v.base() + "/invoices/new"}
	}
	if c.FormValue("do") == "line" {
		return render(c, views.FrameAdmin, "staffinvoices/new", "staffinvoices/_form", p)
	}
	n, good := p.check(v)
	if good {
		var id uuid.UUID
		if id, p.Problem, err = s.makeInvoice(c, p, n); err != nil {
			return err
		} else if p.Problem == "" {
			s.flash(c, views.FlashSuccess, "The draft is there. Look it over, then send it.")
			return redirect(c, v.base()+"/invoices/"+id.String())
		}
	}
	invalid(c)
	return render(c, views.FrameAdmin, "staffinvoices/new", "staffinvoices/_form", p)
}

// check reads the form, and says beside each field what is wrong with it.
func (p *newInvoicePage) check(v *visit) (n billing.NewInvoice, good bool) {
	n = billing.NewInvoice{Account: p.chosen.StripeAccount, AccountID: v.account.ID, Once: p.Once, Currency: p.Money.Value, Memo: queries.Lines(p.Memo.Value)}
	good = true
	if !views.KnownCurrency(n.Currency) {
		p.Money.Error, good = "Choose one of these.", false
	}
	if len([]rune(n.Memo)) > invoiceMemoMost {
		p.Memo.Refuse(fmt.Sprintf("Up to %d characters.", invoiceMemoMost))
		good = false
	}
	due, err := time.ParseInLocation(time.DateOnly, p.Due.Value, v.now.Location())
	switch n.Due = due.Add(24*time.Hour - time.Second); {
	case err != nil:
		p.Due.Refuse("Choose a day.")
		good = false
	case n.Due.Before(v.now):
		p.Due.Refuse("This day is over. Choose a later one.")
		good = false
	case n.Due.After(v.now.AddDate(2, 0, 0)):
		p.Due.Refuse("Choose a day within two years.")
		good = false
	}
	for i := range p.Lines {
		line, empty, fits := p.Lines[i].read(n.Currency)
		if good = good && (empty || fits); !empty && fits {
			n.Lines = append(n.Lines, line)
		}
	}
	if good && len(n.Lines) == 0 {
		p.Lines[0].Text.Refuse("Say what the invoice is for.")
		good = false
	}
	return n, good
}

// read takes one line; a line without words and amount is empty.
func (l *invoiceLineFields) read(currency string) (line billing.NewInvoiceLine, empty, good bool) {
	line.Text = queries.OneLine(l.Text.Value)
	amount := strings.TrimSpace(l.Amount.Value)
	if line.Text == "" && amount == "" {
		return line, true, false
	}
	good = true
	if line.Text == "" || len([]rune(line.Text)) > invoiceTextMost {
		l.Text.Refuse(fmt.Sprintf("Say what it is for, in up to %d characters.", invoiceTextMost))
		good = false
	}
	quantity, err := strconv.Atoi(strings.TrimSpace(l.Quantity.Value))
	if err != nil || quantity < 1 || quantity > quantityMost {
		l.Quantity.Refuse(fmt.Sprintf("A whole number from 1 to %d.", quantityMost))
		good = false
	}
	minor, wrong := readAmount(amount, currency, amountMost)
	if wrong != "" {
		l.Amount.Refuse(wrong)
		good = false
	}
	line.Quantity, line.UnitMinor = int64(quantity), minor
	return line, false, good
}

// amountMost is the most that Stripe takes for one price: eight digits.
const amountMost = 99_999_999

// readAmount takes an amount that is not nothing and no more than most; wrong says, beside its field, what would be one.
func readAmount(typed, currency string, most int64) (minor int64, wrong string) {
	switch minor, wrong = views.ParseMoney(typed, currency); {
	case wrong != "":
	case minor == 0:
		wrong = "Enter an amount, such as " + views.AmountExample(currency) + "."
	case minor > most:
		wrong = "Enter an amount up to " + views.MoneyIn("", most, currency) + "."
	case minor%views.AmountStep(currency) != 0:
		below := minor - minor%views.AmountStep(currency)
		wrong = fmt.Sprintf("In %s the last digit has to be 0, as cards are not charged to the last one. Enter ", strings.ToUpper(currency))
		if below > 0 {
			wrong += views.TypedMoney(below, currency) + " or "
		}
		wrong += views.TypedMoney(below+views.AmountStep(currency), currency) + "."
	}
	return minor, wrong
}

// makeInvoice has Stripe make the draft, and the customer where the contact is none yet, and answers which row it became.
func (s *Site) makeInvoice(c *fiber.Ctx, p *newInvoicePage, n billing.NewInvoice) (id uuid.UUID, problem string, err error) {
	v, ctx := at(c), c.UserContext()
	if p.closed {
		return id, "Stripe is not connected yet, so no invoice can be made.", nil
	}
	if n.Customer, err = s.customerOf(c, p.chosen); err != nil {
		problem, err = s.stripeWords(c, err)
		return id, problem, err
	}
	made, err := s.Stripe.DraftInvoice(ctx, n)
	if err == nil {
		err = s.lookNow(c, made)
	}
	if problem, err = s.stripeWords(c, err); problem != "" || err != nil {
		return id, problem, err
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		row, err := q.InvoiceByStripe(ctx, queries.InvoiceByStripeParams{AccountID: v.account.ID, StripeID: made})
		if err != nil {
			return err
		}
		id = row.ID
		return v.did(ctx, q, "invoice.create", queries.AuditSubject{Kind: "invoice", ID: &id, Name: "a draft of " + p.chosen.Email})
	})
	return id, "", err
}

// customerOf is the customer at Stripe who a contact is, known there by the name and address of now; one is made where there is none, or
// where somebody deleted them there.
func (s *Site) customerOf(c *fiber.Ctx, contact queries.ContactForBillingRow) (customer string, err error) {
	v, ctx := at(c), c.UserContext()
	if contact.Customer != "" {
		if err := s.nameCustomer(c, contact.Customer); !errors.Is(err, billing.ErrNoCustomer) {
			return contact.Customer, err
		}
		customer, err = s.Stripe.ReplaceCustomer(ctx, contact.StripeAccount, v.account.ID, contact.Customer, contact.Email, contact.Name)
	} else {
		customer, err = s.Stripe.MakeCustomer(ctx, contact.StripeAccount, v.account.ID, contact.ID, contact.Email, contact.Name)
	}
	if err != nil {
		return "", err
	}
	return customer, s.q.StripeCustomerUpsert(ctx, queries.StripeCustomerUpsertParams{AccountID: v.account.ID, StripeID: customer, ContactID: contact.ID, Now: v.now})
}
