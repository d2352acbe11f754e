package stripesim

import (
	"math"
	"slices"
	"strconv"
)

func updateSubscription(c *call, p *subscriptionParams) (any, error) {
	s, err := c.subscriptions.need(c.id, "subscription", "id")
	if err != nil {
		return nil, err
	}
	if p.Customer != "" || p.Currency != "" || p.TrialPeriodDays != nil {
		return nil, early(gap{refuse("parameter_unknown", "customer", "This cannot be changed on a subscription.")})
	}
	if s.over() && (p.Items != nil || p.CancelAtPeriodEnd != nil || p.CancelAt != nil || p.TrialEnd != nil || p.PauseCollection != nil || p.DefaultPaymentMethod != nil) {
		return nil, refuse("", "", "A canceled subscription can only update its cancellation_details and metadata.")
	}
	items, err := c.changedItems(s, p.Items)
	if err != nil {
		return nil, err
	}
	var plan planChange
	if p.Items != nil || orEmpty(p.BillingCycleAnchor) == "now" {
		if plan, err = c.planTo(s, items, p); err != nil {
			return nil, err
		}
		if err := c.affordable(s, plan, p); err != nil {
			return nil, err
		}
	}
	if err := p.apply(c, s); err != nil {
		return nil, err
	}
	if p.TrialEnd != nil {
		if err := c.moveTrial(s, *p.TrialEnd, p.ProrationBehavior); err != nil {
			return nil, err
		}
	}
	if plan.items != nil {
		err = c.changePlan(s, plan)
	}
	c.emit("customer.subscription.updated", s)
	return s, err
}

// changedItems are the items as they are to be.
func (c *call) changedItems(s *Subscription, params []itemParams) ([]*SubscriptionItem, error) {
	items := slices.Clone(s.Items.all)
	for _, p := range params {
		at := slices.IndexFunc(items, func(item *SubscriptionItem) bool { return item.ID == p.ID })
		if p.ID != "" && at < 0 {
			return nil, missing("subscription item", p.ID, "items[0][id]")
		}
		if p.Deleted {
			items = slices.Delete(items, at, at+1)
			continue
		}
		if p.ID == "" {
			added, err := c.newItems([]itemParams{p})
			if err != nil {
				return nil, err
			}
			added[0].Subscription = s.ID
			items = append(items, added[0])
			continue
		}
		changed := *items[at]
		if p.Price != "" || p.PriceData != nil {
			price, err := c.linePrice(p.Price, p.PriceData, "items[0][price]")
			if err != nil {
				return nil, err
			}
			changed.Price = price
		}
		set(&changed.Quantity, p.Quantity)
		changed.Metadata = changed.Metadata.with(p.Metadata)
		items[at] = &changed
	}
	if len(items) == 0 {
		return nil, refuse("", "items", "A subscription must have at least one active plan.")
	}
	return items, sameInterval(items)
}

// moveTrial ends a trial now, or lets it end at another time. A subscription without one gets one: a period that costs nothing
// begins, whose invoice is for nothing, and what is left of the one before is credited unless that is not wanted.
func (c *call) moveTrial(s *Subscription, until, behavior string) error {
	if until == "now" {
		if s.Status != statusTrialing {
			return nil
		}
		s.TrialEnd, s.CurrentPeriodEnd, s.BillingCycleAnchor = stamp(c.now()), c.now(), c.now()
		c.renew(s)
		if invoice := c.invoices.get(string(s.LatestInvoice)); invoice != nil && invoice.Status == draft {
			c.advanceInvoice(invoice)
		}
		return nil
	}
	at, err := c.moment(until, "trial_end")
	if err != nil {
		return err
	}
	begins := s.Status != statusTrialing
	if begins && behavior != "none" {
		c.keepItems(c.prorations(s, s.Items.all, nil, c.now(), true))
	}
	if begins {
		s.TrialStart, s.CurrentPeriodStart = stamp(c.now()), c.now()
	}
	s.Status, s.TrialEnd, s.CurrentPeriodEnd, s.BillingCycleAnchor, s.warned = statusTrialing, stamp(at), at, at, false
	if s.CancelAtPeriodEnd {
		s.CancelAt = stamp(at)
	}
	if begins {
		return c.invoiceNow(s, c.periodInvoice(s, "subscription_update"))
	}
	return nil
}

