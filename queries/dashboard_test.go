package queries_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"atrium/queries"
	"atrium/queries/dbtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// lively fills an account with something for every part of both pages.
func (a *tenant) lively() {
	a.t.Helper()
	maya := a.staff("maya@acme.test")
	for i := range 8 {
		contact, at := a.contact(fmt.Sprintf("c%d@example.com", i)), noon.Add(time.Duration(i-30)*24*time.Hour)
		for range i % 3 {
			_, err := mails.Invite(a.t.Context(), a.q, queries.InvitationOf{AccountID: a.id, ContactID: contact, By: &maya, Now: at})
			check(a.t, err)
		}
		id, token := a.link(contact, noon.Add(time.Hour))
		check(a.t, queries.RememberFetch(a.t.Context(), a.q, a.id, id, "GET", a.signIn(at).Visit))
		switch {
		case i%4 == 1:
			_, _, err := a.confirm(token, a.signIn(at))
			check(a.t, err)
		case i == 6:
			a.bounce(contact, "c6@example.com")
		}
	}
	a.exec("UPDATE mail SET state = 'failed', changed_at = $2 FROM contact c WHERE c.account_id = mail.account_id AND c.id = mail.contact_id AND c.email = 'c7@example.com' AND mail.account_id = $1", a.id, noon)
	check(a.t, a.q.MetricCompute(a.t.Context(), queries.MetricComputeParams{AccountID: a.id, Now: noon}))
	check(a.t, a.q.MetricComputeDays(a.t.Context(), queries.MetricComputeDaysParams{AccountID: a.id, TimeZone: "UTC", Since: noon.AddDate(0, 0, -40)}))
}

// inMode is a pool on the test's database that speaks to it in another way, as behind a pooler.
func inMode(t *testing.T, mode pgx.QueryExecMode) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dbtest.URL(t))
	check(t, err)
	config.ConnConfig.DefaultQueryExecMode = mode
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	check(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// The ways to ask that the program uses: without and with DATABASE_POOLER=transaction.
var modes = []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe}

func TestLoadDashboardIsItsQueries(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.another("lumen").lively()
	a.lively()
	ctx, since := t.Context(), noon.AddDate(0, 0, 1-queries.TrendDays)
	metric, err := a.q.MetricByAccount(ctx, a.id)
	check(t, err)
	days, err := a.q.MetricDayList(ctx, queries.MetricDayListParams{AccountID: a.id, Since: since})
	check(t, err)
	joins, err := a.q.ContactNewestJoins(ctx, queries.ContactNewestJoinsParams{AccountID: a.id, PageSize: 5})
	check(t, err)
	attention, err := a.q.ContactAttention(ctx, queries.ContactAttentionParams{AccountID: a.id, PageSize: 5, InvitedBefore: noon.Add(-queries.WaitingAfter)})
	check(t, err)
	givenUp, err := a.q.MailListGivenUp(ctx, queries.MailListGivenUpParams{AccountID: a.id, Since: noon.AddDate(0, 0, -30), PageSize: 3})
	check(t, err)
	if metric.Contacts != 8 || metric.Joined != 2 || metric.Bounced != 1 || len(days) < 3 || len(joins) != 2 || len(attention) < 3 || len(givenUp) != 1 || attention[0].BouncedAt == nil {
		t.Fatalf("too little to compare: %+v, %d days, %d joins, attention %+v", metric, len(days), len(joins), attention)
	}
	for _, mode := range modes {
		got, err := queries.LoadDashboard(ctx, inMode(t, mode), a.id, noon, since)
		check(t, err)
		if want := (queries.Dashboard{Metric: metric, Days: days, Joins: joins, Attention: attention, GivenUp: givenUp}); !reflect.DeepEqual(got, want) {
			t.Errorf("%v: got\n%+v, want\n%+v", mode, got, want)
		}
	}
}

func TestLoadDashboardOfANewAccount(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.another("lumen").lively()
	for _, mode := range modes {
		d, err := queries.LoadDashboard(t.Context(), inMode(t, mode), a.id, noon, noon.AddDate(0, 0, -29))
		if err != nil || d.Metric != (queries.MetricByAccountRow{}) || len(d.Days)+len(d.Joins)+len(d.Attention) != 0 {
			t.Errorf("%v: %+v, %v", mode, d, err)
		}
	}
}

