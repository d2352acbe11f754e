package jobs

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"atrium/queries"
)

// Queue inserts jobs, always in the transaction that made them true.
type Queue struct{ client *river.Client[pgx.Tx] }

// NewQueue makes a queue that only inserts; Workers work. What it inserts is due by this time, which should be the database's.
func NewQueue(pool *pgxpool.Pool, now func() time.Time) (*Queue, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: queries.RiverSchema, Test: river.TestConfig{Time: jobTime(now)}})
	return &Queue{client}, err
}

func (q *Queue) insert(ctx context.Context, tx pgx.Tx, args river.JobArgs) error {
	_, err := q.client.InsertTx(ctx, tx, args, nil)
	return err
}

// Mail sends a mail whose row the transaction wrote.
func (q *Queue) Mail(ctx context.Context, tx pgx.Tx, account, mail uuid.UUID) error {
	return q.insert(ctx, tx, mailSendArgs{account, mail})
}

// BulkMail is as Mail, for mails that can come in hundreds: those somebody waits for in front of a screen go first.
func (q *Queue) BulkMail(ctx context.Context, tx pgx.Tx, account, mail uuid.UUID) error {
	_, err := q.client.InsertTx(ctx, tx, mailSendArgs{account, mail}, &river.InsertOpts{Priority: 2})
	return err
}

// SignIn answers a request to be mailed a sign-in link.
func (q *Queue) SignIn(ctx context.Context, tx pgx.Tx, account, request uuid.UUID) error {
	return q.insert(ctx, tx, signInMailArgs{account, request})
}

// FormSubmission does what a public form's submission is for: once it was sent, and again once its address was confirmed.
func (q *Queue) FormSubmission(ctx context.Context, tx pgx.Tx, account, submission uuid.UUID) error {
	return q.insert(ctx, tx, formSubmissionArgs{account, submission})
}

// OfferClaim mails the link that a claim of an offer asked for.
func (q *Queue) OfferClaim(ctx context.Context, tx pgx.Tx, account, claim uuid.UUID) error {
	return q.insert(ctx, tx, offerClaimArgs{account, claim})
}

// CourseReady tells a contact that the course of a grant is there for them, once the grant has begun: at starts, or at once where that is
// zero; bulk is as with BulkMail.
func (q *Queue) CourseReady(ctx context.Context, tx pgx.Tx, account, grant uuid.UUID, starts time.Time, bulk bool) error {
	opts := &river.InsertOpts{ScheduledAt: starts} // without it at once: what is scheduled waits for River's round of every five seconds
	if bulk {
		opts.Priority = 2
	}
	_, err := q.client.InsertTx(ctx, tx, courseReadyArgs{account, grant, bulk}, opts)
	return err
}

// PasswordReset answers a staff person's request for a new password.
func (q *Queue) PasswordReset(ctx context.Context, tx pgx.Tx, request uuid.UUID) error {
	return q.insert(ctx, tx, passwordResetMailArgs{request})
}

// Metrics counts an account's figures again, because the transaction changed what they count. Several of these while one is
// waiting are one.
func (q *Queue) Metrics(ctx context.Context, tx pgx.Tx, account uuid.UUID) error {
	return q.insert(ctx, tx, metricCountArgs{account})
}

// Task begins or goes on with long work whose row the transaction wrote.
func (q *Queue) Task(ctx context.Context, tx pgx.Tx, account, task uuid.UUID) error {
	return q.insert(ctx, tx, taskRunArgs{account, task})
}

// ImportDiscard removes an import that the transaction discarded.
func (q *Queue) ImportDiscard(ctx context.Context, tx pgx.Tx, account, discarded uuid.UUID) error {
	return q.insert(ctx, tx, importDiscardArgs{account, discarded})
}

// Certificate issues the certificate of somebody who finished a course. Several for one completion issue one.
func (q *Queue) Certificate(ctx context.Context, tx pgx.Tx, account, completion uuid.UUID) error {
	return q.insert(ctx, tx, certificateIssueArgs{account, completion})
}
