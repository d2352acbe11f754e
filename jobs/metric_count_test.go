package jobs

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries"
	"atrium/queries/dbtest"
)

// join has a new contact sign in, which changes the figures, and asks for them to be counted in the same transaction.
func (o *office) join(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
	s := o.signIn()
	s.Method = queries.SignInMethodLink
	id, _, err := queries.AddContact(ctx, q, o.account, uuid.NewString()+"@example.com", "", queries.ContactSourceForm, o.now())
	if err != nil {
		return err
	}
	s.ContactID = id
	if _, err := queries.SignInClient(ctx, q, s); err != nil {
		return err
	}
	return o.queue.Metrics(ctx, tx, o.account)
}

// countAll works the counts that wait, one after the other.
func (h *hands) countAll() (counts int) {
	h.t.Helper()
	for ; ; counts++ {
		waiting := read[[]int64](h.office, "SELECT coalesce(array_agg(id), '{}') FROM river.river_job WHERE kind = 'metric_count' AND state = 'available'")
		if len(waiting) == 0 {
			return counts
		}
		if len(waiting) > 1 {
			h.t.Fatalf("%d counts of one account wait", len(waiting))
		}
		check(h.t, h.count(h.pool, waiting[0]))
	}
}

// counter is a worker whose clock stands still, so that a count takes no time, and the next one need not keep a distance.
func (h *hands) counter(db queries.DB) *metricCountWorker {
	c, stopped := h.config, h.now()
	c.Now = func() time.Time { return stopped }
	return &metricCountWorker{db: db, c: c}
}

func (h *hands) count(db queries.DB, id int64) error {
	return h.counter(db).Work(h.ctx, take(h, h.pool, id, metricCountArgs{h.account}))
}

// haltingly answers some statements of its transactions a little later, so that others come between.
type haltingly struct{ queries.DB }

func (d haltingly) Begin(ctx context.Context) (pgx.Tx, error) {
	tx, err := d.DB.Begin(ctx)
	if err != nil {
		return nil, err
	}
	halting := haltingTx{tx}
	halting.halt(ctx)
	return halting, nil
}

type haltingTx struct{ pgx.Tx }

func (tx haltingTx) halt(ctx context.Context) {
	if rand.IntN(3) == 0 {
		_, _ = tx.Tx.Exec(ctx, "SELECT pg_sleep(0.002)")
	}
}

func (tx haltingTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tx.halt(ctx)
	return tx.Tx.Exec(ctx, sql, args...)
}

func (tx haltingTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	tx.halt(ctx)
	return tx.Tx.Query(ctx, sql, args...)
}

func (tx haltingTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	tx.halt(ctx)
	return tx.Tx.QueryRow(ctx, sql, args...)
}

func (tx haltingTx) Commit(ctx context.Context) error {
	tx.halt(ctx)
	return tx.Tx.Commit(ctx)
}

// A change that commits while a count runs is counted, by that count or by one of its own: whatever comes between what. How
// often something does is the machine's affair; the orders that matter are brought about in TestChangeBetweenTheSteps.
func TestNoChangeIsLost(t *testing.T) {
	t.Parallel()
	h := newHands(t)
	join := func() error {
		return queries.InTx(t.Context(), haltingly{h.pool}, func(q *queries.Queries, tx pgx.Tx) error { return h.join(t.Context(), q, tx) })
	}
	for round := range 200 {
		check(t, join()) // so that there is a count to be run
		id := read[int64](h.office, "SELECT id FROM river.river_job WHERE kind = 'metric_count' AND state = 'available'")
		at := []func() error{func() error { return h.count(haltingly{h.pool}, id) }, join}
		if round%2 == 1 {
			at = append(at, join)
		}
		rand.Shuffle(len(at), func(i, k int) { at[i], at[k] = at[k], at[i] }) // the one started last tends to run first
		var atOnce sync.WaitGroup
		for _, do := range at {
			atOnce.Go(func() {
				if err := do(); err != nil {
					t.Error(err)
				}
			})
		}
		atOnce.Wait()
		h.countAll()
		if got, want := h.figures().Joined, read[int64](h.office, "SELECT count(joined_at) FROM contact"); got != want {
			t.Fatalf("round %d: %d have joined, and the figures say %d", round, want, got)
		}
	}
}

