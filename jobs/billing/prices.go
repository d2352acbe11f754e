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
	Title         string
	AmountMinor   int64
	Currency      string // ISO 4217, lower case
	Interval      string // week, month or year; empty: a single payment
}

// MakePrice makes a price at Stripe, and the product it is of where that is new; asked again with the same ids it answers the
// same ones. A price there is never changed: what costs something else is another price.
func (d *Door) MakePrice(ctx context.Context, n NewPrice) (product, price string, err error) {
	meta := map[string]string{metaAccount: n.AccountID.String()}
	made := &stripe.ProductParams{Params: params(ctx, n.Account, ""), Name: stripe.String(n.Title)}
	made.Metadata = meta
	p, err := once("product-"+n.ID.String(), nil, func(key string) (*stripe.Product, error) {
		made.SetIdempotencyKey(key)
		return d.api.Products.New(made)
	})
	if err != nil {
		return "", "", err
	}
	asked := &stripe.PriceParams{Params: params(ctx, n.Account, ""), Product: stripe.String(p.ID),
		Currency: stripe.String(n.Currency), UnitAmount: stripe.Int64(n.AmountMinor)}
	asked.Metadata = meta
	if n.Interval != "" {
		asked.Recurring = &stripe.PriceRecurringParams{Interval: stripe.String(n.Interval)}
	}
	answer, err := once("price-"+n.ID.String(), nil, func(key string) (*stripe.Price, error) {
		asked.SetIdempotencyKey(key)
		return d.api.Prices.New(asked)
	})
	if err != nil {
		return "", "", err
	}
	return p.ID, answer.ID, nil
}
