package handlers

import (
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// staffInvoicePage is one invoice with what became of it and what can be done about it.
type staffInvoicePage struct {
	views.Page
	ID                                   uuid.UUID
	Path                                 string // of this page
	Name                                 string
	State                                contactState
	Who, WhoHref                         string
	Email                                string
	Memo                                 string
	Subscription, SubscriptionHref       string // empty: it is of none
	Bought, OrderHref                    string // once, and paid with it; empty: something else
	Lines                                []billing.InvoiceLine
	Currency                             string
	TotalMinor, TaxMinor, PaidMinor      int64
	RemainingMinor, RefundedMinor        int64
	DisputedMinor, LostMinor             int64     // what a bank decides about, and what it took back
	Due                                  time.Time // zero: none
	Outside, OnItsWay                    bool
	Events                               []invoiceEvent
	Looked                               views.Moment
	PayLink                              *views.Copy // the page that shows only this; nil: it is not for the client's eyes
	PDFURL, ReceiptURL                   string      // at Stripe; empty: none
	LogPath                              string      // what staff did with it; empty: the role does not include it
	Once                                 string      // names an attempt
	SendPath, RemindPath, RefundPath     string      // empty: not now, or not by this role
	VoidConfirm, OutsideConfirm, Discard *views.Confirm
}

// invoiceEvent is one thing that happened to an invoice.
type invoiceEvent struct {
	Icon, Text string
	At         views.Moment
}

func (s *Site) staffInvoicesShow(c *fiber.Ctx) error {
	p, _, err := s.newStaffInvoicePage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "staffinvoices/show", "", p)
}

func (s *Site) invoiceOfAccount(c *fiber.Ctx) (row queries.InvoiceOfAccountRow, err error) {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return row, queries.ErrNotFound
	}
	row, err = s.q.InvoiceOfAccount(c.UserContext(), queries.InvoiceOfAccountParams{AccountID: at(c).account.ID, ID: id})
	return row, queries.Kind(err)
}

func (s *Site) newStaffInvoicePage(c *fiber.Ctx) (*staffInvoicePage, queries.InvoiceOfAccountRow, error) {
	v := at(c)
	row, err := s.invoiceOfAccount(c)
	if err != nil {
		return nil, row, err
	}
	name := "Draft"
	if row.Number != "" {
		name = "Invoice " + row.Number
	}
	p := &staffInvoicePage{Page: s.page(c, name), ID: row.ID, Path: v.base() + "/invoices/" + row.ID.String(), Name: name, Who: orElse(row.ContactName, row.Email),
		WhoHref: v.base() + "/contacts/" + row.ContactID.String(), Email: row.Email, Memo: row.Memo, Currency: row.Currency, TotalMinor: row.TotalMinor, TaxMinor: row.TaxMinor,
		PaidMinor: row.PaidMinor, RemainingMinor: row.RemainingMinor, RefundedMinor: row.RefundedMinor, DisputedMinor: row.DisputedMinor, LostMinor: row.LostMinor, Due: v.localTime(row.DueAt), Outside: row.PaidOutside,
		Looked: v.moment(&row.LookedAt), PDFURL: row.PdfUrl, ReceiptURL: row.ReceiptUrl, Once: queries.NewID().String(), State: staffInvoiceState(newestOf(row), v.now)}
	if disputed := disputeState(row.DisputedMinor, row.LostMinor); disputed != nil {
		p.State = *disputed
	}
	if err := json.Unmarshal(row.Lines, &p.Lines); err != nil {
		return nil, row, err
	}
	p.OnItsWay = row.State == queries.InvoiceStateOpen && row.Payment == queries.PaymentStateProcessing
	if row.SubscriptionID != nil {
		p.Subscription, p.SubscriptionHref = row.Subscription, v.base()+"/subscriptions/"+row.SubscriptionID.String()
	}
	if row.State != queries.InvoiceStateDraft {
		p.PayLink = &views.Copy{Value: s.portalURL(v.account) + "/pay/" + s.Mails.Secret.PayToken(row.ID), Name: "pay link"}
	}
	if row.OrderID != nil {
		p.Bought, p.OrderHref = row.Bought, v.base()+"/orders/"+row.OrderID.String()
	}
	p.Events = v.invoiceEvents(row)
	if v.role.Includes(queries.StaffRoleAdmin) {
		p.LogPath = v.base() + "/audit-log?subject=" + row.ID.String()
		p.offer(row)
	}
	return p, row, nil
}

