package jobs

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type formSubmissionArgs struct {
	AccountID    uuid.UUID `json:"account_id"`
	SubmissionID uuid.UUID `json:"submission_id"`
}

func (formSubmissionArgs) Kind() string { return "form_submission" }

// formSubmissionWorker finds out what somebody who sent a public form is to the account: it has the address confirmed by mail
// where the form wants that, or makes the contact, tags it and invites it. Twice is harmless: the submission remembers its mail and
// its contact.
type formSubmissionWorker struct {
	river.WorkerDefaults[formSubmissionArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *formSubmissionWorker) Work(ctx context.Context, job *river.Job[formSubmissionArgs]) error {
	account := job.Args.AccountID
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		taken, err := w.c.Mails.TakeSubmission(ctx, q, account, job.Args.SubmissionID, w.c.Now())
		if err == nil && taken.Mail != nil {
			err = w.queue.Mail(ctx, tx, account, *taken.Mail)
		}
		if err == nil && taken.Counts {
			err = errors.Join(w.queue.StripeCustomers(ctx, q, tx, account, taken.Contact), w.queue.Metrics(ctx, tx, account))
		}
		return err
	})
}
