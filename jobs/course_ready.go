package jobs

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type courseReadyArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	GrantID   uuid.UUID `json:"grant_id"`
	Bulk      bool      `json:"bulk"`
}

func (courseReadyArgs) Kind() string { return "course_ready" }

// courseReadyWorker writes the mail that a course is there, as far as it is true when the grant begins. Twice is harmless: the
// mail's row remembers the course.
type courseReadyWorker struct {
	river.WorkerDefaults[courseReadyArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *courseReadyWorker) Work(ctx context.Context, job *river.Job[courseReadyArgs]) error {
	a := job.Args
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := w.c.Mails.CourseReady(ctx, q, queries.ReadyOf{AccountID: a.AccountID, GrantID: a.GrantID, Bulk: a.Bulk, Now: w.c.Now()})
		if err != nil || mail == nil {
			return err
		}
		if a.Bulk {
			return w.queue.BulkMail(ctx, tx, a.AccountID, *mail)
		}
		return w.queue.Mail(ctx, tx, a.AccountID, *mail)
	})
}
