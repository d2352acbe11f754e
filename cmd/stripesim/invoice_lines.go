package stripesim

import (
	"encoding/json"
	"fmt"
)

// InvoiceLine is one line of an invoice.
type InvoiceLine struct {
	name
	Amount           int64            `json:"amount"` // before discounts and tax on top
	Currency         string           `json:"currency"`
	Description      text             `json:"description"`
	DiscountAmounts  []DiscountAmount `json:"discount_amounts"`
	Discountable     bool             `json:"discountable"`
	Discounts        []string         `json:"discounts"`
	Invoice          text             `json:"invoice"`
	InvoiceItem      string           `json:"invoice_item,omitempty"`
	Livemode         bool             `json:"livemode"`
	Metadata         metadata         `json:"metadata"`
	Period           Period           `json:"period"`
	Price            *Price           `json:"price"`
	Proration        bool             `json:"proration"`
	Quantity         int64            `json:"quantity"`
	Subscription     ref              `json:"subscription"`
	SubscriptionItem string           `json:"subscription_item,omitempty"`
	TaxAmounts       []TaxAmount      `json:"tax_amounts"`
	TaxRates         []*TaxRate       `json:"tax_rates"`
	Type             string           `json:"type"` // invoiceitem, subscription
}

// DiscountAmount is what a discount takes off.
type DiscountAmount struct {
	Amount   int64  `json:"amount"`
	Discount string `json:"discount"`
}

// TaxAmount is what a tax rate comes to.
type TaxAmount struct {
	Amount        int64  `json:"amount"`
	Inclusive     bool   `json:"inclusive"`
	TaxRate       string `json:"tax_rate"`
	TaxableAmount int64  `json:"taxable_amount"`
}

// shortList shows the first ten of more, as Stripe does inside of an object; the rest has an address of its own.
type shortList[T any] struct {
	url string
	all []T
}

func (l shortList[T]) MarshalJSON() ([]byte, error) {
	const most = 10
	shown := newList(l.url, l.all[:min(most, len(l.all))])
	shown.HasMore = len(l.all) > most
	return json.Marshal(shown)
}

// lineFor is a line for so many units of a price.
func (b *books) lineFor(price *Price, quantity int64, period Period) *InvoiceLine {
	line := &InvoiceLine{name: name{b.s.newID("il"), "line_item"}, Amount: price.UnitAmount * quantity, Currency: price.Currency, Discountable: true, Period: period, Price: price, Quantity: quantity}
	product := "item"
	if sold := b.products.get(price.Product); sold != nil {
		product = sold.Name
	}
	line.Description = text(product)
	if price.Recurring != nil {
		line.Description = text(fmt.Sprintf("%d × %s (at %s / %s)", quantity, product, money(price.UnitAmount, price.Currency), price.Recurring.Interval))
	}
	return line
}

// total computes everything that follows from the lines: discounts, tax, totals, and what of it the customer's balance pays.
func (b *books) total(invoice *Invoice) {
	invoice.Subtotal, invoice.Tax = 0, 0
	invoice.TotalDiscountAmounts, invoice.TotalTaxAmounts = []DiscountAmount{}, []TaxAmount{}
	var discountable int64
	for _, line := range invoice.Lines.all {
		invoice.Subtotal += line.Amount
		if line.Discountable && line.Amount > 0 {
			discountable += line.Amount
		}
	}
	off := int64(0)
	if invoice.Discount != nil {
		off = invoice.Discount.Coupon.off(discountable, invoice.Currency)
		invoice.TotalDiscountAmounts = append(invoice.TotalDiscountAmounts, DiscountAmount{off, invoice.Discount.ID})
	}
	left, onTop, within := off, int64(0), int64(0)
	for _, line := range invoice.Lines.all {
		share := int64(0)
		if line.Discountable && line.Amount > 0 && discountable > 0 {
			share = off * line.Amount / discountable
			left -= share
		}
		line.spread(share, invoice)
	}
	for _, line := range invoice.Lines.all { // what rounding left over goes to the first lines that can take it
		for n := range line.DiscountAmounts {
			more := min(left, line.Amount-line.DiscountAmounts[n].Amount)
			line.DiscountAmounts[n].Amount += more
			left -= more
		}
		a, c := line.tax(invoice)
		onTop, within = onTop+a, within+c
	}
	invoice.Tax = stamp(onTop + within)
	invoice.Total = invoice.Subtotal - off + onTop
	invoice.SubtotalExcludingTax = invoice.Subtotal - within
	invoice.TotalExcludingTax = invoice.Total - onTop - within
	b.owe(invoice)
}

// spread notes a line's share of the discount.
func (line *InvoiceLine) spread(share int64, invoice *Invoice) {
	line.Discounts, line.DiscountAmounts = []string{}, []DiscountAmount{}
	if invoice.Discount != nil && line.Discountable && line.Amount > 0 {
		line.DiscountAmounts = append(line.DiscountAmounts, DiscountAmount{share, invoice.Discount.ID})
	}
}

// tax computes a line's tax on top and the tax within, and adds both to the invoice's.
func (line *InvoiceLine) tax(invoice *Invoice) (onTop, within int64) {
	line.TaxAmounts = []TaxAmount{}
	rates := line.TaxRates
	if len(rates) == 0 {
		rates = invoice.DefaultTaxRates
	}
	if line.TaxRates == nil {
		line.TaxRates = []*TaxRate{}
	}
	net := line.Amount
	for _, taken := range line.DiscountAmounts {
		net -= taken.Amount
	}
	for _, rate := range rates {
		amount := TaxAmount{rate.of(net), rate.Inclusive, rate.ID, net}
		line.TaxAmounts = append(line.TaxAmounts, amount)
		invoice.addTax(amount)
		if rate.Inclusive {
			within += amount.Amount
		} else {
			onTop += amount.Amount
		}
	}
	return onTop, within
}

func (invoice *Invoice) addTax(more TaxAmount) {
	for n := range invoice.TotalTaxAmounts {
		if sum := &invoice.TotalTaxAmounts[n]; sum.TaxRate == more.TaxRate {
			sum.Amount += more.Amount
			sum.TaxableAmount += more.TaxableAmount
			return
		}
	}
	invoice.TotalTaxAmounts = append(invoice.TotalTaxAmounts, more)
}

// owe says how much of a total is to be paid: credit of the customer's pays first, a negative total becomes credit.
func (b *books) owe(invoice *Invoice) {
	balance := int64(0)
	if customer := b.customers.get(string(invoice.Customer)); customer != nil {
		balance = customer.Balance
	}
	invoice.StartingBalance = balance
	invoice.AmountDue = max(0, invoice.Total+balance)
	invoice.AmountRemaining = invoice.AmountDue - invoice.AmountPaid
}

// after is the customer's balance once an invoice is final.
func (invoice *Invoice) after() int64 { return min(0, invoice.Total+invoice.StartingBalance) }

func listInvoiceLines(c *call, p *page) (any, error) {
	invoice, err := c.invoices.need(c.id, "invoice", "id")
	if err != nil {
		return nil, err
	}
	return paged(c, *p, invoice.Lines.all)
}
