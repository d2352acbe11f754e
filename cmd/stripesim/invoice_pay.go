package stripesim

type payParams struct {
	OffSession    *bool   `form:"off_session"`
	PaidOutOfBand bool    `form:"paid_out_of_band"`
	PaymentMethod *string `form:"payment_method"`
}

func payInvoice(c *call, p *payParams) (any, error) {
	invoice, err := c.unpaid(draft, open, uncollectible)
	if err != nil {
		return nil, err
	}
	if invoice.Status == draft {
		c.finalize(invoice)
	}
	switch {
	case invoice.Status == paid:
		return invoice, nil
	case p.PaidOutOfBand:
		invoice.PaidOutOfBand = true
		c.letGo(invoice, "")
		c.markPaid(invoice)
		return invoice, nil
	}
	method := c.methodFor(invoice)
	if p.PaymentMethod != nil {
		if method, err = c.usableMethod(*p.PaymentMethod, "payment_method"); err != nil {
			return nil, err
		}
	}
	if method == nil {
		return nil, refuse("", "", "There is no `default_payment_method` set on this Customer or Invoice. Please attach a payment method and mark it as default before using this endpoint.")
	}
	if err := c.tryInvoice(invoice, method, p.OffSession == nil || *p.OffSession); err != nil {
		return nil, err
	}
	if c.paymentIntents.get(string(invoice.PaymentIntent)).Status == RequiresAction {
		return nil, &Error{Status: 402, Type: "card_error", Code: "invoice_payment_intent_requires_action", Message: "This payment requires additional user action before it can be completed successfully."}
	}
	return invoice, nil
}

// methodFor is what an invoice is paid with when nothing else is said; nil: there is nothing.
func (b *books) methodFor(invoice *Invoice) *PaymentMethod {
	if method := b.paymentMethods.get(string(invoice.DefaultPaymentMethod)); method != nil {
		return method
	}
	if subscription := b.subscriptions.get(string(invoice.Subscription)); subscription != nil {
		if method := b.paymentMethods.get(string(subscription.DefaultPaymentMethod)); method != nil {
			return method
		}
	}
	return b.defaultMethod(string(invoice.Customer))
}

// tryInvoice is one attempt to collect an invoice that is open.
func (b *books) tryInvoice(invoice *Invoice, method *PaymentMethod, offSession bool) error {
	invoice.Attempted, invoice.NextPaymentAttempt = true, 0
	invoice.AttemptCount++
	intent := b.paymentIntents.get(string(invoice.PaymentIntent))
	if method == nil {
		b.invoiceFailed(invoice)
		return refuse("", "", "The customer has no payment method.")
	}
	err := b.collect(intent, method, offSession)
	if intent.Status == Processing {
		b.emit("invoice.updated", invoice)
		if subscription := b.subscriptions.get(string(invoice.Subscription)); subscription != nil && subscription.Status == statusIncomplete {
			b.setStatus(subscription, statusActive)
		}
	}
	return err
}

// invoiceCollected is told when a payment of an invoice has gone well.
func (b *books) invoiceCollected(invoice *Invoice, intent *PaymentIntent) {
	invoice.Charge = intent.LatestCharge
	b.markPaid(invoice)
}

func (b *books) markPaid(invoice *Invoice) {
	invoice.Status, invoice.Paid, invoice.StatusTransitions.PaidAt = paid, true, stamp(b.now())
	invoice.AmountPaid, invoice.AmountRemaining = invoice.AmountDue, 0
	invoice.Attempted, invoice.AutoAdvance, invoice.NextPaymentAttempt = true, false, 0
	b.emit("invoice.updated", invoice)
	b.emit("invoice.paid", invoice)
	b.emit("invoice.payment_succeeded", invoice)
	b.delinquent(string(invoice.Customer))
	if subscription := b.subscriptions.get(string(invoice.Subscription)); subscription != nil {
		b.subscriptionPaid(subscription, invoice)
	}
}

// invoiceFailed is told when an attempt has failed, and plans the next one.
func (b *books) invoiceFailed(invoice *Invoice) {
	if invoice.Status != open {
		return
	}
	subscription := b.subscriptions.get(string(invoice.Subscription))
	days := b.s.options.RetryDays
	last := int(invoice.AttemptCount) > len(days)
	if subscription != nil && subscription.Status != statusIncomplete && invoice.CollectionMethod == automatically && !last && invoice.AutoAdvance {
		invoice.NextPaymentAttempt = stamp(b.now() + int64(days[max(0, invoice.AttemptCount-1)])*day)
	}
	b.emit("invoice.payment_failed", invoice)
	b.emit("invoice.updated", invoice)
	b.delinquent(string(invoice.Customer))
	if subscription != nil {
		b.subscriptionUnpaid(subscription, last)
	}
}

// delinquent keeps the mark of customers who owe for an automatic invoice that failed.
func (b *books) delinquent(id string) {
	customer := b.customers.get(id)
	if customer == nil {
		return
	}
	owes := false
	for invoice := range b.invoices.all() {
		owes = owes || string(invoice.Customer) == id && invoice.Status == open && invoice.Attempted && invoice.CollectionMethod == automatically && !b.processing(invoice)
	}
	if customer.Delinquent != owes {
		customer.Delinquent = owes
		b.emit("customer.updated", customer)
	}
}

// processing says whether the bank has yet to answer for an invoice.
func (b *books) processing(invoice *Invoice) bool {
	intent := b.paymentIntents.get(string(invoice.PaymentIntent))
	return intent != nil && intent.Status == Processing
}

// dueInvoice looks for the next thing that an invoice does by itself.
func (b *books) dueInvoice(next *due) {
	for invoice := range b.invoices.all() {
		switch {
		case invoice.Status == draft && invoice.AutoAdvance:
			next.before(invoice.Created+hour, func() { b.advanceInvoice(invoice) })
		case invoice.Status == open && invoice.NextPaymentAttempt != 0:
			next.before(int64(invoice.NextPaymentAttempt), func() { _ = b.tryInvoice(invoice, b.methodFor(invoice), true) }) // the failure is in the state
		case invoice.Status == open && invoice.CollectionMethod == sendInvoice && invoice.Subscription != "" && !invoice.overdue:
			next.before(int64(invoice.DueDate)+1, func() {
				invoice.overdue = true
				if subscription := b.subscriptions.get(string(invoice.Subscription)); subscription.Status == statusActive {
					b.setStatus(subscription, statusPastDue)
				}
			})
		}
	}
}

// advanceInvoice finalizes a draft that has waited its hour, and collects or sends it.
func (b *books) advanceInvoice(invoice *Invoice) {
	b.finalize(invoice)
	if invoice.Status != open {
		return
	}
	if invoice.CollectionMethod == sendInvoice {
		b.emit("invoice.sent", invoice)
		return
	}
	_ = b.tryInvoice(invoice, b.methodFor(invoice), true) // the failure is in the state
}
