package jobs

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type passwordResetMailArgs struct {
	RequestID uuid.UUID `json:"request_id"`
}

func (passwordResetMailArgs) Kind() string { return "password_reset_mail" }

// passwordResetMailWorker finds out whether the address that asked for a new password is a staff person's, and if so writes
// the link and the mail. Twice is harmless: the first takes the request away.
type passwordResetMailWorker struct {
	river.WorkerDefaults[passwordResetMailArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *passwordResetMailWorker) Work(ctx context.Context, job *river.Job[passwordResetMailArgs]) error {
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		account, mail, err := w.c.Mails.MailPasswordReset(ctx, q, job.Args.RequestID, w.c.Now())
		if err != nil || mail == nil {
			return err
		}
		return w.queue.Mail(ctx, tx, account, *mail)
	})
}