// planChange is what another plan comes to.
type planChange struct {
	items      []*SubscriptionItem
	prorations []*InvoiceItem // what is credited and charged for the rest of the period; not kept anywhere yet
	restarts   bool           // a new period begins at once
	asksNow    bool           // an invoice is made at once, in place of the next renewal's
}

// planTo gives credit for what is left of the old items and charges the new ones for the rest of the period, by the second. With
// another interval a new period begins at once. The differences wait for the next invoice, unless always_invoice is asked for.
func (c *call) planTo(s *Subscription, items []*SubscriptionItem, p *subscriptionParams) (planChange, error) {
	old, now := s.Items.all, c.now()
	plan := planChange{items: items}
	if s.Currency != items[0].Price.Currency {
		return plan, refuse("", "items", "You cannot change the currency of a subscription from %s to %s.", s.Currency, items[0].Price.Currency)
	}
	if s.Status == statusTrialing || s.Status == statusIncomplete || s.Status == statusPaused {
		return plan, nil
	}
	plan.restarts = orEmpty(p.BillingCycleAnchor) == "now" || old[0].Price.Recurring.Interval != items[0].Price.Recurring.Interval ||
		old[0].Price.Recurring.IntervalCount != items[0].Price.Recurring.IntervalCount
	if p.ProrationDate != nil {
		if now = *p.ProrationDate; now < s.CurrentPeriodStart || now > s.CurrentPeriodEnd {
			return plan, refuse("", "proration_date", "The proration date has to be within the current period.")
		}
	}
	if p.ProrationBehavior != "none" {
		plan.prorations = c.prorations(s, old, items, now, plan.restarts)
	}
	plan.asksNow = plan.restarts || p.ProrationBehavior == "always_invoice"
	return plan, nil
}

// affordable refuses a plan whose invoice cannot be paid at once, when that is asked for.
func (c *call) affordable(s *Subscription, plan planChange, p *subscriptionParams) error {
	if p.PaymentBehavior != "error_if_incomplete" || !plan.asksNow || s.CollectionMethod != automatically {
		return nil
	}
	if c.preview(s, plan).AmountDue == 0 {
		return nil
	}
	method := c.methodForSubscription(s)
	if method == nil {
		return refuse("", "", "This customer has no attached payment source or default payment method.")
	}
	if method.outcome != Pays && method.outcome != Debits {
		return declined(method, nil)
	}
	return nil
}

func (c *call) changePlan(s *Subscription, plan planChange) error {
	s.Items.all = plan.items
	c.keepItems(plan.prorations)
	switch {
	case plan.restarts:
		s.BillingCycleAnchor, s.CurrentPeriodStart = c.now(), c.now()
		s.CurrentPeriodEnd = s.nextEnd()
		return c.invoiceNow(s, c.periodInvoice(s, "subscription_update"))
	case plan.asksNow:
		invoice := c.periodInvoice(s, "subscription_update")
		invoice.Lines.all = nil
		return c.invoiceNow(s, invoice)
	}
	return nil
}

// keepItems has items wait for an invoice.
func (b *books) keepItems(items []*InvoiceItem) {
	for _, item := range items {
		b.invoiceItems.add(item)
		b.emit("invoiceitem.created", item)
	}
}

// prorations are the items of a changed plan: credit for what changed, and a charge for it unless a new period is charged in full.
func (b *books) prorations(s *Subscription, old, items []*SubscriptionItem, now int64, restart bool) (made []*InvoiceItem) {
	left := Period{s.CurrentPeriodEnd, now}
	share := float64(left.End-left.Start) / float64(max(1, s.CurrentPeriodEnd-s.CurrentPeriodStart))
	same := func(all []*SubscriptionItem, item *SubscriptionItem) bool {
		return !restart && slices.ContainsFunc(all, func(other *SubscriptionItem) bool {
			return other.ID == item.ID && other.Price == item.Price && other.Quantity == item.Quantity
		})
	}
	add := func(item *SubscriptionItem, share float64, words text) {
		if one := b.prorationItem(s, item, left, share, words); one.Amount != 0 {
			made = append(made, one)
		}
	}
	for _, item := range old {
		if !same(items, item) {
			add(item, -share, "Unused time on ")
		}
	}
	for _, item := range items {
		if !restart && !same(old, item) {
			add(item, share, "Remaining time on ")
		}
	}
	return made
}

