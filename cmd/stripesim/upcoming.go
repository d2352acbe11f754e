package stripesim

type upcomingParams struct {
	Customer          string       `form:"customer"`
	Subscription      string       `form:"subscription"`
	Items             []itemParams `form:"subscription_items"`
	ProrationBehavior string       `form:"subscription_proration_behavior"`
	ProrationDate     *int64       `form:"subscription_proration_date"`
}

// upcomingInvoice shows what the next invoice will ask for, as the subscription is or with other items, and changes nothing.
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
	none := &Error{Status: 404, Type: "invalid_request_error", Code: "invoice_upcoming_none", Message: "No upcoming invoices for customer: " + p.Customer}
	if s == nil {
		return nil, none
	}
	kept := c.counters()
	defer kept()
	plan, err := c.asked(s, p)
	if err != nil {
		return nil, err
	}
	if !plan.asksNow && (s.CancelAtPeriodEnd || s.Status == statusPaused || s.CancelAt != 0 && int64(s.CancelAt) <= s.CurrentPeriodEnd) {
		return nil, none
	}
	shown, err := generic(c.preview(s, plan))
	if err == nil {
		delete(shown.(map[string]any), "id") // it has none before it is made
	}
	return shown, err
}

// asked is the plan that a preview is asked of; the present one where none is named.
func (c *call) asked(s *Subscription, p *upcomingParams) (planChange, error) {
	switch {
	case p.ProrationDate != nil && p.ProrationBehavior == "none":
		return planChange{}, refuse("", "subscription_proration_date", "You cannot set a proration date when nothing is prorated.")
	case p.Items == nil && p.ProrationDate != nil:
		return planChange{}, refuse("", "subscription_proration_date", "A proration date needs subscription_items.")
	case p.Items == nil:
		return planChange{items: s.Items.all}, nil
	}
	items, err := c.changedItems(s, p.Items)
	if err != nil {
		return planChange{}, err
	}
	return c.planTo(s, items, &subscriptionParams{ProrationBehavior: p.ProrationBehavior, ProrationDate: p.ProrationDate})
}

// preview is the invoice that a plan's next period asks for, or the change to it. It is kept nowhere.
func (c *call) preview(s *Subscription, plan planChange) *Invoice {
	next := *s
	next.Items.all = plan.items
	due := s.CurrentPeriodEnd
	switch {
	case plan.asksNow:
		due = c.now()
		if plan.restarts {
			next.BillingCycleAnchor, next.CurrentPeriodStart = due, due
			next.CurrentPeriodEnd = next.nextEnd()
		}
	default:
		next.CurrentPeriodStart = s.CurrentPeriodEnd
		next.CurrentPeriodEnd = next.nextEnd()
		next.Status = statusActive
		c.dropEndedDiscount(&next)
	}
	invoice := c.periodInvoice(&next, "upcoming")
	c.invoices.remove(invoice.ID)
	c.invoices.ids = c.invoices.ids[:len(c.invoices.ids)-1]
	if plan.asksNow && !plan.restarts {
		invoice.Lines.all = nil
	}
	for _, item := range append(c.pending(s.Customer, s.ID, s.Currency), plan.prorations...) {
		invoice.Lines.all = append(invoice.Lines.all, item.line(""))
	}
	for _, line := range invoice.Lines.all {
		line.Invoice = ""
	}
	c.total(invoice)
	invoice.Created, invoice.PeriodEnd, invoice.NextPaymentAttempt = due, due, stamp(due+hour)
	return invoice
}

// counters remembers what the next ids are, and returns how to go back there.
func (b *books) counters() (restore func()) {
	before := map[string]int{}
	for prefix, n := range b.s.counters {
		before[prefix] = n
	}
	return func() { b.s.counters = before }
}
