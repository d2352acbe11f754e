package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"atrium/queries"
)

// hands lets a test work jobs itself, in a transaction of its own and step by step. It is a job that a real client of River
// works for as long as the test lasts: in its context river.JobCompleteTx finds the client, as in any worker's.
// (River's own rivertest.Worker does the same, but cannot be imported without two more modules in go.mod.)
type hands struct {
	*office
	ctx context.Context //nolint:containedctx // that is what it is for
}

type holdArgs struct{}

func (holdArgs) Kind() string { return "test_hold" }

type holdWorker struct {
	river.WorkerDefaults[holdArgs]
	began chan<- context.Context
	end   <-chan struct{}
}

func (w *holdWorker) Timeout(*river.Job[holdArgs]) time.Duration { return -1 }

func (w *holdWorker) Work(ctx context.Context, _ *river.Job[holdArgs]) error {
	w.began <- ctx
	<-w.end
	return nil
}

func newHands(t *testing.T) *hands {
	t.Helper()
	o := newOffice(t)
	began, end := make(chan context.Context, 1), make(chan struct{})
	all := river.NewWorkers()
	river.AddWorker(all, &holdWorker{began: began, end: end})
	client, err := river.NewClient(riverpgxv5.New(o.pool), &river.Config{Schema: queries.RiverSchema, Workers: all, TestOnly: true, Logger: o.config.Log,
		Queues: map[string]river.QueueConfig{"test": {MaxWorkers: 1}}})
	check(t, err)
	check(t, client.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		close(end)
		check(t, client.Stop(context.WithoutCancel(t.Context())))
	})
	_, err = client.Insert(t.Context(), holdArgs{}, &river.InsertOpts{Queue: "test"})
	check(t, err)
	return &hands{o, <-began}
}

// take makes a waiting job a running one, as a client that fetches it does.
func take[T river.JobArgs](h *hands, db queries.DBTX, id int64, args T) *river.Job[T] {
	h.t.Helper()
	_, err := db.Exec(h.ctx, "UPDATE river.river_job SET state = 'running', attempt = attempt + 1, attempted_at = now(), attempted_by = '{hands}' WHERE id = $1", id)
	check(h.t, err)
	return &river.Job[T]{JobRow: &rivertype.JobRow{ID: id, Kind: args.Kind(), State: rivertype.JobStateRunning, Attempt: 1}, Args: args}
}

// workIn inserts a job and works it, all in the given transaction.
func workIn[T river.JobArgs](h *hands, tx pgx.Tx, worker river.Worker[T], args T) error {
	h.t.Helper()
	inserted, err := h.queue.client.InsertTx(h.ctx, tx, args, nil)
	check(h.t, err)
	return worker.Work(h.ctx, take(h, tx, inserted.Job.ID, args))
}
