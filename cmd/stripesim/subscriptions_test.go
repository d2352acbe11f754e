package stripesim_test

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

// subscribe begins a subscription of 19 euros a month.
func (s *sim) subscribe(customer string, change func(*stripe.SubscriptionParams)) *stripe.Subscription {
	s.Helper()
	params := &stripe.SubscriptionParams{Customer: stripe.String(customer), Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String(s.price(1900, "month").ID)}}, Metadata: map[string]string{"ours": "1"}}
	if change != nil {
		change(params)
	}
	return must(s.Subscriptions.New(params))
}

// subscription is how one is now.
func (s *sim) subscription(id string) *stripe.Subscription {
	s.Helper()
	return must(s.Subscriptions.Get(id, &stripe.SubscriptionParams{Expand: stripe.StringSlice([]string{"latest_invoice.payment_intent", "customer", "default_payment_method"})}))
}

func TestSubscriptionRenews(t *testing.T) {
	s := start(t, stripesim.Options{})
	sub := s.subscribe(s.customer("pm_card_visa").ID, nil)
	is(t, "at once", sub.Status, stripe.SubscriptionStatusActive)
	is(t, "its first period", time.Unix(sub.CurrentPeriodEnd, 0).UTC(), monday.AddDate(0, 1, 0))
	upcoming := must(s.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Subscription: stripe.String(sub.ID)}))
	is(t, "what comes", upcoming.AmountDue, 1900)
	is(t, "when", upcoming.PeriodEnd, sub.CurrentPeriodEnd)
	s.advance(31 * day)
	renewed := s.subscription(sub.ID)
	is(t, "its second period", renewed.CurrentPeriodStart, sub.CurrentPeriodEnd)
	is(t, "the invoice before its hour", renewed.LatestInvoice.Status, stripe.InvoiceStatusDraft)
	s.advance(time.Hour)
	is(t, "the invoice after it", s.subscription(sub.ID).LatestInvoice.Status, stripe.InvoiceStatusPaid)
	is(t, "why", s.subscription(sub.ID).LatestInvoice.BillingReason, stripe.InvoiceBillingReasonSubscriptionCycle)
	s.advance(365 * day)
	invoices := 0
	for list := s.Invoices.List(&stripe.InvoiceListParams{Subscription: stripe.String(sub.ID), Status: stripe.String("paid")}); list.Next(); {
		invoices++
	}
	is(t, "invoices in thirteen months", invoices, 14)
	items := s.SubscriptionItems.List(&stripe.SubscriptionItemListParams{Subscription: stripe.String(sub.ID)})
	is(t, "its item", items.Next(), true)
	s.happened("customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid", "invoice.created", "customer.subscription.updated", "invoice.finalized", "invoice.paid")
}

