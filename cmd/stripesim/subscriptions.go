package stripesim

import (
	"slices"
	"strconv"
)

// The states of a subscription.
const (
	statusTrialing          = "trialing"
	statusActive            = "active"
	statusPastDue           = "past_due"
	statusCanceled          = "canceled"
	statusUnpaid            = "unpaid"
	statusIncomplete        = "incomplete"
	statusIncompleteExpired = "incomplete_expired"
	statusPaused            = "paused"
)

// Subscription is something paid for again and again.
type Subscription struct {
	head
	AutomaticTax         enabled                      `json:"automatic_tax"`
	BillingCycleAnchor   int64                        `json:"billing_cycle_anchor"`
	CancelAt             stamp                        `json:"cancel_at"`
	CancelAtPeriodEnd    bool                         `json:"cancel_at_period_end"`
	CanceledAt           stamp                        `json:"canceled_at"`
	CancellationDetails  cancellationDetails          `json:"cancellation_details"`
	CollectionMethod     string                       `json:"collection_method"`
	Currency             string                       `json:"currency"`
	CurrentPeriodEnd     int64                        `json:"current_period_end"`
	CurrentPeriodStart   int64                        `json:"current_period_start"`
	Customer             string                       `json:"customer"`
	DaysUntilDue         stamp                        `json:"days_until_due"`
	DefaultPaymentMethod ref                          `json:"default_payment_method"`
	DefaultTaxRates      []*TaxRate                   `json:"default_tax_rates"`
	Description          text                         `json:"description"`
	Discount             *Discount                    `json:"discount"`
	EndedAt              stamp                        `json:"ended_at"`
	Items                shortList[*SubscriptionItem] `json:"items"`
	LatestInvoice        ref                          `json:"latest_invoice"`
	Metadata             metadata                     `json:"metadata"`
	PauseCollection      *PauseCollection             `json:"pause_collection"`
	PaymentSettings      *subscriptionPayment         `json:"payment_settings"`
	PendingSetupIntent   ref                          `json:"pending_setup_intent"`
	Schedule             ref                          `json:"schedule"`
	StartDate            int64                        `json:"start_date"`
	Status               string                       `json:"status"`
	TrialEnd             stamp                        `json:"trial_end"`
	TrialSettings        *trialSettings               `json:"trial_settings"`
	TrialStart           stamp                        `json:"trial_start"`

	warned bool // that the trial will end
}

type cancellationDetails struct {
	Comment  text `json:"comment" form:"comment"`
	Feedback text `json:"feedback" form:"feedback"`
	Reason   text `json:"reason"`
}

// PauseCollection keeps the invoices of a subscription from being collected.
type PauseCollection struct {
	Behavior  string `json:"behavior" form:"behavior"` // keep_as_draft, mark_uncollectible, void
	ResumesAt stamp  `json:"resumes_at" form:"resumes_at"`
}

type subscriptionPayment struct {
	PaymentMethodTypes       []string `json:"payment_method_types" form:"payment_method_types"`
	SaveDefaultPaymentMethod text     `json:"save_default_payment_method" form:"save_default_payment_method"`
}

type trialSettings struct {
	EndBehavior endBehavior `json:"end_behavior" form:"end_behavior"`
}

type endBehavior struct {
	MissingPaymentMethod string `json:"missing_payment_method" form:"missing_payment_method"` // cancel, create_invoice, pause
}

// SubscriptionItem is one price of a subscription and how many of it.
type SubscriptionItem struct {
	name
	Created      int64      `json:"created"`
	Metadata     metadata   `json:"metadata"`
	Price        *Price     `json:"price"`
	Quantity     int64      `json:"quantity"`
	Subscription string     `json:"subscription"`
	TaxRates     []*TaxRate `json:"tax_rates"`
}

type itemParams struct {
	Deleted   bool          `form:"deleted"`
	ID        string        `form:"id"`
	Metadata  metadataParam `form:"metadata"`
	Price     string        `form:"price"`
	PriceData *priceParams  `form:"price_data"`
	Quantity  *int64        `form:"quantity"`
	TaxRates  []string      `form:"tax_rates"`
}

