package billing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// Invoice is what Stripe says about one.
type Invoice struct {
	ID           string
	AccountID    uuid.UUID // whose it is; nil when it does not say
	CheckoutID   uuid.UUID // what its subscription was bought by; nil when it does not say
	Ours         bool      // false: it does not say that it is ours, though its customer may be known
	Number       string    // empty while it is a draft
	Customer     string
	Subscription string // empty without one
	State        string // in Stripe's words
	Payment      string // its payment intent; empty without one
	Processing   bool   // the money is on its way
	TotalMinor   int64
	TaxMinor     int64
	PaidMinor    int64
	LeftMinor    int64
	Currency     string
	Outside      bool // paid past Stripe
	Memo         string
	Lines        []InvoiceLine
	HostedURL    string // empty while it is a draft
	PDFURL       string
	ReceiptURL   string // of its payment; empty without one
	Created      time.Time
	Issued       *time.Time
	Due          *time.Time
	Paid         *time.Time
}

// InvoiceLine is one line of an invoice.
type InvoiceLine struct {
	Text        string `json:"text"`
	Quantity    int64  `json:"quantity"`
	AmountMinor int64  `json:"amount_minor"`
}

// Invoice asks Stripe how an invoice is. ErrNotThere when there is none of that id.
func (d *Door) Invoice(ctx context.Context, account, id string) (Invoice, error) {
	p := &stripe.InvoiceParams{Params: params(ctx, account, "")}
	p.AddExpand("payment_intent")
	p.AddExpand("charge")
	i, err := d.api.Invoices.Get(id, p)
	if err != nil {
		return Invoice{}, kind(err)
	}
	return readInvoice(i), nil
}

func readInvoice(i *stripe.Invoice) Invoice {
	r := Invoice{ID: i.ID, Number: i.Number, State: string(i.Status), TotalMinor: i.Total, TaxMinor: i.Tax, PaidMinor: i.AmountPaid, LeftMinor: i.AmountRemaining,
		Currency: string(i.Currency), Outside: i.PaidOutOfBand, Memo: i.Description, HostedURL: i.HostedInvoiceURL, PDFURL: i.InvoicePDF, Created: at(i.Created), Due: when(i.DueDate)}
	r.AccountID, r.CheckoutID, r.Ours = ours(i.Metadata)
	if !r.Ours && i.SubscriptionDetails != nil {
		r.AccountID, r.CheckoutID, r.Ours = ours(i.SubscriptionDetails.Metadata)
	}
	if i.StatusTransitions != nil {
		r.Issued, r.Paid = when(i.StatusTransitions.FinalizedAt), when(i.StatusTransitions.PaidAt)
	}
	if i.Customer != nil {
		r.Customer = i.Customer.ID
	}
	if i.Subscription != nil {
		r.Subscription = i.Subscription.ID
	}
	if i.PaymentIntent != nil {
		r.Payment, r.Processing = i.PaymentIntent.ID, i.PaymentIntent.Status == stripe.PaymentIntentStatusProcessing
	}
	if i.Charge != nil && i.Charge.Paid {
		r.ReceiptURL = i.Charge.ReceiptURL
	}
	if i.Lines != nil {
		for _, line := range i.Lines.Data {
			r.Lines = append(r.Lines, InvoiceLine{line.Description, line.Quantity, line.Amount})
		}
	}
	return r
}

// Charge is what Stripe says about money that was taken, as far as giving it back matters.
type Charge struct {
	AccountID     uuid.UUID // whose it is; nil when it does not say
	Ours          bool      // false: it does not say that it is ours, though its invoice may
	Payment       string    // its payment intent; empty without one
	Invoice       string    // empty without one
	AmountMinor   int64
	RefundedMinor int64
	Currency      string
}

// Charge asks Stripe how a charge is. ErrNotThere when there is none of that id.
func (d *Door) Charge(ctx context.Context, account, id string) (Charge, error) {
	p := &stripe.ChargeParams{Params: params(ctx, account, "")}
	p.AddExpand("payment_intent")
	c, err := d.api.Charges.Get(id, p)
	if err != nil {
		return Charge{}, kind(err)
	}
	r := Charge{AmountMinor: c.Amount, RefundedMinor: c.AmountRefunded, Currency: string(c.Currency)}
	if c.PaymentIntent != nil {
		r.Payment = c.PaymentIntent.ID
		r.AccountID, _, r.Ours = ours(c.PaymentIntent.Metadata)
	}
	if c.Invoice != nil {
		r.Invoice = c.Invoice.ID
	}
	return r, nil
}

// InvoiceOfPayment asks Stripe which invoice a payment intent is to pay; empty for none. ErrNotThere when there is no such intent.
func (d *Door) InvoiceOfPayment(ctx context.Context, account, id string) (invoice string, err error) {
	p, err := d.api.PaymentIntents.Get(id, &stripe.PaymentIntentParams{Params: params(ctx, account, "")})
	if err != nil || p.Invoice == nil {
		return "", kind(err)
	}
	return p.Invoice.ID, nil
}

// ChargeOfRefund asks Stripe which charge a refund gives back. ErrNotThere when there is none of that id.
func (d *Door) ChargeOfRefund(ctx context.Context, account, id string) (charge string, err error) {
	r, err := d.api.Refunds.Get(id, &stripe.RefundParams{Params: params(ctx, account, "")})
	if err != nil {
		return "", kind(err)
	}
	if r.Charge == nil {
		return "", ErrNotThere
	}
	return r.Charge.ID, nil
}

// Customer is the page of Stripe's where a customer changes how they pay; it leads back to where they came from.
func (d *Door) Customer(ctx context.Context, account, customer, back string) (url string, err error) {
	s, err := d.api.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Params: params(ctx, account, ""), Customer: stripe.String(customer), ReturnURL: stripe.String(back)})
	if err != nil {
		return "", kind(err)
	}
	return s.URL, nil
}