func TestLoadContactPageIsItsQueries(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	lumen.lively()
	a.lively()
	var compared struct{ invitations, events, links, sessions int }
	found, err := queries.LoadContacts(t.Context(), a.pool, queries.ContactsAsked{AccountID: a.id, Size: 50})
	check(t, err)
	for _, row := range found.Rows {
		want, err := singly(t.Context(), a, row)
		check(t, err)
		compared.invitations += len(want.Invitations)
		compared.events += len(want.Timeline)
		compared.links += len(want.Links)
		compared.sessions += len(want.Sessions)
		for _, mode := range modes {
			pool := inMode(t, mode)
			got, err := queries.LoadContactPage(t.Context(), pool, a.id, row.ID, queries.TimelineAsked{Size: 50}, noon)
			if err != nil || !reflect.DeepEqual(filled(got), filled(want)) {
				t.Errorf("%v: got\n%+v, %v, want\n%+v", mode, got, err, want)
			}
			if _, err := queries.LoadContactPage(t.Context(), pool, lumen.id, row.ID, queries.TimelineAsked{Size: 50}, noon); err != queries.ErrNotFound { //nolint:errorlint // itself, and unwrapped
				t.Errorf("%v: of another account: %v", mode, err)
			}
		}
	}
	if compared.invitations == 0 || compared.events < 5 || compared.links == 0 || compared.sessions == 0 {
		t.Errorf("too little to compare: %+v", compared)
	}
}

func singly(ctx context.Context, a *tenant, row queries.ContactListRow) (p queries.ContactPage, err error) {
	for _, ask := range []func() error{
		func() (err error) {
			p.Contact, err = a.q.ContactDetails(ctx, queries.ContactDetailsParams{AccountID: a.id, ID: row.ID})
			return err
		},
		func() (err error) {
			p.Invitations, err = a.q.InvitationListOfContact(ctx, queries.InvitationListOfContactParams{AccountID: a.id, ContactID: row.ID})
			return err
		},
		func() (err error) {
			p.Timeline, err = a.q.ContactTimeline(ctx, queries.ContactTimelineParams{AccountID: a.id, ContactID: row.ID, BeforeAt: noon.AddDate(1, 0, 0),
				BeforeID: queries.LastID, PageSize: 51})
			return err
		},
		func() (err error) {
			p.Links, err = a.q.MagicLinkListOfContact(ctx, queries.MagicLinkListOfContactParams{AccountID: a.id, ContactID: row.ID})
			return err
		},
		func() (err error) {
			p.Sessions, err = a.q.SessionListOfContact(ctx, queries.SessionListOfContactParams{AccountID: a.id, ContactID: row.ID})
			return err
		},
	} {
		if err := ask(); err != nil {
			return p, err
		}
	}
	return p, nil
}

// filled has no list that is nil: a batch makes empty ones.
func filled(p queries.ContactPage) queries.ContactPage {
	p.Invitations = append([]queries.InvitationListOfContactRow{}, p.Invitations...)
	p.Timeline = append([]queries.ContactTimelineRow{}, p.Timeline...)
	p.Links = append([]queries.MagicLinkListOfContactRow{}, p.Links...)
	p.Sessions = append([]queries.SessionListOfContactRow{}, p.Sessions...)
	p.Tags = append([]string{}, p.Tags...)
	p.Apps = append([]queries.AccountAppChoicesRow{}, p.Apps...)
	p.Merges = append([]queries.ContactMergeListRow{}, p.Merges...)
	p.Grants = append([]queries.GrantListOfContactRow{}, p.Grants...)
	p.Invoices = append([]queries.InvoiceNewestRow{}, p.Invoices...)
	p.Subscriptions = append([]queries.SubscriptionNewestRow{}, p.Subscriptions...)
	p.Orders = append([]queries.OrderNewestRow{}, p.Orders...)
	p.Progress = append([]queries.ProgressOfContactRow{}, p.Progress...)
	p.InTheWay = append([]queries.ContactInTheWayRow{}, p.InTheWay...)
	return p
}
