package stripesim

import "fmt"

// collect charges a payment method with what an intent wants. Without the customer there (off session) nothing can ask for 3-D Secure.
func (b *books) collect(intent *PaymentIntent, method *PaymentMethod, offSession bool) error {
	intent.PaymentMethod, intent.NextAction = ref(method.ID), nil
	switch {
	case method.outcome == Pays:
		b.pay(intent, method)
		return nil
	case method.outcome == Debits:
		b.beginDebit(intent, method)
		return nil
	case method.outcome == Authenticates && !offSession:
		intent.Status = RequiresAction
		intent.NextAction = &NextAction{Type: "redirect_to_url", RedirectToURL: redirect{text(intent.returnURL), b.s.URL + "/3ds/" + intent.ID}}
		b.emit("payment_intent.requires_action", intent)
		if invoice := b.invoices.get(string(intent.Invoice)); invoice != nil {
			b.emit("invoice.payment_action_required", invoice)
		}
		return nil
	}
	return b.decline(intent, method)
}

// pay is a charge that goes well.
func (b *books) pay(intent *PaymentIntent, method *PaymentMethod) {
	charge := b.newCharge(intent, method)
	charge.Status, charge.Paid = "succeeded", true
	charge.Outcome = &ChargeOutcome{NetworkStatus: "approved_by_network", RiskLevel: "normal", SellerMessage: "Payment complete.", Type: "authorized"}
	if intent.CaptureMethod == "manual" {
		intent.Status, intent.AmountCapturable = RequiresCapture, intent.Amount
		b.emit("charge.succeeded", charge)
		b.emit("payment_intent.amount_capturable_updated", intent)
		return
	}
	charge.Captured, charge.AmountCaptured = true, charge.Amount
	b.book(charge, charge.Amount)
	b.emit("charge.succeeded", charge)
	b.succeed(intent, charge.Amount)
}

// succeed tells everybody that an intent has its money.
func (b *books) succeed(intent *PaymentIntent, amount int64) {
	intent.Status, intent.AmountReceived, intent.AmountCapturable = Succeeded, amount, 0
	intent.LastPaymentError, intent.NextAction, intent.Processing = nil, nil, nil
	b.keepMethod(intent)
	b.emit("payment_intent.succeeded", intent)
	if invoice := b.invoices.get(string(intent.Invoice)); invoice != nil {
		b.invoiceCollected(invoice, intent)
	}
	if session := b.sessions.get(intent.session); session != nil {
		b.sessionCollected(session, intent)
	}
}

// keepMethod saves what was paid with to the customer, if that was asked for.
func (b *books) keepMethod(intent *PaymentIntent) {
	method := b.paymentMethods.get(string(intent.PaymentMethod))
	if method != nil && intent.SetupFutureUsage != "" && intent.Customer != "" && method.Customer == "" {
		method.Customer = intent.Customer
		b.emit("payment_method.attached", method)
	}
}

// beginDebit is a bank debit: the bank answers days later.
func (b *books) beginDebit(intent *PaymentIntent, method *PaymentMethod) {
	charge := b.newCharge(intent, method)
	charge.Status = "pending"
	charge.Outcome = &ChargeOutcome{NetworkStatus: "approved_by_network", RiskLevel: "not_assessed", SellerMessage: "Payment complete.", Type: "authorized"}
	intent.Status = Processing
	b.emit("charge.pending", charge)
	b.emit("payment_intent.processing", intent)
	if session := b.sessions.get(intent.session); session != nil {
		b.sessionCollected(session, intent)
	}
}

