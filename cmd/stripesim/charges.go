package stripesim

import "math"

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

// BalanceTransaction is one movement of money on the account: the ledger that everything else must agree with.
type BalanceTransaction struct {
	name
	Amount            int64  `json:"amount"`
	AvailableOn       int64  `json:"available_on"`
	Created           int64  `json:"created"`
	Currency          string `json:"currency"`
	Description       text   `json:"description"`
	Fee               int64  `json:"fee"`
	FeeDetails        []fee  `json:"fee_details"`
	Net               int64  `json:"net"`
	ReportingCategory string `json:"reporting_category"`
	Source            ref    `json:"source"`
	Status            string `json:"status"`
	Type              string `json:"type"`
}

type fee struct {
	Amount      int64  `json:"amount"`
	Currency    string `json:"currency"`
	Description string `json:"description"`
	Type        string `json:"type"`
}

// move books an amount; negative: money goes.
func (b *books) move(kind, category, source, currency string, amount, cost int64) *BalanceTransaction {
	entry := &BalanceTransaction{name: name{b.s.newID("txn"), "balance_transaction"}, Amount: amount, AvailableOn: b.now() + 2*day, Created: b.now(), Currency: currency,
		Fee: cost, FeeDetails: []fee{}, Net: amount - cost, ReportingCategory: category, Source: ref(source), Status: "pending", Type: kind}
	if cost != 0 {
		entry.FeeDetails = append(entry.FeeDetails, fee{cost, currency, "Stripe processing fees", "stripe_fee"})
	}
	return b.transactions.add(entry)
}

// book takes the money of a charge, less a fee of 1.5 % and 25 minor units.
func (b *books) book(charge *Charge, amount int64) {
	cost := int64(math.Round(float64(amount)*0.015)) + 25
	charge.BalanceTransaction = ref(b.move("charge", "charge", charge.ID, charge.Currency, amount, cost).ID)
}

func getBalanceTransaction(c *call, _ *none) (any, error) {
	entry, err := c.transactions.need(c.id, "balance transaction", "id")
	if err == nil {
		entry.settle(c.now())
	}
	return entry, err
}

func (entry *BalanceTransaction) settle(now int64) {
	if entry.AvailableOn <= now {
		entry.Status = "available"
	}
}

type balanceTransactionsParams struct {
	page
	Created *span  `form:"created"`
	Source  string `form:"source"`
	Type    string `form:"type"`
}

func listBalanceTransactions(c *call, p *balanceTransactionsParams) (any, error) {
	return listed(c, p.page, &c.transactions, func(entry *BalanceTransaction) bool {
		entry.settle(c.now())
		return p.Created.has(entry.Created) && (p.Source == "" || p.Source == string(entry.Source)) && (p.Type == "" || p.Type == entry.Type)
	})
}
