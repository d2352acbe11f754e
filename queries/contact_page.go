package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// ContactPage is everything the page of one contact shows.
type ContactPage struct {
	Contact     ContactDetailsRow
	Timeline    []ContactTimelineRow // one more than a page when there is more
	Invitations []InvitationListOfContactRow
	Links       []MagicLinkListOfContactRow
	Sessions    []SessionListOfContactRow
	Tags        []string // all the account knows
	Apps        []AccountAppChoicesRow
	Merges      []ContactMergeListRow
	Grants      []GrantListOfContactRow
	Progress    []ProgressOfContactRow

	Invoices      []InvoiceNewestRow // the newest SalesShown of each, and one more where there are more
	Subscriptions []SubscriptionNewestRow
	Orders        []OrderNewestRow

	InTheWay []ContactInTheWayRow // of deleting them
}

// SalesShown is how many invoices, subscriptions and orders stand on a contact's page.
const SalesShown = 5

// TimelineAsked is one page of what happened with a contact.
type TimelineAsked struct {
	Before ContactTimelineRow // the last event of the page before; its time, id and kind count. The zero value: from the newest
	Size   int32
}

// toldByRows are the actions of the audit log that a contact's other rows tell better.
var toldByRows = []string{"contact.create", "contact.invite", "contact.visit", "contact.magic_link", "contact.enrol", "contact.unenrol"}

// LoadContactPage reads the page of a contact in one round trip; ErrNotFound without such a contact in the account.
func LoadContactPage(ctx context.Context, db DB, account, id uuid.UUID, t TimelineAsked, now time.Time) (p ContactPage, err error) {
	var b batch
	one(&b, &p.Contact, func(q *Queries) (ContactDetailsRow, error) {
		return q.ContactDetails(ctx, ContactDetailsParams{AccountID: account, ID: id})
	})
	t.load(ctx, &b, &p.Timeline, account, id, now)
	many(&b, &p.Invitations, func(q *Queries) ([]InvitationListOfContactRow, error) {
		return q.InvitationListOfContact(ctx, InvitationListOfContactParams{AccountID: account, ContactID: id})
	})
	many(&b, &p.Links, func(q *Queries) ([]MagicLinkListOfContactRow, error) {
		return q.MagicLinkListOfContact(ctx, MagicLinkListOfContactParams{AccountID: account, ContactID: id})
	})
	many(&b, &p.Sessions, func(q *Queries) ([]SessionListOfContactRow, error) {
		return q.SessionListOfContact(ctx, SessionListOfContactParams{AccountID: account, ContactID: id})
	})
	values(&b, &p.Tags, func(q *Queries) ([]string, error) { return q.TagNames(ctx, account) })
	many(&b, &p.Apps, func(q *Queries) ([]AccountAppChoicesRow, error) { return q.AccountAppChoices(ctx, account) })
	many(&b, &p.Merges, func(q *Queries) ([]ContactMergeListRow, error) {
		return q.ContactMergeList(ctx, ContactMergeListParams{AccountID: account, KeptID: id})
	})
	many(&b, &p.Grants, func(q *Queries) ([]GrantListOfContactRow, error) {
		return q.GrantListOfContact(ctx, GrantListOfContactParams{AccountID: account, ContactID: id, Now: now})
	})
	many(&b, &p.Progress, func(q *Queries) ([]ProgressOfContactRow, error) {
		return q.ProgressOfContact(ctx, ProgressOfContactParams{AccountID: account, ContactID: id, Now: now})
	})
	many(&b, &p.Invoices, func(q *Queries) ([]InvoiceNewestRow, error) {
		return q.InvoiceNewest(ctx, InvoiceNewestParams{AccountID: account, ContactID: id})
	})
	many(&b, &p.Subscriptions, func(q *Queries) ([]SubscriptionNewestRow, error) {
		return q.SubscriptionNewest(ctx, SubscriptionNewestParams{AccountID: account, ContactID: id})
	})
	many(&b, &p.Orders, func(q *Queries) ([]OrderNewestRow, error) {
		return q.OrderNewest(ctx, OrderNewestParams{AccountID: account, ContactID: id})
	})
	many(&b, &p.InTheWay, func(q *Queries) ([]ContactInTheWayRow, error) {
		return q.ContactInTheWay(ctx, ContactInTheWayParams{AccountID: account, ContactID: id})
	})
	return p, b.send(ctx, db)
}

func (t TimelineAsked) load(ctx context.Context, b *batch, into *[]ContactTimelineRow, account, id uuid.UUID, now time.Time) {
	if t.Before.At.IsZero() {
		t.Before = ContactTimelineRow{At: now.AddDate(1, 0, 0), ID: LastID} // after whatever another program's clock wrote
	}
	many(b, into, func(q *Queries) ([]ContactTimelineRow, error) {
		return q.ContactTimeline(ctx, ContactTimelineParams{AccountID: account, ContactID: id, BeforeAt: t.Before.At, BeforeID: t.Before.ID,
			BeforeKind: t.Before.Kind, PageSize: t.Size + 1, Told: toldByRows})
	})
}