// settle is the bank's answer to a debit.
func (b *books) settle(intent *PaymentIntent, good bool) {
	charge := b.charges.get(string(intent.LatestCharge))
	if good {
		charge.Status, charge.Paid, charge.Captured, charge.AmountCaptured = "succeeded", true, true, charge.Amount
		b.book(charge, charge.Amount)
		b.emit("charge.succeeded", charge)
		b.succeed(intent, charge.Amount)
		return
	}
	refused := &Error{Status: 402, Type: "card_error", Code: "payment_intent_payment_attempt_failed", Message: "The customer's bank account could not be debited."}
	b.fail(intent, charge, b.paymentMethods.get(string(intent.PaymentMethod)), refused)
	if session := b.sessions.get(intent.session); session != nil {
		b.emit("checkout.session.async_payment_failed", session)
	}
}

// authenticated is the end of 3-D Secure.
func (b *books) authenticated(intent *PaymentIntent, good bool) {
	method := b.paymentMethods.get(string(intent.PaymentMethod))
	intent.NextAction = nil
	if good {
		b.pay(intent, method)
		return
	}
	refused := &Error{Status: 402, Type: "card_error", Code: "payment_intent_authentication_failure", Message: "We are unable to authenticate your payment method. Please choose a different payment method and try again."}
	refused.Method = method
	intent.Status, intent.PaymentMethod, intent.LastPaymentError = RequiresPaymentMethod, "", refused
	b.emit("payment_intent.payment_failed", intent)
	if invoice := b.invoices.get(string(intent.Invoice)); invoice != nil {
		b.invoiceFailed(invoice)
	}
}

// decline is a charge that is refused at once.
func (b *books) decline(intent *PaymentIntent, method *PaymentMethod) error {
	charge := b.newCharge(intent, method)
	charge.Outcome = &ChargeOutcome{NetworkStatus: "declined_by_network", RiskLevel: "normal", SellerMessage: "The bank did not return any further details with this decline.", Type: "issuer_declined"}
	refused := declined(method, charge)
	b.fail(intent, charge, method, refused)
	shown := *refused
	shown.Intent = intent
	return &shown
}

// declined is the error for a payment method that does not pay.
func declined(method *PaymentMethod, charge *Charge) *Error {
	code, declineCode, message := method.outcome.decline()
	refused := &Error{Status: 402, Type: "card_error", Code: code, DeclineCode: declineCode, Message: message}
	if charge != nil {
		refused.Charge = charge.ID
	}
	return refused
}

func (b *books) fail(intent *PaymentIntent, charge *Charge, method *PaymentMethod, refused *Error) {
	charge.Status, charge.Paid, charge.FailureCode, charge.FailureMessage = "failed", false, text(refused.Code), text(refused.Message)
	if charge.Outcome != nil && refused.DeclineCode != "" {
		charge.Outcome.Reason = text(refused.DeclineCode)
	}
	kept := *refused
	kept.Method = method
	intent.Status, intent.PaymentMethod, intent.NextAction, intent.Processing = RequiresPaymentMethod, "", nil, nil
	intent.LastPaymentError = &kept
	b.emit("charge.failed", charge)
	b.emit("payment_intent.payment_failed", intent)
	if invoice := b.invoices.get(string(intent.Invoice)); invoice != nil {
		b.invoiceFailed(invoice)
	}
}

// Settle is the bank's answer to a debit that is processing: it pays, or it does not.
func (s *Server) Settle(intent string, good bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settle(intent, good)
}

func (s *Server) settle(id string, good bool) error {
	s.catchUp()
	for _, b := range s.everyBooks() {
		if intent := b.paymentIntents.get(id); intent != nil {
			if intent.Status != Processing {
				return fmt.Errorf("stripesim: payment %s is %s, not processing", id, intent.Status)
			}
			b.settle(intent, good)
			return nil
		}
	}
	return fmt.Errorf("stripesim: there is no payment %s", id)
}

// SetOutcome changes what happens from now on when a payment method is charged: a card that was good is declined, or the other way.
func (s *Server) SetOutcome(method string, outcome Outcome) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.everyBooks() {
		if m := b.paymentMethods.get(method); m != nil {
			m.outcome = outcome
			return nil
		}
	}
	return fmt.Errorf("stripesim: there is no payment method %s", method)
}
