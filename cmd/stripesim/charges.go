package stripesim

// Charge is one try to get money.
type Charge struct {
	head
	Amount               int64                 `json:"amount"`
	AmountCaptured       int64                 `json:"amount_captured"`
	AmountRefunded       int64                 `json:"amount_refunded"`
	ApplicationFeeAmount *int64                `json:"application_fee_amount"`
	BalanceTransaction   ref                   `json:"balance_transaction"`
	BillingDetails       BillingDetails        `json:"billing_details"`
	Captured             bool                  `json:"captured"`
	Currency             string                `json:"currency"`
	Customer             ref                   `json:"customer"`
	Description          text                  `json:"description"`
	Disputed             bool                  `json:"disputed"`
	FailureCode          text                  `json:"failure_code"`
	FailureMessage       text                  `json:"failure_message"`
	Invoice              ref                   `json:"invoice"`
	Metadata             metadata              `json:"metadata"`
	Outcome              *ChargeOutcome        `json:"outcome"`
	Paid                 bool                  `json:"paid"`
	PaymentIntent        ref                   `json:"payment_intent"`
	PaymentMethod        text                  `json:"payment_method"`
	PaymentMethodDetails *PaymentMethodDetails `json:"payment_method_details"`
	ReceiptEmail         text                  `json:"receipt_email"`
	ReceiptURL           text                  `json:"receipt_url"`
	Refunded             bool                  `json:"refunded"`
	Status               string                `json:"status"`
}

// ChargeOutcome is why a charge went as it did.
type ChargeOutcome struct {
	NetworkStatus string `json:"network_status"`
	Reason        text   `json:"reason"`
	RiskLevel     string `json:"risk_level"`
	SellerMessage string `json:"seller_message"`
	Type          string `json:"type"`
}

// PaymentMethodDetails are of the payment method at the time of the charge.
type PaymentMethodDetails struct {
	Card      *Card      `json:"card,omitempty"`
	SepaDebit *SepaDebit `json:"sepa_debit,omitempty"`
	Type      string     `json:"type"`
}

func (b *books) newCharge(intent *PaymentIntent, method *PaymentMethod) *Charge {
	charge := &Charge{head: b.newHead("ch", "charge"), Amount: intent.Amount, ApplicationFeeAmount: intent.ApplicationFeeAmount, BillingDetails: method.BillingDetails,
		Currency: intent.Currency, Customer: intent.Customer, Description: intent.Description, Invoice: intent.Invoice, Metadata: intent.Metadata.with(metadataParam{}),
		PaymentIntent: ref(intent.ID), PaymentMethod: text(method.ID), PaymentMethodDetails: &PaymentMethodDetails{method.Card, method.SepaDebit, method.Type},
		ReceiptEmail: intent.ReceiptEmail}
	charge.ReceiptURL = text(b.s.URL + "/receipts/" + charge.ID)
	intent.LatestCharge = ref(charge.ID)
	return b.charges.add(charge)
}

func getCharge(c *call, _ *none) (any, error) { return c.charges.need(c.id, "charge", "id") }

type chargeChange struct {
	Description  *text         `form:"description"`
	Metadata     metadataParam `form:"metadata"`
	ReceiptEmail *text         `form:"receipt_email"`
}

func updateCharge(c *call, p *chargeChange) (any, error) {
	charge, err := c.charges.need(c.id, "charge", "id")
	if err != nil {
		return nil, err
	}
	set(&charge.Description, p.Description)
	set(&charge.ReceiptEmail, p.ReceiptEmail)
	charge.Metadata = charge.Metadata.with(p.Metadata)
	c.emit("charge.updated", charge)
	return charge, nil
}

type chargesParams struct {
	page
	Created       *span  `form:"created"`
	Customer      string `form:"customer"`
	PaymentIntent string `form:"payment_intent"`
}

func listCharges(c *call, p *chargesParams) (any, error) {
	return listed(c, p.page, &c.charges, func(charge *Charge) bool {
		return p.Created.has(charge.Created) && (p.Customer == "" || p.Customer == string(charge.Customer)) && (p.PaymentIntent == "" || p.PaymentIntent == string(charge.PaymentIntent))
	})
}
