package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type taskResumeArgs struct{}

func (taskResumeArgs) Kind() string { return "task_resume" }

// taskResumeWorker takes up tasks whose worker is gone.
type taskResumeWorker struct {
	river.WorkerDefaults[taskResumeArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *taskResumeWorker) Work(ctx context.Context, _ *river.Job[taskResumeArgs]) error {
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		orphans, err := q.TaskTakeBack(ctx, w.c.Now())
		for i := 0; err == nil && i < len(orphans); i++ {
			err = w.queue.Task(ctx, tx, orphans[i].AccountID, orphans[i].ID)
		}
		return err
	})
}
