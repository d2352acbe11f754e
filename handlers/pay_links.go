package handlers

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// payLinkPage is one invoice for whoever has its link: what it is for and how to pay it, and nothing of whose it is.
type payLinkPage struct {
	invoicePage
	Path string
}

// payLinkAsked is the invoice that the token in the path proves. It gives no session, and only that one is shown.
func (s *Site) payLinkAsked(c *fiber.Ctx) (*payLinkPage, queries.InvoiceByTokenRow, error) {
	v := at(c)
	id, err := s.Mails.Secret.ParsePayToken(c.Params("token"))
	if err != nil {
		return nil, queries.InvoiceByTokenRow{}, err
	}
	row, err := s.q.InvoiceByToken(c.UserContext(), queries.InvoiceByTokenParams{AccountID: v.account.ID, ID: id})
	if err != nil {
		return nil, row, queries.Kind(err)
	}
	p := &payLinkPage{invoicePage: invoicePage{Page: s.secretPage(c, "Invoice "+row.Number), ID: uuid.Nil, Name: row.Number, Memo: row.Memo, Currency: row.Currency, TotalMinor: row.TotalMinor,
		TaxMinor: row.TaxMinor, PaidMinor: row.PaidMinor, RemainingMinor: row.RemainingMinor, RefundedMinor: row.RefundedMinor, Issued: v.localTime(row.IssuedAt), Due: v.localTime(row.DueAt),
		Paid: v.localTime(row.PaidAt), Outside: row.PaidOutside}, Path: "/pay/" + c.Params("token")}
	if err := json.Unmarshal(row.Lines, &p.Lines); err != nil {
		return nil, row, err
	}
	open := row.State == queries.InvoiceStateOpen
	p.OnItsWay = open && row.Payment == queries.PaymentStateProcessing
	p.Overdue, p.CameBack = open && !p.OnItsWay && row.DueAt != nil && row.DueAt.Before(v.now), row.ReturnedAt != nil
	p.State = invoiceState(row.State, row.Payment, p.Overdue, row.RefundedMinor, row.TotalMinor)
	if open && !p.OnItsWay && row.HostedUrl != "" {
		p.PayPath = p.Path + "/go"
	}
	if row.PdfUrl != "" {
		p.PDFPath = p.Path + "/pdf"
	}
	return p, row, nil
}

func (s *Site) payLinkShow(c *fiber.Ctx) error {
	p, _, err := s.payLinkAsked(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameCard, "paylinks/show", "", p)
}

// payLinkGo leads to Stripe's page, after one more look, as invoicesPay does.
func (s *Site) payLinkGo(c *fiber.Ctx) error {
	p, row, err := s.payLinkAsked(c)
	if err != nil {
		return err
	} else if p.PayPath == "" {
		return goTo{p.Path}
	}
	if err := s.lookNow(c, row.StripeID); err != nil {
		s.Log.Warn("an invoice could not be looked at before it is paid", "id", at(c).id, "error", err)
		s.flash(c, views.FlashError, "The payment page cannot be reached right now. Nothing was charged. Please try again in a few minutes.")
		return goTo{p.Path}
	}
	if p, row, err = s.payLinkAsked(c); err != nil {
		return err
	} else if p.PayPath == "" {
		return goTo{p.Path}
	}
	return goTo{row.HostedUrl}
}

func (s *Site) payLinkPDF(c *fiber.Ctx) error {
	p, row, err := s.payLinkAsked(c)
	if err != nil {
		return err
	} else if p.PDFPath == "" {
		return queries.ErrNotFound
	}
	return goTo{row.PdfUrl}
}
