package stripesim

import (
	"fmt"
	"strings"
)

// CheckoutSession is one visit to the page where people pay.
type CheckoutSession struct {
	head
	AllowPromotionCodes      *bool                   `json:"allow_promotion_codes"`
	AmountSubtotal           int64                   `json:"amount_subtotal"`
	AmountTotal              int64                   `json:"amount_total"`
	AutomaticTax             enabled                 `json:"automatic_tax"`
	BillingAddressCollection text                    `json:"billing_address_collection"`
	CancelURL                text                    `json:"cancel_url"`
	ClientReferenceID        text                    `json:"client_reference_id"`
	Currency                 string                  `json:"currency"`
	CustomFields             []string                `json:"custom_fields"`
	CustomText               struct{}                `json:"custom_text"`
	Customer                 ref                     `json:"customer"`
	CustomerCreation         text                    `json:"customer_creation"`
	CustomerDetails          *customerDetails        `json:"customer_details"`
	CustomerEmail            text                    `json:"customer_email"`
	ExpiresAt                int64                   `json:"expires_at"`
	Invoice                  ref                     `json:"invoice"`
	InvoiceCreation          *sessionInvoiceCreation `json:"invoice_creation"`
	Locale                   text                    `json:"locale"`
	Metadata                 metadata                `json:"metadata"`
	Mode                     string                  `json:"mode"`
	PaymentIntent            ref                     `json:"payment_intent"`
	PaymentMethodCollection  text                    `json:"payment_method_collection"`
	PaymentMethodTypes       []string                `json:"payment_method_types"`
	PaymentStatus            string                  `json:"payment_status"` // unpaid, paid, no_payment_required
	PhoneNumberCollection    enabled                 `json:"phone_number_collection"`
	ShippingOptions          []string                `json:"shipping_options"`
	Status                   string                  `json:"status"` // open, complete, expired
	SubmitType               text                    `json:"submit_type"`
	Subscription             ref                     `json:"subscription"`
	SuccessURL               text                    `json:"success_url"`
	TaxIDCollection          enabled                 `json:"tax_id_collection"`
	TotalDetails             totalDetails            `json:"total_details"`
	UIMode                   string                  `json:"ui_mode"`
	URL                      text                    `json:"url"`

	lines    []*CheckoutLine
	discount *Discount
	ask      checkoutParams // what the intent or the subscription is made of
	waiting  Outcome        // of a subscription whose 3-D Secure is not done

	receiptDue int64 // when the invoice of its payment is made; 0: none is to come
}

// sessionInvoiceCreation says whether a payment gets an invoice once it is paid.
type sessionInvoiceCreation struct {
	Enabled     bool               `json:"enabled"`
	InvoiceData sessionInvoiceData `json:"invoice_data"`
}

type sessionInvoiceData struct {
	AccountTaxIDs    []string `json:"account_tax_ids"`
	CustomFields     []string `json:"custom_fields"`
	Description      text     `json:"description"`
	Footer           text     `json:"footer"`
	Issuer           *self    `json:"issuer"`
	Metadata         metadata `json:"metadata"`
	RenderingOptions *string  `json:"rendering_options"`
}

type customerDetails struct {
	Address   *Address `json:"address"`
	Email     text     `json:"email"`
	Name      text     `json:"name"`
	Phone     text     `json:"phone"`
	TaxExempt string   `json:"tax_exempt"`
	TaxIDs    []string `json:"tax_ids"`
}

type totalDetails struct {
	AmountDiscount int64 `json:"amount_discount"`
	AmountShipping int64 `json:"amount_shipping"`
	AmountTax      int64 `json:"amount_tax"`
}

// CheckoutLine is one thing that is bought.
type CheckoutLine struct {
	name
	AmountDiscount int64  `json:"amount_discount"`
	AmountSubtotal int64  `json:"amount_subtotal"`
	AmountTax      int64  `json:"amount_tax"`
	AmountTotal    int64  `json:"amount_total"`
	Currency       string `json:"currency"`
	Description    string `json:"description"`
	Price          *Price `json:"price"`
	Quantity       int64  `json:"quantity"`

	rates []*TaxRate
}