func TestTrials(t *testing.T) {
	s := start(t, stripesim.Options{})
	trial := func(p *stripe.SubscriptionParams) { p.TrialPeriodDays = stripe.Int64(14) }
	with := s.subscribe(s.customer("pm_card_visa").ID, trial)
	is(t, "at first", with.Status, stripe.SubscriptionStatusTrialing)
	ends := map[string]*stripe.Subscription{}
	for _, end := range []string{"cancel", "pause", "create_invoice"} {
		ends[end] = s.subscribe(s.customer("").ID, func(p *stripe.SubscriptionParams) {
			trial(p)
			p.TrialSettings = &stripe.SubscriptionTrialSettingsParams{EndBehavior: &stripe.SubscriptionTrialSettingsEndBehaviorParams{MissingPaymentMethod: stripe.String(end)}}
		})
	}
	longer := must(s.Subscriptions.Update(s.subscribe(s.customer("pm_card_visa").ID, trial).ID, &stripe.SubscriptionParams{TrialEnd: stripe.Int64(monday.AddDate(0, 0, 30).Unix())}))
	shorter := must(s.Subscriptions.Update(s.subscribe(s.customer("pm_card_visa").ID, trial).ID, &stripe.SubscriptionParams{TrialEndNow: stripe.Bool(true)}))
	is(t, "ended at once", shorter.Status, stripe.SubscriptionStatusActive)
	is(t, "and paid", s.subscription(shorter.ID).LatestInvoice.AmountPaid, 1900)
	s.advance(14*day + 2*time.Hour)
	is(t, "with a card", s.subscription(with.ID).Status, stripe.SubscriptionStatusActive)
	is(t, "paid", s.subscription(with.ID).LatestInvoice.AmountPaid, 1900)
	is(t, "without one, cancel", s.subscription(ends["cancel"].ID).Status, stripe.SubscriptionStatusCanceled)
	is(t, "without one, pause", s.subscription(ends["pause"].ID).Status, stripe.SubscriptionStatusPaused)
	is(t, "without one", s.subscription(ends["create_invoice"].ID).Status, stripe.SubscriptionStatusPastDue)
	is(t, "with more time", s.subscription(longer.ID).Status, stripe.SubscriptionStatusTrialing)
	must(s.Customers.Update(ends["pause"].Customer.ID, &stripe.CustomerParams{InvoiceSettings: &stripe.CustomerInvoiceSettingsParams{
		DefaultPaymentMethod: stripe.String(must(s.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: stripe.String(ends["pause"].Customer.ID)})).ID)}}))
	is(t, "resumed", must(s.Subscriptions.Resume(ends["pause"].ID, nil)).Status, stripe.SubscriptionStatusActive)
	s.happened("customer.subscription.trial_will_end", "customer.subscription.paused", "customer.subscription.resumed")
}

func TestDunning(t *testing.T) {
	for after, want := range map[string]stripe.SubscriptionStatus{"": stripe.SubscriptionStatusCanceled, "unpaid": stripe.SubscriptionStatusUnpaid, "past_due": stripe.SubscriptionStatusPastDue} {
		t.Run("then "+string(want), func(t *testing.T) {
			s := start(t, stripesim.Options{AfterRetries: after})
			sub := s.subscribe(s.customer("pm_card_visa").ID, nil)
			card := s.subscription(sub.ID).Customer.InvoiceSettings.DefaultPaymentMethod.ID
			s.do(s.server.SetOutcome(card, stripesim.NoFunds))
			s.advance(31*day + time.Hour)
			failed := s.subscription(sub.ID)
			is(t, "after the first", failed.Status, stripe.SubscriptionStatusPastDue)
			is(t, "the next attempt", time.Unix(failed.LatestInvoice.NextPaymentAttempt, 0).Sub(time.Unix(failed.LatestInvoice.StatusTransitions.FinalizedAt, 0)), 3*day)
			is(t, "owing", failed.Customer.Delinquent, true)
			s.advance(9 * day)
			is(t, "attempts", s.subscription(sub.ID).LatestInvoice.AttemptCount, 3)
			s.advance(7 * day)
			is(t, "after the last", s.subscription(sub.ID).Status, want)
			is(t, "what is owed", s.subscription(sub.ID).LatestInvoice.AmountRemaining, 1900)
			s.do(s.server.SetOutcome(card, stripesim.Pays))
			must(s.Invoices.Pay(s.subscription(sub.ID).LatestInvoice.ID, nil))
			if want != stripe.SubscriptionStatusCanceled {
				want = stripe.SubscriptionStatusActive
			}
			is(t, "after paying", s.subscription(sub.ID).Status, want)
			is(t, "still owing", s.subscription(sub.ID).Customer.Delinquent, false)
		})
	}
}

func TestDunningEndsWithAGoodCard(t *testing.T) {
	s := start(t, stripesim.Options{})
	sub := s.subscribe(s.customer("pm_card_visa").ID, nil)
	card := s.subscription(sub.ID).Customer.InvoiceSettings.DefaultPaymentMethod.ID
	s.do(s.server.SetOutcome(card, stripesim.Declines))
	s.advance(32 * day)
	s.do(s.server.SetOutcome(card, stripesim.Pays))
	s.advance(3 * day)
	is(t, "after the retry", s.subscription(sub.ID).Status, stripe.SubscriptionStatusActive)
}

