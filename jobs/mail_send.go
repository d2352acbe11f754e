package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"atrium/jobs/internal/mail"
	"atrium/queries"
)

type mailSendArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	MailID    uuid.UUID `json:"mail_id"`
}

func (mailSendArgs) Kind() string { return "mail_send" }

// InsertOpts: the mail's row counts its tries and decides when to give up, so River's own count only has to be high enough.
func (mailSendArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueMail, MaxAttempts: 100}
}

// mailSendWorker hands one mail to the mail server and writes down what the server said. The Message-ID stands in the
// mail's row, so when the program dies between the server's yes and our commit, the repeat is recognisable as the same mail.
type mailSendWorker struct {
	river.WorkerDefaults[mailSendArgs]
	db    queries.DB
	c     Config
	queue *Queue
	send  func(context.Context, mail.Message) (answer string, err error)
	away  outage
}

// mailGiveUp is how long after its first try a mail that the server defers is tried.
const mailGiveUp = 24 * time.Hour

// mailWaits are the pauses between tries; the last one repeats. They begin short, since most servers that are away are only
// restarting.
var mailWaits = []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

func (w *mailSendWorker) Work(ctx context.Context, job *river.Job[mailSendArgs]) error {
	q := queries.New(w.db)
	row, err := q.MailForSending(ctx, queries.MailForSendingParams{AccountID: job.Args.AccountID, ID: job.Args.MailID})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return nil // sent, given up or deleted in the meantime
	} else if err != nil {
		return err
	}
	if row.LinkUsedAt.Unix() > 0 {
		return w.arrived(ctx, job.Args.AccountID, row)
	}
	why := unwanted(row, w.c.Now())
	if why == "" {
		if why, err = w.unusable(ctx, q, job.Args.AccountID, row); err != nil {
			return err
		}
	}
	if why != "" {
		return q.MailWithdraw(ctx, queries.MailWithdrawParams{AccountID: job.Args.AccountID, ID: row.ID, Answer: why, Now: w.c.Now()})
	}
	made, err := w.compose(ctx, q, job.Args.AccountID, row)
	if err != nil {
		return err
	}
	if w.c.Server.Host == "" {
		return river.JobSnooze(time.Minute) // no try: the mail waits until there is a server
	}
	answer, err := w.send(ctx, made.message)
	if ctx.Err() == nil {
		w.away.after(ctx, w.c.Log, w.c.Server, err, w.c.Now())
	}
	var failure *mail.Failure
	switch {
	case err == nil:
		return w.sent(ctx, job, row, answer, made.copied)
	case !errors.As(err, &failure):
		return err
	case failure.Kind == mail.Bounced:
		return w.bounced(ctx, job, row, failure.Text)
	case failure.Kind == mail.Misconfigured:
		w.c.Log.ErrorContext(ctx, "the mail server refuses this installation", "mail", row.ID, "code", failure.Code, "answer", failure.Text)
	}
	if ctx.Err() != nil { // the program is stopping: that is no answer of the server
		return err
	}
	return w.deferred(ctx, job, row, failure.Text)
}

// unwanted says why a mail is not to be sent any more; empty when it is.
func unwanted(row queries.MailForSendingRow, now time.Time) string {
	switch {
	case row.LinkEnded || !row.LinkExpiresAt.After(now):
		return "The link in it was over before it could be sent."
	case row.EmailTaken:
		return "Another contact has this address, so it cannot become this one's as well."
	case row.InvoiceSettled:
		return "The invoice was paid or taken back before it could be sent."
	case row.CheckoutSettled:
		return "It was paid, or is being paid again, before it could be sent."
	case row.CertificateRevoked:
		return "The certificate was revoked before it could be sent."
	}
	return ""
}

// unusable says why news of a course is not to be sent any more; empty when it is: the contact can still use the course.
func (w *mailSendWorker) unusable(ctx context.Context, q *queries.Queries, account uuid.UUID, row queries.MailForSendingRow) (string, error) {
	if row.Kind != queries.MailKindCourseReady && row.Kind != queries.MailKindLessonsUnlocked {
		return "", nil
	}
	open, err := q.GrantAccess(ctx, queries.GrantAccessParams{AccountID: account, ContactID: *row.ContactID, CourseID: *row.CourseID, Now: w.c.Now()})
	if err != nil || open && (row.Kind == queries.MailKindCourseReady || len(row.LessonTitles) > 0) {
		return "", err
	}
	return "What it tells of was no longer there for them when it could be sent.", nil
}

