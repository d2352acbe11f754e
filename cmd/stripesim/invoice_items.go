package stripesim

import "strconv"

// InvoiceItem is something that waits for an invoice, or is in one.
type InvoiceItem struct {
	name
	Amount            int64      `json:"amount"`
	Currency          string     `json:"currency"`
	Customer          string     `json:"customer"`
	Date              int64      `json:"date"`
	Description       text       `json:"description"`
	Discountable      bool       `json:"discountable"`
	Discounts         []string   `json:"discounts"`
	Invoice           ref        `json:"invoice"`
	Livemode          bool       `json:"livemode"`
	Metadata          metadata   `json:"metadata"`
	Period            Period     `json:"period"`
	Price             *Price     `json:"price"`
	Proration         bool       `json:"proration"`
	Quantity          int64      `json:"quantity"`
	Subscription      ref        `json:"subscription"`
	SubscriptionItem  string     `json:"subscription_item,omitempty"`
	TaxRates          []*TaxRate `json:"tax_rates"`
	UnitAmount        int64      `json:"unit_amount"`
	UnitAmountDecimal string     `json:"unit_amount_decimal"`
}

type invoiceItemParams struct {
	Amount       *int64        `form:"amount"`
	Currency     *string       `form:"currency"`
	Customer     string        `form:"customer"`
	Description  *text         `form:"description"`
	Discountable *bool         `form:"discountable"`
	Invoice      string        `form:"invoice"`
	Metadata     metadataParam `form:"metadata"`
	Period       *Period       `form:"period"`
	Price        string        `form:"price"`
	PriceData    *priceParams  `form:"price_data"`
	Quantity     *int64        `form:"quantity"`
	Subscription string        `form:"subscription"`
	TaxRates     []string      `form:"tax_rates"`
	UnitAmount   *int64        `form:"unit_amount"`
}

func createInvoiceItem(c *call, p *invoiceItemParams) (any, error) {
	if p.Customer == "" {
		return nil, needParam("customer")
	}
	customer, err := c.customers.need(p.Customer, "customer", "customer")
	if err != nil {
		return nil, err
	}
	var invoice *Invoice
	if p.Invoice != "" {
		if invoice, err = c.draftOf(p.Invoice, customer.ID); err != nil {
			return nil, err
		}
	}
	item := &InvoiceItem{name: name{c.s.newID("ii"), "invoiceitem"}, Currency: string(customer.Currency), Customer: customer.ID, Date: c.now(), Discountable: true, Discounts: []string{},
		Invoice: ref(p.Invoice), Period: Period{c.now(), c.now()}, Quantity: 1, Subscription: ref(p.Subscription)}
	if invoice != nil {
		item.Currency = invoice.Currency
	}
	if err := p.apply(c, item); err != nil {
		return nil, err
	}
	if invoice != nil && item.Currency != invoice.Currency {
		return nil, refuse("", "currency", "The currency of the item is not that of the invoice.")
	}
	c.invoiceItems.add(item)
	c.emit("invoiceitem.created", item)
	if invoice != nil {
		c.place(item, invoice)
		c.total(invoice)
		c.emit("invoice.updated", invoice)
	}
	return item, nil
}

// draftOf is an invoice of a customer that can still be changed.
func (c *call) draftOf(id, customer string) (*Invoice, error) {
	invoice, err := c.invoices.need(id, "invoice", "invoice")
	if err != nil {
		return nil, err
	}
	if string(invoice.Customer) != customer {
		return nil, refuse("", "invoice", "The invoice %s belongs to another customer.", id)
	}
	if invoice.Status != draft {
		return nil, refuse("invoice_not_editable", "", "Finalized invoices can't be updated in this way.")
	}
	return invoice, nil
}

func (p *invoiceItemParams) apply(c *call, item *InvoiceItem) error {
	set(&item.Currency, p.Currency)
	set(&item.Quantity, p.Quantity)
	switch {
	case p.Price != "" || p.PriceData != nil:
		price, err := c.linePrice(p.Price, p.PriceData, "price")
		if err != nil {
			return err
		}
		if price.Type != "one_time" {
			return refuse("", "price", "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.")
		}
		item.Price, item.Currency, item.UnitAmount = price, price.Currency, price.UnitAmount
	case p.UnitAmount != nil:
		item.UnitAmount = *p.UnitAmount
	case p.Amount != nil:
		item.UnitAmount, item.Quantity = *p.Amount, 1
	case item.Price == nil && item.UnitAmount == 0:
		return refuse("parameter_missing", "amount", "An invoice item needs an amount, a unit_amount or a price.")
	}
	if item.Currency == "" {
		return needParam("currency")
	}
	if p.TaxRates != nil || item.TaxRates == nil {
		rates, err := c.ratesOf(p.TaxRates, "tax_rates")
		if err != nil {
			return err
		}
		item.TaxRates = rates
	}
	item.Amount = item.UnitAmount * item.Quantity
	item.UnitAmountDecimal = strconv.FormatInt(item.UnitAmount, 10)
	set(&item.Description, p.Description)
	set(&item.Discountable, p.Discountable)
	set(&item.Period, p.Period)
	item.Metadata = item.Metadata.with(p.Metadata)
	if product := c.productOfPrice(item.Price); item.Description == "" && product != nil {
		item.Description = text(product.Name)
	}
	return nil
}