// The two orders that matter, step by step.
func TestChangeBetweenTheSteps(t *testing.T) {
	t.Parallel()
	for name, changeFirst := range map[string]bool{"the change asks first": true, "the count is done first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHands(t)
			h.tx(h.join)
			id := read[int64](h.office, "SELECT id FROM river.river_job WHERE kind = 'metric_count'")
			job := take(h, h.pool, id, metricCountArgs{h.account})
			first, err := h.pool.Begin(t.Context())
			check(t, err)
			ended := make(chan error, 1)
			if changeFirst { // it has found the running count and not committed yet
				check(t, h.join(t.Context(), queries.New(first), first))
				go func() { ended <- h.counter(h.pool).Work(h.ctx, job) }()
			} else { // the count is through and not committed yet
				check(t, h.counter(first).Work(h.ctx, job))
				go func() { ended <- h.inTx(h.join) }()
			}
			eventually(t, func() (bool, string) {
				return read[int](h.office, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 1, "the second to wait for the first"
			})
			check(t, first.Commit(t.Context()))
			check(t, <-ended)
			if counts := h.countAll(); (counts == 0) != changeFirst {
				t.Errorf("%d counts afterwards", counts)
			}
			if got := h.figures(); got.Joined != 2 || got.Contacts != 2 {
				t.Errorf("the figures are %+v", got)
			}
		})
	}
}

// The same by the program's own workers.
func TestFiguresAreRightInTheEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 2 {
		o.work()
	}
	var changes sync.WaitGroup
	for range 4 {
		changes.Go(func() {
			for range 25 {
				if err := o.inTx(o.join); err != nil {
					t.Error(err)
				}
			}
		})
	}
	changes.Wait()
	o.idle()
	if got := o.figures(); got.Joined != 100 || got.Contacts != 100 {
		t.Errorf("of 100 joins the figures say %+v", got)
	}
	if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = 'metric_count'"); n >= 100 {
		t.Errorf("%d counts of 100 changes: none stood for several", n)
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	o, now := newOffice(t), time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC) // two days after clocks went back in America
	lumen := o.newAccount("lumen", "Lumen")
	waiting := now.Add(-queries.WaitingAfter)
	for i, c := range []struct {
		account                        uuid.UUID
		invited, last, joined, bounced *time.Time
	}{
		{o.account, nil, nil, nil, nil},
		{o.account, &now, &now, nil, nil},
		{o.account, before(waiting, 0), before(waiting, 0), nil, nil},
		{o.account, before(waiting, time.Microsecond), before(waiting, time.Microsecond), nil, nil}, // waits
		{o.account, before(waiting, time.Hour), &now, nil, nil},                                     // invited again
		{o.account, before(waiting, time.Hour), before(waiting, time.Hour), &now, nil},
		{o.account, before(waiting, time.Hour), before(waiting, time.Hour), nil, &now},
		{lumen, before(waiting, time.Hour), before(waiting, time.Hour), nil, nil},
	} {
		id, _, err := queries.AddContact(t.Context(), o.q, c.account, fmt.Sprintf("c%d@example.com", i), "", queries.ContactSourceManual, now)
		check(t, err)
		o.exec("UPDATE contact SET invited_at = $2, last_invited_at = $3, joined_at = $4, bounced_at = $5 WHERE id = $1", id, c.invited, c.last, c.joined, c.bounced)
	}
	want := queries.MetricByAccountRow{Contacts: 7, Invited: 6, Joined: 1, Bounced: 1, Waiting: 1, InvitedBounced: 1, InvitedJoined: 1, ComputedAt: now}
	for _, zone := range []string{"UTC", "America/Los_Angeles"} { // the server's, which nothing may depend on
		pool := o.inZone(zone)
		check(t, countMetrics(t.Context(), queries.New(pool), o.account, now))
		got := o.figures()
		got.ComputedAt = got.ComputedAt.UTC()
		if got != want {
			t.Errorf("with the server in %s the figures are %+v, want %+v", zone, got, want)
		}
		found, err := queries.LoadContacts(t.Context(), pool, queries.ContactsAsked{AccountID: o.account, Filter: queries.ContactFilter{State: queries.ContactsWaiting}, Size: 10, Now: now})
		if rows := found.Rows; err != nil || int64(len(rows)) != want.Waiting {
			t.Errorf("with the server in %s the list of those who wait has %d, %v", zone, len(found.Rows), err)
		}
	}
}