type invoiceCreationParams struct {
	Enabled     bool `form:"enabled,required"`
	InvoiceData struct {
		Description *text         `form:"description"`
		Footer      *text         `form:"footer"`
		Metadata    metadataParam `form:"metadata"`
	} `form:"invoice_data"`
}

// creation is what of it stands in the session.
func (p *invoiceCreationParams) creation() *sessionInvoiceCreation {
	c := &sessionInvoiceCreation{}
	if p != nil {
		c.Enabled = p.Enabled
		set(&c.InvoiceData.Description, p.InvoiceData.Description)
		set(&c.InvoiceData.Footer, p.InvoiceData.Footer)
		c.InvoiceData.Metadata = c.InvoiceData.Metadata.with(p.InvoiceData.Metadata)
	}
	return c
}

type checkoutLineParams struct {
	Price     string       `form:"price"`
	PriceData *priceParams `form:"price_data"`
	Quantity  *int64       `form:"quantity"`
	TaxRates  []string     `form:"tax_rates"`
}

type checkoutParams struct {
	AllowPromotionCodes      *bool   `form:"allow_promotion_codes"`
	AutomaticTax             enabled `form:"automatic_tax"`
	BillingAddressCollection text    `form:"billing_address_collection"`
	CancelURL                text    `form:"cancel_url"`
	ClientReferenceID        text    `form:"client_reference_id"`
	Currency                 string  `form:"currency"`
	Customer                 string  `form:"customer"`
	CustomerCreation         text    `form:"customer_creation"`
	CustomerEmail            text    `form:"customer_email"`
	CustomerUpdate           *struct {
		Address string `form:"address"`
		Name    string `form:"name"`
	} `form:"customer_update"`
	Discounts         []discountParams       `form:"discounts"`
	ExpiresAt         *int64                 `form:"expires_at"`
	InvoiceCreation   *invoiceCreationParams `form:"invoice_creation"`
	LineItems         []checkoutLineParams   `form:"line_items"`
	Locale            text                   `form:"locale"`
	Metadata          metadataParam          `form:"metadata"`
	Mode              string                 `form:"mode"`
	PaymentIntentData struct {
		ApplicationFeeAmount *int64        `form:"application_fee_amount"`
		Description          *text         `form:"description"`
		Metadata             metadataParam `form:"metadata"`
		ReceiptEmail         *text         `form:"receipt_email"`
		SetupFutureUsage     *text         `form:"setup_future_usage"`
		StatementDescriptor  *text         `form:"statement_descriptor"`
	} `form:"payment_intent_data"`
	PaymentMethodCollection text     `form:"payment_method_collection"`
	PaymentMethodTypes      []string `form:"payment_method_types"`
	PhoneNumberCollection   enabled  `form:"phone_number_collection"`
	SubmitType              text     `form:"submit_type"`
	SubscriptionData        struct {
		Description     *text          `form:"description"`
		Metadata        metadataParam  `form:"metadata"`
		TrialEnd        *string        `form:"trial_end"`
		TrialPeriodDays *int64         `form:"trial_period_days"`
		TrialSettings   *trialSettings `form:"trial_settings"`
	} `form:"subscription_data"`
	SuccessURL      text    `form:"success_url"`
	TaxIDCollection enabled `form:"tax_id_collection"`
	UIMode          string  `form:"ui_mode"`
}

