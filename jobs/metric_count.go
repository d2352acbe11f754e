package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"atrium/queries"
)

type metricCountArgs struct {
	AccountID uuid.UUID `json:"account_id"`
}

func (metricCountArgs) Kind() string { return "metric_count" }

// InsertOpts: one count an account waits or runs at a time.
func (metricCountArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// metricDays is how far back the days are counted again.
const metricDays = 100

// A count that takes long keeps a distance from the one before it, so that a bulk invitation, which changes the figures thousands
// of times, has them counted a few times. Where counting is quick there is no distance.
const (
	metricDistance    = 10 // times as long as the count took
	metricDistanceMin = time.Second
	metricDistanceMax = time.Minute
)

// metricCountWorker counts an account's figures afresh. It declares its job done first and counts after that, in one
// transaction: a transaction that changed something meanwhile and found this job in its way holds the job's row, so
// either "done" waits for it and the count sees the change, or it waits for us and then inserts a job of its own.
// A job that waits for its distance is in the way as well, and sees what came until it runs.
type metricCountWorker struct {
	river.WorkerDefaults[metricCountArgs]
	db queries.DB
	c  Config
}

func (w *metricCountWorker) Work(ctx context.Context, job *river.Job[metricCountArgs]) error {
	account, began := job.Args.AccountID, w.c.Now()
	pace, err := queries.New(w.db).MetricPace(ctx, account)
	switch err = queries.Kind(err); {
	case err != nil && !errors.Is(err, queries.ErrNotFound):
		return err
	case err == nil && metricWait(pace, began) > 0:
		return river.JobSnooze(metricWait(pace, began))
	}
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		if _, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job); err != nil {
			return err
		}
		if err := countMetrics(ctx, q, account, began); err != nil {
			return err
		}
		return q.MetricSetTook(ctx, queries.MetricSetTookParams{AccountID: account, TookMs: w.c.Now().Sub(began).Milliseconds()})
	})
}

// metricWait is how long the next count still has to wait; zero or less when it need not.
func metricWait(pace queries.MetricPaceRow, now time.Time) time.Duration {
	distance := metricDistance * time.Duration(pace.TookMs) * time.Millisecond
	if distance < metricDistanceMin {
		return 0
	}
	return pace.ComputedAt.Add(min(distance, metricDistanceMax)).Sub(now)
}

func countMetrics(ctx context.Context, q *queries.Queries, account uuid.UUID, now time.Time) error {
	facts, err := q.AccountMailFacts(ctx, account)
	if err != nil {
		return err
	}
	location, err := time.LoadLocation(facts.TimeZone)
	if err != nil {
		location = time.UTC
	}
	local := now.In(location)
	since := time.Date(local.Year(), local.Month(), local.Day()-metricDays, 0, 0, 0, 0, location)
	day := time.Date(since.Year(), since.Month(), since.Day(), 0, 0, 0, 0, time.UTC) // a date has no zone
	if err := q.MetricCompute(ctx, queries.MetricComputeParams{AccountID: account, Now: now}); err != nil {
		return err
	}
	if err := q.MetricDayClear(ctx, queries.MetricDayClearParams{AccountID: account, Since: day}); err != nil {
		return err
	}
	return q.MetricComputeDays(ctx, queries.MetricComputeDaysParams{AccountID: account, TimeZone: location.String(), Since: since})
}

type metricCountAllArgs struct{}

func (metricCountAllArgs) Kind() string { return "metric_count_all" }

// metricCountAllWorker has every account's figures proved, each by a job of its own.
type metricCountAllWorker struct {
	river.WorkerDefaults[metricCountAllArgs]
	db    queries.DB
	queue *Queue
}

// Work inserts one by one: in a single transaction every change of any account would have to wait for the last of them.
func (w *metricCountAllWorker) Work(ctx context.Context, _ *river.Job[metricCountAllArgs]) error {
	accounts, err := queries.New(w.db).MetricAccounts(ctx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if err := queries.InTx(ctx, w.db, func(_ *queries.Queries, tx pgx.Tx) error { return w.queue.insert(ctx, tx, metricRecountArgs{account}) }); err != nil {
			return err
		}
	}
	return nil
}