type subscriptionParams struct {
	BillingCycleAnchor   *string              `form:"billing_cycle_anchor"`
	CancelAt             *stamp               `form:"cancel_at"`
	CancelAtPeriodEnd    *bool                `form:"cancel_at_period_end"`
	CancellationDetails  *cancellationDetails `form:"cancellation_details"`
	CollectionMethod     *string              `form:"collection_method"`
	Coupon               *string              `form:"coupon"`
	Currency             string               `form:"currency"`
	Customer             string               `form:"customer"`
	DaysUntilDue         *stamp               `form:"days_until_due"`
	DefaultPaymentMethod *string              `form:"default_payment_method"`
	DefaultTaxRates      []string             `form:"default_tax_rates"`
	Description          *text                `form:"description"`
	Items                []itemParams         `form:"items"`
	Metadata             metadataParam        `form:"metadata"`
	OffSession           *bool                `form:"off_session"`
	PauseCollection      *PauseCollection     `form:"pause_collection"`
	PaymentBehavior      string               `form:"payment_behavior"`
	PaymentSettings      *subscriptionPayment `form:"payment_settings"`
	PromotionCode        *string              `form:"promotion_code"`
	ProrationBehavior    string               `form:"proration_behavior"`
	TrialEnd             *string              `form:"trial_end"`
	TrialPeriodDays      *int64               `form:"trial_period_days"`
	TrialSettings        *trialSettings       `form:"trial_settings"`
}

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

