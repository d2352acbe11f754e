package billing

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// Subscription is what Stripe says about one.
type Subscription struct {
	ID                string
	AccountID         uuid.UUID // whose it is; nil when it does not say
	CheckoutID        uuid.UUID // what it was bought by; nil when it does not say
	Ours              bool      // false: another program's on the same Stripe account
	Customer          string
	State             string // in Stripe's words
	Title             string
	AmountMinor       int64
	Currency          string
	Interval          string // week, month or year
	Every             int
	Item, Price       string // Stripe's ids of what it is charged for; empty when that is not exactly one thing
	Given             bool   // it began before its trial did: days for nothing that somebody gave
	Method            string // Stripe's id of what is charged: its own way of paying, else its customer's; empty: there is none
	Card              string // the same in words, such as Visa ending in 4242; empty when it is not known
	Started           time.Time
	PeriodEnds        time.Time
	TrialEnds         *time.Time
	CancelsAt         *time.Time
	Ended             *time.Time
	UnpaidSince       *time.Time // since when it is not paid, while it is past due or unpaid
	LatestInvoice     string
	CancelAtPeriodEnd bool
	CollectionPaused  bool   // its charges are left out
	NextMinor         *int64 // what the next charge will come to; nil: none is to come
	OffMinor          int64  // what a discount of its own takes off each charge; 0 for one of a single charge
	OffUntil          *time.Time
}

// Subscription asks Stripe how a subscription is, and what its next charge will come to: a discount, a tax, a credit or what a change
// of plan left over make that another sum than the price. ErrNotThere when there is none of that id.
func (d *Door) Subscription(ctx context.Context, account, id string) (Subscription, error) {
	p := &stripe.SubscriptionParams{Params: params(ctx, account, "")}
	p.AddExpand("default_payment_method")
	p.AddExpand("customer.invoice_settings.default_payment_method")
	p.AddExpand("items.data.price.product")
	s, err := d.api.Subscriptions.Get(id, p)
	if err != nil {
		return Subscription{}, kind(err)
	}
	r := readSubscription(s)
	if s.Status == stripe.SubscriptionStatusPastDue || s.Status == stripe.SubscriptionStatusUnpaid {
		if r.UnpaidSince, err = d.unpaidSince(ctx, account, s); err != nil {
			return Subscription{}, err
		}
	}
	r.NextMinor, err = d.nextCharge(ctx, account, r)
	return r, err
}

func (d *Door) nextCharge(ctx context.Context, account string, s Subscription) (*int64, error) {
	goesOn := s.State == string(stripe.SubscriptionStatusActive) || s.State == string(stripe.SubscriptionStatusTrialing) || s.State == string(stripe.SubscriptionStatusPastDue)
	if !s.Ours || !goesOn || s.CancelsAt != nil || s.CollectionPaused {
		return nil, nil
	}
	i, err := d.api.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Params: params(ctx, account, ""), Subscription: stripe.String(s.ID)})
	if err = kind(err); errors.Is(err, ErrNotThere) { // nothing comes
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return &i.AmountDue, nil
}

// unpaidSince is when the oldest invoice of a subscription was issued that stands unpaid since the last one that was paid; nil: none
// does. A next one that nobody pays either is no reason to begin anew. Of an unpaid subscription Stripe leaves the next ones drafts and
// charges none of them (https://docs.stripe.com/billing/subscriptions/overview#unpaid-subscriptions): these stand unpaid since they were made.
func (d *Door) unpaidSince(ctx context.Context, account string, s *stripe.Subscription) (since *time.Time, err error) {
	list := d.api.Invoices.List(&stripe.InvoiceListParams{ListParams: listed(ctx, account), Subscription: stripe.String(s.ID)}) // the newest first
	for list.Next() {
		i := list.Invoice()
		switch {
		case i.Status == stripe.InvoiceStatusPaid:
			return since, nil
		case i.Status == stripe.InvoiceStatusDraft && s.Status == stripe.SubscriptionStatusUnpaid:
			since = when(i.Created)
		case i.StatusTransitions != nil && (i.Status == stripe.InvoiceStatusOpen || i.Status == stripe.InvoiceStatusUncollectible):
			since = when(i.StatusTransitions.FinalizedAt)
		}
	}
	return since, kind(list.Err())
}

