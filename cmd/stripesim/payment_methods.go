package stripesim

import "strings"

// PaymentMethod is a card or a bank account.
type PaymentMethod struct {
	head
	BillingDetails BillingDetails `json:"billing_details"`
	Card           *Card          `json:"card,omitempty"`
	Customer       ref            `json:"customer"`
	Metadata       metadata       `json:"metadata"`
	SepaDebit      *SepaDebit     `json:"sepa_debit,omitempty"`
	Type           string         `json:"type"`

	outcome Outcome
}

// BillingDetails are of the person who pays.
type BillingDetails struct {
	Address *Address `json:"address" form:"address"`
	Email   text     `json:"email" form:"email"`
	Name    text     `json:"name" form:"name"`
	Phone   text     `json:"phone" form:"phone"`
}

// Card is what is shown of a card.
type Card struct {
	Brand    string `json:"brand"`
	Country  string `json:"country"`
	ExpMonth int64  `json:"exp_month"`
	ExpYear  int64  `json:"exp_year"`
	Funding  string `json:"funding"`
	Last4    string `json:"last4"`
}

// SepaDebit is what is shown of a bank account.
type SepaDebit struct {
	BankCode string `json:"bank_code"`
	Country  string `json:"country"`
	Last4    string `json:"last4"`
}

// newCard makes a card with an outcome.
func (b *books) newCard(last4 string, outcome Outcome) *PaymentMethod {
	brand := "visa"
	if last4 == "4444" {
		brand = "mastercard"
	}
	return b.paymentMethods.add(&PaymentMethod{head: b.newHead("pm", "payment_method"), Type: "card", outcome: outcome,
		Card: &Card{Brand: brand, Country: "US", ExpMonth: 12, ExpYear: 2034, Funding: "credit", Last4: last4}})
}

// newDebit makes a bank account whose payments stay processing.
func (b *books) newDebit() *PaymentMethod {
	return b.paymentMethods.add(&PaymentMethod{head: b.newHead("pm", "payment_method"), Type: "sepa_debit", outcome: Debits,
		SepaDebit: &SepaDebit{BankCode: "37040044", Country: "DE", Last4: "3000"}})
}

type paymentMethodParams struct {
	BillingDetails *BillingDetails `form:"billing_details"`
	Card           *struct {
		Token string `form:"token"`
	} `form:"card"`
	Metadata  metadataParam `form:"metadata"`
	SepaDebit *struct {
		IBAN string `form:"iban,required"`
	} `form:"sepa_debit"`
	Type string `form:"type,required"`
}

func createPaymentMethod(c *call, p *paymentMethodParams) (any, error) {
	var method *PaymentMethod
	switch {
	case p.Type == "card" && p.Card != nil:
		word := strings.TrimPrefix(p.Card.Token, "tok_")
		card, there := magic[word]
		if !there {
			return nil, missing("token", p.Card.Token, "card[token]")
		}
		method = c.newCard(card.last4, card.outcome)
	case p.Type == "sepa_debit" && p.SepaDebit != nil:
		method = c.newDebit()
		method.SepaDebit.Last4 = p.SepaDebit.IBAN[max(0, len(p.SepaDebit.IBAN)-4):]
	default:
		return nil, refuse("", "type", "This stand-in makes cards from a token, and sepa_debit from an IBAN.")
	}
	if p.BillingDetails != nil {
		method.BillingDetails = *p.BillingDetails
	}
	method.Metadata = method.Metadata.with(p.Metadata)
	return method, nil
}

type paymentMethodChange struct {
	BillingDetails *BillingDetails `form:"billing_details"`
	Card           *struct {
		ExpMonth *int64 `form:"exp_month"`
		ExpYear  *int64 `form:"exp_year"`
	} `form:"card"`
	Metadata metadataParam `form:"metadata"`
}

func updatePaymentMethod(c *call, p *paymentMethodChange) (any, error) {
	method, err := c.paymentMethods.need(c.id, "PaymentMethod", "id")
	if err != nil {
		return nil, err
	}
	if method.Customer == "" {
		return nil, refuse("", "", "You must save this PaymentMethod to a customer before you can update it.")
	}
	if p.BillingDetails != nil {
		method.BillingDetails = *p.BillingDetails
	}
	if p.Card != nil && method.Card != nil {
		set(&method.Card.ExpMonth, p.Card.ExpMonth)
		set(&method.Card.ExpYear, p.Card.ExpYear)
	}
	method.Metadata = method.Metadata.with(p.Metadata)
	c.emit("payment_method.updated", method)
	return method, nil
}

func getPaymentMethod(c *call, _ *none) (any, error) {
	return c.paymentMethods.need(c.id, "PaymentMethod", "id")
}

type attachParams struct {
	Customer string `form:"customer,required"`
}

func attachPaymentMethod(c *call, p *attachParams) (any, error) {
	method, err := c.usableMethod(c.id, "id")
	if err != nil {
		return nil, err
	}
	return method, c.attach(method, p.Customer)
}

// attachable says what speaks against saving a payment method to a customer.
func (method *PaymentMethod) attachable(customer string) error {
	if method.Customer != "" && string(method.Customer) != customer {
		return refuse("", "", "The payment method you provided has already been attached to a customer.")
	}
	if method.outcome == Declines || method.outcome == NoFunds || method.outcome == Expired {
		return declined(method, nil)
	}
	return nil
}

// attach saves a payment method to a customer.
func (b *books) attach(method *PaymentMethod, customer string) error {
	if _, err := b.customers.need(customer, "customer", "customer"); err != nil {
		return err
	}
	if err := method.attachable(customer); err != nil {
		return err
	}
	method.Customer = ref(customer)
	b.emit("payment_method.attached", method)
	return nil
}

func detachPaymentMethod(c *call, _ *none) (any, error) {
	method, err := c.paymentMethods.need(c.id, "PaymentMethod", "id")
	if err != nil {
		return nil, err
	}
	if method.Customer == "" {
		return nil, refuse("", "", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	if customer := c.customers.get(string(method.Customer)); customer != nil && customer.InvoiceSettings.DefaultPaymentMethod == ref(method.ID) {
		customer.InvoiceSettings.DefaultPaymentMethod = ""
	}
	method.Customer = ""
	c.emit("payment_method.detached", method)
	return method, nil
}

type paymentMethodsParams struct {
	page
	Customer string `form:"customer"`
	Type     string `form:"type"`
}

// listPaymentMethods is for both addresses: the one below a customer has its id in the path.
func listPaymentMethods(c *call, p *paymentMethodsParams) (any, error) {
	customer := p.Customer
	if c.id != "" {
		customer = c.id
	}
	if _, err := c.customers.need(customer, "customer", "customer"); err != nil {
		return nil, err
	}
	return listed(c, p.page, &c.paymentMethods, func(method *PaymentMethod) bool {
		return string(method.Customer) == customer && (p.Type == "" || p.Type == method.Type)
	})
}

// defaultMethod is what a customer pays with when nothing else is said: their default, else the newest; nil: there is none.
func (b *books) defaultMethod(customer string) *PaymentMethod {
	if who := b.customers.get(customer); who != nil && who.InvoiceSettings.DefaultPaymentMethod != "" {
		return b.paymentMethods.get(string(who.InvoiceSettings.DefaultPaymentMethod))
	}
	return nil
}
