package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type taskRunArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	TaskID    uuid.UUID `json:"task_id"`
}

func (taskRunArgs) Kind() string { return "task_run" }

// InsertOpts: a task has its own memory of how far it is, so a job that failed is tried again for as long as it takes.
func (taskRunArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueTasks, MaxAttempts: 100}
}

// taskLease is how long a worker has a task after each portion. When the program is killed, another one takes the task up
// once that is over.
const taskLease = 15 * time.Second

// taskTurn is how long a job works on a task before it makes room for others.
const taskTurn = 30 * time.Second

// taskRunWorker goes on with a task: portion by portion, each in a transaction with the task's own progress, so that a task
// that was stopped anywhere, also by kill -9, does nothing twice and leaves nothing out.
type taskRunWorker struct {
	river.WorkerDefaults[taskRunArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

// Work takes the task's lease and works for one turn; when another worker has it, nothing is to be done.
func (w *taskRunWorker) Work(ctx context.Context, job *river.Job[taskRunArgs]) error {
	q, account, id := queries.New(w.db), job.Args.AccountID, job.Args.TaskID
	_, err := q.TaskLease(ctx, queries.TaskLeaseParams{AccountID: account, ID: id, Now: w.c.Now(), LeasedUntil: w.c.Now().Add(taskLease)})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	end := time.Now().Add(taskTurn)
	for over := false; !over; {
		if over, err = w.portion(ctx, account, id); err != nil {
			return w.failed(ctx, job, err)
		}
		if !over && time.Now().After(end) {
			return errors.Join(w.release(ctx, account, id), river.JobSnooze(0))
		}
	}
	return nil
}

func (w *taskRunWorker) release(ctx context.Context, account, id uuid.UUID) error {
	return queries.New(w.db).TaskRelease(context.WithoutCancel(ctx), queries.TaskReleaseParams{AccountID: account, ID: id})
}

// taskTries is how often a portion that fails is tried before the task is given up: a fault that stays would come for ever.
const taskTries = 10

// failed gives the task back for another try, or gives it up.
func (w *taskRunWorker) failed(ctx context.Context, job *river.Job[taskRunArgs], cause error) error {
	account, id := job.Args.AccountID, job.Args.TaskID
	if ctx.Err() != nil || job.Attempt < taskTries { // the program is stopping, or it may pass
		return errors.Join(cause, w.release(ctx, account, id))
	}
	return errors.Join(cause, queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		row, err := q.TaskForWork(ctx, queries.TaskForWorkParams{AccountID: account, ID: id})
		if err != nil {
			return err
		}
		t, err := readTask(row)
		if err != nil {
			return err
		}
		return w.finish(ctx, q, tx, t, queries.TaskStateFailed, "Something went wrong on our side. What was done so far is kept.")
	}))
}
