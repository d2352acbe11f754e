package stripesim

import "slices"

// PaymentIntent is one sum that is to be collected, over all tries.
type PaymentIntent struct {
	head
	Amount                  int64        `json:"amount"`
	AmountCapturable        int64        `json:"amount_capturable"`
	AmountReceived          int64        `json:"amount_received"`
	ApplicationFeeAmount    *int64       `json:"application_fee_amount"`
	AutomaticPaymentMethods *automatic   `json:"automatic_payment_methods"`
	CanceledAt              stamp        `json:"canceled_at"`
	CancellationReason      text         `json:"cancellation_reason"`
	CaptureMethod           string       `json:"capture_method"`
	ClientSecret            string       `json:"client_secret"`
	ConfirmationMethod      string       `json:"confirmation_method"`
	Currency                string       `json:"currency"`
	Customer                ref          `json:"customer"`
	Description             text         `json:"description"`
	Invoice                 ref          `json:"invoice"`
	LastPaymentError        *Error       `json:"last_payment_error"`
	LatestCharge            ref          `json:"latest_charge"`
	Metadata                metadata     `json:"metadata"`
	NextAction              *NextAction  `json:"next_action"`
	PaymentMethod           ref          `json:"payment_method"`
	PaymentMethodTypes      []string     `json:"payment_method_types"`
	Processing              *processing  `json:"processing"`
	ReceiptEmail            text         `json:"receipt_email"`
	SetupFutureUsage        text         `json:"setup_future_usage"`
	Shipping                *Shipping    `json:"shipping"`
	StatementDescriptor     text         `json:"statement_descriptor"`
	Status                  IntentStatus `json:"status"`

	session   string // the checkout session it belongs to
	returnURL string // after 3-D Secure
}

// IntentStatus is how far a payment is.
type IntentStatus string

// The states of a payment.
const (
	RequiresPaymentMethod IntentStatus = "requires_payment_method"
	RequiresConfirmation  IntentStatus = "requires_confirmation"
	RequiresAction        IntentStatus = "requires_action"
	Processing            IntentStatus = "processing"
	RequiresCapture       IntentStatus = "requires_capture"
	Succeeded             IntentStatus = "succeeded"
	IntentCanceled        IntentStatus = "canceled"
)

type automatic struct {
	AllowRedirects string `json:"allow_redirects,omitempty" form:"allow_redirects"`
	Enabled        bool   `json:"enabled" form:"enabled"`
}

// NextAction is what the customer has to do: 3-D Secure, on a page of ours.
type NextAction struct {
	Type          string   `json:"type"`
	RedirectToURL redirect `json:"redirect_to_url"`
}

type redirect struct {
	ReturnURL text   `json:"return_url"`
	URL       string `json:"url"`
}

type processing struct {
	Type string `json:"type"`
}

type paymentIntentParams struct {
	Amount                  *int64        `form:"amount"`
	ApplicationFeeAmount    *int64        `form:"application_fee_amount"`
	AutomaticPaymentMethods *automatic    `form:"automatic_payment_methods"`
	CaptureMethod           *string       `form:"capture_method"`
	Confirm                 bool          `form:"confirm"`
	Currency                *string       `form:"currency"`
	Customer                *ref          `form:"customer"`
	Description             *text         `form:"description"`
	ErrorOnRequiresAction   bool          `form:"error_on_requires_action"`
	Metadata                metadataParam `form:"metadata"`
	OffSession              bool          `form:"off_session"`
	PaymentMethod           *string       `form:"payment_method"`
	PaymentMethodTypes      []string      `form:"payment_method_types"`
	ReceiptEmail            *text         `form:"receipt_email"`
	ReturnURL               *string       `form:"return_url"`
	SetupFutureUsage        *text         `form:"setup_future_usage"`
	Shipping                *Shipping     `form:"shipping"`
	StatementDescriptor     *text         `form:"statement_descriptor"`
}

