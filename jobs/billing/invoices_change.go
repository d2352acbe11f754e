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

// MakeCustomer makes a customer who is a contact; asked again it answers the same one.
func (d *Door) MakeCustomer(ctx context.Context, account string, accountID, contactID uuid.UUID, email, name string) (customer string, err error) {
	p := &stripe.CustomerParams{Params: params(ctx, account, "customer-"+contactID.String()+"-"+digest(email, name)), Email: stripe.String(email)}
	if name != "" {
		p.Name = stripe.String(name)
	}
	p.Metadata = map[string]string{metaAccount: accountID.String()}
	c, err := d.api.Customers.New(p)
	if err != nil {
		return "", kind(err)
	}
	return c.ID, nil
}

// DraftInvoice makes an invoice that nobody is sent yet, and answers its id. When the line fails in between, asking again with the
// same Once goes on where it stopped; a draft that Stripe refused a line of is taken away, so that no half one is left.
func (d *Door) DraftInvoice(ctx context.Context, n NewInvoice) (id string, err error) {
	once := n.Once + "-" + digest(n.Customer, n.Currency, n.Due.Unix(), n.Memo, n.Lines)
	p := &stripe.InvoiceParams{Params: params(ctx, n.Account, "invoice-"+once), Customer: stripe.String(n.Customer), Currency: stripe.String(n.Currency),
		CollectionMethod: stripe.String(string(stripe.InvoiceCollectionMethodSendInvoice)), DueDate: stripe.Int64(n.Due.Unix()), AutoAdvance: stripe.Bool(false),
		PendingInvoiceItemsBehavior: stripe.String("exclude")} // what waits for this customer is somebody else's business
	if n.Memo != "" {
		p.Description = stripe.String(n.Memo)
	}
	p.Metadata = map[string]string{metaAccount: n.AccountID.String()}
	i, err := d.api.Invoices.New(p)
	if err != nil {
		return "", kind(err)
	}
	for at, line := range n.Lines {
		item := &stripe.InvoiceItemParams{Params: params(ctx, n.Account, fmt.Sprintf("line-%s-%d", once, at)), Customer: stripe.String(n.Customer), Invoice: stripe.String(i.ID),
			Currency: stripe.String(n.Currency), Description: stripe.String(line.Text), Quantity: stripe.Int64(line.Quantity), UnitAmount: stripe.Int64(line.UnitMinor)}
		if _, err := d.api.InvoiceItems.New(item); err != nil {
			var refused Refused
			if err = kind(err); errors.As(err, &refused) {
				err = errors.Join(err, d.DiscardInvoice(ctx, n.Account, i.ID, once))
			}
			return "", err
		}
	}
	return i.ID, nil
}

// digest is a short name for what a call says: Stripe refuses a key that comes again with other words.
func digest(parts ...any) string {
	text, _ := json.Marshal(parts) // texts, numbers and lines of them always can be
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// SendInvoice makes a draft final and has Stripe mail it to its customer; one that is final is mailed once more. Asked again with
// the same once it is mailed no second time.
func (d *Door) SendInvoice(ctx context.Context, account, id, once string) error {
	_, err := d.api.Invoices.SendInvoice(id, &stripe.InvoiceSendInvoiceParams{Params: params(ctx, account, "send-"+id+"-"+once)})
	return kind(err)
}

// DiscardInvoice takes a draft away. It is no error when it is gone.
func (d *Door) DiscardInvoice(ctx context.Context, account, id, once string) error {
	_, err := d.api.Invoices.Del(id, &stripe.InvoiceParams{Params: params(ctx, account, "discard-"+once)})
	if err = kind(err); errors.Is(err, ErrNotThere) {
		return nil
	}
	return err
}

// VoidInvoice takes back an open invoice, for good.
func (d *Door) VoidInvoice(ctx context.Context, account, id, once string) error {
	_, err := d.api.Invoices.VoidInvoice(id, &stripe.InvoiceVoidInvoiceParams{Params: params(ctx, account, "void-"+once)})
	return kind(err)
}

// PaidOutside says that an open invoice was paid past Stripe, for good.
func (d *Door) PaidOutside(ctx context.Context, account, id, once string) error {
	_, err := d.api.Invoices.Pay(id, &stripe.InvoicePayParams{Params: params(ctx, account, "outside-"+once), PaidOutOfBand: stripe.Bool(true)})
	return kind(err)
}