func TestIncomplete(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("pm_card_chargeCustomerFail").ID
	sub := s.subscribe(customer, nil)
	is(t, "with a bad card", sub.Status, stripe.SubscriptionStatusIncomplete)
	_, err := s.Subscriptions.New(&stripe.SubscriptionParams{Customer: stripe.String(customer), PaymentBehavior: stripe.String("error_if_incomplete"), Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String(s.price(100, "year").ID)}}})
	refused(t, err, 402, "card_declined")
	later := s.subscribe(customer, func(p *stripe.SubscriptionParams) { p.PaymentBehavior = stripe.String("default_incomplete") })
	must(s.PaymentIntents.Confirm(s.subscription(later.ID).LatestInvoice.PaymentIntent.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: stripe.String("pm_card_visa")}))
	is(t, "paid later", s.subscription(later.ID).Status, stripe.SubscriptionStatusActive)
	s.advance(day)
	is(t, "a day on", s.subscription(sub.ID).Status, stripe.SubscriptionStatusIncompleteExpired)
	is(t, "its invoice", s.subscription(sub.ID).LatestInvoice.Status, stripe.InvoiceStatusVoid)
}

func TestCancel(t *testing.T) {
	s := start(t, stripesim.Options{})
	customer := s.customer("pm_card_visa").ID
	now, end, kept, date := s.subscribe(customer, nil), s.subscribe(customer, nil), s.subscribe(customer, nil), s.subscribe(customer, nil)
	gone := must(s.Subscriptions.Cancel(now.ID, &stripe.SubscriptionCancelParams{Prorate: stripe.Bool(true), InvoiceNow: stripe.Bool(true), CancellationDetails: &stripe.SubscriptionCancelCancellationDetailsParams{Feedback: stripe.String("unused")}}))
	is(t, "now", gone.Status, stripe.SubscriptionStatusCanceled)
	is(t, "credit for what was not used", must(s.Customers.Get(customer, nil)).Balance, -1900)
	_, err := s.Subscriptions.Cancel(now.ID, nil)
	refused(t, err, 404, "resource_missing")
	atEnd := &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)}
	planned := must(s.Subscriptions.Update(end.ID, atEnd))
	is(t, "planned for", planned.CancelAt, planned.CurrentPeriodEnd)
	is(t, "until then", planned.Status, stripe.SubscriptionStatusActive)
	must(s.Subscriptions.Update(kept.ID, atEnd))
	is(t, "kept after all", must(s.Subscriptions.Update(kept.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(false)})).CancelAt, 0)
	must(s.Subscriptions.Update(date.ID, &stripe.SubscriptionParams{CancelAt: stripe.Int64(monday.AddDate(0, 0, 10).Unix())}))
	s.advance(10 * day)
	is(t, "on a date", s.subscription(date.ID).Status, stripe.SubscriptionStatusCanceled)
	s.advance(21*day + time.Hour)
	is(t, "at the end", s.subscription(end.ID).EndedAt, planned.CurrentPeriodEnd)
	is(t, "kept", s.subscription(kept.ID).Status, stripe.SubscriptionStatusActive)
	_, err = s.Subscriptions.Update(end.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(false)})
	refused(t, err, 400, "")
	living, all := 0, 0
	for list := s.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String(customer)}); list.Next(); {
		living++
	}
	for list := s.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String(customer), Status: stripe.String("all")}); list.Next(); {
		all++
	}
	is(t, "living", living, 1)
	is(t, "all", all, 4)
}

