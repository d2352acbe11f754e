package handlers

import (
	"net/url"

	"atrium/queries"
)

// contactSales is what a contact bought, pays again and again, and owes; the newest few of each, with the lists that have the others.
type contactSales struct {
	Invoices      []staffInvoiceRow
	Subscriptions []staffSubscriptionRow
	Orders        []orderRow
	Lists         []saleList
	NewPath       string // makes an invoice for them; empty: the role does not include it
}

// saleList is where all of one kind of a contact's sales are.
type saleList struct{ Href, Label string }

func (v *visit) contactSales(loaded queries.ContactPage, p *contactPage) (sales contactSales) {
	subscriptions, moreSubscriptions := cut(loaded.Subscriptions, queries.SalesShown)
	for _, row := range subscriptions {
		sales.Subscriptions = append(sales.Subscriptions, v.staffSubscriptionRow(row))
	}
	invoices, moreInvoices := cut(loaded.Invoices, queries.SalesShown)
	for _, row := range invoices {
		sales.Invoices = append(sales.Invoices, v.staffInvoiceRow(row))
	}
	orders, moreOrders := cut(loaded.Orders, queries.SalesShown)
	for _, row := range orders {
		sales.Orders = append(sales.Orders, v.orderRow(row))
	}
	for _, list := range []struct {
		more bool
		name string
	}{{moreSubscriptions, "subscriptions"}, {moreInvoices, "invoices"}, {moreOrders, "orders"}} {
		if list.more {
			sales.Lists = append(sales.Lists, saleList{v.base() + "/" + list.name + "?" + url.Values{"q": {p.Email}}.Encode(), "All " + list.name})
		}
	}
	if p.CanChange {
		sales.NewPath = v.base() + "/invoices/new?contact=" + p.ID.String()
	}
	return sales
}
