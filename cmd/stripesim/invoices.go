package stripesim

// The states of an invoice.
const (
	draft         = "draft"
	open          = "open"
	paid          = "paid"
	void          = "void"
	uncollectible = "uncollectible"
)

// The ways an invoice is collected.
const (
	automatically = "charge_automatically"
	sendInvoice   = "send_invoice"
)

// Invoice asks for money. Whatever happens: amount_paid + amount_remaining = amount_due, and what is due is the total less the credit
// that the customer had.
type Invoice struct {
	head
	AccountCountry         text                    `json:"account_country"`
	AccountName            text                    `json:"account_name"`
	AmountDue              int64                   `json:"amount_due"`
	AmountPaid             int64                   `json:"amount_paid"`
	AmountRemaining        int64                   `json:"amount_remaining"`
	AmountShipping         int64                   `json:"amount_shipping"`
	AttemptCount           int64                   `json:"attempt_count"`
	Attempted              bool                    `json:"attempted"`
	AutoAdvance            bool                    `json:"auto_advance"`
	AutomaticTax           enabled                 `json:"automatic_tax"`
	BillingReason          string                  `json:"billing_reason"`
	Charge                 ref                     `json:"charge"`
	CollectionMethod       string                  `json:"collection_method"`
	Currency               string                  `json:"currency"`
	Customer               ref                     `json:"customer"`
	CustomerAddress        *Address                `json:"customer_address"`
	CustomerEmail          text                    `json:"customer_email"`
	CustomerName           text                    `json:"customer_name"`
	CustomerPhone          text                    `json:"customer_phone"`
	DefaultPaymentMethod   ref                     `json:"default_payment_method"`
	DefaultTaxRates        []*TaxRate              `json:"default_tax_rates"`
	Description            text                    `json:"description"`
	Discount               *Discount               `json:"discount"`
	Discounts              []string                `json:"discounts"`
	DueDate                stamp                   `json:"due_date"`
	EffectiveAt            stamp                   `json:"effective_at"`
	EndingBalance          *int64                  `json:"ending_balance"`
	Footer                 text                    `json:"footer"`
	HostedInvoiceURL       text                    `json:"hosted_invoice_url"`
	InvoicePDF             text                    `json:"invoice_pdf"`
	Issuer                 self                    `json:"issuer"`
	Lines                  shortList[*InvoiceLine] `json:"lines"`
	Metadata               metadata                `json:"metadata"`
	NextPaymentAttempt     stamp                   `json:"next_payment_attempt"`
	Number                 text                    `json:"number"`
	Paid                   bool                    `json:"paid"`
	PaidOutOfBand          bool                    `json:"paid_out_of_band"`
	PaymentIntent          ref                     `json:"payment_intent"`
	PaymentSettings        struct{}                `json:"payment_settings"`
	PeriodEnd              int64                   `json:"period_end"`
	PeriodStart            int64                   `json:"period_start"`
	PostPaymentCreditNotes int64                   `json:"post_payment_credit_notes_amount"`
	PrePaymentCreditNotes  int64                   `json:"pre_payment_credit_notes_amount"`
	StartingBalance        int64                   `json:"starting_balance"`
	Status                 string                  `json:"status"`
	StatusTransitions      statusTransitions       `json:"status_transitions"`
	Subscription           ref                     `json:"subscription"`
	SubscriptionDetails    *subscriptionDetails    `json:"subscription_details"`
	Subtotal               int64                   `json:"subtotal"`
	SubtotalExcludingTax   int64                   `json:"subtotal_excluding_tax"`
	Tax                    stamp                   `json:"tax"`
	Total                  int64                   `json:"total"`
	TotalDiscountAmounts   []DiscountAmount        `json:"total_discount_amounts"`
	TotalExcludingTax      int64                   `json:"total_excluding_tax"`
	TotalTaxAmounts        []TaxAmount             `json:"total_tax_amounts"`
	WebhooksDeliveredAt    stamp                   `json:"webhooks_delivered_at"`

	daysUntilDue int64
	overdue      bool // its subscription knows
}

