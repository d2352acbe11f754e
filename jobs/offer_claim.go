package jobs

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type offerClaimArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	ClaimID   uuid.UUID `json:"claim_id"`
}

func (offerClaimArgs) Kind() string { return "offer_claim" }

// offerClaimWorker mails the link that gives an offer to whoever asked for it. Twice is harmless: the claim remembers its mail.
type offerClaimWorker struct {
	river.WorkerDefaults[offerClaimArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *offerClaimWorker) Work(ctx context.Context, job *river.Job[offerClaimArgs]) error {
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := w.c.Mails.MailClaim(ctx, q, job.Args.AccountID, job.Args.ClaimID, w.c.Now())
		if err != nil || mail == nil {
			return err
		}
		return w.queue.Mail(ctx, tx, job.Args.AccountID, *mail)
	})
}
