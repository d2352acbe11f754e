package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Price is what an offer is to cost.
type Price struct {
	AmountMinor int64         `json:"amount_minor"`
	Currency    string        `json:"currency"` // ISO 4217, lower case
	Charged     PriceInterval `json:"charged"`
	TrialDays   int           `json:"trial_days"` // 0: none; only of what is charged again and again
}

// SetPrice makes a price the one an offer is sold for, or with nil makes the offer free. It returns the id of the price that is
// to be made at Stripe; nil when nothing changed or nothing is sold. Whoever bought at the price before goes on with that one.
func SetPrice(ctx context.Context, q *Queries, account, offer uuid.UUID, p *Price, now time.Time) (*uuid.UUID, error) {
	current, err := q.OfferPriceCurrent(ctx, OfferPriceCurrentParams{AccountID: account, OfferID: offer})
	if err = Kind(err); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	stands := err == nil
	if p != nil && stands && *p == (Price{current.AmountMinor, current.Currency, current.Charged, int(current.TrialDays)}) || p == nil && !stands {
		return nil, nil
	}
	if _, err := q.OfferPriceReplace(ctx, OfferPriceReplaceParams{AccountID: account, OfferID: offer, Now: now}); err != nil || p == nil {
		return nil, err
	}
	id := NewID()
	return &id, q.OfferPriceInsert(ctx, OfferPriceInsertParams{AccountID: account, ID: id, OfferID: offer, AmountMinor: p.AmountMinor, Currency: p.Currency,
		Charged: p.Charged, TrialDays: int32(p.TrialDays), Now: now})
}
