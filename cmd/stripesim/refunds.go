package stripesim

import "fmt"

// Refund gives money of a charge back.
type Refund struct {
	name
	Amount             int64               `json:"amount"`
	BalanceTransaction ref                 `json:"balance_transaction"`
	Charge             ref                 `json:"charge"`
	Created            int64               `json:"created"`
	Currency           string              `json:"currency"`
	DestinationDetails *destinationDetails `json:"destination_details,omitempty"`
	FailureReason      string              `json:"failure_reason,omitempty"`
	Metadata           metadata            `json:"metadata"`
	PaymentIntent      ref                 `json:"payment_intent"`
	Reason             text                `json:"reason"`
	ReceiptNumber      text                `json:"receipt_number"`
	Status             string              `json:"status"` // succeeded, failed
}

type destinationDetails struct {
	Type string                  `json:"type"`
	Card *destinationDetailsCard `json:"card,omitempty"`
}

type destinationDetailsCard struct {
	Type string `json:"type"`
}

type refundParams struct {
	Amount        *int64        `form:"amount"`
	Charge        string        `form:"charge"`
	Metadata      metadataParam `form:"metadata"`
	PaymentIntent string        `form:"payment_intent"`
	Reason        text          `form:"reason"`
}

func createRefund(c *call, p *refundParams) (any, error) {
	charge, err := c.refundable(p)
	if err != nil {
		return nil, err
	}
	left := charge.AmountCaptured - charge.AmountRefunded
	amount := left
	set(&amount, p.Amount)
	switch {
	case left == 0:
		return nil, refuse("charge_already_refunded", "", "Charge %s has already been refunded.", charge.ID)
	case amount < 1:
		return nil, refuse("parameter_invalid_integer", "amount", "Invalid positive integer")
	case amount > left:
		return nil, refuse("", "amount", "Refund amount (%d) is greater than unrefunded amount on charge (%d)", amount, left)
	}
	refund := &Refund{name: name{c.s.newID("re"), "refund"}, Amount: amount, Charge: ref(charge.ID), Created: c.now(), Currency: charge.Currency,
		PaymentIntent: charge.PaymentIntent, Reason: p.Reason, Status: "succeeded"}
	if charge.PaymentMethodDetails.Type == "card" {
		refund.DestinationDetails = &destinationDetails{"card", &destinationDetailsCard{"refund"}}
	}
	refund.Metadata = refund.Metadata.with(p.Metadata)
	refund.BalanceTransaction = ref(c.move("refund", "refund", refund.ID, refund.Currency, -amount, 0).ID)
	c.refunds.add(refund)
	charge.AmountRefunded += amount
	charge.Refunded = charge.AmountRefunded == charge.Amount
	c.emit("refund.created", refund)
	c.emit("charge.refunded", charge)
	return refund, nil
}

// refundable finds the charge that a refund is for.
func (c *call) refundable(p *refundParams) (*Charge, error) {
	id := p.Charge
	if id == "" {
		if p.PaymentIntent == "" {
			return nil, refuse("parameter_missing", "", "One of the following params should be provided for this request: payment_intent or charge.")
		}
		intent, err := c.paymentIntents.need(p.PaymentIntent, "payment_intent", "payment_intent")
		if err != nil {
			return nil, err
		}
		id = string(intent.LatestCharge)
	}
	charge, err := c.charges.need(id, "charge", "charge")
	switch {
	case err != nil:
		return nil, err
	case charge.Status != "succeeded":
		return nil, refuse("", "charge", "This charge has not succeeded, so it cannot be refunded: it is %s.", charge.Status)
	case charge.Disputed && !c.lost(charge) && !c.refundableDispute(charge):
		return nil, refuse("charge_disputed", "", "Charge %s has been charged back; cannot issue a refund.", charge.ID)
	case c.lost(charge):
		return nil, refuse("charge_disputed", "", "Charge %s has been charged back; cannot issue a refund.", charge.ID)
	}
	return charge, nil
}

func getRefund(c *call, _ *none) (any, error) { return c.refunds.need(c.id, "refund", "id") }

type refundChange struct {
	Metadata metadataParam `form:"metadata"`
}

func updateRefund(c *call, p *refundChange) (any, error) {
	refund, err := c.refunds.need(c.id, "refund", "id")
	if err != nil {
		return nil, err
	}
	refund.Metadata = refund.Metadata.with(p.Metadata)
	c.emit("refund.updated", refund)
	return refund, nil
}

type refundsParams struct {
	page
	Charge        string `form:"charge"`
	Created       *span  `form:"created"`
	PaymentIntent string `form:"payment_intent"`
}

func listRefunds(c *call, p *refundsParams) (any, error) {
	return listed(c, p.page, &c.refunds, func(refund *Refund) bool {
		return p.Created.has(refund.Created) && (p.Charge == "" || p.Charge == string(refund.Charge)) && (p.PaymentIntent == "" || p.PaymentIntent == string(refund.PaymentIntent))
	})
}

func (b *books) refundsOf(charge string) []*Refund {
	var all []*Refund
	for refund := range b.refunds.newest() {
		if string(refund.Charge) == charge {
			all = append(all, refund)
		}
	}
	return all
}

// FailRefund is a refund that the customer's bank sends back: the money is on the account again.
func (s *Server) FailRefund(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.everyBooks() {
		refund := b.refunds.get(id)
		if refund == nil || refund.Status != "succeeded" {
			continue
		}
		refund.Status, refund.FailureReason = "failed", "expired_or_canceled_card"
		b.move("refund_failure", "refund_failure", refund.ID, refund.Currency, refund.Amount, 0)
		charge := b.charges.get(string(refund.Charge))
		charge.AmountRefunded -= refund.Amount
		charge.Refunded = false
		b.emit("charge.refund.updated", refund)
		b.emit("charge.updated", charge)
		return nil
	}
	return fmt.Errorf("stripesim: there is no refund %s that succeeded", id)
}
