package jobs

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

// A count that takes long keeps its distance from the one before it; one that is quick follows at once.
func TestCountsKeepTheirDistance(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		took int64 // milliseconds
		ago  time.Duration
		want time.Duration
	}{{0, 0, 0}, {99, 0, 0}, {100, 0, time.Second}, {100, time.Second, 0}, {1000, 4 * time.Second, 6 * time.Second}, {5999, 0, 59990 * time.Millisecond},
		{7000, 0, time.Minute}, {60000, 30 * time.Second, 30 * time.Second}, {60000, time.Hour, 0}} {
		if got := metricWait(queries.MetricPaceRow{TookMs: c.took, ComputedAt: now.Add(-c.ago)}, now); max(0, got) != c.want {
			t.Errorf("after a count of %d ms, %s ago: %s, want %s", c.took, c.ago, got, c.want)
		}
	}
}

// While a count keeps its distance its job stands for every change, and what it finds in the end has them all.
func TestChangesWhileACountWaits(t *testing.T) {
	t.Parallel()
	h := newHands(t)
	h.tx(h.join)
	h.countAll()
	h.exec("UPDATE metric SET took_ms = 2000")
	h.tx(h.join)
	id := read[int64](h.office, "SELECT id FROM river.river_job WHERE kind = 'metric_count' AND state = 'available'")
	var snooze *river.JobSnoozeError
	if err := h.count(h.pool, id); !errors.As(err, &snooze) || snooze.Duration > 20*time.Second || snooze.Duration < 15*time.Second {
		t.Fatalf("the count says %v", err)
	}
	h.exec("UPDATE river.river_job SET state = 'scheduled', scheduled_at = now() + interval '20 seconds' WHERE id = $1", id) // as River does
	for range 3 {
		h.tx(h.join)
	}
	if n := read[int](h.office, "SELECT count(*) FROM river.river_job WHERE kind = 'metric_count' AND finalized_at IS NULL"); n != 1 {
		t.Errorf("%d counts wait", n)
	}
	h.later(21 * time.Second)
	check(t, h.count(h.pool, id))
	if got := h.figures(); got.Joined != 5 {
		t.Errorf("the figures are %+v", got)
	}
	if took := read[int64](h.office, "SELECT took_ms FROM metric"); took != 0 {
		t.Errorf("the count says it took %d ms of a clock that stands", took)
	}
}

// The nightly proof finds what nobody counted, says so once, and puts it right.
func TestRecount(t *testing.T) {
	t.Parallel()
	h := newHands(t)
	h.tx(h.join)
	h.countAll()
	prove := func() error {
		inserted, err := h.queue.client.Insert(h.ctx, metricRecountArgs{h.account}, nil)
		check(t, err)
		return (&metricRecountWorker{db: h.pool, c: h.config, queue: h.queue}).Work(h.ctx, take(h, h.pool, inserted.Job.ID, metricRecountArgs{h.account}))
	}
	check(t, prove())
	if got := h.figures(); got.Drift != 0 || got.RecountedAt == nil || len(h.log.of("were wrong")) > 0 {
		t.Errorf("right figures are proved as %+v", got)
	}
	id := h.contact("quiet@example.com", "") // nobody asked for a count
	h.exec("UPDATE contact SET invited_at = now(), sent_at = now(), opened_at = now() WHERE id = $1", id)
	check(t, prove())
	if got := h.figures(); got.Drift != 5 || got.Contacts != 2 || got.Opened != 2 || len(h.log.of("drift=5")) != 1 {
		t.Errorf("wrong figures are proved as %+v: %q", got, h.log.of("were wrong"))
	}
	check(t, prove())
	if got := h.figures(); got.Drift != 0 {
		t.Errorf("once put right they are proved as %+v", got)
	}
	if told := h.log.of("were wrong"); len(told) != 1 || !strings.Contains(told[0], "level=WARN") {
		t.Errorf("it is told as %q", told)
	}
}

// What is only older since the count is no drift: somebody waits for over a week by now, somebody is not active any more.
func TestTimeIsNoDrift(t *testing.T) {
	t.Parallel()
	h := newHands(t)
	h.tx(h.join)
	h.invite(h.contact("ana@example.com", ""))
	h.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
		return h.queue.Metrics(ctx, tx, h.account)
	})
	h.countAll()
	h.later(queries.ActiveWithin + time.Hour)
	inserted, err := h.queue.client.Insert(h.ctx, metricRecountArgs{h.account}, nil)
	check(t, err)
	check(t, (&metricRecountWorker{db: h.pool, c: h.config, queue: h.queue}).Work(h.ctx, take(h, h.pool, inserted.Job.ID, metricRecountArgs{h.account})))
	if got := h.figures(); got.Drift != 0 || got.Active != 0 || got.Waiting != 1 {
		t.Errorf("the figures are %+v", got)
	}
}

// As long as a count is still to come nothing can be proved; the proof waits and leaves everything as it was.
func TestRecountWaitsForCounts(t *testing.T) {
	t.Parallel()
	h := newHands(t)
	h.tx(h.join)
	h.countAll()
	before := h.figures()
	h.tx(h.join)
	for _, state := range []string{"available", "running", "scheduled", "retryable"} {
		h.exec("UPDATE river.river_job SET state = $1 WHERE kind = 'metric_count' AND finalized_at IS NULL", state)
		inserted, err := h.queue.client.Insert(h.ctx, metricRecountArgs{h.account}, nil)
		check(t, err)
		err = (&metricRecountWorker{db: h.pool, c: h.config, queue: h.queue}).Work(h.ctx, take(h, h.pool, inserted.Job.ID, metricRecountArgs{h.account}))
		var snooze *river.JobSnoozeError
		if !errors.As(err, &snooze) || h.figures() != before {
			t.Errorf("a count is %s: the proof says %v, and the figures are %+v", state, err, h.figures())
		}
	}
}