type enabled struct {
	Enabled bool `json:"enabled" form:"enabled"`
}

type self struct {
	Type string `json:"type"`
}

type statusTransitions struct {
	FinalizedAt           stamp `json:"finalized_at"`
	MarkedUncollectibleAt stamp `json:"marked_uncollectible_at"`
	PaidAt                stamp `json:"paid_at"`
	VoidedAt              stamp `json:"voided_at"`
}

type subscriptionDetails struct {
	Metadata metadata `json:"metadata"`
}

type invoiceParams struct {
	AutoAdvance          *bool            `form:"auto_advance"`
	CollectionMethod     *string          `form:"collection_method"`
	Currency             *string          `form:"currency"`
	Customer             string           `form:"customer"`
	DaysUntilDue         *int64           `form:"days_until_due"`
	DefaultPaymentMethod *ref             `form:"default_payment_method"`
	DefaultTaxRates      []string         `form:"default_tax_rates"`
	Description          *text            `form:"description"`
	Discounts            []discountParams `form:"discounts"`
	DueDate              *stamp           `form:"due_date"`
	Footer               *text            `form:"footer"`
	Metadata             metadataParam    `form:"metadata"`
	PendingItems         string           `form:"pending_invoice_items_behavior"`
	Subscription         string           `form:"subscription"`
}

// newInvoice is a draft for a customer.
func (b *books) newInvoice(customer *Customer, currency, reason string) *Invoice {
	now := b.now()
	invoice := &Invoice{head: b.newHead("in", "invoice"), AccountCountry: "US", AccountName: b.accountName(), BillingReason: reason, CollectionMethod: automatically,
		Currency: currency, Customer: ref(customer.ID), CustomerAddress: customer.Address, CustomerEmail: customer.Email, CustomerName: customer.Name, CustomerPhone: customer.Phone,
		DefaultTaxRates: []*TaxRate{}, Discounts: []string{}, Issuer: self{"self"}, PeriodStart: now, PeriodEnd: now, Status: draft}
	invoice.Lines.url = "/v1/invoices/" + invoice.ID + "/lines"
	if customer.Discount != nil {
		invoice.give(customer.Discount)
	}
	return b.invoices.add(invoice)
}

// give puts a discount on an invoice; nil takes it off.
func (invoice *Invoice) give(discount *Discount) {
	invoice.Discount, invoice.Discounts = discount, []string{}
	if discount != nil {
		invoice.Discounts = append(invoice.Discounts, discount.ID)
	}
}

func createInvoice(c *call, p *invoiceParams) (any, error) {
	if p.Customer == "" {
		return nil, needParam("customer")
	}
	customer, err := c.customers.need(p.Customer, "customer", "customer")
	if err != nil {
		return nil, err
	}
	currency := string(customer.Currency)
	set(&currency, p.Currency)
	if currency == "" {
		currency = "usd"
	}
	var subscription *Subscription
	if p.Subscription != "" {
		if subscription, err = c.subscriptions.need(p.Subscription, "subscription", "subscription"); err != nil {
			return nil, err
		}
	}
	invoice := c.newInvoice(customer, currency, "manual")
	if subscription != nil {
		invoice.Subscription, currency = ref(subscription.ID), subscription.Currency
	}
	if err := p.apply(c, invoice); err != nil {
		c.invoices.remove(invoice.ID)
		return nil, err
	}
	if p.PendingItems == "include" || subscription != nil {
		c.takePending(invoice)
	}
	c.total(invoice)
	c.emit("invoice.created", invoice)
	return invoice, nil
}

