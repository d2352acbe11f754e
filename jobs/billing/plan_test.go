package billing_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
	"atrium/jobs/billing"
)

// subscribed is a customer with a card who pays 19 euros a month, half a month ago.
func (d *desk) subscribed(t *testing.T) (id, card string) {
	t.Helper()
	customer := d.invoice(t, "a").Customer
	method, err := d.api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: &customer})
	check(t, err)
	made, err := d.api.Subscriptions.New(&stripe.SubscriptionParams{Customer: &customer, DefaultPaymentMethod: &method.ID, Items: []*stripe.SubscriptionItemsParams{{Price: d.price(t, 1900, "month")}}})
	check(t, err)
	check(t, d.sim.Advance(31*12*time.Hour))
	return made.ID, method.ID
}

func (d *desk) price(t *testing.T, minor int64, interval string) *string {
	t.Helper()
	_, price, err := d.MakePrice(t.Context(), billing.NewPrice{AccountID: d.account, ID: uuid.New(), Title: "Circle", AmountMinor: minor, Currency: "eur", Interval: interval})
	check(t, err)
	return &price
}

// What a discount takes off each charge is read, with its end; one of a single charge takes nothing off the others.
func TestSubscriptionDiscounts(t *testing.T) {
	t.Parallel()
	end := monday.AddDate(0, 3, 0)
	for name, c := range map[string]struct {
		coupon *stripe.CouponParams
		off    int64
		until  *time.Time
	}{
		"none":             {nil, 0, nil},
		"a share for ever": {&stripe.CouponParams{PercentOff: stripe.Float64(12.5), Duration: stripe.String("forever")}, 238, nil},
		"for three months": {&stripe.CouponParams{AmountOff: stripe.Int64(500), Currency: stripe.String("eur"), Duration: stripe.String("repeating"), DurationInMonths: stripe.Int64(3)}, 500, &end},
		"more than it is":  {&stripe.CouponParams{AmountOff: stripe.Int64(5000), Currency: stripe.String("eur"), Duration: stripe.String("forever")}, 1900, nil},
		"one charge":       {&stripe.CouponParams{PercentOff: stripe.Float64(50), Duration: stripe.String("once")}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			customer := d.invoice(t, "a").Customer
			method, err := d.api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: &customer})
			check(t, err)
			p := &stripe.SubscriptionParams{Customer: &customer, DefaultPaymentMethod: &method.ID, Items: []*stripe.SubscriptionItemsParams{{Price: d.price(t, 1900, "month")}}}
			if c.coupon != nil {
				coupon, err := d.api.Coupons.New(c.coupon)
				check(t, err)
				p.Coupon = &coupon.ID
			}
			made, err := d.api.Subscriptions.New(p)
			check(t, err)
			got, err := d.Subscription(t.Context(), "", made.ID)
			check(t, err)
			if got.OffMinor != c.off || (got.OffUntil == nil) != (c.until == nil) || c.until != nil && !got.OffUntil.Equal(*c.until) {
				t.Errorf("%d off until %v, want %d until %v", got.OffMinor, got.OffUntil, c.off, c.until)
			}
		})
	}
}

// What is asked for is what was shown before; asked twice it is changed once, and a charge that fails changes nothing.
func TestPlanIsChangedAsShown(t *testing.T) {
	t.Parallel()
	now := monday.Add(31 * 12 * time.Hour)
	for name, c := range map[string]struct {
		minor      int64
		interval   string
		difference billing.Difference
		due        int64
		lines      int
		atOnce     bool
	}{
		"more, with the next":  {3900, "month", billing.DifferenceNext, 4900, 3, false},
		"more, now":            {3900, "month", billing.DifferenceNow, 1000, 2, true},
		"more, not at all":     {3900, "month", billing.DifferenceNone, 3900, 1, false},
		"less, with the next":  {900, "month", billing.DifferenceNext, 400, 3, false},
		"less, now":            {900, "month", billing.DifferenceNow, 0, 2, true},
		"by the year":          {19000, "year", billing.DifferenceNext, 18050, 2, true},
		"by the year, no more": {19000, "year", billing.DifferenceNone, 19000, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, ctx := newDesk(t), t.Context()
			id, card := d.subscribed(t)
			before, err := d.Subscription(ctx, "", id)
			check(t, err)
			change := billing.PlanChange{Subscription: id, Item: before.Item, Price: *d.price(t, c.minor, c.interval), Difference: c.difference, At: now}
			shown, err := d.PreviewPlan(ctx, change)
			check(t, err)
			if shown.DueMinor != c.due || len(shown.Lines) != c.lines || shown.Currency != "eur" || shown.Due.Equal(now) != c.atOnce {
				t.Errorf("it shows %+v", shown)
			}
			if is, err := d.Subscription(ctx, "", id); err != nil || is.Price != before.Price {
				t.Errorf("showing it changed it: %+v, %v", is, err)
			}
			if c.atOnce && c.due > 0 {
				check(t, d.sim.SetOutcome(card, stripesim.Declines))
				var refused billing.Refused
				if err := d.ChangePlan(ctx, change, "bad card"); !errors.As(err, &refused) {
					t.Errorf("with a bad card: %v", err)
				}
				check(t, d.sim.SetOutcome(card, stripesim.Pays))
			}
			for range 2 {
				check(t, d.ChangePlan(ctx, change, "1"))
			}
			is, err := d.Subscription(ctx, "", id)
			check(t, err)
			if is.Price != change.Price || is.AmountMinor != c.minor || is.State != "active" {
				t.Errorf("it is %+v", is)
			}
			if c.atOnce {
				if i, err := d.Invoice(ctx, "", is.LatestInvoice); err != nil || i.PaidMinor != c.due {
					t.Errorf("asked for %+v, %v", i, err)
				}
				return
			}
			next, err := d.api.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Subscription: &id})
			check(t, err)
			if next.AmountDue != c.due || next.Created != shown.Due.Unix() {
				t.Errorf("the next charge is %d", next.AmountDue)
			}
		})
	}
}