func createCheckoutSession(c *call, p *checkoutParams) (any, error) {
	if err := p.check(c); err != nil {
		return nil, err
	}
	now := c.now()
	session := &CheckoutSession{head: c.newHead("cs_test", "checkout.session"), AllowPromotionCodes: p.AllowPromotionCodes, AutomaticTax: p.AutomaticTax,
		BillingAddressCollection: p.BillingAddressCollection, CancelURL: p.CancelURL, ClientReferenceID: p.ClientReferenceID, CustomFields: []string{}, Customer: ref(p.Customer),
		CustomerEmail: p.CustomerEmail, ExpiresAt: now + day, Locale: p.Locale, Mode: p.Mode, PaymentMethodCollection: "if_required", PaymentMethodTypes: p.PaymentMethodTypes,
		PaymentStatus: "unpaid", PhoneNumberCollection: p.PhoneNumberCollection, ShippingOptions: []string{}, Status: "open", SubmitType: p.SubmitType, SuccessURL: p.SuccessURL,
		TaxIDCollection: p.TaxIDCollection, UIMode: "hosted", ask: *p}
	session.URL = text(c.s.URL + "/c/pay/" + session.ID)
	session.Metadata = session.Metadata.with(p.Metadata)
	if p.Mode == "payment" {
		session.CustomerCreation = p.CustomerCreation
		session.InvoiceCreation = p.InvoiceCreation.creation()
		if session.CustomerCreation == "" && p.Customer == "" {
			session.CustomerCreation = "if_required"
		}
	} else {
		session.PaymentMethodCollection = "always"
	}
	if p.PaymentMethodCollection != "" {
		session.PaymentMethodCollection = p.PaymentMethodCollection
	}
	if session.PaymentMethodTypes == nil {
		session.PaymentMethodTypes = []string{"card", "sepa_debit"}
	}
	if customer := c.customers.get(p.Customer); customer != nil {
		session.CustomerDetails = &customerDetails{Email: customer.Email, TaxExempt: "none", TaxIDs: []string{}}
	} else if p.CustomerEmail != "" {
		session.CustomerDetails = &customerDetails{Email: p.CustomerEmail, TaxExempt: "none", TaxIDs: []string{}}
	}
	set(&session.ExpiresAt, p.ExpiresAt)
	if session.ExpiresAt < now+hour/2 || session.ExpiresAt > now+day {
		return nil, refuse("", "expires_at", "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.")
	}
	if err := c.fillSession(session, p); err != nil {
		return nil, err
	}
	c.totalSession(session)
	return c.sessions.add(session), nil
}

// check refuses what cannot be together.
func (p *checkoutParams) check(c *call) error {
	switch {
	case p.Mode != "payment" && p.Mode != "subscription":
		return refuse("", "mode", "This stand-in has the modes payment and subscription.")
	case p.UIMode != "" && p.UIMode != "hosted":
		return refuse("", "ui_mode", "This stand-in has only the hosted page.")
	case p.AutomaticTax.Enabled:
		return gap{refuse("", "automatic_tax", "This stand-in computes tax from tax rates only.")}
	case p.SuccessURL == "":
		return needParam("success_url")
	case len(p.LineItems) == 0:
		return needParam("line_items")
	case p.Customer != "" && p.CustomerEmail != "":
		return refuse("", "customer_email", "You may only specify one of these parameters: customer, customer_email.")
	case p.CustomerCreation != "" && (p.Customer != "" || p.Mode != "payment"):
		return refuse("", "customer_creation", "`customer_creation` can only be used in `payment` mode without a customer.")
	case len(p.Discounts) > 0 && p.AllowPromotionCodes != nil:
		return refuse("", "discounts", "You may only specify one of these parameters: allow_promotion_codes, discounts.")
	case p.InvoiceCreation != nil && p.InvoiceCreation.Enabled && p.Mode != "payment":
		return refuse("", "invoice_creation", "You can only enable invoice creation when `mode` is set to `payment`. Invoices are created automatically when `mode` is set to `subscription`.")
	case p.CustomerEmail != "" && !likeMail(string(p.CustomerEmail)):
		return refuse("email_invalid", "customer_email", "Invalid email address: %s", p.CustomerEmail)
	}
	if p.Customer != "" {
		if _, err := c.customers.need(p.Customer, "customer", "customer"); err != nil {
			return err
		}
	}
	return nil
}

