package billing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// The names in Stripe's metadata by which objects are recognised as ours.
const (
	metaAccount  = "atrium_account"
	metaCheckout = "atrium_checkout"
)

// NewCheckout is a payment to be asked for.
type NewCheckout struct {
	Account       string // the connected account; empty: the installation's own
	AccountID, ID uuid.UUID
	Price         string // Stripe's id of it
	Subscribes    bool
	Invoiced      bool // a single payment gets an invoice once it is paid, for which Stripe charges; a subscription always has its invoices
	TrialDays     int
	Coupon        string    // Stripe's id of a promotion code; empty: its page asks for one
	Ends          time.Time // when its page closes, between half an hour and a day from now; zero: after a day
	Email         string    // of a client who is signed in; empty: Stripe asks for it
	Customer      string    // Stripe's id of that client, where there is one; it wins over Email
	Success       string    // where a buyer comes back to; {CHECKOUT_SESSION_ID} in it becomes the session's id
	Cancel        string    // where somebody comes back to who does not buy
}

// Checkout is what Stripe says about one.
type Checkout struct {
	SessionID     string
	URL           string // Stripe's page, while it is open
	AccountID, ID uuid.UUID
	Ours          bool // false: another program's on the same Stripe account, and the ids are nil
	State         CheckoutState
	Email, Name   string // the buyer's
	AmountMinor   int64
	Currency      string // ISO 4217, lower case
	Customer      string // Stripe's ids
	Payment       string // empty for subscriptions and what costs nothing
	Invoice       string // of a single payment, which Stripe makes once it is paid, or the first of a subscription; empty before
	Subscription  string // empty for single payments
}

// CheckoutState is how far a checkout is.
type CheckoutState string

// The states.
const (
	CheckoutOpen       CheckoutState = "open"
	CheckoutProcessing CheckoutState = "processing" // confirmed, and the money comes later or not at all
	CheckoutPaid       CheckoutState = "paid"       // or there was nothing to pay
	CheckoutFailed     CheckoutState = "failed"     // confirmed, and the money did not come
	CheckoutExpired    CheckoutState = "expired"
)

// StartCheckout makes a checkout at Stripe. Asked again with the same ID, customer and price it answers the same one. ErrNoCustomer and
// ErrNotForSale say what of these is to be another. How a single payment gets its invoice:
// https://docs.stripe.com/receipts?payment-ui=checkout#paid-invoices
func (d *Door) StartCheckout(ctx context.Context, n NewCheckout) (Checkout, error) {
	mode, meta := stripe.CheckoutSessionModePayment, map[string]string{metaAccount: n.AccountID.String(), metaCheckout: n.ID.String()}
	p := &stripe.CheckoutSessionParams{Params: params(ctx, n.Account, ""), ClientReferenceID: stripe.String(n.ID.String()),
		SuccessURL: stripe.String(n.Success), CancelURL: stripe.String(n.Cancel),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(n.Price), Quantity: stripe.Int64(1)}}}
	p.Metadata = meta
	if n.Coupon != "" { // Stripe takes one of the two
		p.Discounts = []*stripe.CheckoutSessionDiscountParams{{PromotionCode: stripe.String(n.Coupon)}}
	} else {
		p.AllowPromotionCodes = stripe.Bool(true)
	}
	if !n.Ends.IsZero() {
		p.ExpiresAt = stripe.Int64(n.Ends.Unix())
	}
	if n.Subscribes {
		mode = stripe.CheckoutSessionModeSubscription
		p.SubscriptionData = &stripe.CheckoutSessionSubscriptionDataParams{Metadata: meta}
		if n.TrialDays > 0 {
			p.SubscriptionData.TrialPeriodDays = stripe.Int64(int64(n.TrialDays))
		}
	} else {
		p.PaymentIntentData = &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: meta}
		p.CustomerCreation = stripe.String(string(stripe.CheckoutSessionCustomerCreationAlways))
		if n.Invoiced {
			p.InvoiceCreation = &stripe.CheckoutSessionInvoiceCreationParams{Enabled: stripe.Bool(true), InvoiceData: &stripe.CheckoutSessionInvoiceCreationInvoiceDataParams{Metadata: meta}}
		}
	}
	switch {
	case n.Customer != "":
		p.Customer, p.CustomerCreation = stripe.String(n.Customer), nil
	case n.Email != "":
		p.CustomerEmail = stripe.String(n.Email)
	}
	p.Mode = stripe.String(string(mode))
	s, err := once("checkout-"+n.ID.String()+"-"+digest(n.Customer, n.Price), nil, func(key string) (*stripe.CheckoutSession, error) { // one that nobody hears of is paid by nobody
		p.SetIdempotencyKey(key)
		return d.api.CheckoutSessions.New(p)
	})
	if err != nil {
		return Checkout{}, err
	}
	return readCheckout(s), nil
}

// Checkout asks Stripe how far a checkout is. ErrNotThere when there is none of that id.
func (d *Door) Checkout(ctx context.Context, account, session string) (Checkout, error) {
	p := &stripe.CheckoutSessionParams{Params: params(ctx, account, "")}
	p.AddExpand("payment_intent")
	p.AddExpand("invoice.payment_intent")
	s, err := d.api.CheckoutSessions.Get(session, p)
	if err != nil {
		return Checkout{}, kind(err)
	}
	return readCheckout(s), nil
}

func readCheckout(s *stripe.CheckoutSession) Checkout {
	c := Checkout{SessionID: s.ID, URL: s.URL, State: CheckoutOpen, AmountMinor: s.AmountTotal, Currency: string(s.Currency)}
	c.AccountID, c.ID, c.Ours = ours(s.Metadata)
	c.Ours = c.Ours && c.ID != uuid.Nil
	switch {
	case s.Status == stripe.CheckoutSessionStatusExpired:
		c.State = CheckoutExpired
	case s.Status == stripe.CheckoutSessionStatusComplete && s.PaymentStatus == stripe.CheckoutSessionPaymentStatusUnpaid:
		c.State = CheckoutProcessing
		p := s.PaymentIntent
		if p == nil && s.Invoice != nil {
			p = s.Invoice.PaymentIntent
		}
		if p != nil && (p.Status == stripe.PaymentIntentStatusRequiresPaymentMethod || p.Status == stripe.PaymentIntentStatusCanceled) {
			c.State = CheckoutFailed
		}
	case s.Status == stripe.CheckoutSessionStatusComplete:
		c.State = CheckoutPaid
	}
	if s.CustomerDetails != nil {
		c.Email, c.Name = s.CustomerDetails.Email, s.CustomerDetails.Name
	}
	if s.Customer != nil {
		c.Customer = s.Customer.ID
	}
	if s.PaymentIntent != nil {
		c.Payment = s.PaymentIntent.ID
	}
	if s.Subscription != nil {
		c.Subscription = s.Subscription.ID
	}
	if s.Invoice != nil {
		c.Invoice = s.Invoice.ID
	}
	return c
}

// ours reads whose an object is, and which checkout it comes from; the nil id when it comes from none.
func ours(meta map[string]string) (account, checkout uuid.UUID, is bool) {
	account, err := uuid.Parse(meta[metaAccount])
	if err != nil {
		return uuid.Nil, uuid.Nil, false
	}
	checkout, err = uuid.Parse(meta[metaCheckout])
	if err != nil {
		checkout = uuid.Nil
	}
	return account, checkout, true
}