func TestPlanChange(t *testing.T) {
	s := start(t, stripesim.Options{})
	sub := s.subscribe(s.customer("pm_card_visa").ID, nil)
	s.advance(31 * day / 2)
	change := func(price string, behaviour string) *stripe.Subscription {
		return must(s.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{ProrationBehavior: stripe.String(behaviour),
			Items: []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(price)}}}))
	}
	change(s.price(3900, "month").ID, "create_prorations")
	is(t, "what comes next", must(s.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Customer: stripe.String(sub.Customer.ID)})).AmountDue, 3900+1000)
	change(s.price(5900, "month").ID, "always_invoice")
	latest := s.subscription(sub.ID).LatestInvoice
	is(t, "asked for at once", latest.AmountPaid, 2000)
	is(t, "why", latest.BillingReason, stripe.InvoiceBillingReasonSubscriptionUpdate)
	change(s.price(100, "month").ID, "always_invoice")
	is(t, "credit", s.subscription(sub.ID).Customer.Balance, -2900)
	change(s.price(50000, "year").ID, "create_prorations")
	yearly := s.subscription(sub.ID)
	is(t, "a year from now", time.Unix(yearly.CurrentPeriodEnd, 0).UTC(), monday.Add(31*day/2).AddDate(1, 0, 0))
	is(t, "less credit", yearly.LatestInvoice.AmountPaid, 50000-50-2900)
	more := must(s.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{ProrationBehavior: stripe.String("none"), Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String(s.price(10, "year").ID), Quantity: stripe.Int64(2)}}}))
	is(t, "its items", len(more.Items.Data), 2)
	less := must(s.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{ProrationBehavior: stripe.String("none"), Items: []*stripe.SubscriptionItemsParams{{ID: stripe.String(more.Items.Data[1].ID), Deleted: stripe.Bool(true)}}}))
	is(t, "its items after", len(less.Items.Data), 1)
}

// What a change of plan comes to is shown before, to the minor unit and changing nothing, and a charge that fails leaves all as it was.
func TestPlanChangeIsShownBefore(t *testing.T) {
	s := start(t, stripesim.Options{})
	sub := s.subscribe(s.customer("pm_card_visa").ID, nil)
	s.advance(31 * day / 2)
	item, now := sub.Items.Data[0].ID, monday.Add(31*day/2).Unix()
	preview := func(price, behaviour string) *stripe.Invoice {
		p := &stripe.InvoiceUpcomingParams{Subscription: stripe.String(sub.ID), SubscriptionItems: []*stripe.SubscriptionItemsParams{{ID: &item, Price: &price}}, SubscriptionProrationBehavior: &behaviour}
		if behaviour != "none" {
			p.SubscriptionProrationDate = &now
		}
		return must(s.Invoices.Upcoming(p))
	}
	change := func(price, behaviour string) error {
		p := &stripe.SubscriptionParams{Items: []*stripe.SubscriptionItemsParams{{ID: &item, Price: &price}}, ProrationBehavior: &behaviour, PaymentBehavior: stripe.String("error_if_incomplete")}
		if behaviour != "none" {
			p.ProrationDate = &now
		}
		_, err := s.Subscriptions.Update(sub.ID, p)
		return err
	}
	dear, yearly := s.price(3900, "month").ID, s.price(19000, "year").ID
	for _, c := range []struct {
		what, price, behaviour string
		due, at                int64
		lines                  int
	}{
		{"with the next", dear, "create_prorations", 3900 + 1000, sub.CurrentPeriodEnd, 3}, {"now", dear, "always_invoice", 1000, now, 2}, {"not at all", dear, "none", 3900, sub.CurrentPeriodEnd, 1},
		{"by the year", yearly, "create_prorations", 19000 - 950, now, 2}, {"by the year, all", yearly, "none", 19000, now, 1},
	} {
		shown := preview(c.price, c.behaviour)
		is(t, c.what, shown.AmountDue, c.due)
		is(t, c.what+", when", shown.Created, c.at)
		is(t, c.what+", lines", len(shown.Lines.Data), c.lines)
	}
	is(t, "what comes is as it was", must(s.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Subscription: stripe.String(sub.ID)})).AmountDue, 1900)
	card := s.subscription(sub.ID).Customer.InvoiceSettings.DefaultPaymentMethod.ID
	s.do(s.server.SetOutcome(card, stripesim.Declines))
	refused(t, change(yearly, "create_prorations"), 402, "card_declined")
	refused(t, change(dear, "always_invoice"), 402, "card_declined")
	is(t, "its price is as it was", s.subscription(sub.ID).Items.Data[0].Price.UnitAmount, 1900)
	is(t, "and its state", s.subscription(sub.ID).Status, stripe.SubscriptionStatusActive)
	s.do(s.server.SetOutcome(card, stripesim.Pays))
	s.do(change(yearly, "create_prorations"))
	is(t, "as it was shown", s.subscription(sub.ID).LatestInvoice.AmountPaid, 19000-950)
	dollars := must(s.Prices.New(&stripe.PriceParams{Product: stripe.String(must(s.Products.New(&stripe.ProductParams{Name: stripe.String("Abroad")})).ID), Currency: stripe.String("usd"), UnitAmount: stripe.Int64(100),
		Recurring: &stripe.PriceRecurringParams{Interval: stripe.String("year")}})).ID
	refused(t, change(dollars, "none"), 400, "")
	now = monday.AddDate(3, 0, 0).Unix()
	refused(t, change(dear, "create_prorations"), 400, "")
}