// fillSession reads what is bought and what is taken off.
func (c *call) fillSession(session *CheckoutSession, p *checkoutParams) error {
	recurring := false
	for n, item := range p.LineItems {
		param := fmt.Sprintf("line_items[%d][price]", n)
		price, err := c.linePrice(item.Price, item.PriceData, param)
		if err != nil {
			return err
		}
		rates, err := c.ratesOf(item.TaxRates, fmt.Sprintf("line_items[%d][tax_rates]", n))
		if err != nil {
			return err
		}
		line := &CheckoutLine{name: name{c.s.newID("li"), "item"}, Currency: price.Currency, Price: price, rates: rates}
		line.Description = c.products.get(price.Product).Name
		if item.Quantity == nil {
			return needParam(fmt.Sprintf("line_items[%d][quantity]", n))
		}
		line.Quantity = *item.Quantity
		recurring = recurring || price.Recurring != nil
		session.lines = append(session.lines, line)
		session.Currency = price.Currency
	}
	if recurring != (p.Mode == "subscription") {
		return refuse("", "line_items", "You must use `subscription` mode with recurring prices, and `payment` mode with one-time prices only.")
	}
	discount, err := c.oneDiscount(p.Discounts, p.Customer, c.promised)
	if err != nil {
		return err
	}
	if discount != nil {
		discount.CheckoutSession = text(session.ID)
	}
	session.discount = discount
	return nil
}

func getCheckoutSession(c *call, _ *none) (any, error) {
	return c.sessions.need(c.id, "checkout.session", "id")
}

type checkoutSessionsParams struct {
	page
	Customer        string `form:"customer"`
	CustomerDetails *struct {
		Email string `form:"email"`
	} `form:"customer_details"`
	PaymentIntent string `form:"payment_intent"`
	Status        string `form:"status"`
	Subscription  string `form:"subscription"`
}

func listCheckoutSessions(c *call, p *checkoutSessionsParams) (any, error) {
	return listed(c, p.page, &c.sessions, func(session *CheckoutSession) bool {
		return (p.Customer == "" || p.Customer == string(session.Customer)) && (p.PaymentIntent == "" || p.PaymentIntent == string(session.PaymentIntent)) &&
			(p.Subscription == "" || p.Subscription == string(session.Subscription)) && (p.Status == "" || p.Status == session.Status) &&
			(p.CustomerDetails == nil || session.CustomerDetails != nil && p.CustomerDetails.Email == string(session.CustomerDetails.Email))
	})
}

func listCheckoutLines(c *call, p *page) (any, error) {
	session, err := c.sessions.need(c.id, "checkout.session", "id")
	if err != nil {
		return nil, err
	}
	return paged(c, *p, session.lines)
}

func expireCheckoutSession(c *call, _ *none) (any, error) {
	session, err := c.sessions.need(c.id, "checkout.session", "id")
	if err != nil {
		return nil, err
	}
	if session.Status != "open" {
		return nil, refuse("", "session", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of %s.", session.Status)
	}
	c.expireSession(session)
	return session, nil
}

func (b *books) expireSession(session *CheckoutSession) {
	session.Status, session.URL = "expired", ""
	if intent := b.paymentIntents.get(string(session.PaymentIntent)); intent != nil && intent.unconfirmed() {
		b.cancelIntent(intent, "automatic")
	}
	b.emit("checkout.session.expired", session)
}

func (b *books) dueSession(next *due) {
	for session := range b.sessions.all() {
		if session.Status == "open" {
			next.before(session.ExpiresAt, func() { b.expireSession(session) })
		}
		next.before(session.receiptDue, func() { b.advanceReceipt(session) })
	}
}

// returnTo is the address after paying.
func (session *CheckoutSession) returnTo() string {
	return strings.ReplaceAll(string(session.SuccessURL), "{CHECKOUT_SESSION_ID}", session.ID)
}