func (w *mailSendWorker) sent(ctx context.Context, job *river.Job[mailSendArgs], row queries.MailForSendingRow, answer string,
	copied queries.MailCopyInsertParams) error {
	return w.finish(ctx, job, row, queries.MailStateSent, answer, func(q *queries.Queries, tx pgx.Tx, now time.Time) error {
		if err := w.delivered(ctx, q, tx, job.Args.AccountID, row, now); err != nil {
			return err
		}
		return q.MailCopyInsert(ctx, copied)
	})
}

// arrived writes down that a mail was sent whose link was used before we could: what the server said was lost with the connection to
// the database, or with the program. No copy is kept, since by now it would say other things: its reader may have given their name.
func (w *mailSendWorker) arrived(ctx context.Context, account uuid.UUID, row queries.MailForSendingRow) error {
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		if err := w.delivered(ctx, q, tx, account, row, row.LinkUsedAt); err != nil {
			return err
		}
		return q.MailSetArrived(ctx, queries.MailSetArrivedParams{AccountID: account, ID: row.ID, UsedAt: row.LinkUsedAt, Now: w.c.Now()})
	})
}

// delivered writes what an accepted mail says about its contact and invitation.
func (w *mailSendWorker) delivered(ctx context.Context, q *queries.Queries, tx pgx.Tx, account uuid.UUID, row queries.MailForSendingRow, now time.Time) error {
	if row.ContactID == nil {
		return nil
	}
	news, err := q.ContactSetDelivered(ctx, queries.ContactSetDeliveredParams{AccountID: account, ID: *row.ContactID, Email: row.ToEmail,
		Invites: row.InvitationID != nil, Now: now})
	if err != nil {
		return err
	}
	if row.InvitationID != nil {
		if err := q.InvitationSetSent(ctx, queries.InvitationSetSentParams{AccountID: account, ID: *row.InvitationID, Now: now}); err != nil {
			return err
		}
	}
	if news == 0 {
		return nil
	}
	return w.queue.Metrics(ctx, tx, account)
}

func (w *mailSendWorker) bounced(ctx context.Context, job *river.Job[mailSendArgs], row queries.MailForSendingRow, answer string) error {
	return w.finish(ctx, job, row, queries.MailStateBounced, answer, func(q *queries.Queries, tx pgx.Tx, now time.Time) error {
		account := job.Args.AccountID
		if row.ContactID == nil {
			return nil
		}
		if err := q.ContactSetBounced(ctx, queries.ContactSetBouncedParams{AccountID: account, ID: *row.ContactID, Email: row.ToEmail,
			BounceReason: answer, Now: now}); err != nil {
			return err
		}
		if row.InvitationID != nil {
			if err := q.InvitationSetBounced(ctx, queries.InvitationSetBouncedParams{AccountID: account, ID: *row.InvitationID, Now: now}); err != nil {
				return err
			}
		}
		if err := queries.WithdrawBounced(ctx, q, account, *row.ContactID, now); err != nil {
			return err
		}
		return w.queue.Metrics(ctx, tx, account)
	})
}

// finish writes a mail's last state, what follows from it, and that the job is done, all or nothing.
func (w *mailSendWorker) finish(ctx context.Context, job *river.Job[mailSendArgs], row queries.MailForSendingRow, state queries.MailState, answer string,
	follow func(q *queries.Queries, tx pgx.Tx, now time.Time) error) error {
	now := w.c.Now()
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		if err := follow(q, tx, now); err != nil { // contact and invitation before the mail: see queries on the order of locks
			return err
		}
		if err := q.MailSetState(ctx, queries.MailSetStateParams{AccountID: job.Args.AccountID, ID: row.ID, State: state, Answer: answer, Now: now}); err != nil {
			return err
		}
		_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
		return err
	})
}

// deferred lets the mail wait for its next try, or gives it up a day after its first.
func (w *mailSendWorker) deferred(ctx context.Context, job *river.Job[mailSendArgs], row queries.MailForSendingRow, answer string) error {
	now := w.c.Now()
	if row.Tried && now.Sub(row.FirstTriedAt) >= mailGiveUp {
		return w.finish(ctx, job, row, queries.MailStateFailed, answer, func(*queries.Queries, pgx.Tx, time.Time) error { return nil })
	}
	if err := queries.New(w.db).MailSetState(ctx, queries.MailSetStateParams{AccountID: job.Args.AccountID, ID: row.ID,
		State: queries.MailStateDeferred, Answer: answer, Now: now}); err != nil {
		return err
	}
	return river.JobSnooze(mailWaits[min(int(row.Attempts), len(mailWaits)-1)])
}
