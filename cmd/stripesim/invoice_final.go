package stripesim

import "fmt"

type finalizeParams struct {
	AutoAdvance *bool `form:"auto_advance"`
}

func finalizeInvoice(c *call, p *finalizeParams) (any, error) {
	invoice, err := c.invoices.need(c.id, "invoice", "id")
	if err != nil {
		return nil, err
	}
	if invoice.Status != draft {
		return nil, refuse("invoice_not_editable", "", "This invoice is already finalized, you can't re-finalize a non-draft invoice.")
	}
	set(&invoice.AutoAdvance, p.AutoAdvance)
	c.finalize(invoice)
	if invoice.Status == open && invoice.AutoAdvance && invoice.CollectionMethod == automatically {
		invoice.NextPaymentAttempt = stamp(c.now() + hour)
	}
	return invoice, nil
}

// finalize makes an invoice final, with a payment if anything is due.
func (b *books) finalize(invoice *Invoice) {
	b.seal(invoice)
	if invoice.AmountDue > 0 {
		intent := b.newIntent(invoice.AmountDue, invoice.Currency, string(invoice.Customer))
		intent.Invoice, intent.Description = ref(invoice.ID), invoiceWords[invoice.BillingReason]
		invoice.PaymentIntent = ref(intent.ID)
		b.emit("payment_intent.created", intent)
	}
	b.emit("invoice.finalized", invoice)
	if invoice.AmountDue == 0 {
		b.markPaid(invoice)
	}
}

// seal gives an invoice its number and its addresses, and uses the customer's credit up.
func (b *books) seal(invoice *Invoice) {
	b.total(invoice)
	ending := invoice.after()
	invoice.EndingBalance = &ending
	invoice.Status, invoice.StatusTransitions.FinalizedAt, invoice.EffectiveAt = open, stamp(b.now()), stamp(b.now())
	if customer := b.customers.get(string(invoice.Customer)); customer != nil {
		customer.Balance = ending
		invoice.CustomerAddress, invoice.CustomerEmail, invoice.CustomerName, invoice.CustomerPhone = customer.Address, customer.Email, customer.Name, customer.Phone // until now they were the customer's, and now they stay
		if customer.Currency == "" {
			customer.Currency = text(invoice.Currency)
		}
		invoice.Number = text(fmt.Sprintf("%s-%04d", customer.InvoicePrefix, customer.NextInvoiceSequence))
		customer.NextInvoiceSequence++
	}
	if invoice.daysUntilDue > 0 {
		invoice.DueDate = stamp(b.now() + invoice.daysUntilDue*day)
	}
	invoice.HostedInvoiceURL = text(b.s.URL + "/i/" + invoice.ID)
	invoice.InvoicePDF = invoice.HostedInvoiceURL + "/pdf"
}

// invoiceWords describe the payment of an invoice.
var invoiceWords = map[string]text{"subscription_create": "Subscription creation", "subscription_cycle": "Subscription update", "subscription_update": "Subscription update", "manual": "Payment for Invoice"}

func sendInvoiceOut(c *call, _ *none) (any, error) {
	invoice, err := c.invoices.need(c.id, "invoice", "id")
	if err != nil {
		return nil, err
	}
	if invoice.CollectionMethod != sendInvoice {
		return nil, refuse("", "", "You can only manually send an invoice if its collection method is 'send_invoice'.")
	}
	if invoice.Status == draft {
		c.finalize(invoice)
	}
	if invoice.Status == void || invoice.Status == uncollectible {
		return nil, refuse("", "", "You cannot send an invoice that is %s.", invoice.Status)
	}
	c.emit("invoice.sent", invoice)
	return invoice, nil
}

func voidInvoice(c *call, _ *none) (any, error) {
	invoice, err := c.unpaid(open, uncollectible)
	if err != nil {
		return nil, err
	}
	c.void(invoice)
	return invoice, nil
}

// unpaid is the invoice of a call, if it is in one of these states and no payment of it is on its way.
func (c *call) unpaid(states ...string) (*Invoice, error) {
	invoice, err := c.invoices.need(c.id, "invoice", "id")
	if err != nil {
		return nil, err
	}
	if !oneOf(states, invoice.Status) {
		return nil, refuse("invoice_not_editable", "", "This cannot be done with an invoice that is %s.", invoice.Status)
	}
	if intent := c.paymentIntents.get(string(invoice.PaymentIntent)); intent != nil && intent.Status == Processing {
		return nil, refuse("invoice_payment_intent_requires_action", "", "The payment of this invoice is processing.")
	}
	return invoice, nil
}

func (b *books) void(invoice *Invoice) {
	invoice.Status, invoice.StatusTransitions.VoidedAt = void, stamp(b.now())
	b.letGo(invoice, "void_invoice")
	if customer := b.customers.get(string(invoice.Customer)); customer != nil && invoice.EndingBalance != nil {
		customer.Balance += invoice.StartingBalance - *invoice.EndingBalance // the credit it used up is back
	}
	b.emit("invoice.voided", invoice)
	b.delinquent(string(invoice.Customer))
	if subscription := b.subscriptions.get(string(invoice.Subscription)); subscription != nil && subscription.Status == statusIncomplete {
		b.expireIncomplete(subscription)
	}
}

// letGo ends the collecting of an invoice.
func (b *books) letGo(invoice *Invoice, reason text) {
	invoice.AutoAdvance, invoice.NextPaymentAttempt = false, 0
	if intent := b.paymentIntents.get(string(invoice.PaymentIntent)); intent != nil && intent.unconfirmed() {
		b.cancelIntent(intent, reason)
	}
}

func markUncollectible(c *call, _ *none) (any, error) {
	invoice, err := c.unpaid(open)
	if err != nil {
		return nil, err
	}
	c.writeOff(invoice)
	return invoice, nil
}

// writeOff gives an invoice up. It can still be paid.
func (b *books) writeOff(invoice *Invoice) {
	invoice.Status, invoice.StatusTransitions.MarkedUncollectibleAt = uncollectible, stamp(b.now())
	invoice.AutoAdvance, invoice.NextPaymentAttempt = false, 0
	b.emit("invoice.marked_uncollectible", invoice)
}
