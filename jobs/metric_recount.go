package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"atrium/queries"
)

type metricRecountArgs struct {
	AccountID uuid.UUID `json:"account_id"`
}

func (metricRecountArgs) Kind() string { return "metric_recount" }

// InsertOpts: one proof an account waits or runs at a time, behind whatever somebody waits for.
func (metricRecountArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Priority: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// unfinished are the states of jobs that are still to be worked or are being worked.
var unfinished = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
	rivertype.JobStateRetryable, rivertype.JobStateScheduled}

// metricRecountWorker proves an account's figures: it counts them again for the very moment they are of, and whatever differs is
// drift, because each change of what they count has them counted in its own transaction. Then it counts them as of now.
type metricRecountWorker struct {
	river.WorkerDefaults[metricRecountArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

// errUncounted says that a change is not counted yet, so that nothing can be proved.
var errUncounted = errors.New("a count is still to come")

// metricRecountPause is how long a proof waits for a count. It asks before it begins, so that asking often costs little.
const metricRecountPause = 3 * time.Second

// Work holds the figures first and asks again at the end whether a count is to come: one that ended before is in the figures, one
// that began since waits for us, and its job stands there unfinished.
func (w *metricRecountWorker) Work(ctx context.Context, job *river.Job[metricRecountArgs]) error {
	account, now := job.Args.AccountID, w.c.Now()
	var kept, counted queries.MetricLockRow
	err := queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) (err error) {
		if _, err = river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job); err != nil {
			return err
		}
		if err := w.queue.metricsCounted(ctx, tx, account); err != nil {
			return err
		}
		if kept, counted, err = countAgain(ctx, q, account); err != nil {
			return err
		}
		if err := w.queue.metricsCounted(ctx, tx, account); err != nil {
			return err
		}
		if err := countMetrics(ctx, q, account, now); err != nil {
			return err
		}
		return q.MetricSetRecounted(ctx, queries.MetricSetRecountedParams{AccountID: account, Now: now, Drift: drift(kept, counted)})
	})
	switch {
	case errors.Is(err, errUncounted):
		return river.JobSnooze(metricRecountPause)
	case err == nil && drift(kept, counted) > 0:
		w.c.Log.WarnContext(ctx, "the figures of an account were wrong and are put right", "account", account, "drift", drift(kept, counted), "were", kept, "are", counted)
	}
	return err
}

// countAgain counts the figures once more for the moment of those that are kept. Without any there is nothing to prove.
func countAgain(ctx context.Context, q *queries.Queries, account uuid.UUID) (kept, counted queries.MetricLockRow, err error) {
	kept, err = q.MetricLock(ctx, account)
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return kept, kept, nil
	} else if err != nil {
		return kept, counted, err
	}
	if err = q.MetricCompute(ctx, queries.MetricComputeParams{AccountID: account, Now: kept.ComputedAt}); err != nil {
		return kept, counted, err
	}
	counted, err = q.MetricLock(ctx, account)
	return kept, counted, err
}

// drift is by how much two counts differ, summed over all figures.
func drift(a, b queries.MetricLockRow) (sum int64) {
	for _, d := range []int64{a.Contacts - b.Contacts, a.Invited - b.Invited, a.Sent - b.Sent, a.Bounced - b.Bounced, a.FilterOpened - b.FilterOpened,
		a.Opened - b.Opened, a.Joined - b.Joined, a.Active - b.Active, a.Waiting - b.Waiting, a.InvitedBounced - b.InvitedBounced,
		a.InvitedOpened - b.InvitedOpened, a.InvitedJoined - b.InvitedJoined, a.InvitedActive - b.InvitedActive, a.UninvitedJoined - b.UninvitedJoined} {
		sum += max(d, -d)
	}
	return sum
}

// metricsCounted answers errUncounted while a count of the account is still to be worked.
func (q *Queue) metricsCounted(ctx context.Context, tx pgx.Tx, account uuid.UUID) error {
	found, err := q.client.JobListTx(ctx, tx, river.NewJobListParams().First(1).Kinds(metricCountArgs{}.Kind()).States(unfinished...).
		Where("args->>'account_id' = @account", river.NamedArgs{"account": account.String()}))
	if err == nil && len(found.Jobs) > 0 {
		err = errUncounted
	}
	return err
}
