package handlers

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// invoicesPerPage is how many older invoices a page shows at a time.
const invoicesPerPage = 50

// invoicesPage is what a client owes, what is on its way, and what is done with.
type invoicesPage struct {
	views.Page
	ToPay             int64        // of all of them
	Open, Under, Past []invoiceRow // of this page
	More              string       // the next page; empty: there is none
}

// invoiceRow is one invoice of the list.
type invoiceRow struct {
	ID       uuid.UUID
	Href     string
	Name     string // its number
	For      string // its memo, or its first line
	State    contactState
	Minor    int64 // what is left to pay, or what it came to
	Currency string
	Issued   time.Time
	Due      views.Moment // zero: no date
	Overdue  bool
}

func (s *Site) invoicesIndex(c *fiber.Ctx) error {
	v := at(c)
	asked := queries.InvoiceListOfContactParams{AccountID: v.account.ID, ContactID: v.client.ContactID, BeforeAt: v.now.AddDate(1, 0, 0), BeforeID: queries.LastID, PageSize: invoicesPerPage + 1}
	if before, id, found := invoiceBefore(c.Query("before")); found {
		asked.BeforeAt, asked.BeforeID = before, id
	}
	rows, toPay, err := queries.ListInvoicesOfContact(c.UserContext(), s.DB, asked)
	if err != nil {
		return err
	}
	p := &invoicesPage{Page: s.page(c, v.labelOf(queries.AppInvoices)), ToPay: toPay}
	if len(rows) > invoicesPerPage {
		rows = rows[:invoicesPerPage]
		last := rows[invoicesPerPage-1]
		p.More = "/invoices?before=" + last.CreatedAt.UTC().Format(time.RFC3339Nano) + "_" + last.ID.String()
	}
	for _, row := range rows {
		switch r := v.invoiceRow(row); {
		case row.State == queries.InvoiceStateOpen && row.Payment == queries.PaymentStateProcessing:
			p.Under = append(p.Under, r)
		case row.State == queries.InvoiceStateOpen:
			p.Open = append(p.Open, r)
		default:
			p.Past = append(p.Past, r)
		}
	}
	return render(c, views.FramePortal, "invoices/index", "", p)
}

// invoiceBefore reads where the page before ended.
func invoiceBefore(text string) (at time.Time, id uuid.UUID, found bool) {
	const length = len("_") + 36
	if len(text) <= length {
		return at, id, false
	}
	at, err := time.Parse(time.RFC3339Nano, text[:len(text)-length])
	if err != nil {
		return at, id, false
	}
	id, err = uuid.Parse(text[len(text)-length+1:])
	return at, id, err == nil
}

func (v *visit) invoiceRow(row queries.InvoiceListOfContactRow) invoiceRow {
	r := invoiceRow{ID: row.ID, Href: "/invoices/" + row.ID.String(), Name: row.Number, For: row.About, Minor: row.TotalMinor, Currency: row.Currency, Issued: row.CreatedAt.In(v.now.Location())}
	if row.IssuedAt != nil {
		r.Issued = row.IssuedAt.In(v.now.Location())
	}
	if row.State == queries.InvoiceStateOpen {
		r.Minor, r.Due = row.RemainingMinor, v.moment(row.DueAt)
		r.Overdue = row.DueAt != nil && row.DueAt.Before(v.now) && row.Payment != queries.PaymentStateProcessing
	}
	r.State = invoiceState(row.State, row.Payment, r.Overdue, row.RefundedMinor, row.TotalMinor)
	return r
}

// invoiceState is how an invoice stands, in a word. It follows from what Stripe says of the invoice and its payment and is
// written nowhere.
func invoiceState(state queries.InvoiceState, payment queries.PaymentState, overdue bool, refunded, total int64) contactState {
	switch {
	case state == queries.InvoiceStateVoid:
		return contactState{"Void", "", "ban"}
	case state == queries.InvoiceStateUncollectible:
		return contactState{"Written off", "", "ban"}
	case state == queries.InvoiceStatePaid && refunded > 0 && refunded >= total:
		return contactState{"Refunded", "", "rotate-ccw"}
	case state == queries.InvoiceStatePaid && refunded > 0:
		return contactState{"Refunded in part", "", "rotate-ccw"}
	case state == queries.InvoiceStatePaid:
		return contactState{"Paid", "success", "circle-check"}
	case payment == queries.PaymentStateProcessing:
		return contactState{"Payment on its way", "info", "clock"}
	case overdue:
		return contactState{"Overdue", "error", "circle-alert"}
	}
	return contactState{"To be paid", "warning", "clock"}
}

// invoicePage is one invoice with its lines.
type invoicePage struct {
	views.Page
	ID                              uuid.UUID
	Name                            string
	State                           contactState
	Memo                            string
	Subscription                    string // what it is a charge of; empty: of none
	Bought                          string // once, and paid with it; empty: something else
	Lines                           []billing.InvoiceLine
	Currency                        string
	TotalMinor, TaxMinor, PaidMinor int64
	RemainingMinor, RefundedMinor   int64
	Issued, Due, Paid               time.Time // zero: none
	Outside                         bool
	PayPath, PDFPath, ReceiptPath   string // empty: nothing to pay, no document, no payment through Stripe
	OnItsWay                        bool   // the money; nothing more is asked for
	Overdue                         bool
	CameBack                        bool // a payment, and nothing has been paid since
}

