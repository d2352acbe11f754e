package stripesim

import "slices"

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
	ProrationDate        *int64               `form:"proration_date"`
	TrialEnd             *string              `form:"trial_end"`
	TrialPeriodDays      *int64               `form:"trial_period_days"`
	TrialSettings        *trialSettings       `form:"trial_settings"`
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

func (p *subscriptionParams) apply(c *call, s *Subscription) error {
	if p.CollectionMethod != nil && *p.CollectionMethod == sendInvoice && p.DaysUntilDue == nil && s.DaysUntilDue == 0 {
		return refuse("", "days_until_due", "You must specify days_until_due when collection_method is send_invoice.")
	}
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