func before(at time.Time, by time.Duration) *time.Time {
	at = at.Add(-by)
	return &at
}

// inZone is a pool to a server that has another time zone.
func (o *office) inZone(zone string) *pgxpool.Pool {
	o.t.Helper()
	config, err := pgxpool.ParseConfig(dbtest.URL(o.t))
	check(o.t, err)
	config.ConnConfig.RuntimeParams["timezone"] = zone
	pool, err := pgxpool.NewWithConfig(o.t.Context(), config)
	check(o.t, err)
	o.t.Cleanup(pool.Close)
	return pool
}

func TestDaysAreTheAccounts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		zone string
		at   map[string]string // when somebody joined, and on which day that was there
		gone string            // a day of a contact that is no more
	}{
		"UTC": {"UTC", map[string]string{
			"2026-11-21T23:59:59Z": "2026-11-21", "2026-11-22T00:00:00Z": "2026-11-22"}, "2026-11-20"},
		"east": {"Asia/Kathmandu", map[string]string{ // +05:45
			"2026-11-20T18:14:59Z": "2026-11-20", "2026-11-20T18:15:00Z": "2026-11-21"}, "2026-11-19"},
		"west": {"America/Los_Angeles", map[string]string{
			"2026-11-21T07:59:59Z": "2026-11-20", "2026-11-21T08:00:00Z": "2026-11-21"}, "2026-11-19"},
		"clocks go back": {"Europe/Berlin", map[string]string{ // a day of 25 hours
			"2026-10-24T21:59:59Z": "2026-10-24", "2026-10-24T22:00:00Z": "2026-10-25", "2026-10-25T00:30:00Z": "2026-10-25",
			"2026-10-25T01:30:00Z": "2026-10-25", "2026-10-25T22:59:59Z": "2026-10-25", "2026-10-25T23:00:00Z": "2026-10-26"}, "2026-10-23"},
		"clocks go forward": {"America/Santiago", map[string]string{ // at midnight: the day begins at one
			"2026-09-06T03:59:59Z": "2026-09-05", "2026-09-06T04:00:00Z": "2026-09-06", "2026-09-07T02:59:59Z": "2026-09-06",
			"2026-09-07T03:00:00Z": "2026-09-07"}, "2026-09-04"},
		"no such zone": {"Europe/Atlantis", map[string]string{"2026-11-21T23:59:59Z": "2026-11-21"}, "2026-11-20"},
		"the first day": {"Europe/Berlin", map[string]string{ // 100 days ago
			"2026-08-13T21:59:59Z": "", "2026-08-13T22:00:00Z": "2026-08-14"}, "2026-08-14"},
		"tomorrow there": {"Pacific/Kiritimati", map[string]string{"2026-11-22T11:00:00Z": "2026-11-23"}, "2026-11-21"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.exec("UPDATE account SET time_zone = $2 WHERE id = $1", o.account, c.zone)
			want := map[string]int64{"2026-01-01": 7} // long ago, and counted then
			o.exec("INSERT INTO metric_day (account_id, day, invited, joined) VALUES ($1, '2026-01-01', 7, 7), ($1, $2::text::date, 5, 5)", o.account, c.gone)
			for at, day := range c.at {
				id := o.contact(uuid.NewString()+"@example.com", "")
				o.exec("UPDATE contact SET invited_at = $2::text::timestamptz, last_invited_at = now(), joined_at = $2::text::timestamptz WHERE id = $1", id, at)
				if day != "" {
					want[day]++
				}
			}
			for _, server := range []string{"UTC", "America/Los_Angeles", "Pacific/Kiritimati"} {
				check(t, countMetrics(t.Context(), queries.New(o.inZone(server)), o.account, now))
				rows, err := o.q.MetricDayList(t.Context(), queries.MetricDayListParams{AccountID: o.account})
				check(t, err)
				got := map[string]int64{}
				for _, row := range rows {
					if got[row.Day.Format(time.DateOnly)] = row.Joined; row.Invited != row.Joined {
						t.Errorf("%v: %d invited, %d joined", row.Day, row.Invited, row.Joined)
					}
				}
				if !maps.Equal(got, want) {
					t.Errorf("with the server in %s: got %v, want %v", server, got, want)
				}
			}
		})
	}
}
