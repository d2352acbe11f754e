package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// NewPrice is what something is to cost.
type NewPrice struct {
	Account       string // the connected account; empty: the installation's own
	AccountID, ID uuid.UUID
	Product       string // what it is a price of, as Stripe calls it; empty: that is new, and made with it
	Title         string // of what is made
	AmountMinor   int64
	Currency      string // ISO 4217, lower case
	Interval      string // week, month or year; empty: a single payment
	Instead       string // Stripe's id of one that was archived there, in whose place it is made; empty: it is the first
}

// MakePrice makes a price at Stripe, and the product it is of where that is new; asked again with the same ids it answers the
// same ones. A price there is never changed: what costs something else is another price.
func (d *Door) MakePrice(ctx context.Context, n NewPrice) (product, price string, err error) {
	product = n.Product
	if product == "" {
		if product, err = d.makeProduct(ctx, n); err != nil {
			return "", "", err
		}
	}
	asked := &stripe.PriceParams{Params: params(ctx, n.Account, ""), Product: stripe.String(product),
		Currency: stripe.String(n.Currency), UnitAmount: stripe.Int64(n.AmountMinor)}
	asked.Metadata = map[string]string{metaAccount: n.AccountID.String()}
	if n.Interval != "" {
		asked.Recurring = &stripe.PriceRecurringParams{Interval: stripe.String(n.Interval)}
	}
	answer, err := once("price-"+n.key(), nil, func(key string) (*stripe.Price, error) {
		asked.SetIdempotencyKey(key)
		return d.api.Prices.New(asked)
	})
	if err != nil {
		return "", "", err
	}
	return product, answer.ID, nil
}

// key tells what is made in place of another from what was made first, which Stripe would answer for a day.
func (n NewPrice) key() string {
	if n.Instead == "" {
		return n.ID.String()
	}
	return n.ID.String() + "-after-" + n.Instead
}

func (d *Door) makeProduct(ctx context.Context, n NewPrice) (id string, err error) {
	asked := &stripe.ProductParams{Params: params(ctx, n.Account, ""), Name: stripe.String(n.Title)}
	asked.Metadata = map[string]string{metaAccount: n.AccountID.String()}
	p, err := once("product-"+n.key(), nil, func(key string) (*stripe.Product, error) {
		asked.SetIdempotencyKey(key)
		return d.api.Products.New(asked)
	})
	if err != nil {
		return "", err
	}
	return p.ID, nil
}

// NameProduct has Stripe call a product what it is called here, on its page for paying and on invoices from then on; key is that of
// this change.
func (d *Door) NameProduct(ctx context.Context, account, product, title, key string) error {
	p := &stripe.ProductParams{Params: params(ctx, account, ""), Name: stripe.String(title)}
	_, err := once(key, nil, func(key string) (*stripe.Product, error) {
		p.SetIdempotencyKey(key)
		return d.api.Products.Update(product, p)
	})
	return err
}
