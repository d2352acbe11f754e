package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// ErrNoOwner says that what Stripe shows belongs to nobody known here yet: the checkout that brings them is still to come.
var ErrNoOwner = errors.New("its customer is not known yet")

// MirroredSubscription is a subscription as Stripe shows it.
type MirroredSubscription struct {
	AccountID    uuid.UUID
	StripeID     string
	Customer     string // Stripe's id
	Title        string // of the product; an offer's title wins over it
	Price        string // Stripe's id; empty when it is charged by several
	Given        bool   // its trial is days that were given after it had begun
	NextMinor    *int64 // what the next charge will come to; nil: none is to come
	OffMinor     int64  // what a discount takes off each charge
	OffUntil     *time.Time
	State        SubscriptionState
	AmountMinor  int64
	Currency     string
	Charged      PriceInterval
	Every        int
	Card         string
	Started      time.Time
	PeriodEnds   time.Time
	TrialEnds    *time.Time
	CancelsAt    *time.Time
	PastDueSince *time.Time
	Ended        *time.Time

	CollectionPaused bool // its charges are left out

	Now time.Time
}

// Lasts is until when what the subscription gives may be used, as far as it is known: nil as long as it goes on. gone says that
// it gives nothing any more, for good. After a charge that failed, access lasts so many days of grace; after a trial without a way to pay
// (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses, paused) none, until it is resumed.
func (m MirroredSubscription) Lasts(graceDays int) (until *time.Time, gone bool) {
	switch m.State {
	case SubscriptionStateCanceled, SubscriptionStateIncompleteExpired:
		return nil, true
	case SubscriptionStatePastDue, SubscriptionStateUnpaid:
		since := m.PeriodEnds
		if m.PastDueSince != nil {
			since = *m.PastDueSince
		}
		end := since.AddDate(0, 0, graceDays)
		if m.CancelsAt != nil && m.CancelsAt.Before(end) {
			end = *m.CancelsAt
		}
		return &end, false
	case SubscriptionStatePaused: // not its charges, which is collection_paused: its trial is over, and nothing was ever paid
		end := m.PeriodEnds
		if m.TrialEnds != nil {
			end = *m.TrialEnds
		}
		if !m.Now.IsZero() && end.After(m.Now) {
			end = m.Now
		}
		return &end, false
	}
	return m.CancelsAt, false
}

// MirrorSubscription writes how a subscription is at Stripe, and what that means for the grants it gives, and for them alone: they
// follow what is paid for. It answers the grants that are new, which come with another plan. ErrNoOwner while its customer is
// nobody's here.
func MirrorSubscription(ctx context.Context, q *Queries, m MirroredSubscription) (grants []uuid.UUID, err error) {
	owner, err := q.SubscriptionOwner(ctx, SubscriptionOwnerParams{AccountID: m.AccountID, Customer: m.Customer, StripeID: m.StripeID, Price: m.Price})
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return nil, ErrNoOwner
	} else if err != nil {
		return nil, err
	}
	row := SubscriptionUpsertParams{AccountID: m.AccountID, ID: NewID(), ContactID: owner.ContactID, OrderID: owner.OrderID, StripeID: m.StripeID, Title: m.Title, State: m.State,
		AmountMinor: m.AmountMinor, Currency: m.Currency, Charged: m.Charged, Every: int32(m.Every), Card: m.Card, StartedAt: m.Started, PeriodEndsAt: m.PeriodEnds,
		TrialEndsAt: m.TrialEnds, CancelsAt: m.CancelsAt, PastDueSince: m.PastDueSince, EndedAt: m.Ended, CollectionPaused: m.CollectionPaused, PriceID: owner.PriceID, Given: m.Given,
		NextMinor: m.NextMinor, OffMinor: m.OffMinor, OffUntil: m.OffUntil, Now: m.Now}
	if owner.Title != "" {
		row.Title = owner.Title
	}
	until, gone := m.Lasts(int(owner.GraceDays))
	changes := owner.OfferID != nil && *owner.OfferID != owner.WasOfferID && !gone
	if changes && until != nil && !until.After(m.Now) { // the grace is over: another plan counts once it is paid for
		row.PriceID, changes = owner.WasPriceID, false
	}
	if _, err := q.SubscriptionUpsert(ctx, row); err != nil || row.OrderID == nil {
		return nil, err
	}
	if gone {
		ended := Ending{Because: GrantEndCancelled, Now: m.Now}
		if m.Ended != nil && m.Ended.Before(m.Now) {
			ended.Now = *m.Ended
		}
		_, err := CloseSource(ctx, q, m.AccountID, GrantSourceSubscription, *owner.OrderID, ended)
		return nil, err
	}
	if changes {
		if grants, err = m.changePlan(ctx, q, owner, until); err != nil {
			return nil, err
		}
	}
	_, err = q.GrantMoveEnd(ctx, GrantMoveEndParams{AccountID: m.AccountID, SourceID: *owner.OrderID, EndsAt: until})
	return grants, err
}

// changePlan ends what the plan before gave and this one does not, and gives what only this one gives.
func (m MirroredSubscription) changePlan(ctx context.Context, q *Queries, owner SubscriptionOwnerRow, until *time.Time) (grants []uuid.UUID, err error) {
	courses, err := q.OrderCourses(ctx, OrderCoursesParams{AccountID: m.AccountID, OfferID: *owner.OfferID})
	if err != nil {
		return nil, err
	}
	if courses == nil {
		courses = []uuid.UUID{} // a null array would close nothing
	}
	if _, err := q.GrantCloseOfPlan(ctx, GrantCloseOfPlanParams{AccountID: m.AccountID, SourceID: *owner.OrderID, Courses: courses, Now: m.Now}); err != nil {
		return nil, err
	}
	for _, course := range courses {
		id := NewID()
		added, err := q.GrantGiveOfPlan(ctx, GrantGiveOfPlanParams{AccountID: m.AccountID, ID: id, ContactID: owner.ContactID, CourseID: course, SourceID: *owner.OrderID, OriginID: *owner.OfferID,
			EndsAt: until, Now: m.Now})
		if err != nil {
			return nil, err
		}
		if added > 0 {
			grants = append(grants, id)
		}
	}
	return grants, nil
}
