package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

const (
	// PlaceHeld is how long somebody who goes to pay has a place of an offer that only so many can take: Stripe keeps a page for
	// paying open for at least half an hour, and a clock may be wrong by a little.
	PlaceHeld = 35 * time.Minute
	// placeUnanswered is how long a place is held for whom Stripe has not yet answered where they can pay.
	placeUnanswered = 2 * time.Minute
)

// ErrOfferHeld says that all places left of an offer are held by others, who are about to pay.
var ErrOfferHeld = errors.New("the last places of the offer are being paid for")

// Going is somebody who goes to pay for an offer.
type Going struct {
	CheckoutInsertParams
	Zone *time.Location // of the account
}

// HoldPlace writes down that somebody goes to pay, and so holds a place for them where an offer has only so many. The offer is locked
// meanwhile: of two who want the last place one has it, and those who have paid and those who are about to are never more than may.
// ErrOfferHeld when none is left but may come free, else what OfferProblem says.
func HoldPlace(ctx context.Context, q *Queries, g Going) error {
	offer, err := q.OfferLock(ctx, OfferLockParams{AccountID: g.AccountID, ID: g.OfferID})
	if err != nil {
		return Kind(err)
	}
	contact := uuid.Nil
	if g.ContactID != nil {
		contact = *g.ContactID
	}
	taken, err := q.OfferTaken(ctx, OfferTakenParams{AccountID: g.AccountID, OfferID: g.OfferID, ContactID: contact})
	if err != nil {
		return err
	}
	held, err := q.OfferHeld(ctx, OfferHeldParams{AccountID: g.AccountID, OfferID: g.OfferID, AnsweredAfter: g.Now.Add(-placeUnanswered)})
	if err != nil {
		return err
	}
	most := offer.Most
	if taken.Own { // who took it once and buys it again takes no place from anybody
		most = nil
	}
	if err := OfferProblem(offer.SwitchedOn, offer.Until, most, taken.Others, g.Now, g.Zone); err != nil {
		return err
	}
	if most != nil && taken.Others+held >= int64(*most) {
		return ErrOfferHeld
	}
	return q.CheckoutInsert(ctx, g.CheckoutInsertParams)
}
