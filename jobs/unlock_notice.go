package jobs

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
	"atrium/views"
)

type unlockAllArgs struct{}

func (unlockAllArgs) Kind() string { return "unlock_all" }

// unlockAllWorker has the clients of every account told what unlocked that has lessons which do, each by a job of its own.
type unlockAllWorker struct {
	river.WorkerDefaults[unlockAllArgs]
	db    queries.DB
	queue *Queue
}

func (w *unlockAllWorker) Work(ctx context.Context, _ *river.Job[unlockAllArgs]) error {
	accounts, err := queries.New(w.db).UnlockAccounts(ctx)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if err := queries.InTx(ctx, w.db, func(_ *queries.Queries, tx pgx.Tx) error {
			return w.queue.insert(ctx, tx, unlockArgs{account})
		}); err != nil {
			return err
		}
	}
	return nil
}

type unlockArgs struct {
	AccountID uuid.UUID `json:"account_id"`
}

func (unlockArgs) Kind() string { return "unlock" }

// InsertOpts: one an account waits or runs at a time.
func (unlockArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Priority: 2, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// unlockAtOnce is how many clients are read at a time.
const unlockAtOnce = 5000

// unlockWorker tells the clients of one account, where it is their morning, which lessons unlocked; each in a transaction of their own,
// which takes the lessons as told: so a run that breaks off goes on where it was, and two at once tell nothing twice.
type unlockWorker struct {
	river.WorkerDefaults[unlockArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

// Timeout: it writes a mail to every client of a business for whom something unlocks that day. What is left then is told by the next try.
func (w *unlockWorker) Timeout(*river.Job[unlockArgs]) time.Duration { return 4 * time.Minute }

func (w *unlockWorker) Work(ctx context.Context, job *river.Job[unlockArgs]) error {
	q, account, now := queries.New(w.db), job.Args.AccountID, w.c.Now()
	zones, err := q.UnlockZones(ctx, account)
	if err != nil {
		return err
	}
	asked := queries.UnlockReadersParams{AccountID: account, Now: now, WithinDays: queries.UnlockWithin, PageSize: unlockAtOnce}
	for _, zone := range zones {
		if there := now.In(views.Zone(zone, "UTC")); queries.IsMorning(there) {
			asked.Zones, asked.Days = append(asked.Zones, zone), append(asked.Days, there)
		}
	}
	for len(asked.Zones) > 0 {
		readers, err := q.UnlockReaders(ctx, asked)
		if err != nil {
			return err
		}
		for _, reader := range readers {
			if err := w.tell(ctx, account, reader, now); err != nil {
				return err
			}
			asked.After = reader
		}
		if len(readers) < unlockAtOnce {
			return nil
		}
	}
	return nil
}

func (w *unlockWorker) tell(ctx context.Context, account, contact uuid.UUID, now time.Time) error {
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		mails, err := w.c.Mails.TellUnlocked(ctx, q, account, contact, now)
		for i := 0; err == nil && i < len(mails); i++ {
			err = w.queue.BulkMail(ctx, tx, account, mails[i])
		}
		return err
	})
}
