package stripesim

import "strconv"

func createSubscription(c *call, p *subscriptionParams) (any, error) {
	if p.Customer == "" {
		return nil, needParam("customer")
	}
	customer, err := c.customers.need(p.Customer, "customer", "customer")
	if err != nil {
		return nil, err
	}
	if len(p.Items) == 0 {
		return nil, needParam("items")
	}
	items, err := c.newItems(p.Items)
	if err != nil {
		return nil, err
	}
	s := c.newSubscription(customer, items)
	if err := c.begin(s, p); err != nil {
		return nil, err
	}
	return s, nil
}

// begin starts a subscription with its first invoice. An error means that there is none.
func (c *call) begin(s *Subscription, p *subscriptionParams) error {
	if err := p.apply(c, s); err != nil {
		return err
	}
	until, err := c.trialUntil(p)
	if err != nil {
		return err
	}
	if p.PaymentBehavior == "error_if_incomplete" && until == 0 && s.CollectionMethod == automatically {
		method := c.methodForSubscription(s)
		if method == nil {
			return refuse("", "", "This customer has no attached payment source or default payment method.")
		}
		if method.outcome != Pays && method.outcome != Debits {
			return declined(method, nil)
		}
	}
	c.start(s, until)
	invoice := c.firstInvoice(s, nil)
	if invoice.Status == draft || invoice.Status == paid || p.PaymentBehavior == "default_incomplete" {
		return nil
	}
	_ = c.tryInvoice(invoice, c.methodFor(invoice), p.OffSession != nil && *p.OffSession) // left incomplete, as asked
	return nil
}

// start gives a subscription its first period and makes it known.
func (b *books) start(s *Subscription, trialUntil int64) {
	if trialUntil > b.now() {
		s.Status, s.TrialStart, s.TrialEnd = statusTrialing, stamp(b.now()), stamp(trialUntil)
		s.BillingCycleAnchor, s.CurrentPeriodEnd = trialUntil, trialUntil
	} else {
		s.CurrentPeriodEnd = s.nextEnd()
		if s.CollectionMethod == sendInvoice {
			s.Status = statusActive
		}
	}
	b.subscriptions.add(s)
	b.emit("customer.subscription.created", s)
}

// firstInvoice is for the first period, and for extra lines. It is final at once, unless it is sent, which waits its hour.
func (b *books) firstInvoice(s *Subscription, extra []*InvoiceLine) *Invoice {
	invoice := b.periodInvoice(s, "subscription_create")
	for _, line := range extra {
		line.Invoice, line.Type = text(invoice.ID), "invoiceitem"
		invoice.Lines.all = append(invoice.Lines.all, line)
	}
	b.total(invoice)
	s.LatestInvoice = ref(invoice.ID)
	b.emit("invoice.created", invoice)
	if s.CollectionMethod == automatically {
		b.finalize(invoice)
	}
	b.emit("customer.subscription.updated", s)
	return invoice
}

func (c *call) trialUntil(p *subscriptionParams) (int64, error) {
	switch {
	case p.TrialPeriodDays != nil && p.TrialEnd != nil:
		return 0, refuse("", "trial_end", "You may only specify one of these parameters: trial_end, trial_period_days.")
	case p.TrialPeriodDays != nil:
		return c.now() + *p.TrialPeriodDays*day, nil
	case p.TrialEnd != nil && *p.TrialEnd != "now":
		return c.moment(*p.TrialEnd, "trial_end")
	}
	return 0, nil
}

// moment reads a time that a parameter gives among words; it has to be still to come.
func (c *call) moment(value, param string) (int64, error) {
	at, err := strconv.ParseInt(value, 10, 64)
	if err != nil || at <= c.now() {
		return 0, refuse("", param, "Invalid timestamp: must be an integer Unix timestamp in the future.")
	}
	return at, nil
}