func (p *invoiceParams) apply(c *call, invoice *Invoice) error {
	if p.DefaultTaxRates != nil {
		rates, err := c.ratesOf(p.DefaultTaxRates, "default_tax_rates")
		if err != nil {
			return err
		}
		invoice.DefaultTaxRates = rates
	}
	if p.Discounts != nil {
		discount, err := c.oneDiscount(p.Discounts, string(invoice.Customer), c.discountFor)
		if err != nil {
			return err
		}
		if discount != nil && discount.Invoice == "" && discount.Subscription == "" {
			discount.Invoice = text(invoice.ID)
		}
		invoice.give(discount)
	}
	set(&invoice.AutoAdvance, p.AutoAdvance)
	set(&invoice.CollectionMethod, p.CollectionMethod)
	set(&invoice.daysUntilDue, p.DaysUntilDue)
	set(&invoice.DefaultPaymentMethod, p.DefaultPaymentMethod)
	set(&invoice.Description, p.Description)
	set(&invoice.DueDate, p.DueDate)
	set(&invoice.Footer, p.Footer)
	invoice.Metadata = invoice.Metadata.with(p.Metadata)
	if p.DaysUntilDue != nil {
		invoice.DueDate = stamp(c.now() + *p.DaysUntilDue*day)
	}
	if invoice.CollectionMethod == sendInvoice && invoice.DueDate == 0 && invoice.Status == draft {
		return refuse("parameter_missing", "days_until_due", "If invoice collection_method is 'send_invoice', you must specify 'days_until_due' or 'due_date'.")
	}
	return nil
}

func updateInvoice(c *call, p *invoiceParams) (any, error) {
	invoice, err := c.invoices.need(c.id, "invoice", "id")
	if err != nil {
		return nil, err
	}
	if p.Customer != "" || p.Currency != nil || p.Subscription != "" || p.PendingItems != "" {
		return nil, early(gap{refuse("parameter_unknown", "customer", "This cannot be changed on an invoice.")})
	}
	content := p.DefaultTaxRates != nil || p.Discounts != nil || p.CollectionMethod != nil || p.Description != nil || p.Footer != nil
	if invoice.Status != draft && content {
		return nil, refuse("invoice_not_editable", "", "Finalized invoices can't be updated in this way.")
	}
	if err := p.apply(c, invoice); err != nil {
		return nil, err
	}
	if invoice.Status == draft {
		c.total(invoice)
	}
	c.emit("invoice.updated", invoice)
	return invoice, nil
}

func getInvoice(c *call, _ *none) (any, error) { return c.invoices.need(c.id, "invoice", "id") }

func deleteInvoice(c *call, _ *none) (any, error) {
	invoice, err := c.invoices.need(c.id, "invoice", "id")
	if err != nil {
		return nil, err
	}
	if invoice.Status != draft {
		return nil, refuse("invoice_not_editable", "", "You can only delete draft invoices.")
	}
	for item := range c.invoiceItems.all() {
		if string(item.Invoice) == invoice.ID {
			item.Invoice = ""
		}
	}
	c.emit("invoice.deleted", invoice)
	c.invoices.remove(c.id)
	return deleted{name{c.id, "invoice"}, true}, nil
}

type invoicesParams struct {
	page
	CollectionMethod string `form:"collection_method"`
	Created          *span  `form:"created"`
	Customer         string `form:"customer"`
	DueDate          *span  `form:"due_date"`
	Status           string `form:"status"`
	Subscription     string `form:"subscription"`
}

func listInvoices(c *call, p *invoicesParams) (any, error) {
	return listed(c, p.page, &c.invoices, func(invoice *Invoice) bool {
		return p.Created.has(invoice.Created) && p.DueDate.has(int64(invoice.DueDate)) && (p.Customer == "" || p.Customer == string(invoice.Customer)) &&
			(p.Status == "" || p.Status == invoice.Status) && (p.Subscription == "" || p.Subscription == string(invoice.Subscription)) &&
			(p.CollectionMethod == "" || p.CollectionMethod == invoice.CollectionMethod)
	})
}