// newestOf is the part of an invoice that its state follows from.
func newestOf(row queries.InvoiceOfAccountRow) queries.InvoiceNewestRow {
	return queries.InvoiceNewestRow{State: row.State, Payment: row.Payment, PaidOutside: row.PaidOutside, DueAt: row.DueAt, RefundedMinor: row.RefundedMinor, TotalMinor: row.TotalMinor}
}

// invoiceEvents tells what Stripe knows to have happened, the newest first.
func (v *visit) invoiceEvents(row queries.InvoiceOfAccountRow) (events []invoiceEvent) {
	if row.RefundedMinor > 0 {
		events = append(events, invoiceEvent{"rotate-ccw", views.MoneyIn("", row.RefundedMinor, row.Currency) + " given back in all", views.Moment{}})
	}
	switch {
	case row.PaidAt != nil && row.PaidOutside:
		events = append(events, invoiceEvent{"circle-check", "Marked as paid outside of Stripe", v.moment(row.PaidAt)})
	case row.PaidAt != nil:
		events = append(events, invoiceEvent{"circle-check", "Paid through Stripe", v.moment(row.PaidAt)})
	case row.State == queries.InvoiceStateVoid:
		events = append(events, invoiceEvent{"ban", "Taken back", views.Moment{}})
	case row.State == queries.InvoiceStateOpen && row.Payment == queries.PaymentStateProcessing:
		events = append(events, invoiceEvent{"clock", "A payment is on its way", views.Moment{}})
	case row.ReturnedAt != nil:
		events = append(events, invoiceEvent{"circle-alert", "A bank sent the payment back", v.moment(row.ReturnedAt)})
	}
	for _, at := range row.Reminded {
		events = append(events, invoiceEvent{"mail", "Reminded", v.moment(&at)})
	}
	if row.DueAt != nil && row.DueAt.Before(v.now) && row.State == queries.InvoiceStateOpen {
		events = append(events, invoiceEvent{"circle-alert", "Was due", v.moment(row.DueAt)})
	}
	if row.IssuedAt != nil {
		events = append(events, invoiceEvent{"send", "Issued", v.moment(row.IssuedAt)})
	}
	return append(events, invoiceEvent{"pencil", "Made", v.moment(&row.CreatedAt)})
}

// offer is what can be done with an invoice that stands like this. While a payment is on its way there is nothing to do but wait.
func (p *staffInvoicePage) offer(row queries.InvoiceOfAccountRow) {
	switch {
	case row.State == queries.InvoiceStateDraft:
		p.SendPath = p.Path + "/send"
		p.Discard = &views.Confirm{ID: "discard", Title: "Discard this draft?", Text: "Nobody has seen it. It is gone from here and from Stripe.", Verb: "Discard draft", Action: p.Path + "/discard", Token: p.Token}
	case row.State == queries.InvoiceStateOpen && !p.OnItsWay:
		p.RemindPath = p.Path + "/remind"
		p.VoidConfirm = &views.Confirm{ID: "void", Title: "Void " + p.Name + "?", Text: "It can never be paid or opened again. The client sees it as void.", Verb: "Void invoice",
			Action: p.Path + "/void", Token: p.Token}
		p.OutsideConfirm = &views.Confirm{ID: "outside", Title: "Mark " + p.Name + " as paid outside?", Text: "Say so only when " + views.MoneyIn("", row.RemainingMinor, row.Currency) +
			" reached you another way, such as a bank transfer. This cannot be taken back, and it cannot be refunded here.", Verb: "Mark as paid", Action: p.Path + "/paid", Token: p.Token}
	case refundableInvoice(row) > 0 && row.OrderID != nil:
		p.RefundPath = p.OrderHref + "/refund" // where it is said what that ends
	case refundableInvoice(row) > 0:
		p.RefundPath = p.Path + "/refund"
	}
}

// refundableInvoice is how much of an invoice can still be given back through Stripe.
func refundableInvoice(row queries.InvoiceOfAccountRow) int64 {
	if row.State != queries.InvoiceStatePaid || row.PaidOutside || row.StripePaymentID == "" {
		return 0
	}
	return max(0, row.PaidMinor-row.RefundedMinor-row.DisputedMinor-row.LostMinor)
}
