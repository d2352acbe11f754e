package handlers

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// staffInvoicesPage is an account's invoices, and what is outstanding.
type staffInvoicesPage struct {
	views.Page
	Search views.Field
	Shown  views.Select
	Sums   []outstandingSum
	Rows   []staffInvoiceRow
	More   string // the next page; empty: there is none
	None   views.Empty
	Any    bool // whether there is something to search in
	CanAdd bool
}

// outstandingSum is what is open in one currency.
type outstandingSum struct {
	Currency                     string
	Waiting, Overdue, Processing int64
}

// staffInvoiceRow is one invoice of a list.
type staffInvoiceRow struct {
	ID       uuid.UUID
	Href     string
	Name     string // its number, or that it is a draft
	Who      string // empty where the page is about them
	For      string
	State    contactState
	Minor    int64
	Currency string
	Created  views.Moment
	Due      time.Time // zero: none, or no longer of interest
}

// invoiceShown are the states staff narrow the list to; what each follows from stands in InvoiceList.
var invoiceShown = []views.Option{{Label: "Any state"}, {Value: "draft", Label: "Draft"}, {Value: "open", Label: "To be paid"}, {Value: "overdue", Label: "Overdue"},
	{Value: "processing", Label: "Payment on its way"}, {Value: "paid", Label: "Paid"}, {Value: "refunded", Label: "Refunded"}, {Value: "void", Label: "Void"},
	{Value: "uncollectible", Label: "Written off"}}

func (s *Site) staffInvoicesIndex(c *fiber.Ctx) error {
	v := at(c)
	asked := queries.InvoicesAsked{AccountID: v.account.ID, Shown: choiceOf(c.Query("state"), invoiceShown), Search: searchText(c.Query("q")),
		BeforeAt: v.now.AddDate(1, 0, 0), BeforeID: queries.LastID, Size: invoicesPerPage, Now: v.now}
	before, id, older := invoiceBefore(c.Query("before"))
	if older {
		asked.BeforeAt, asked.BeforeID = before, id
	}
	rows, more, sums, err := queries.ListInvoices(c.UserContext(), s.DB, asked)
	if err != nil {
		return err
	}
	p := &staffInvoicesPage{Page: s.page(c, "Invoices"), CanAdd: v.role.Includes(queries.StaffRoleAdmin), Any: len(rows) > 0 || asked.Shown != "" || asked.Search != "" || older,
		Search: views.Field{Name: "q", Label: "Search number, name or address", LabelHidden: true, Type: "search", Value: asked.Search, Placeholder: "Search number, name or address"},
		Shown:  views.Select{Name: "state", Label: "State", LabelHidden: true, Value: asked.Shown, Options: invoiceShown}, None: noInvoices(v, asked)}
	for _, sum := range sums {
		p.Sums = append(p.Sums, outstandingSum{sum.Currency, sum.WaitingMinor, sum.OverdueMinor, sum.ProcessingMinor})
	}
	for _, row := range rows {
		r := v.staffInvoiceRow(queries.InvoiceNewestRow{ID: row.ID, Number: row.Number, State: row.State, Payment: row.Payment, TotalMinor: row.TotalMinor,
			RemainingMinor: row.RemainingMinor, RefundedMinor: row.RefundedMinor, Currency: row.Currency, PaidOutside: row.PaidOutside, Memo: row.Memo, DueAt: row.DueAt, CreatedAt: row.CreatedAt})
		if r.Who = orElse(row.Name, row.Email); row.Bought != "" {
			r.For = "Bought: " + row.Bought
		}
		p.Rows = append(p.Rows, r)
	}
	if more {
		last := rows[len(rows)-1]
		p.More = v.base() + "/invoices?" + url.Values{"q": {asked.Search}, "state": {asked.Shown}, "before": {last.CreatedAt.UTC().Format(time.RFC3339Nano) + "_" + last.ID.String()}}.Encode()
	}
	if older && isFragment(c) {
		return render(c, views.FrameAdmin, "staffinvoices/index", "staffinvoices/_more", p)
	}
	return render(c, views.FrameAdmin, "staffinvoices/index", "staffinvoices/_list", p)
}

func noInvoices(v *visit, asked queries.InvoicesAsked) views.Empty {
	switch {
	case asked.Shown != "" || asked.Search != "":
		return views.Empty{Icon: "search", Title: "No invoice is like that", Text: "Try another state, or a shorter part of the number, name or address."}
	case !v.role.Includes(queries.StaffRoleAdmin):
		return views.Empty{Icon: "receipt", Title: "No invoices yet", Text: "What clients owe and have paid is listed here."}
	}
	return views.Empty{Icon: "receipt", Title: "No invoices yet", Text: "What clients owe and have paid is listed here. Subscriptions make theirs by themselves.", Action: "New invoice",
		Href: v.base() + "/invoices/new"}
}

func (v *visit) staffInvoiceRow(row queries.InvoiceNewestRow) staffInvoiceRow {
	r := staffInvoiceRow{ID: row.ID, Href: v.base() + "/invoices/" + row.ID.String(), Name: orElse(row.Number, "Draft"), For: row.Memo, Minor: row.TotalMinor, Currency: row.Currency,
		Created: v.moment(&row.CreatedAt), State: staffInvoiceState(row, v.now)}
	if row.State == queries.InvoiceStateOpen {
		r.Minor, r.Due = row.RemainingMinor, v.localTime(row.DueAt)
	}
	return r
}

// staffInvoiceState is invoiceState with what only staff see: drafts, and what was paid past Stripe.
func staffInvoiceState(row queries.InvoiceNewestRow, now time.Time) contactState {
	switch {
	case row.State == queries.InvoiceStateDraft:
		return contactState{"Draft", "", "pencil"}
	case row.State == queries.InvoiceStatePaid && row.PaidOutside:
		return contactState{"Paid outside", "success", "circle-check"}
	}
	return invoiceState(row.State, row.Payment, row.DueAt != nil && row.DueAt.Before(now), row.RefundedMinor, row.TotalMinor)
}