func (b *books) productOfPrice(price *Price) *Product {
	if price == nil {
		return nil
	}
	return b.products.get(price.Product)
}

// place makes a line of an item.
func (b *books) place(item *InvoiceItem, invoice *Invoice) {
	item.Invoice = ref(invoice.ID)
	line := item.line(invoice.ID)
	line.ID = b.s.newID("il")
	invoice.Lines.all = append(invoice.Lines.all, line)
}

func (item *InvoiceItem) line(invoice string) *InvoiceLine {
	return &InvoiceLine{name: name{"il_" + item.ID, "line_item"}, Amount: item.Amount, Currency: item.Currency, Description: item.Description, Discountable: item.Discountable, Invoice: text(invoice),
		InvoiceItem: item.ID, Metadata: item.Metadata, Period: item.Period, Price: item.Price, Proration: item.Proration, Quantity: item.Quantity, Subscription: item.Subscription,
		SubscriptionItem: item.SubscriptionItem, TaxRates: item.TaxRates, Type: "invoiceitem"}
}

// pending are the items that wait for an invoice of a customer: those of this subscription and those of none.
func (b *books) pending(customer, subscription, currency string) []*InvoiceItem {
	var items []*InvoiceItem
	for item := range b.invoiceItems.all() {
		if item.Invoice == "" && item.Customer == customer && item.Currency == currency && (item.Subscription == "" || string(item.Subscription) == subscription) {
			items = append(items, item)
		}
	}
	return items
}

func (b *books) takePending(invoice *Invoice) {
	for _, item := range b.pending(string(invoice.Customer), string(invoice.Subscription), invoice.Currency) {
		b.place(item, invoice)
	}
}

func updateInvoiceItem(c *call, p *invoiceItemParams) (any, error) {
	item, invoice, err := c.editableItem()
	if err != nil {
		return nil, err
	}
	if p.Customer != "" || p.Invoice != "" || p.Subscription != "" || p.Currency != nil {
		return nil, early(gap{refuse("parameter_unknown", "customer", "This cannot be changed on an invoice item.")})
	}
	if err := p.apply(c, item); err != nil {
		return nil, err
	}
	if invoice != nil {
		for n, line := range invoice.Lines.all {
			if line.InvoiceItem == item.ID {
				invoice.Lines.all[n] = item.line(invoice.ID)
				invoice.Lines.all[n].ID = line.ID
			}
		}
		c.total(invoice)
		c.emit("invoice.updated", invoice)
	}
	return item, nil
}

// editableItem is the item of a call with its invoice, if it is in one, which must be a draft.
func (c *call) editableItem() (*InvoiceItem, *Invoice, error) {
	item, err := c.invoiceItems.need(c.id, "invoiceitem", "id")
	if err != nil {
		return nil, nil, err
	}
	invoice := c.invoices.get(string(item.Invoice))
	if invoice != nil && invoice.Status != draft {
		return nil, nil, refuse("invoice_not_editable", "", "The invoice of this item is finalized.")
	}
	return item, invoice, nil
}

func getInvoiceItem(c *call, _ *none) (any, error) {
	return c.invoiceItems.need(c.id, "invoiceitem", "id")
}

func deleteInvoiceItem(c *call, _ *none) (any, error) {
	item, invoice, err := c.editableItem()
	if err != nil {
		return nil, err
	}
	c.emit("invoiceitem.deleted", item)
	c.invoiceItems.remove(c.id)
	if invoice != nil {
		kept := invoice.Lines.all[:0:0]
		for _, line := range invoice.Lines.all {
			if line.InvoiceItem != c.id {
				kept = append(kept, line)
			}
		}
		invoice.Lines.all = kept
		c.total(invoice)
		c.emit("invoice.updated", invoice)
	}
	return deleted{name{c.id, "invoiceitem"}, true}, nil
}

type invoiceItemsParams struct {
	page
	Created  *span  `form:"created"`
	Customer string `form:"customer"`
	Invoice  string `form:"invoice"`
	Pending  *bool  `form:"pending"`
}

func listInvoiceItems(c *call, p *invoiceItemsParams) (any, error) {
	return listed(c, p.page, &c.invoiceItems, func(item *InvoiceItem) bool {
		return p.Created.has(item.Date) && (p.Customer == "" || p.Customer == item.Customer) && (p.Invoice == "" || p.Invoice == string(item.Invoice)) &&
			(p.Pending == nil || *p.Pending == (item.Invoice == ""))
	})
}
