package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// WaitingAfter is how long after its invitation a contact that has not joined needs attention.
const WaitingAfter = 7 * 24 * time.Hour

// TrendDays is how many days the dashboard's trend shows, today included.
const TrendDays = 30

// Dashboard is what the dashboard shows of an account.
type Dashboard struct {
	Metric    MetricByAccountRow // ComputedAt is zero until the first count
	Days      []MetricDayListRow // days without a row had neither
	Joins     []ContactNewestJoinsRow
	Attention []ContactAttentionRow
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
	return d, b.send(ctx, db)
}

// ContactPage is everything the page of one contact shows.
type ContactPage struct {
	Contact     ContactByIDRow
	Invitations []InvitationListOfContactRow
	Mails       []MailListOfContactRow
	Links       []MagicLinkListOfContactRow
	Sessions    []SessionListOfContactRow
}

// LoadContactPage reads the page of a contact in one round trip; ErrNotFound without such a contact in the account.
func LoadContactPage(ctx context.Context, db DB, account, id uuid.UUID) (p ContactPage, err error) {
	var b batch
	one(&b, &p.Contact, func(q *Queries) (ContactByIDRow, error) {
		return q.ContactByID(ctx, ContactByIDParams{AccountID: account, ID: id})
	})
	many(&b, &p.Invitations, func(q *Queries) ([]InvitationListOfContactRow, error) {
		return q.InvitationListOfContact(ctx, InvitationListOfContactParams{AccountID: account, ContactID: id})
	})
	many(&b, &p.Mails, func(q *Queries) ([]MailListOfContactRow, error) {
		return q.MailListOfContact(ctx, MailListOfContactParams{AccountID: account, ContactID: &id})
	})
	many(&b, &p.Links, func(q *Queries) ([]MagicLinkListOfContactRow, error) {
		return q.MagicLinkListOfContact(ctx, MagicLinkListOfContactParams{AccountID: account, ContactID: id})
	})
	many(&b, &p.Sessions, func(q *Queries) ([]SessionListOfContactRow, error) {
		return q.SessionListOfContact(ctx, SessionListOfContactParams{AccountID: account, ContactID: id})
	})
	return p, b.send(ctx, db)
}
