package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// WaitingAfter is how long after its invitation a contact that has not joined needs attention.
const WaitingAfter = 7 * 24 * time.Hour

// TrendDays is how many days the dashboard's trend shows unless another of TrendChoices is asked for, today included.
const TrendDays = 30

// TrendChoices are how many days the trend can show.
var TrendChoices = []int{7, TrendDays, 90}

// givenUpFor is how long a mail that was given up needs attention.
const givenUpFor = 30 * 24 * time.Hour

// Dashboard is what the dashboard shows of an account.
type Dashboard struct {
	Metric    MetricByAccountRow // ComputedAt is zero until the first count
	Days      []MetricDayListRow // days without a row had nothing
	Joins     []ContactNewestJoinsRow
	Attention []ContactAttentionRow
	GivenUp   []MailListGivenUpRow
}

// LoadDashboard reads an account's dashboard in one round trip. The first day of the trend is given by the caller, who knows
// the account's time zone.
func LoadDashboard(ctx context.Context, db DB, account uuid.UUID, now, firstDay time.Time) (d Dashboard, err error) {
	var b batch
	optional(&b, &d.Metric, func(q *Queries) (MetricByAccountRow, error) { return q.MetricByAccount(ctx, account) })
	many(&b, &d.Days, func(q *Queries) ([]MetricDayListRow, error) {
		return q.MetricDayList(ctx, MetricDayListParams{AccountID: account, Since: firstDay})
	})
	many(&b, &d.Joins, func(q *Queries) ([]ContactNewestJoinsRow, error) {
		return q.ContactNewestJoins(ctx, ContactNewestJoinsParams{AccountID: account, PageSize: 5})
	})
	many(&b, &d.Attention, func(q *Queries) ([]ContactAttentionRow, error) {
		return q.ContactAttention(ctx, ContactAttentionParams{AccountID: account, PageSize: 5, InvitedBefore: now.Add(-WaitingAfter)})
	})
	many(&b, &d.GivenUp, func(q *Queries) ([]MailListGivenUpRow, error) {
		return q.MailListGivenUp(ctx, MailListGivenUpParams{AccountID: account, Since: now.Add(-givenUpFor), PageSize: 3})
	})
	return d, b.send(ctx, db)
}
