package jobs

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type signInMailArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	RequestID uuid.UUID `json:"request_id"`
}

func (signInMailArgs) Kind() string { return "sign_in_mail" }

// signInMailWorker finds out whether anybody has the address that asked to be mailed a sign-in link, and if so writes the
// link and the mail. Twice is harmless: the request remembers its link.
type signInMailWorker struct {
	river.WorkerDefaults[signInMailArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *signInMailWorker) Work(ctx context.Context, job *river.Job[signInMailArgs]) error {
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := w.c.Mails.MailSignIn(ctx, q, job.Args.AccountID, job.Args.RequestID, w.c.Now())
		if err != nil || mail == nil {
			return err
		}
		return w.queue.Mail(ctx, tx, job.Args.AccountID, *mail)
	})
}
