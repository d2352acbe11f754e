package queries

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// GraceDaysMost is the most days that access lasts after a charge of a subscription failed.
const GraceDaysMost = 60

// ParseGraceDays takes the days of grace as somebody typed them; 0 is none.
func ParseGraceDays(typed string) (int, error) {
	days, err := strconv.ParseUint(strings.TrimSpace(typed), 10, 16)
	if err != nil || days > GraceDaysMost {
		return 0, Invalid{"grace_days", "Enter a whole number from 0 to 60, such as 7."}
	}
	return int(days), nil
}

// StripeEventKeep is how long events are kept after they were looked at: three times as long as Stripe still has them, so that one that is
// sent or found again is known.
const StripeEventKeep = 90 * 24 * time.Hour

// StripePage is what the page about Stripe shows of an account.
type StripePage struct {
	Settings  StripeSettingsRow
	Figures   StripeEventFiguresRow
	Newest    StripeEventNewestRow     // its id is empty when there is none
	Done      StripeEventNewestDoneRow // its type is empty when there is none
	Unsettled []StripeEventUnsettledRow
	Walks     []StripeReconciliationListRow
}

// LoadStripePage reads it in one round trip, with at most so many events that wait or have failed. Events of nothing of ours are
// counted since a time.
func LoadStripePage(ctx context.Context, db DB, account uuid.UUID, since time.Time, most int32) (p StripePage, err error) {
	var b batch
	one(&b, &p.Settings, func(q *Queries) (StripeSettingsRow, error) { return q.StripeSettings(ctx, account) })
	one(&b, &p.Figures, func(q *Queries) (StripeEventFiguresRow, error) {
		return q.StripeEventFigures(ctx, StripeEventFiguresParams{AccountID: account, Since: since})
	})
	optional(&b, &p.Newest, func(q *Queries) (StripeEventNewestRow, error) { return q.StripeEventNewest(ctx, account) })
	optional(&b, &p.Done, func(q *Queries) (StripeEventNewestDoneRow, error) { return q.StripeEventNewestDone(ctx, account) })
	many(&b, &p.Unsettled, func(q *Queries) ([]StripeEventUnsettledRow, error) {
		return q.StripeEventUnsettled(ctx, StripeEventUnsettledParams{AccountID: account, PageSize: most})
	})
	many(&b, &p.Walks, func(q *Queries) ([]StripeReconciliationListRow, error) {
		return q.StripeReconciliationList(ctx, account)
	})
	return p, b.send(ctx, db)
}

// checkoutLives is how long Stripe keeps the page of a checkout open.
const checkoutLives = 24 * time.Hour

// UnderWay is what still goes on at the Stripe account an account sells through, and would be lost from sight if it sold elsewhere.
type UnderWay struct{ Subscriptions, Invoices, Checkouts int }

func (u UnderWay) Error() string { return "something of it still goes on at the Stripe account before" }

// Any says whether there is anything.
func (u UnderWay) Any() bool { return u != UnderWay{} }

// GoesOn says what of an account's goes on where it sells.
func GoesOn(ctx context.Context, q *Queries, account uuid.UUID, now time.Time) (UnderWay, error) {
	row, err := q.StripeUnderWay(ctx, StripeUnderWayParams{AccountID: account, Since: now.Add(-checkoutLives)})
	return UnderWay{int(row.Subscriptions), int(row.Invoices), int(row.Checkouts)}, err
}

// SellThrough has an account sell through another Stripe account from now on, empty for the installation's own, and forgets one
// that was being set up. It answers the prices that are to be made there. UnderWay while anything goes on at the one before: it
// would be charged no more from here. What was sold there stays known to be there, so that money that goes back of it is heard of, and
// goes back there. The settings must be locked by the transaction.
func SellThrough(ctx context.Context, q *Queries, account uuid.UUID, stripe string, now time.Time) (prices []uuid.UUID, err error) {
	goesOn, err := GoesOn(ctx, q, account, now)
	switch {
	case err != nil:
		return nil, err
	case goesOn.Any():
		return nil, goesOn
	}
	was, err := q.AccountOfStripe(ctx, account)
	if err != nil {
		return nil, err
	}
	err = errors.Join(q.StripeStaysCheckouts(ctx, StripeStaysCheckoutsParams{AccountID: account, StripeAccount: was}), q.StripeStaysOrders(ctx, StripeStaysOrdersParams{AccountID: account, StripeAccount: was}),
		q.StripeStaysInvoices(ctx, StripeStaysInvoicesParams{AccountID: account, StripeAccount: was}), q.StripeSetAccounts(ctx, StripeSetAccountsParams{ID: account, StripeAccount: stripe, Now: now}),
		q.StripeForgetPrices(ctx, account), q.StripeForgetCustomers(ctx, account))
	if err != nil {
		return nil, err
	}
	return q.StripePricesToMake(ctx, account)
}

// LoadStripeRange reads the newest events of some days and how many there are, in one round trip.
func LoadStripeRange(ctx context.Context, db DB, asked StripeEventRangeParams) (rows []StripeEventRangeRow, count int64, err error) {
	var b batch
	many(&b, &rows, func(q *Queries) ([]StripeEventRangeRow, error) { return q.StripeEventRange(ctx, asked) })
	one(&b, &count, func(q *Queries) (int64, error) {
		return q.StripeEventRangeCount(ctx, StripeEventRangeCountParams{AccountID: asked.AccountID, Since: asked.Since, Until: asked.Until})
	})
	return rows, count, b.send(ctx, db)
}
