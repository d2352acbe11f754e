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

type remindAllArgs struct{}

func (remindAllArgs) Kind() string { return "remind_all" }

// remindAllWorker has the contacts of every account reminded that wants it and where it is a fit hour, each by a job of its own.
type remindAllWorker struct {
	river.WorkerDefaults[remindAllArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *remindAllWorker) Work(ctx context.Context, _ *river.Job[remindAllArgs]) error {
	accounts, err := queries.New(w.db).ReminderAccounts(ctx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if !fitHour(w.c.Now(), account.TimeZone) {
			continue
		}
		if err := queries.InTx(ctx, w.db, func(_ *queries.Queries, tx pgx.Tx) error {
			return w.queue.insert(ctx, tx, remindArgs{account.ID})
		}); err != nil {
			return err
		}
	}
	return nil
}

// fitHour says whether reminders may go out now in a time zone.
func fitHour(now time.Time, zone string) bool {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC
	}
	return queries.RemindersHour(now.In(location))
}

type remindArgs struct {
	AccountID uuid.UUID `json:"account_id"`
}

func (remindArgs) Kind() string { return "remind" }

// InsertOpts: one an account waits or runs at a time.
func (remindArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// remindAtOnce is how many reminders a job queues before it lets other jobs have their turn.
const remindAtOnce = 500

// remindWorker queues the reminders of one account that are due, each in a transaction of its own, which takes the reminder as done:
// so a run that breaks off goes on where it was, and two at once send nothing twice.
type remindWorker struct {
	river.WorkerDefaults[remindArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *remindWorker) Work(ctx context.Context, job *river.Job[remindArgs]) error {
	account, now, q := job.Args.AccountID, w.c.Now(), queries.New(w.db)
	settings, err := q.ReminderSettings(ctx, account)
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) || err == nil && !fitHour(now, settings.TimeZone) {
		return nil // the account is gone, or its evening has come; the next day's first job goes on
	} else if err != nil {
		return err
	}
	due, err := queries.DueReminders(ctx, q, account, now, []int16{}, remindAtOnce)
	if err != nil {
		return err
	}
	reminded := 0
	for _, invitation := range due {
		switch err := w.remind(ctx, queries.ReminderOf{AccountID: account, InvitationID: invitation.ID, ContactID: invitation.ContactID,
			Days: settings.ReminderDays, Now: now}); {
		case err == nil:
			reminded++
		case !errors.Is(err, queries.ErrNotFound): // which says that it is no longer due
			return err
		}
	}
	if len(due) == remindAtOnce && reminded > 0 {
		return river.JobSnooze(0)
	}
	return nil
}

func (w *remindWorker) remind(ctx context.Context, r queries.ReminderOf) error {
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := w.c.Mails.Remind(ctx, q, r)
		if err != nil {
			return err
		}
		return w.queue.BulkMail(ctx, tx, r.AccountID, mail)
	})
}
