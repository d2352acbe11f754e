package stripesim

// totalSession computes the amounts, as an invoice over the same lines would.
func (b *books) totalSession(session *CheckoutSession) {
	invoice := &Invoice{Currency: session.Currency}
	invoice.give(session.discount)
	trial := b.sessionTrial(session) > 0
	for _, line := range session.lines {
		amount := &InvoiceLine{Amount: line.Price.UnitAmount * line.Quantity, Discountable: true, TaxRates: line.rates}
		if trial && line.Price.Recurring != nil {
			amount.Amount = 0
		}
		invoice.Lines.all = append(invoice.Lines.all, amount)
	}
	b.total(invoice)
	session.AmountSubtotal, session.AmountTotal, session.TotalDetails = invoice.Subtotal, invoice.Total, totalDetails{AmountTax: int64(invoice.Tax)}
	for n, line := range session.lines {
		from := invoice.Lines.all[n]
		line.AmountSubtotal, line.AmountDiscount, line.AmountTax, line.AmountTotal = from.Amount, 0, 0, from.Amount
		for _, off := range from.DiscountAmounts {
			line.AmountDiscount += off.Amount
			line.AmountTotal -= off.Amount
		}
		for _, tax := range from.TaxAmounts {
			line.AmountTax += tax.Amount
			if !tax.Inclusive {
				line.AmountTotal += tax.Amount
			}
		}
		session.TotalDetails.AmountDiscount += line.AmountDiscount
	}
}

// sessionTrial is when the trial of a session's subscription would end; 0: there is none.
func (b *books) sessionTrial(session *CheckoutSession) int64 {
	c := &call{books: b}
	until, err := c.trialUntil(&subscriptionParams{TrialEnd: session.ask.SubscriptionData.TrialEnd, TrialPeriodDays: session.ask.SubscriptionData.TrialPeriodDays})
	if err != nil {
		return 0
	}
	return until
}