// Days that are given begin a period that costs nothing; the next charge is after it.
func TestDaysAreGiven(t *testing.T) {
	s := start(t, stripesim.Options{})
	sub := s.subscribe(s.customer("pm_card_visa").ID, nil)
	s.advance(10 * day)
	later := time.Unix(sub.CurrentPeriodEnd, 0).Add(14 * day)
	given := must(s.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{TrialEnd: stripe.Int64(later.Unix()), ProrationBehavior: stripe.String("none")}))
	is(t, "its state", given.Status, stripe.SubscriptionStatusTrialing)
	is(t, "since", time.Unix(given.TrialStart, 0).UTC(), monday.Add(10*day))
	is(t, "until", given.CurrentPeriodEnd, later.Unix())
	is(t, "for", s.subscription(sub.ID).LatestInvoice.Total, 0)
	is(t, "what comes", must(s.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Subscription: stripe.String(sub.ID)})).AmountDue, 1900)
	s.advance(36 * day)
	is(t, "after", s.subscription(sub.ID).Status, stripe.SubscriptionStatusActive)
	is(t, "charged", s.subscription(sub.ID).LatestInvoice.AmountPaid, 1900)
	credited := must(s.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{TrialEnd: stripe.Int64(monday.AddDate(0, 6, 0).Unix())}))
	is(t, "with credit", s.subscription(credited.ID).Customer.Balance < -1700, true)
}

func TestPauseAndDiscount(t *testing.T) {
	s := start(t, stripesim.Options{})
	coupon := must(s.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(50), Duration: stripe.String("repeating"), DurationInMonths: stripe.Int64(2)}))
	sub := s.subscribe(s.customer("pm_card_visa").ID, func(p *stripe.SubscriptionParams) { p.Coupon = stripe.String(coupon.ID) })
	is(t, "half of it", s.subscription(sub.ID).LatestInvoice.AmountPaid, 950)
	s.advance(31*day + time.Hour)
	is(t, "half again", s.subscription(sub.ID).LatestInvoice.AmountPaid, 950)
	s.advance(30 * day)
	is(t, "all of it", s.subscription(sub.ID).LatestInvoice.AmountPaid, 1900)
	must(s.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{PauseCollection: &stripe.SubscriptionPauseCollectionParams{Behavior: stripe.String("void"), ResumesAt: stripe.Int64(monday.AddDate(0, 3, 5).Unix())}}))
	s.advance(31 * day)
	is(t, "while it pauses", s.subscription(sub.ID).LatestInvoice.Status, stripe.InvoiceStatusVoid)
	s.advance(31 * day)
	is(t, "after", s.subscription(sub.ID).LatestInvoice.Status, stripe.InvoiceStatusPaid)
}

func TestSentSubscription(t *testing.T) {
	s := start(t, stripesim.Options{})
	sub := s.subscribe(s.customer("").ID, func(p *stripe.SubscriptionParams) {
		p.CollectionMethod, p.DaysUntilDue = stripe.String("send_invoice"), stripe.Int64(7)
	})
	is(t, "at once", sub.Status, stripe.SubscriptionStatusActive)
	s.advance(9 * day)
	is(t, "overdue", s.subscription(sub.ID).Status, stripe.SubscriptionStatusPastDue)
	must(s.Invoices.Pay(s.subscription(sub.ID).LatestInvoice.ID, &stripe.InvoicePayParams{PaidOutOfBand: stripe.Bool(true)}))
	is(t, "paid", s.subscription(sub.ID).Status, stripe.SubscriptionStatusActive)
}
