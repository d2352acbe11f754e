package stripesim

import "fmt"

// Dispute is a charge that the customer's bank took back.
type Dispute struct {
	head
	Amount              int64                 `json:"amount"`
	BalanceTransactions []*BalanceTransaction `json:"balance_transactions"`
	Charge              ref                   `json:"charge"`
	Currency            string                `json:"currency"`
	Evidence            evidence              `json:"evidence"`
	EvidenceDetails     evidenceDetails       `json:"evidence_details"`
	IsChargeRefundable  bool                  `json:"is_charge_refundable"`
	Metadata            metadata              `json:"metadata"`
	PaymentIntent       ref                   `json:"payment_intent"`
	Reason              string                `json:"reason"`
	Status              string                `json:"status"` // needs_response, under_review, won, lost
}

type evidence struct {
	AccessActivityLog     text `json:"access_activity_log" form:"access_activity_log"`
	CustomerCommunication text `json:"customer_communication" form:"customer_communication"`
	CustomerEmailAddress  text `json:"customer_email_address" form:"customer_email_address"`
	CustomerName          text `json:"customer_name" form:"customer_name"`
	ProductDescription    text `json:"product_description" form:"product_description"`
	ServiceDate           text `json:"service_date" form:"service_date"`
	UncategorizedText     text `json:"uncategorized_text" form:"uncategorized_text"`
}

type evidenceDetails struct {
	DueBy           stamp `json:"due_by"`
	HasEvidence     bool  `json:"has_evidence"`
	PastDue         bool  `json:"past_due"`
	SubmissionCount int64 `json:"submission_count"`
}

// disputeCost is what Stripe takes for a dispute, in minor units.
const disputeCost = 1500

// Dispute has the customer's bank take a charge back, for a reason such as fraudulent or product_not_received.
func (s *Server) Dispute(charge, reason string) (dispute string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	for _, b := range s.everyBooks() {
		if disputed := b.charges.get(charge); disputed != nil {
			if disputed.Status != "succeeded" || disputed.Disputed || disputed.AmountCaptured == disputed.AmountRefunded {
				return "", fmt.Errorf("stripesim: charge %s has nothing that could be disputed", charge)
			}
			return b.dispute(disputed, reason).ID, nil
		}
	}
	return "", fmt.Errorf("stripesim: there is no charge %s", charge)
}

func (b *books) dispute(charge *Charge, reason string) *Dispute {
	amount := charge.AmountCaptured - charge.AmountRefunded
	d := &Dispute{head: b.newHead("dp", "dispute"), Amount: amount, Charge: ref(charge.ID), Currency: charge.Currency, PaymentIntent: charge.PaymentIntent,
		EvidenceDetails: evidenceDetails{DueBy: stamp(b.now() + 9*day)}, Reason: reason, Status: "needs_response"}
	charge.Disputed = true
	d.BalanceTransactions = append(d.BalanceTransactions, b.move("adjustment", "dispute", d.ID, d.Currency, -amount, disputeCost))
	b.disputes.add(d)
	b.emit("charge.dispute.created", d)
	b.emit("charge.dispute.funds_withdrawn", d)
	b.emit("charge.updated", charge)
	return d
}

// CloseDispute is the bank's decision: won gives the money back to the account.
func (s *Server) CloseDispute(id string, won bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	for _, b := range s.everyBooks() {
		if d := b.disputes.get(id); d != nil && d.open() {
			b.closeDispute(d, won)
			return nil
		}
	}
	return fmt.Errorf("stripesim: there is no open dispute %s", id)
}

func (d *Dispute) open() bool { return d.Status == "needs_response" || d.Status == "under_review" }

func (b *books) closeDispute(d *Dispute, won bool) {
	d.Status = "lost"
	if won {
		d.Status = "won"
		d.BalanceTransactions = append(d.BalanceTransactions, b.move("adjustment", "dispute_reversal", d.ID, d.Currency, d.Amount, -disputeCost))
		b.emit("charge.dispute.funds_reinstated", d)
	}
	b.emit("charge.dispute.closed", d)
}

// lost says whether a charge was taken back for good.
func (b *books) lost(charge *Charge) bool {
	for d := range b.disputes.all() {
		if string(d.Charge) == charge.ID && d.Status == "lost" {
			return true
		}
	}
	return false
}

// refundableDispute says whether a disputed charge is the business's again.
func (b *books) refundableDispute(charge *Charge) bool {
	for d := range b.disputes.all() {
		if string(d.Charge) == charge.ID && d.Status != "won" {
			return false
		}
	}
	return true
}

func getDispute(c *call, _ *none) (any, error) { return c.disputes.need(c.id, "dispute", "id") }

type disputeChange struct {
	Evidence *evidence     `form:"evidence"`
	Metadata metadataParam `form:"metadata"`
	Submit   *bool         `form:"submit"`
}

func updateDispute(c *call, p *disputeChange) (any, error) {
	d, err := c.disputes.need(c.id, "dispute", "id")
	if err != nil {
		return nil, err
	}
	if p.Evidence != nil {
		if !d.open() {
			return nil, refuse("", "", "This dispute is already closed")
		}
		d.Evidence, d.EvidenceDetails.HasEvidence = *p.Evidence, true
		if p.Submit == nil || *p.Submit {
			d.Status = "under_review"
			d.EvidenceDetails.SubmissionCount++
		}
	}
	d.Metadata = d.Metadata.with(p.Metadata)
	c.emit("charge.dispute.updated", d)
	// Stripe's test mode decides by these words.
	switch d.Evidence.UncategorizedText {
	case "winning_evidence":
		c.closeDispute(d, true)
	case "losing_evidence":
		c.closeDispute(d, false)
	}
	return d, nil
}

func closeDispute(c *call, _ *none) (any, error) {
	d, err := c.disputes.need(c.id, "dispute", "id")
	if err != nil {
		return nil, err
	}
	if !d.open() {
		return nil, refuse("", "", "This dispute is already closed")
	}
	c.closeDispute(d, false)
	return d, nil
}

type disputesParams struct {
	page
	Charge        string `form:"charge"`
	Created       *span  `form:"created"`
	PaymentIntent string `form:"payment_intent"`
}

func listDisputes(c *call, p *disputesParams) (any, error) {
	return listed(c, p.page, &c.disputes, func(d *Dispute) bool {
		return p.Created.has(d.Created) && (p.Charge == "" || p.Charge == string(d.Charge)) && (p.PaymentIntent == "" || p.PaymentIntent == string(d.PaymentIntent))
	})
}
