package stripesim

type upcomingParams struct {
	Customer     string `form:"customer"`
	Subscription string `form:"subscription"`
}

// upcomingInvoice shows what the next renewal will ask for, and changes nothing.
func upcomingInvoice(c *call, p *upcomingParams) (any, error) {
	var s *Subscription
	for _, living := range c.livingSubscriptionsOf(p.Customer) {
		if p.Subscription == "" || p.Subscription == living.ID {
			s = living
		}
	}
	if found := c.subscriptions.get(p.Subscription); s == nil && p.Customer == "" && found != nil && !found.over() {
		s = found
	}
	if s == nil || s.CancelAtPeriodEnd || s.Status == statusPaused || s.CancelAt != 0 && int64(s.CancelAt) <= s.CurrentPeriodEnd {
		return nil, &Error{Status: 404, Type: "invalid_request_error", Code: "invoice_upcoming_none", Message: "No upcoming invoices for customer: " + p.Customer}
	}
	kept := c.counters()
	defer kept()
	preview := *s
	preview.CurrentPeriodStart = s.CurrentPeriodEnd
	preview.CurrentPeriodEnd = preview.nextEnd()
	preview.Status = statusActive
	c.dropEndedDiscount(&preview)
	invoice := c.periodInvoice(&preview, "upcoming")
	c.invoices.remove(invoice.ID)
	c.invoices.ids = c.invoices.ids[:len(c.invoices.ids)-1]
	for _, item := range c.pending(s.Customer, s.ID, s.Currency) {
		invoice.Lines.all = append(invoice.Lines.all, item.line(""))
	}
	for _, line := range invoice.Lines.all {
		line.Invoice = ""
	}
	c.total(invoice)
	invoice.Created, invoice.PeriodEnd, invoice.NextPaymentAttempt = s.CurrentPeriodEnd, s.CurrentPeriodEnd, stamp(s.CurrentPeriodEnd+hour)
	shown, err := generic(invoice)
	if err == nil {
		delete(shown.(map[string]any), "id") // it has none before it is made
	}
	return shown, err
}

// counters remembers what the next ids are, and returns how to go back there.
func (b *books) counters() (restore func()) {
	before := map[string]int{}
	for prefix, n := range b.s.counters {
		before[prefix] = n
	}
	return func() { b.s.counters = before }
}
