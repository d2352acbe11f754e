package stripesim

import "time"

// nextEnd is when the period that begins with the current start ends. The day of the month stays that of the anchor where the month
// has it: 31 January, 28 February, 31 March.
func (s *Subscription) nextEnd() int64 {
	every := s.Items.all[0].Price.Recurring
	return addInterval(s.CurrentPeriodStart, s.BillingCycleAnchor, every.Interval, int(every.IntervalCount))
}

func addInterval(from, anchor int64, interval string, count int) int64 {
	start := time.Unix(from, 0).UTC()
	months := 0
	switch interval {
	case "day":
		return start.AddDate(0, 0, count).Unix()
	case "week":
		return start.AddDate(0, 0, 7*count).Unix()
	case "month":
		months = count
	case "year":
		months = 12 * count
	}
	wanted := time.Unix(anchor, 0).UTC().Day()
	first := time.Date(start.Year(), start.Month()+time.Month(months), 1, start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(wanted, last)-1).Unix()
}

// dueSubscription looks for the next thing that a subscription does by itself.
func (b *books) dueSubscription(next *due) {
	for s := range b.subscriptions.all() {
		if s.over() {
			continue
		}
		if s.Status == statusTrialing && !s.warned {
			next.before(max(s.Created, int64(s.TrialEnd)-3*day), func() {
				s.warned = true
				b.emit("customer.subscription.trial_will_end", s)
			})
		}
		if s.Status == statusIncomplete {
			next.before(s.Created+23*hour, func() { b.expireIncomplete(s) })
			continue
		}
		if s.PauseCollection != nil {
			next.before(int64(s.PauseCollection.ResumesAt), func() {
				s.PauseCollection = nil
				b.emit("customer.subscription.updated", s)
			})
		}
		if s.CancelAt != 0 {
			next.before(int64(s.CancelAt), func() { b.endSubscription(s, "cancellation_requested") })
		}
		if s.Status != statusPaused {
			next.before(s.CurrentPeriodEnd, func() { b.renew(s) })
		}
	}
}

// renew begins the next period, and its invoice, which is collected an hour later.
func (b *books) renew(s *Subscription) {
	if s.Status == statusTrialing && b.methodForSubscription(s) == nil && s.CollectionMethod == automatically {
		switch s.TrialSettings.EndBehavior.MissingPaymentMethod {
		case "cancel":
			b.endSubscription(s, "")
			return
		case "pause":
			s.Status = statusPaused
			b.emit("customer.subscription.paused", s)
			b.emit("customer.subscription.updated", s)
			return
		}
	}
	if s.Status == statusTrialing {
		s.Status = statusActive
	}
	s.CurrentPeriodStart = s.CurrentPeriodEnd
	s.CurrentPeriodEnd = s.nextEnd()
	b.cycleInvoice(s)
}

// cycleInvoice makes the invoice of a period that has begun.
func (b *books) cycleInvoice(s *Subscription) {
	b.dropEndedDiscount(s)
	invoice := b.periodInvoice(s, "subscription_cycle")
	b.takePending(invoice)
	b.total(invoice)
	invoice.AutoAdvance = s.Status != statusUnpaid
	s.LatestInvoice = ref(invoice.ID)
	b.emit("invoice.created", invoice)
	b.emit("customer.subscription.updated", s)
	if s.PauseCollection == nil {
		return
	}
	invoice.AutoAdvance = false
	switch s.PauseCollection.Behavior {
	case "void":
		b.finalize(invoice)
		if invoice.Status == open {
			b.void(invoice)
		}
	case "mark_uncollectible":
		b.finalize(invoice)
		if invoice.Status == open {
			b.writeOff(invoice)
		}
	}
}

// dropEndedDiscount takes a discount off whose time is over: after the first invoice, or after its months.
func (b *books) dropEndedDiscount(s *Subscription) {
	if s.Discount == nil {
		return
	}
	once := s.Discount.Coupon.Duration == "once" && s.LatestInvoice != "" && !b.trialOnly(s)
	if once || s.Discount.End != 0 && int64(s.Discount.End) <= b.now() {
		s.Discount = nil
	}
}

// trialOnly says whether nothing has been charged yet, because the trial's invoice is for nothing.
func (b *books) trialOnly(s *Subscription) bool {
	return int64(s.TrialEnd) == s.CurrentPeriodStart && s.TrialEnd != 0
}

