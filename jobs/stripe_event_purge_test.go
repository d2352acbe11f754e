package jobs

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// Events that were looked at long ago go, in portions, and none that anybody still needs: the pages about Stripe tell the same before
// and after, and a deleted invoice stays known as that.
func TestStripeEventsArePurged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	other, quiet := o.newAccount("lumen", "Lumen"), o.newAccount("harbour", "Harbour")
	long := queries.StripeEventKeep + time.Hour
	put := func(id, kind string, state queries.StripeEventState, ago time.Duration, about *uuid.UUID) {
		then := o.now().Add(-ago)
		var done *time.Time
		if state == queries.StripeEventStateDone || state == queries.StripeEventStateIgnored {
			done = &then
		}
		o.exec("INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at, state, done_at, about_account_id) VALUES ('', $1, $2, 'in_' || $1, $3, $3, $4, $5, $6)",
			id, kind, then, state, done, about)
	}
	const isDone, isIgnored, waits, failed = queries.StripeEventStateDone, queries.StripeEventStateIgnored, queries.StripeEventStateWaiting, queries.StripeEventStateFailed
	put("evt_done", "invoice.paid", isDone, long, &o.account)
	put("evt_ignored", "invoice.paid", isIgnored, long, &o.account)
	put("evt_nobodys", "invoice.paid", isDone, long, nil)
	put("evt_other_before", "invoice.paid", isDone, long+2*time.Hour, &other)
	put("evt_quiet_before", "invoice.paid", isIgnored, long+time.Hour, &quiet)
	o.exec(`INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at, state, done_at, about_account_id)
		SELECT '', 'evt_' || n, 'invoice.paid', 'in_1', $1, $1, 'done', $1, $2 FROM generate_series(1, $3::int) n`, o.now().Add(-long-time.Hour), o.account, 2*sweepPortion)
	stays := []string{"evt_deleted", "evt_failed", "evt_new", "evt_other_done", "evt_other_newest", "evt_quiet_newest", "evt_waiting", "evt_worked"}
	put("evt_waiting", "invoice.paid", waits, long, &o.account)
	put("evt_failed", "invoice.paid", failed, long, &o.account)
	put("evt_deleted", "invoice.deleted", isDone, 4*long, &o.account)
	put("evt_new", "invoice.paid", isDone, queries.StripeEventKeep-time.Hour, &o.account)
	put("evt_worked", "invoice.paid", isDone, long, &o.account) // it happened then, and was looked at again since
	o.exec("UPDATE stripe_event SET done_at = $1 WHERE id = 'evt_worked'", o.now().Add(-time.Hour))
	put("evt_other_done", "invoice.paid", isDone, long+time.Hour, &other)
	put("evt_other_newest", "charge.updated", isIgnored, long, &other)
	put("evt_quiet_newest", "charge.updated", isIgnored, long, &quiet)

	pages := func() (pages []queries.StripePage) {
		for _, account := range []uuid.UUID{o.account, other, quiet} {
			page, err := queries.LoadStripePage(t.Context(), o.pool, account, o.now().AddDate(0, 0, -30), 20)
			check(t, err)
			pages = append(pages, page)
		}
		return pages
	}
	before := pages()
	check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), nil))
	if got := strings.Fields(read[string](o, "SELECT string_agg(id, ' ' ORDER BY id) FROM stripe_event")); !slices.Equal(got, stays) {
		t.Errorf("there are left %q, want %q", got[:min(len(got), 30)], stays)
	}
	if after := pages(); !reflect.DeepEqual(before, after) {
		t.Errorf("the pages told %+v, and now %+v", before, after)
	}
	reported, err := o.q.InvoiceReportedDeleted(t.Context(), queries.InvoiceReportedDeletedParams{ObjectID: "in_evt_deleted"})
	if check(t, err); !reported {
		t.Error("the invoice is not known as deleted any more")
	}
}

// Staff have an old event looked at again at the moment it would go: it waits for that.
func TestStripeEventStaysThatIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec(`INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at, state, done_at, about_account_id)
		SELECT '', 'evt_' || n, 'invoice.paid', 'in_1', t, t, 'done', t, $1 FROM generate_series(1, 3) n, LATERAL (SELECT $2::timestamptz + n * interval '1 minute') s (t)`,
		o.account, o.now().Add(-queries.StripeEventKeep-time.Hour))
	o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		_, err := q.StripeEventReplay(ctx, queries.StripeEventReplayParams{AccountID: o.account, ID: "evt_1"})
		check(t, err)
		return (&purgeWorker{db: o.pool, c: o.config}).Work(ctx, nil)
	})
	if got := read[string](o, "SELECT string_agg(id || ' ' || state, ', ' ORDER BY id) FROM stripe_event"); got != "evt_1 waiting, evt_3 done" {
		t.Errorf("there are left %s", got)
	}
}