func readSubscription(s *stripe.Subscription) Subscription {
	r := Subscription{ID: s.ID, State: string(s.Status), Currency: string(s.Currency), Every: 1, Started: at(s.StartDate), PeriodEnds: at(s.CurrentPeriodEnd),
		TrialEnds: when(s.TrialEnd), Ended: when(s.EndedAt), CancelAtPeriodEnd: s.CancelAtPeriodEnd, CancelsAt: when(s.CancelAt),
		CollectionPaused: s.PauseCollection != nil}
	r.AccountID, r.CheckoutID, r.Ours = ours(s.Metadata)
	if r.CancelsAt == nil && s.CancelAtPeriodEnd {
		r.CancelsAt = when(s.CurrentPeriodEnd)
	}
	if s.Customer != nil {
		r.Customer = s.Customer.ID
	}
	r.Given = s.Status == stripe.SubscriptionStatusTrialing && s.TrialStart > s.StartDate+given
	if s.Items != nil {
		if only := s.Items.Data; len(only) == 1 && only[0].Price != nil && only[0].Quantity == 1 {
			r.Item, r.Price = only[0].ID, only[0].Price.ID
		}
		for _, item := range s.Items.Data {
			if item.Price == nil {
				continue
			}
			r.AmountMinor += item.Price.UnitAmount * item.Quantity
			if item.Price.Recurring != nil {
				r.Interval, r.Every = string(item.Price.Recurring.Interval), int(item.Price.Recurring.IntervalCount)
			}
			if item.Price.Product != nil && r.Title == "" {
				r.Title = item.Price.Product.Name
			}
		}
	}
	r.OffMinor, r.OffUntil = off(s.Discount, r.AmountMinor, r.Currency)
	m := s.DefaultPaymentMethod
	if m == nil && s.Customer != nil && s.Customer.InvoiceSettings != nil {
		m = s.Customer.InvoiceSettings.DefaultPaymentMethod
	}
	if m != nil {
		r.Method, r.Card = m.ID, methodWords(m)
	}
	if s.LatestInvoice != nil {
		r.LatestInvoice = s.LatestInvoice.ID
	}
	return r
}

// off is what a discount takes off each charge of that amount, and until when; nil: for ever.
func off(d *stripe.Discount, minor int64, currency string) (takes int64, until *time.Time) {
	if d == nil || d.Coupon == nil || d.Coupon.Duration == stripe.CouponDurationOnce {
		return 0, nil
	}
	c := Coupon{PartsOff: parts(d.Coupon.PercentOff), OffMinor: d.Coupon.AmountOff, Currency: string(d.Coupon.Currency)}
	if takes, _ = c.Off("", "", minor, currency); takes == 0 {
		return 0, nil
	}
	return takes, when(d.End)
}

// given is after how many seconds a trial is none that a subscription began with: Stripe's two times differ by the call that makes it.
const given = 60

// methodWords are a card or a bank account by its last digits, and a few others by their name; empty for the rest.
func methodWords(m *stripe.PaymentMethod) string {
	bank, last := "", ""
	switch {
	case m.Card != nil:
		return cardWords(m.Card)
	case m.SEPADebit != nil:
		last = m.SEPADebit.Last4
	case m.USBankAccount != nil:
		bank, last = m.USBankAccount.BankName, m.USBankAccount.Last4
	case m.ACSSDebit != nil:
		bank, last = m.ACSSDebit.BankName, m.ACSSDebit.Last4
	case m.BACSDebit != nil:
		last = m.BACSDebit.Last4
	case m.AUBECSDebit != nil:
		last = m.AUBECSDebit.Last4
	case m.Link != nil:
		return "Link"
	case m.Paypal != nil:
		return "PayPal"
	}
	if last == "" {
		return ""
	}
	return cmp.Or(bank, "Bank account") + " ending in " + last
}

func cardWords(c *stripe.PaymentMethodCard) string {
	brand := string(c.Brand)
	if brand == "" {
		brand = "card"
	}
	return strings.ToUpper(brand[:1]) + brand[1:] + " ending in " + c.Last4
}

// at is a time as Stripe writes it, in seconds since 1970.
func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// when is as at, for times that may be missing.
func when(seconds int64) *time.Time {
	if seconds == 0 {
		return nil
	}
	t := at(seconds)
	return &t
}
