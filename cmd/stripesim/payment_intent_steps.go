package stripesim

type confirmParams struct {
	ErrorOnRequiresAction bool    `form:"error_on_requires_action"`
	OffSession            bool    `form:"off_session"`
	PaymentMethod         *string `form:"payment_method"`
	ReturnURL             *string `form:"return_url"`
}

func confirmPaymentIntent(c *call, p *confirmParams) (any, error) {
	intent, err := c.paymentIntents.need(c.id, "payment_intent", "id")
	if err != nil {
		return nil, err
	}
	if !intent.unconfirmed() {
		return nil, intent.wrongState("confirm")
	}
	change := paymentIntentParams{PaymentMethod: p.PaymentMethod, ReturnURL: p.ReturnURL}
	if err := change.apply(c, intent); err != nil {
		return nil, err
	}
	return c.confirm(intent, p.OffSession, p.ErrorOnRequiresAction)
}

func (c *call) confirm(intent *PaymentIntent, offSession, noAction bool) (any, error) {
	method := c.paymentMethods.get(string(intent.PaymentMethod))
	if method == nil {
		return nil, refuse("parameter_missing", "payment_method", "You cannot confirm this PaymentIntent because it's missing a payment method.")
	}
	return intent, c.collect(intent, method, offSession || noAction)
}

type cancelIntentParams struct {
	CancellationReason text `form:"cancellation_reason"`
}

func cancelPaymentIntent(c *call, p *cancelIntentParams) (any, error) {
	intent, err := c.paymentIntents.need(c.id, "payment_intent", "id")
	if err != nil {
		return nil, err
	}
	if !intent.unconfirmed() && intent.Status != RequiresCapture {
		return nil, intent.wrongState("cancel")
	}
	if intent.Invoice != "" {
		return nil, refuse("", "", "You cannot cancel this PaymentIntent because it belongs to an invoice. Void the invoice instead.")
	}
	c.cancelIntent(intent, p.CancellationReason)
	return intent, nil
}

func (b *books) cancelIntent(intent *PaymentIntent, reason text) {
	intent.Status, intent.CanceledAt, intent.CancellationReason = IntentCanceled, stamp(b.now()), reason
	intent.AmountCapturable, intent.NextAction = 0, nil
	b.emit("payment_intent.canceled", intent)
}

type captureParams struct {
	AmountToCapture *int64 `form:"amount_to_capture"`
}

func capturePaymentIntent(c *call, p *captureParams) (any, error) {
	intent, err := c.paymentIntents.need(c.id, "payment_intent", "id")
	if err != nil {
		return nil, err
	}
	if intent.Status != RequiresCapture {
		return nil, intent.wrongState("capture")
	}
	amount := intent.Amount
	set(&amount, p.AmountToCapture)
	if amount < 1 || amount > intent.Amount {
		return nil, refuse("amount_too_large", "amount_to_capture", "The amount to capture is between 1 and %d.", intent.Amount)
	}
	charge := c.charges.get(string(intent.LatestCharge))
	charge.Captured, charge.AmountCaptured = true, amount
	c.book(charge, amount)
	c.emit("charge.captured", charge)
	c.succeed(intent, amount)
	return intent, nil
}
