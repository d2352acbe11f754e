package stripesim

import "fmt"

// Customer is somebody who pays.
type Customer struct {
	head
	Address             *Address        `json:"address"`
	Balance             int64           `json:"balance"` // minor units; negative: credit that the next invoices use up
	Currency            text            `json:"currency"`
	DefaultSource       ref             `json:"default_source"`
	Delinquent          bool            `json:"delinquent"`
	Description         text            `json:"description"`
	Discount            *Discount       `json:"discount"`
	Email               text            `json:"email"`
	InvoicePrefix       string          `json:"invoice_prefix"`
	InvoiceSettings     InvoiceSettings `json:"invoice_settings"`
	Metadata            metadata        `json:"metadata"`
	Name                text            `json:"name"`
	NextInvoiceSequence int64           `json:"next_invoice_sequence"`
	Phone               text            `json:"phone"`
	PreferredLocales    []string        `json:"preferred_locales"`
	Shipping            *Shipping       `json:"shipping"`
	TaxExempt           string          `json:"tax_exempt"`
	TestClock           ref             `json:"test_clock"`
}

// InvoiceSettings are how a customer's invoices are collected.
type InvoiceSettings struct {
	CustomFields         []string `json:"custom_fields"`
	DefaultPaymentMethod ref      `json:"default_payment_method"`
	Footer               text     `json:"footer"`
}

// Shipping is where things are sent to.
type Shipping struct {
	Address Address `json:"address" form:"address"`
	Name    string  `json:"name" form:"name"`
	Phone   text    `json:"phone" form:"phone"`
}

type customerParams struct {
	Address         *Address `form:"address"`
	Balance         *int64   `form:"balance"`
	Coupon          *string  `form:"coupon"`
	Description     *text    `form:"description"`
	Email           *text    `form:"email"`
	InvoiceSettings *struct {
		DefaultPaymentMethod *ref  `form:"default_payment_method"`
		Footer               *text `form:"footer"`
	} `form:"invoice_settings"`
	Metadata         metadataParam `form:"metadata"`
	Name             *text         `form:"name"`
	PaymentMethod    *string       `form:"payment_method"`
	Phone            *text         `form:"phone"`
	PreferredLocales []string      `form:"preferred_locales"`
	PromotionCode    *string       `form:"promotion_code"`
	Shipping         *Shipping     `form:"shipping"`
	TaxExempt        *string       `form:"tax_exempt"`
}

func (b *books) newCustomer() *Customer {
	customer := &Customer{head: b.newHead("cus", "customer"), NextInvoiceSequence: 1, TaxExempt: "none", PreferredLocales: []string{}}
	customer.InvoicePrefix = fmt.Sprintf("SIM%05d", b.s.newNumber("invoice prefix"))
	return customer
}

func createCustomer(c *call, p *customerParams) (any, error) {
	var method *PaymentMethod
	if p.PaymentMethod != nil {
		found, err := c.usableMethod(*p.PaymentMethod, "payment_method")
		if err == nil {
			err = found.attachable("")
		}
		if err != nil {
			return nil, err
		}
		method = found
	}
	customer := c.newCustomer()
	if err := p.apply(c, customer); err != nil {
		return nil, err
	}
	c.customers.add(customer)
	c.emit("customer.created", customer)
	if method != nil {
		return customer, c.attach(method, customer.ID)
	}
	return customer, nil
}

func (p *customerParams) apply(c *call, customer *Customer) error {
	if p.Email != nil && *p.Email != "" && !likeMail(string(*p.Email)) {
		return refuse("email_invalid", "email", "Invalid email address: %s", *p.Email)
	}
	if settings := p.InvoiceSettings; settings != nil {
		if id := settings.DefaultPaymentMethod; id != nil && *id != "" {
			method, err := c.paymentMethods.need(string(*id), "PaymentMethod", "invoice_settings[default_payment_method]")
			if err != nil {
				return err
			}
			if string(method.Customer) != customer.ID {
				return refuse("resource_missing", "invoice_settings[default_payment_method]", "The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", *id)
			}
		}
		set(&customer.InvoiceSettings.DefaultPaymentMethod, settings.DefaultPaymentMethod)
		set(&customer.InvoiceSettings.Footer, settings.Footer)
	}
	if p.Coupon != nil || p.PromotionCode != nil {
		discount, err := c.discountFor(orEmpty(p.Coupon), orEmpty(p.PromotionCode), customer.ID)
		if err != nil {
			return err
		}
		customer.Discount = discount
	}
	if p.Address != nil {
		customer.Address = p.Address
	}
	if p.Shipping != nil {
		customer.Shipping = p.Shipping
	}
	if p.PreferredLocales != nil {
		customer.PreferredLocales = p.PreferredLocales
	}
	set(&customer.Balance, p.Balance)
	set(&customer.Description, p.Description)
	set(&customer.Email, p.Email)
	set(&customer.Name, p.Name)
	set(&customer.Phone, p.Phone)
	set(&customer.TaxExempt, p.TaxExempt)
	customer.Metadata = customer.Metadata.with(p.Metadata)
	return nil
}

func updateCustomer(c *call, p *customerParams) (any, error) {
	customer, err := c.customers.need(c.id, "customer", "id")
	if err != nil {
		return nil, err
	}
	if err := p.apply(c, customer); err != nil {
		return nil, err
	}
	c.emit("customer.updated", customer)
	return customer, nil
}

// getCustomer answers a deleted one too, as Stripe does.
func getCustomer(c *call, _ *none) (any, error) {
	if gone := c.seen[c.id]; c.customers.get(c.id) == nil && gone != nil && gone["object"] == "customer" {
		return deleted{name{c.id, "customer"}, true}, nil
	}
	return c.customers.need(c.id, "customer", "id")
}

// deleteCustomer also ends the customer's subscriptions.
func deleteCustomer(c *call, _ *none) (any, error) {
	customer, err := c.customers.need(c.id, "customer", "id")
	if err != nil {
		return nil, err
	}
	for _, subscription := range c.livingSubscriptionsOf(c.id) {
		c.endSubscription(subscription, "cancellation_requested")
	}
	c.emit("customer.deleted", customer)
	c.customers.remove(c.id)
	return deleted{name{c.id, "customer"}, true}, nil
}

type customersParams struct {
	page
	Created *span  `form:"created"`
	Email   string `form:"email"`
}

func listCustomers(c *call, p *customersParams) (any, error) {
	return listed(c, p.page, &c.customers, func(customer *Customer) bool {
		return p.Created.has(customer.Created) && (p.Email == "" || p.Email == string(customer.Email))
	})
}

// likeMail is a rough look at an address.
func likeMail(address string) bool {
	at := -1
	for n, letter := range address {
		if letter == ' ' {
			return false
		}
		if letter == '@' {
			at = n
		}
	}
	return at > 0 && at < len(address)-1
}

func orEmpty(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