// Days that are given move the next charge, once; they are told apart from a trial that a subscription began with.
func TestDaysAreGivenOnce(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id, _ := d.subscribed(t)
	was, err := d.Subscription(ctx, "", id)
	check(t, err)
	until := was.PeriodEnds.AddDate(0, 0, 14)
	for range 2 {
		check(t, d.Extend(ctx, "", id, "1", until))
	}
	is, err := d.Subscription(ctx, "", id)
	check(t, err)
	if !is.Given || is.State != "trialing" || !is.PeriodEnds.Equal(until) || is.TrialEnds == nil || !is.TrialEnds.Equal(until) {
		t.Errorf("it is %+v", is)
	}
	customer := d.invoice(t, "a").Customer
	trial, err := d.api.Subscriptions.New(&stripe.SubscriptionParams{Customer: &customer, TrialPeriodDays: stripe.Int64(7), Items: []*stripe.SubscriptionItemsParams{{Price: d.price(t, 1900, "month")}}})
	check(t, err)
	check(t, d.Extend(ctx, "", trial.ID, "2", time.Unix(trial.TrialEnd, 0).AddDate(0, 0, 7)))
	if is, err = d.Subscription(ctx, "", trial.ID); err != nil || is.Given {
		t.Errorf("a trial that lasts longer: %+v, %v", is, err)
	}
}

// What is charged is read of a bank account as of a card, and of the customer where the subscription has no way of paying of its own.
func TestSubscriptionSaysWhatIsCharged(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id, card := d.subscribed(t)
	reads := func(method, words string) {
		t.Helper()
		s, err := d.Subscription(t.Context(), "", id)
		check(t, err)
		if s.Method != method || s.Card != words {
			t.Errorf("%s is %q, want %s, %q", s.Method, s.Card, method, words)
		}
	}
	reads(card, "Visa ending in 4242")
	made, err := d.api.Subscriptions.Get(id, nil)
	check(t, err)
	bank, err := d.api.PaymentMethods.Attach("pm_sepaDebit", &stripe.PaymentMethodAttachParams{Customer: &made.Customer.ID})
	check(t, err)
	_, err = d.api.Customers.Update(made.Customer.ID, &stripe.CustomerParams{InvoiceSettings: &stripe.CustomerInvoiceSettingsParams{DefaultPaymentMethod: &bank.ID}})
	check(t, err)
	reads(card, "Visa ending in 4242")
	_, err = d.api.Subscriptions.Update(id, &stripe.SubscriptionParams{DefaultPaymentMethod: stripe.String("")})
	check(t, err)
	reads(bank.ID, "Bank account ending in 3000")
}

// An unpaid plan whose older charge is paid after all stays unpaid, since its next one was made: Stripe charges none of these by itself, so
// it would give what it gives for ever.
func TestUnpaidStaysUnpaid(t *testing.T) {
	t.Parallel()
	sim := simtest.Start(t, stripesim.Options{Now: monday, AfterRetries: "unpaid"})
	d := &desk{billing.New(billing.Config{Key: simtest.Key, URL: sim.URL}), sim, simtest.API(sim), uuid.New()}
	id, card := d.subscribed(t)
	check(t, d.sim.SetOutcome(card, stripesim.NoFunds))
	for range 34 {
		check(t, d.sim.Advance(24*time.Hour))
	}
	older, err := d.api.Subscriptions.Get(id, nil)
	check(t, err)
	for range 30 {
		check(t, d.sim.Advance(24*time.Hour))
	}
	newer, err := d.api.Subscriptions.Get(id, &stripe.SubscriptionParams{Expand: []*string{stripe.String("latest_invoice")}})
	check(t, err)
	check(t, d.sim.SetOutcome(card, stripesim.Pays))
	_, err = d.api.Invoices.Pay(older.LatestInvoice.ID, nil)
	check(t, err)
	s, err := d.Subscription(t.Context(), "", id)
	check(t, err)
	if made := time.Unix(newer.LatestInvoice.Created, 0); s.State != "unpaid" || newer.LatestInvoice.Status != stripe.InvoiceStatusDraft || s.UnpaidSince == nil || !s.UnpaidSince.Equal(made) {
		t.Errorf("it is %s since %v, with a newer %s of %v", s.State, s.UnpaidSince, newer.LatestInvoice.Status, made)
	}
}
