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
	CheckoutID   uuid.UUID // what it, or its subscription, was bought by; nil when it does not say
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
	Back         MoneyBack // of its payment
}

// IsPurchase says whether Stripe made it of what was bought once. It is of a payment that went well before there was an invoice, so
// whatever its state is meanwhile, nobody has to pay it.
func (i Invoice) IsPurchase() bool { return i.CheckoutID != uuid.Nil && i.Subscription == "" }

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
	r := readInvoice(i)
	if i.Lines != nil && i.Lines.HasMore { // ten come along
		if r.Lines, err = d.lines(ctx, account, id); err != nil {
			return Invoice{}, err
		}
	}
	if i.Charge != nil && i.Charge.Paid {
		r.Back, err = d.back(ctx, account, i.Charge)
	}
	return r, err
}

func (d *Door) lines(ctx context.Context, account, invoice string) (all []InvoiceLine, err error) {
	list := d.api.Invoices.ListLines(&stripe.InvoiceListLinesParams{ListParams: listed(ctx, account), Invoice: stripe.String(invoice)})
	for list.Next() {
		all = append(all, readLine(list.InvoiceLineItem()))
	}
	return all, kind(list.Err())
}

func readLine(line *stripe.InvoiceLineItem) InvoiceLine {
	return InvoiceLine{line.Description, line.Quantity, line.Amount}
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
			r.Lines = append(r.Lines, readLine(line))
		}
	}
	return r
}

// Customer is the page of Stripe's where a customer changes how they pay; it leads back to where they came from.
func (d *Door) Customer(ctx context.Context, account, customer, back string) (url string, err error) {
	s, err := d.api.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Params: params(ctx, account, ""), Customer: stripe.String(customer), ReturnURL: stripe.String(back)})
	if err != nil {
		return "", kind(err)
	}
	return s.URL, nil
}