func (s *Site) invoicesShow(c *fiber.Ctx) error {
	p, _, err := s.newInvoicePage(c)
	if err != nil {
		return err
	}
	return render(c, views.FramePortal, "invoices/show", "", p)
}

func (s *Site) newInvoicePage(c *fiber.Ctx) (*invoicePage, queries.InvoiceOfContactRow, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, queries.InvoiceOfContactRow{}, queries.ErrNotFound
	}
	row, err := s.q.InvoiceOfContact(c.UserContext(), queries.InvoiceOfContactParams{AccountID: v.account.ID, ContactID: v.client.ContactID, ID: id})
	if err != nil {
		return nil, row, queries.Kind(err)
	}
	p := &invoicePage{Page: s.page(c, "Invoice "+row.Number), ID: id, Name: row.Number, Memo: row.Memo, Subscription: row.Subscription, Bought: row.Bought, Currency: row.Currency,
		TotalMinor: row.TotalMinor, TaxMinor: row.TaxMinor, PaidMinor: row.PaidMinor, RemainingMinor: row.RemainingMinor, RefundedMinor: row.RefundedMinor,
		Issued: v.localTime(row.IssuedAt), Due: v.localTime(row.DueAt), Paid: v.localTime(row.PaidAt), Outside: row.PaidOutside}
	if err := json.Unmarshal(row.Lines, &p.Lines); err != nil {
		return nil, row, err
	}
	open := row.State == queries.InvoiceStateOpen
	p.OnItsWay = open && row.Payment == queries.PaymentStateProcessing
	p.Overdue, p.CameBack = open && !p.OnItsWay && row.DueAt != nil && row.DueAt.Before(v.now), row.ReturnedAt != nil
	p.State = invoiceState(row.State, row.Payment, p.Overdue, row.RefundedMinor, row.TotalMinor)
	if open && !p.OnItsWay && row.HostedUrl != "" {
		p.PayPath = "/invoices/" + id.String() + "/pay"
	}
	if row.PdfUrl != "" {
		p.PDFPath = "/invoices/" + id.String() + "/pdf"
	}
	if row.ReceiptUrl != "" {
		p.ReceiptPath = "/invoices/" + id.String() + "/receipt"
	}
	return p, row, nil
}

// localTime is a time in the reader's zone; zero for none.
func (v *visit) localTime(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.In(v.now.Location())
}

// invoicesPay leads to Stripe's page of an invoice. Before that it looks once more: somebody whose payment is on its way, or
// who has paid in another window, is told so and not asked again.
func (s *Site) invoicesPay(c *fiber.Ctx) error {
	p, row, err := s.newInvoicePage(c)
	switch {
	case err != nil:
		return err
	case p.PayPath == "":
		return goTo{"/invoices/" + p.ID.String()}
	}
	if err := s.lookNow(c, row.StripeID); err != nil {
		s.Log.Warn("an invoice could not be looked at before it is paid", "id", at(c).id, "error", err)
		s.flash(c, views.FlashError, "The payment page cannot be reached right now. Nothing was charged. Please try again in a few minutes.")
		return goTo{"/invoices/" + p.ID.String()}
	}
	if p, row, err = s.newInvoicePage(c); err != nil {
		return err
	} else if p.PayPath == "" {
		return goTo{"/invoices/" + p.ID.String()}
	}
	return goTo{row.HostedUrl}
}

// invoicesPDF leads to the document, which Stripe makes.
func (s *Site) invoicesPDF(c *fiber.Ctx) error {
	p, row, err := s.newInvoicePage(c)
	if err != nil {
		return err
	} else if p.PDFPath == "" {
		return queries.ErrNotFound
	}
	return goTo{row.PdfUrl}
}

// invoicesReceipt leads to Stripe's receipt of the payment.
func (s *Site) invoicesReceipt(c *fiber.Ctx) error {
	p, row, err := s.newInvoicePage(c)
	if err != nil {
		return err
	} else if p.ReceiptPath == "" {
		return queries.ErrNotFound
	}
	return goTo{row.ReceiptUrl}
}

// lookNow writes how an object of Stripe's is at this moment, as its event's job would.
func (s *Site) lookNow(c *fiber.Ctx, object string) error {
	account, err := s.q.StripeIsAt(c.UserContext(), queries.StripeIsAtParams{ID: at(c).account.ID, ObjectID: object})
	if err != nil {
		return err
	}
	return s.lookAt(c, account, object)
}

// lookAt is as lookNow, of what is known to be at that Stripe account.
func (s *Site) lookAt(c *fiber.Ctx, account, object string) error {
	ctx := c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		return s.Queue.LookNow(ctx, q, tx, s.Stripe, account, object, at(c).now)
	})
}
