package handlers

import "atrium/queries"

// contactSales is what a contact bought, pays again and again, and owes; the newest few of each.
type contactSales struct {
	Invoices      []staffInvoiceRow
	Subscriptions []staffSubscriptionRow
	Orders        []orderRow
	NewPath       string // makes an invoice for them; empty: the role does not include it
}

func (v *visit) contactSales(loaded queries.ContactPage, p *contactPage) (sales contactSales) {
	for _, row := range loaded.Invoices {
		sales.Invoices = append(sales.Invoices, v.staffInvoiceRow(row))
	}
	for _, row := range loaded.Subscriptions {
		sales.Subscriptions = append(sales.Subscriptions, v.staffSubscriptionRow(row))
	}
	for _, row := range loaded.Orders {
		sales.Orders = append(sales.Orders, v.orderRow(row))
	}
	if p.CanChange {
		sales.NewPath = v.base() + "/invoices/new?contact=" + p.ID.String()
	}
	return sales
}