// newItems are the items of a new subscription, which all have to be due at the same times.
func (c *call) newItems(params []itemParams) ([]*SubscriptionItem, error) {
	var items []*SubscriptionItem
	for _, p := range params {
		price, err := c.linePrice(p.Price, p.PriceData, "items[0][price]")
		if err != nil {
			return nil, err
		}
		item, err := c.newItem(price, p)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, sameInterval(items)
}

func sameInterval(items []*SubscriptionItem) error {
	for _, item := range items {
		first, this := items[0].Price, item.Price
		if this.Recurring == nil {
			return refuse("", "items", "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.")
		}
		if this.Recurring.Interval != first.Recurring.Interval || this.Recurring.IntervalCount != first.Recurring.IntervalCount || this.Currency != first.Currency {
			return refuse("", "items", "All prices of a subscription must have the same interval and currency.")
		}
	}
	return nil
}

func (c *call) newItem(price *Price, p itemParams) (*SubscriptionItem, error) {
	rates, err := c.ratesOf(p.TaxRates, "items[0][tax_rates]")
	if err != nil {
		return nil, err
	}
	item := &SubscriptionItem{name: name{c.s.newID("si"), "subscription_item"}, Created: c.now(), Price: price, Quantity: 1, TaxRates: rates}
	set(&item.Quantity, p.Quantity)
	item.Metadata = item.Metadata.with(p.Metadata)
	return item, nil
}

// newSubscription has its items and nothing else yet; begin starts it.
func (b *books) newSubscription(customer *Customer, items []*SubscriptionItem) *Subscription {
	now := b.now()
	s := &Subscription{head: b.newHead("sub", "subscription"), BillingCycleAnchor: now, CollectionMethod: automatically, Currency: items[0].Price.Currency, CurrentPeriodStart: now,
		Customer: customer.ID, DefaultTaxRates: []*TaxRate{}, StartDate: now, TrialSettings: &trialSettings{endBehavior{"create_invoice"}}, Status: statusIncomplete,
		PaymentSettings: &subscriptionPayment{SaveDefaultPaymentMethod: "off"}}
	s.Items.url = "/v1/subscription_items?subscription=" + s.ID
	s.Items.all = items
	for _, item := range items {
		item.Subscription = s.ID
	}
	return s
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

func (p *subscriptionParams) apply(c *call, s *Subscription) error {
	if p.DefaultPaymentMethod != nil && *p.DefaultPaymentMethod != "" {
		method, err := c.paymentMethods.need(*p.DefaultPaymentMethod, "PaymentMethod", "default_payment_method")
		if err != nil {
			return err
		}
		if string(method.Customer) != s.Customer {
			return refuse("", "default_payment_method", "The customer does not have a payment method with the ID %s.", method.ID)
		}
	}
	if p.DefaultTaxRates != nil {
		rates, err := c.ratesOf(p.DefaultTaxRates, "default_tax_rates")
		if err != nil {
			return err
		}
		s.DefaultTaxRates = rates
	}
	if p.Coupon != nil || p.PromotionCode != nil {
		discount, err := c.discountFor(orEmpty(p.Coupon), orEmpty(p.PromotionCode), s.Customer)
		if err != nil {
			return err
		}
		c.giveDiscount(s, discount)
	}
	if p.DefaultPaymentMethod != nil {
		s.DefaultPaymentMethod = ref(*p.DefaultPaymentMethod)
	}
	if p.PaymentSettings != nil {
		s.PaymentSettings = p.PaymentSettings
	}
	if p.TrialSettings != nil {
		s.TrialSettings = p.TrialSettings
	}
	if p.PauseCollection != nil {
		s.PauseCollection = p.PauseCollection
		if p.PauseCollection.Behavior == "" {
			s.PauseCollection = nil
		}
	}
	if details := p.CancellationDetails; details != nil {
		s.CancellationDetails.Comment, s.CancellationDetails.Feedback = details.Comment, details.Feedback
	}
	set(&s.CollectionMethod, p.CollectionMethod)
	set(&s.DaysUntilDue, p.DaysUntilDue)
	set(&s.Description, p.Description)
	s.Metadata = s.Metadata.with(p.Metadata)
	if s.CollectionMethod == sendInvoice && s.DaysUntilDue == 0 {
		return refuse("", "days_until_due", "You must specify days_until_due when collection_method is send_invoice.")
	}
	c.planEnd(s, p)
	return nil
}

// giveDiscount puts a discount on a subscription; nil takes it off.
func (b *books) giveDiscount(s *Subscription, discount *Discount) {
	if discount != nil {
		discount.Subscription = text(s.ID)
	}
	s.Discount = discount
}

// planEnd notes when a subscription is to end, or that it is not to any more.
func (c *call) planEnd(s *Subscription, p *subscriptionParams) {
	if p.CancelAtPeriodEnd != nil {
		s.CancelAtPeriodEnd, s.CancelAt, s.CanceledAt, s.CancellationDetails.Reason = *p.CancelAtPeriodEnd, 0, 0, ""
		if s.CancelAtPeriodEnd {
			s.CancelAt, s.CanceledAt, s.CancellationDetails.Reason = stamp(s.CurrentPeriodEnd), stamp(c.now()), "cancellation_requested"
		}
	}
	if p.CancelAt != nil {
		s.CancelAtPeriodEnd, s.CancelAt, s.CanceledAt, s.CancellationDetails.Reason = false, *p.CancelAt, 0, ""
		if s.CancelAt != 0 {
			s.CanceledAt, s.CancellationDetails.Reason = stamp(c.now()), "cancellation_requested"
		}
	}
}

func (b *books) methodForSubscription(s *Subscription) *PaymentMethod {
	if method := b.paymentMethods.get(string(s.DefaultPaymentMethod)); method != nil {
		return method
	}
	return b.defaultMethod(s.Customer)
}

func getSubscription(c *call, _ *none) (any, error) {
	return c.subscriptions.need(c.id, "subscription", "id")
}

type subscriptionsParams struct {
	page
	CollectionMethod string `form:"collection_method"`
	Created          *span  `form:"created"`
	CurrentPeriodEnd *span  `form:"current_period_end"`
	Customer         string `form:"customer"`
	Price            string `form:"price"`
	Status           string `form:"status"`
}

// listSubscriptions leaves the canceled ones out unless they are asked for, as Stripe does.
func listSubscriptions(c *call, p *subscriptionsParams) (any, error) {
	return listed(c, p.page, &c.subscriptions, func(s *Subscription) bool {
		return p.Created.has(s.Created) && p.CurrentPeriodEnd.has(s.CurrentPeriodEnd) && (p.Customer == "" || p.Customer == s.Customer) &&
			(p.CollectionMethod == "" || p.CollectionMethod == s.CollectionMethod) && s.fits(p.Status) && (p.Price == "" || s.has(p.Price))
	})
}

func (s *Subscription) fits(status string) bool {
	switch status {
	case "":
		return s.Status != statusCanceled && s.Status != statusIncompleteExpired
	case "all":
		return true
	case "ended":
		return s.over()
	}
	return s.Status == status
}

func (s *Subscription) has(price string) bool {
	return slices.ContainsFunc(s.Items.all, func(item *SubscriptionItem) bool { return item.Price.ID == price })
}

// over says whether a subscription has ended for good.
func (s *Subscription) over() bool {
	return s.Status == statusCanceled || s.Status == statusIncompleteExpired
}

func (b *books) livingSubscriptionsOf(customer string) []*Subscription {
	var all []*Subscription
	for s := range b.subscriptions.newest() {
		if s.Customer == customer && !s.over() {
			all = append(all, s)
		}
	}
	return all
}

type subscriptionItemsParams struct {
	page
	Subscription string `form:"subscription,required"`
}

func listSubscriptionItems(c *call, p *subscriptionItemsParams) (any, error) {
	s, err := c.subscriptions.need(p.Subscription, "subscription", "subscription")
	if err != nil {
		return nil, err
	}
	return paged(c, p.page, s.Items.all)
}
