package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"atrium/queries"
)

// On a machine whose clock is hours away from the database's a job is due, and tried again, by the database's.
func TestJobsAreDueByTheDatabase(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	there := func() time.Time { return time.Now().Add(-3 * time.Hour) }
	queue, err := NewQueue(o.pool, there)
	if err != nil {
		t.Fatal(err)
	}
	o.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
		return queue.Metrics(ctx, tx, o.account)
	})
	var created, due time.Time
	var state string
	if err := o.pool.QueryRow(t.Context(), "SELECT created_at, scheduled_at, state FROM river.river_job").Scan(&created, &due, &state); err != nil {
		t.Fatal(err)
	}
	c := Config{JobTime: there}
	row := &rivertype.JobRow{Attempt: 1, Errors: []rivertype.AttemptError{{}}}
	for what, at := range map[string]time.Time{
		"made":           created,
		"due":            due,
		"tried again":    retries{c}.NextRetry(row),
		"an event again": (&stripeEventWorker{c: c}).NextRetry(&river.Job[stripeEventArgs]{JobRow: row}),
		"a look again":   (&stripeLookWorker{c: c}).NextRetry(&river.Job[stripeLookArgs]{JobRow: row}),
		"a walk again":   (&stripeReconcileWorker{c: c}).NextRetry(&river.Job[stripeReconcileArgs]{JobRow: row}),
		"a price again":  (&offerPriceWorker{c: c}).NextRetry(&river.Job[offerPriceArgs]{JobRow: row}),
		"a title again":  (&offerProductWorker{c: c}).NextRetry(&river.Job[offerProductArgs]{JobRow: row}),
	} {
		if off := at.Sub(there()); off.Abs() > time.Minute || state != "available" {
			t.Errorf("%s: off by %s; the job is %s", what, off, state)
		}
	}
}

// While a walk waits for its next try the hourly one is not inserted: it goes on through an outage, soon after its end, and ends before
// the hour does.
func TestWalksAreTriedAgainWithinTheHour(t *testing.T) {
	t.Parallel()
	var w stripeReconcileWorker
	most := stripeReconcileArgs{}.InsertOpts().MaxAttempts
	var all time.Duration
	for attempt := 1; attempt < most; attempt++ {
		pause := time.Until(w.NextRetry(&river.Job[stripeReconcileArgs]{JobRow: &rivertype.JobRow{Attempt: attempt}}))
		all += pause
	}
	if longest := all + time.Duration(most)*reconcileTime; all < 15*time.Minute || longest > time.Hour {
		t.Errorf("%d tries, with pauses of %s, take up to %s", most, all, longest)
	}
}