func (b *books) prorationItem(s *Subscription, item *SubscriptionItem, left Period, share float64, words text) *InvoiceItem {
	amount := int64(math.Round(float64(item.Price.UnitAmount*item.Quantity) * share))
	if product := b.productOfPrice(item.Price); product != nil {
		words += text(product.Name)
	}
	return &InvoiceItem{name: name{b.s.newID("ii"), "invoiceitem"}, Amount: amount, Currency: s.Currency, Customer: s.Customer, Date: b.now(), Description: words, Discounts: []string{},
		Period: left, Price: item.Price, Proration: true, Quantity: item.Quantity, Subscription: ref(s.ID), SubscriptionItem: item.ID, TaxRates: item.TaxRates,
		UnitAmount: amount / item.Quantity, UnitAmountDecimal: strconv.FormatInt(amount/item.Quantity, 10)}
}

// invoiceNow takes what is pending into an invoice and collects it.
func (b *books) invoiceNow(s *Subscription, invoice *Invoice) error {
	b.takePending(invoice)
	b.total(invoice)
	s.LatestInvoice = ref(invoice.ID)
	b.emit("invoice.created", invoice)
	b.finalize(invoice)
	if invoice.Status != open || invoice.CollectionMethod == sendInvoice {
		return nil
	}
	_ = b.tryInvoice(invoice, b.methodFor(invoice), true) // past_due says so
	return nil
}

type cancelParams struct {
	CancellationDetails *cancellationDetails `form:"cancellation_details"`
	InvoiceNow          bool                 `form:"invoice_now"`
	Prorate             bool                 `form:"prorate"`
}

func cancelSubscription(c *call, p *cancelParams) (any, error) {
	s, err := c.subscriptions.need(c.id, "subscription", "id")
	if err != nil {
		return nil, err
	}
	if s.over() {
		return nil, missing("subscription", c.id, "id")
	}
	if p.CancellationDetails != nil {
		s.CancellationDetails.Comment, s.CancellationDetails.Feedback = p.CancellationDetails.Comment, p.CancellationDetails.Feedback
	}
	if p.Prorate && s.Status != statusTrialing {
		c.keepItems(c.prorations(s, s.Items.all, nil, c.now(), true))
	}
	if p.InvoiceNow && len(c.pending(s.Customer, s.ID, s.Currency)) > 0 {
		invoice := c.periodInvoice(s, "subscription_update")
		invoice.Lines.all = nil
		if err := c.invoiceNow(s, invoice); err != nil {
			return nil, err
		}
	}
	c.endSubscription(s, "cancellation_requested")
	return s, nil
}

type resumeParams struct {
	BillingCycleAnchor string `form:"billing_cycle_anchor"`
	ProrationBehavior  string `form:"proration_behavior"`
}

// resumeSubscription is for one that is paused. A planned end is taken back by an update.
func resumeSubscription(c *call, p *resumeParams) (any, error) {
	s, err := c.subscriptions.need(c.id, "subscription", "id")
	if err != nil {
		return nil, err
	}
	if s.Status != statusPaused {
		return nil, refuse("", "", "You can only resume a subscription that is paused. This one is %s.", s.Status)
	}
	s.Status, s.BillingCycleAnchor, s.CurrentPeriodStart = statusActive, c.now(), c.now()
	s.CurrentPeriodEnd = s.nextEnd()
	c.emit("customer.subscription.resumed", s)
	err = c.invoiceNow(s, c.periodInvoice(s, "subscription_cycle"))
	c.emit("customer.subscription.updated", s)
	return s, err
}