func (b *books) newIntent(amount int64, currency, customer string) *PaymentIntent {
	intent := &PaymentIntent{head: b.newHead("pi", "payment_intent"), Amount: amount, CaptureMethod: "automatic", ConfirmationMethod: "automatic",
		Currency: currency, Customer: ref(customer), PaymentMethodTypes: []string{"card", "sepa_debit"}, Status: RequiresPaymentMethod}
	intent.ClientSecret = intent.ID + "_secret_" + intent.ID[len(intent.ID)-6:]
	return b.paymentIntents.add(intent)
}

func createPaymentIntent(c *call, p *paymentIntentParams) (any, error) {
	if p.Amount == nil || p.Currency == nil {
		return nil, needParam("amount")
	}
	if *p.Amount <= 0 {
		return nil, refuse("parameter_invalid_integer", "amount", "This value must be greater than or equal to 1.")
	}
	customer := ref("")
	set(&customer, p.Customer)
	if customer != "" {
		if _, err := c.customers.need(string(customer), "customer", "customer"); err != nil {
			return nil, err
		}
	}
	intent := c.newIntent(*p.Amount, *p.Currency, string(customer))
	intent.AutomaticPaymentMethods = p.AutomaticPaymentMethods
	set(&intent.CaptureMethod, p.CaptureMethod)
	if err := p.apply(c, intent); err != nil {
		c.paymentIntents.remove(intent.ID)
		return nil, err
	}
	c.emit("payment_intent.created", intent)
	if p.Confirm {
		return c.confirm(intent, p.OffSession, p.ErrorOnRequiresAction)
	}
	return intent, nil
}

func (p *paymentIntentParams) apply(c *call, intent *PaymentIntent) error {
	if p.PaymentMethod != nil && *p.PaymentMethod != "" {
		method, err := c.usableMethod(*p.PaymentMethod, "payment_method")
		if err != nil {
			return err
		}
		intent.PaymentMethod = ref(method.ID)
		if intent.Status == RequiresPaymentMethod {
			intent.Status = RequiresConfirmation
		}
	}
	if p.PaymentMethodTypes != nil {
		intent.PaymentMethodTypes = p.PaymentMethodTypes
	}
	if p.Shipping != nil {
		intent.Shipping = p.Shipping
	}
	if p.ApplicationFeeAmount != nil {
		intent.ApplicationFeeAmount = p.ApplicationFeeAmount
	}
	set(&intent.Amount, p.Amount)
	set(&intent.Customer, p.Customer)
	set(&intent.Description, p.Description)
	set(&intent.ReceiptEmail, p.ReceiptEmail)
	set(&intent.returnURL, p.ReturnURL)
	set(&intent.SetupFutureUsage, p.SetupFutureUsage)
	set(&intent.StatementDescriptor, p.StatementDescriptor)
	intent.Metadata = intent.Metadata.with(p.Metadata)
	return nil
}

func updatePaymentIntent(c *call, p *paymentIntentParams) (any, error) {
	intent, err := c.paymentIntents.need(c.id, "payment_intent", "id")
	if err != nil {
		return nil, err
	}
	if p.Amount != nil && !intent.unconfirmed() {
		return nil, intent.wrongState("update the amount of")
	}
	return intent, p.apply(c, intent)
}

func (intent *PaymentIntent) unconfirmed() bool {
	return slices.Contains([]IntentStatus{RequiresPaymentMethod, RequiresConfirmation, RequiresAction}, intent.Status)
}

func (intent *PaymentIntent) wrongState(verb string) *Error {
	e := refuse("payment_intent_unexpected_state", "", "You cannot %s this PaymentIntent because it has a status of %s.", verb, intent.Status)
	e.Intent = intent
	return e
}

func getPaymentIntent(c *call, _ *none) (any, error) {
	return c.paymentIntents.need(c.id, "payment_intent", "id")
}

type paymentIntentsParams struct {
	page
	Created  *span  `form:"created"`
	Customer string `form:"customer"`
}

func listPaymentIntents(c *call, p *paymentIntentsParams) (any, error) {
	return listed(c, p.page, &c.paymentIntents, func(intent *PaymentIntent) bool {
		return p.Created.has(intent.Created) && (p.Customer == "" || p.Customer == string(intent.Customer))
	})
}
