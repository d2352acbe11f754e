package billing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// NewInvoice is an invoice to be made.
type NewInvoice struct {
	Account   string // the connected account; empty: the installation's own
	AccountID uuid.UUID
	Once      string // of this attempt: with the same words and sums it makes one invoice, however often it is asked
	Customer  string // Stripe's id
	Currency  string // ISO 4217, lower case
	Due       time.Time
	Memo      string
	Lines     []NewInvoiceLine
}

// NewInvoiceLine is one line of it.
type NewInvoiceLine struct {
	Text      string
	Quantity  int64
	UnitMinor int64
}

// DraftInvoice makes an invoice that nobody is sent yet, and answers its id. When the line fails in between, asking again with the
// same Once goes on where it stopped; a draft that Stripe refused a line of is taken away, so that no half one is left.
func (d *Door) DraftInvoice(ctx context.Context, n NewInvoice) (id string, err error) {
	this := n.Once + "-" + digest(n.Customer, n.Currency, n.Due.Unix(), n.Memo, n.Lines)
	p := &stripe.InvoiceParams{Params: params(ctx, n.Account, ""), Customer: stripe.String(n.Customer), Currency: stripe.String(n.Currency),
		CollectionMethod: stripe.String(string(stripe.InvoiceCollectionMethodSendInvoice)), DueDate: stripe.Int64(n.Due.Unix()), AutoAdvance: stripe.Bool(false),
		PendingInvoiceItemsBehavior: stripe.String("exclude")} // what waits for this customer is somebody else's business
	if n.Memo != "" {
		p.Description = stripe.String(n.Memo)
	}
	p.Metadata = map[string]string{metaAccount: n.AccountID.String()}
	i, err := once("invoice-"+this, nil, func(key string) (*stripe.Invoice, error) { // an empty draft asks nobody for anything
		p.SetIdempotencyKey(key)
		return d.api.Invoices.New(p)
	})
	if err != nil {
		return "", err
	}
	for at, line := range n.Lines {
		if err := d.draftLine(ctx, n, i.ID, fmt.Sprintf("line-%s-%d", this, at), line); err != nil {
			var refused Refused
			if errors.As(err, &refused) {
				err = errors.Join(err, d.DiscardInvoice(ctx, n.Account, i.ID, this))
			}
			return "", err
		}
	}
	return i.ID, nil
}

// metaOnce marks what must not be there twice with the key it was asked for by.
const metaOnce = "atrium_once"

func (d *Door) draftLine(ctx context.Context, n NewInvoice, invoice, key string, line NewInvoiceLine) error {
	p := &stripe.InvoiceItemParams{Params: params(ctx, n.Account, ""), Customer: stripe.String(n.Customer), Invoice: stripe.String(invoice),
		Currency: stripe.String(n.Currency), Description: stripe.String(line.Text), Quantity: stripe.Int64(line.Quantity), UnitAmount: stripe.Int64(line.UnitMinor)}
	p.Metadata = map[string]string{metaOnce: key}
	found := func() (*stripe.InvoiceItem, bool, error) {
		list := d.api.InvoiceItems.List(&stripe.InvoiceItemListParams{ListParams: listed(ctx, n.Account), Invoice: stripe.String(invoice)})
		for list.Next() {
			if list.InvoiceItem().Metadata[metaOnce] == key {
				return list.InvoiceItem(), true, nil
			}
		}
		return nil, false, list.Err()
	}
	_, err := once(key, found, func(key string) (*stripe.InvoiceItem, error) {
		p.SetIdempotencyKey(key)
		return d.api.InvoiceItems.New(p)
	})
	return err
}

// digest is a short name for what a call says: Stripe refuses a key that comes again with other words.
func digest(parts ...any) string {
	text, _ := json.Marshal(parts) // texts, numbers and lines of them always can be
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// SendInvoice makes a draft final and has Stripe mail it to its customer; one that is final is mailed once more. Asked again with
// the same attempt it is mailed no second time, but after a fault of Stripe's own.
func (d *Door) SendInvoice(ctx context.Context, account, id, attempt string) error {
	p := &stripe.InvoiceSendInvoiceParams{Params: params(ctx, account, "")}
	_, err := once("send-"+id+"-"+attempt, nil, func(key string) (*stripe.Invoice, error) {
		p.SetIdempotencyKey(key)
		return d.api.Invoices.SendInvoice(id, p)
	})
	return err
}

// DiscardInvoice takes a draft away. It is no error when it is gone.
func (d *Door) DiscardInvoice(ctx context.Context, account, id, attempt string) error {
	_, err := d.api.Invoices.Del(id, &stripe.InvoiceParams{Params: params(ctx, account, "discard-"+attempt)})
	if err = kind(err); errors.Is(err, ErrNotThere) {
		return nil
	}
	return err
}

// VoidInvoice takes back an open invoice, for good.
func (d *Door) VoidInvoice(ctx context.Context, account, id, attempt string) error {
	p := &stripe.InvoiceVoidInvoiceParams{Params: params(ctx, account, "")}
	_, err := once("void-"+attempt, nil, func(key string) (*stripe.Invoice, error) {
		p.SetIdempotencyKey(key)
		return d.api.Invoices.VoidInvoice(id, p)
	})
	return err
}

// PaidOutside says that an open invoice was paid past Stripe, for good.
func (d *Door) PaidOutside(ctx context.Context, account, id, attempt string) error {
	p := &stripe.InvoicePayParams{Params: params(ctx, account, ""), PaidOutOfBand: stripe.Bool(true)}
	_, err := once("outside-"+attempt, nil, func(key string) (*stripe.Invoice, error) {
		p.SetIdempotencyKey(key)
		return d.api.Invoices.Pay(id, p)
	})
	return err
}
