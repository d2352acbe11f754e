package handlers

import (
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// ordersPage is what clients bought.
type ordersPage struct {
	views.Page
	Search views.Field
	Shown  views.Select
	Rows   []orderRow
	More   string // the next page; empty: there is none
	None   views.Empty
	Any    bool // whether there is something to search in
}

// orderRow is one order of a list.
type orderRow struct {
	ID       uuid.UUID
	Href     string
	Title    string
	Who      string // empty where the page is about them
	State    contactState
	Minor    int64
	Currency string
	Created  views.Moment
}

var orderShown = []views.Option{{Label: "Any order"}, {Value: "paid", Label: "Paid"}, {Value: "refunded", Label: "Refunded"}, {Value: "free", Label: "Nothing to pay"}}

func (s *Site) ordersIndex(c *fiber.Ctx) error {
	v := at(c)
	asked := queries.OrdersAsked{AccountID: v.account.ID, Shown: choiceOf(c.Query("state"), orderShown), Search: searchText(c.Query("q")), Before: queries.LastID, Size: invoicesPerPage}
	if before, err := uuid.Parse(c.Query("before")); err == nil {
		asked.Before = before
	}
	rows, more, err := queries.ListOrders(c.UserContext(), s.q, asked)
	if err != nil {
		return err
	}
	narrow := asked.Shown != "" || asked.Search != ""
	p := &ordersPage{Page: s.page(c, "Orders"), Any: len(rows) > 0 || narrow || asked.Before != queries.LastID,
		Search: views.Field{Name: "q", Label: "Search offer, name or address", LabelHidden: true, Type: "search", Value: asked.Search, Placeholder: "Search offer, name or address"},
		Shown:  views.Select{Name: "state", Label: "State", LabelHidden: true, Value: asked.Shown, Options: orderShown},
		None:   views.Empty{Icon: "receipt", Title: "No orders yet", Text: "Whatever somebody buys from you is listed here, with what they paid."}}
	if narrow {
		p.None = views.Empty{Icon: "search", Title: "No order is like that", Text: "Try another state, or a shorter part of the name or address."}
	}
	for _, row := range rows {
		r := v.orderRow(queries.OrderNewestRow{ID: row.ID, Title: row.Title, AmountMinor: row.AmountMinor, Currency: row.Currency, RefundedMinor: row.RefundedMinor,
			Subscribed: row.Subscribed, CreatedAt: row.CreatedAt})
		r.Who = orElse(row.Name, row.Email)
		p.Rows = append(p.Rows, r)
	}
	if more {
		p.More = v.base() + "/orders?" + url.Values{"q": {asked.Search}, "state": {asked.Shown}, "before": {rows[len(rows)-1].ID.String()}}.Encode()
	}
	if asked.Before != queries.LastID && isFragment(c) {
		return render(c, views.FrameAdmin, "orders/index", "orders/_more", p)
	}
	return render(c, views.FrameAdmin, "orders/index", "orders/_list", p)
}

func (v *visit) orderRow(row queries.OrderNewestRow) orderRow {
	return orderRow{ID: row.ID, Href: v.base() + "/orders/" + row.ID.String(), Title: row.Title, Minor: row.AmountMinor, Currency: row.Currency, Created: v.moment(&row.CreatedAt),
		State: orderState(row.AmountMinor, row.RefundedMinor, row.Subscribed)}
}

func orderState(amount, refunded int64, subscribed bool) contactState {
	switch {
	case amount == 0 && subscribed:
		return contactState{"Began free", "info", "circle-check"}
	case amount == 0:
		return contactState{"Nothing to pay", "", "circle-check"}
	case refunded >= amount:
		return contactState{"Refunded", "", "rotate-ccw"}
	case refunded > 0:
		return contactState{"Refunded in part", "", "rotate-ccw"}
	}
	return contactState{"Paid", "success", "circle-check"}
}

// orderPage is one order: what was bought, by whom, and what it gives.
type orderPage struct {
	views.Page
	ID            uuid.UUID
	Name          string
	State         contactState
	Who, WhoHref  string
	Email         string
	MadeContact   bool
	Currency      string
	AmountMinor   int64
	RefundedMinor int64
	DisputedMinor int64 // a bank is deciding about it
	LostMinor     int64 // a bank took it back
	GivenAgain    bool  // all of it had gone back, and some came back
	Bought        views.Moment
	Gives         []cancelledCourse
	Subscription  string // its page; empty: none
	Invoice       string // its number; empty: none, or not yet
	InvoicePath   string
	RefundPath    string // empty: nothing is left, or not by this role
}

func (s *Site) orderAsked(c *fiber.Ctx) (row queries.OrderOfAccountRow, gives []queries.OrderGivesRow, err error) {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return row, nil, queries.ErrNotFound
	}
	return queries.LoadOrder(c.UserContext(), s.DB, at(c).account.ID, id, at(c).now)
}

func (s *Site) ordersShow(c *fiber.Ctx) error {
	v := at(c)
	row, gives, err := s.orderAsked(c)
	if err != nil {
		return err
	}
	p := &orderPage{Page: s.page(c, row.Title), ID: row.ID, Name: row.Title, State: orderState(row.AmountMinor, row.RefundedMinor, row.SubscriptionID != nil), Who: orElse(row.Name, row.Email),
		WhoHref: v.base() + "/contacts/" + row.ContactID.String(), Email: row.Email, MadeContact: row.MadeContact, Currency: row.Currency, AmountMinor: row.AmountMinor,
		RefundedMinor: row.RefundedMinor, DisputedMinor: row.DisputedMinor, LostMinor: row.LostMinor, GivenAgain: row.GivenAgain, Bought: v.moment(&row.CreatedAt)}
	if disputed := disputeState(row.DisputedMinor, row.LostMinor); disputed != nil {
		p.State = *disputed
	}
	for _, g := range gives {
		p.Gives = append(p.Gives, cancelledCourse{g.Title, g.Stays})
	}
	if row.SubscriptionID != nil {
		p.Subscription = v.base() + "/subscriptions/" + row.SubscriptionID.String()
	}
	if row.InvoiceID != nil {
		p.Invoice, p.InvoicePath = row.InvoiceNumber, v.base()+"/invoices/"+row.InvoiceID.String()
	}
	if v.role.Includes(queries.StaffRoleAdmin) && refundableOrder(row) > 0 {
		p.RefundPath = v.base() + "/orders/" + row.ID.String() + "/refund"
	}
	return render(c, views.FrameAdmin, "orders/show", "", p)
}

// refundableOrder is how much of an order can still be given back; of a subscription's nothing, whose invoices have a payment each.
func refundableOrder(row queries.OrderOfAccountRow) int64 {
	if row.StripePaymentID == "" {
		return 0
	}
	return row.AmountMinor - row.RefundedMinor - row.DisputedMinor - row.LostMinor // Stripe gives nothing back of what is disputed
}

// disputeState says that a bank decides, or has decided against the business, about money; nil: neither.
func disputeState(disputed, lost int64) *contactState {
	switch {
	case disputed > 0:
		return &contactState{"In dispute", "warning", "circle-alert"}
	case lost > 0:
		return &contactState{"Lost in a dispute", "error", "circle-alert"}
	}
	return nil
}
