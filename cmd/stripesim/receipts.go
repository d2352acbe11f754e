package stripesim

import "maps"

// planReceipt has the invoice made that invoice_creation asks for once a payment is paid: at once, or step by step where the options
// say so.
func (b *books) planReceipt(session *CheckoutSession) {
	if session.InvoiceCreation == nil || !session.InvoiceCreation.Enabled {
		return
	}
	if pause := b.s.options.ReceiptPause; pause > 0 {
		session.receiptDue = b.now() + int64(pause.Seconds())
		return
	}
	b.draftReceipt(session)
	b.sealReceipt(session)
	b.payReceipt(session)
}

// advanceReceipt does the next step.
func (b *books) advanceReceipt(session *CheckoutSession) {
	session.receiptDue = b.now() + int64(b.s.options.ReceiptPause.Seconds())
	switch invoice := b.invoices.get(string(session.Invoice)); {
	case invoice == nil:
		b.draftReceipt(session)
	case invoice.Status == draft:
		b.sealReceipt(session)
	default:
		session.receiptDue = 0
		b.payReceipt(session)
	}
}

// draftReceipt makes the invoice, over the lines of the session and with what it said about it.
func (b *books) draftReceipt(session *CheckoutSession) {
	invoice := b.newInvoice(b.customers.get(string(session.Customer)), session.Currency, "manual")
	about := session.InvoiceCreation.InvoiceData
	invoice.Description, invoice.Footer, invoice.Metadata = about.Description, about.Footer, maps.Clone(about.Metadata)
	invoice.give(session.discount)
	for _, line := range session.lines {
		made := b.lineFor(line.Price, line.Quantity, Period{b.now(), b.now()})
		made.Invoice, made.Type, made.TaxRates = text(invoice.ID), "invoiceitem", line.rates
		invoice.Lines.all = append(invoice.Lines.all, made)
	}
	b.total(invoice)
	session.Invoice = ref(invoice.ID)
	b.emit("invoice.created", invoice)
}

// sealReceipt makes it final. The customer's credit does not pay what has been paid for already.
func (b *books) sealReceipt(session *CheckoutSession) {
	invoice, customer := b.invoices.get(string(session.Invoice)), b.customers.get(string(session.Customer))
	credit := customer.Balance
	customer.Balance = 0
	b.seal(invoice)
	customer.Balance = credit
	b.emit("invoice.finalized", invoice)
}

// payReceipt ties it to the payment that there was before it.
func (b *books) payReceipt(session *CheckoutSession) {
	invoice, intent := b.invoices.get(string(session.Invoice)), b.paymentIntents.get(string(session.PaymentIntent))
	invoice.PaymentIntent, invoice.Charge = ref(intent.ID), intent.LatestCharge
	intent.Invoice, b.charges.get(string(intent.LatestCharge)).Invoice = ref(invoice.ID), ref(invoice.ID)
	b.markPaid(invoice)
}