// periodInvoice is a draft with a line for each item, for the current period.
func (b *books) periodInvoice(s *Subscription, reason string) *Invoice {
	invoice := b.newInvoice(b.customers.get(s.Customer), s.Currency, reason)
	invoice.AutoAdvance, invoice.CollectionMethod, invoice.daysUntilDue = true, s.CollectionMethod, int64(s.DaysUntilDue)
	invoice.Subscription, invoice.SubscriptionDetails = ref(s.ID), &subscriptionDetails{s.Metadata.with(metadataParam{})}
	invoice.DefaultTaxRates, invoice.Description = s.DefaultTaxRates, s.Description
	if s.Discount != nil {
		invoice.give(s.Discount)
	}
	if s.CollectionMethod == sendInvoice {
		invoice.DueDate = stamp(b.now() + int64(s.DaysUntilDue)*day)
	}
	invoice.Lines.all = b.periodLines(s, Period{s.CurrentPeriodEnd, s.CurrentPeriodStart}, s.Status == statusTrialing)
	for _, line := range invoice.Lines.all {
		line.Invoice = text(invoice.ID)
	}
	return invoice
}

func (b *books) periodLines(s *Subscription, period Period, trial bool) []*InvoiceLine {
	var lines []*InvoiceLine
	for _, item := range s.Items.all {
		line := b.lineFor(item.Price, item.Quantity, period)
		line.Type, line.Subscription, line.SubscriptionItem, line.TaxRates, line.Metadata = "subscription", ref(s.ID), item.ID, item.TaxRates, s.Metadata
		if trial {
			line.Amount, line.Description = 0, "Trial period for "+line.Description
		}
		lines = append(lines, line)
	}
	return lines
}

// subscriptionPaid is told when an invoice of a subscription has been paid.
func (b *books) subscriptionPaid(s *Subscription, invoice *Invoice) {
	if s.DefaultPaymentMethod == "" && s.PaymentSettings.SaveDefaultPaymentMethod == "on_subscription" {
		if intent := b.paymentIntents.get(string(invoice.PaymentIntent)); intent != nil {
			s.DefaultPaymentMethod = intent.PaymentMethod
		}
	}
	if string(s.LatestInvoice) != invoice.ID && s.LatestInvoice != "" {
		return
	}
	switch s.Status {
	case statusIncomplete, statusPastDue, statusUnpaid:
		b.setStatus(s, statusActive)
	}
}

// subscriptionUnpaid is told when collecting an invoice has failed, and whether that was the last attempt.
func (b *books) subscriptionUnpaid(s *Subscription, last bool) {
	if s.Status != statusActive && s.Status != statusPastDue && s.Status != statusTrialing {
		return
	}
	if !last {
		b.setStatus(s, statusPastDue)
		return
	}
	switch b.s.options.AfterRetries {
	case statusCanceled:
		b.endSubscription(s, "payment_failed")
	default:
		b.setStatus(s, b.s.options.AfterRetries)
	}
}

func (b *books) setStatus(s *Subscription, status string) {
	if s.Status != status {
		s.Status = status
		b.emit("customer.subscription.updated", s)
	}
}

// endSubscription ends it now. Its open invoices stay, but nobody collects them any more.
func (b *books) endSubscription(s *Subscription, reason text) {
	s.Status, s.EndedAt, s.CancellationDetails.Reason = statusCanceled, stamp(b.now()), reason
	if s.CanceledAt == 0 {
		s.CanceledAt = stamp(b.now())
	}
	for invoice := range b.invoices.all() {
		if string(invoice.Subscription) == s.ID && (invoice.Status == draft || invoice.Status == open) {
			invoice.AutoAdvance, invoice.NextPaymentAttempt = false, 0
		}
	}
	b.emit("customer.subscription.deleted", s)
}

// expireIncomplete ends a subscription whose first invoice was never paid.
func (b *books) expireIncomplete(s *Subscription) {
	s.Status, s.EndedAt = statusIncompleteExpired, stamp(b.now())
	if s.CanceledAt == 0 {
		s.CanceledAt = stamp(b.now())
	}
	b.emit("customer.subscription.updated", s)
	if invoice := b.invoices.get(string(s.LatestInvoice)); invoice != nil && invoice.Status == open {
		b.void(invoice)
	}
}
