package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/billing"
	"atrium/queries"
)

type stripeReconcileAllArgs struct{}

func (stripeReconcileAllArgs) Kind() string { return "stripe_reconcile_all" }

// stripeReconcileAllWorker has each Stripe account walked, each by a job of its own.
type stripeReconcileAllWorker struct {
	river.WorkerDefaults[stripeReconcileAllArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

// Work inserts the jobs. Without a key there is nothing to walk.
func (w *stripeReconcileAllWorker) Work(ctx context.Context, _ *river.Job[stripeReconcileAllArgs]) error {
	if w.c.Stripe == nil || !w.c.Stripe.Open() {
		return nil
	}
	return queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		accounts, err := q.StripeAccounts(ctx)
		if err != nil {
			return err
		}
		for _, account := range accounts {
			if err := w.queue.StripeReconcile(ctx, tx, account); err != nil {
				return err
			}
		}
		return nil
	})
}

type stripeReconcileArgs struct {
	StripeAccount string `json:"stripe_account"`
}

func (stripeReconcileArgs) Kind() string { return "stripe_reconcile" }

// InsertOpts: one at a time for a Stripe account. With their pauses its tries are over before the hour is after which the next one comes.
func (stripeReconcileArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, MaxAttempts: 10, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// reconcileBack is how far events are looked for that never came: longer than Stripe tries to deliver one. When the last walk was
// longer ago, because no program ran, it is as far as that, or as what is sold was first sold, up to reconcileMost: Stripe keeps no event for longer.
const (
	reconcileBack = 4 * 24 * time.Hour
	reconcileMost = 30 * 24 * time.Hour
)

// reconcileTime is how long a walk may take, less than what River takes for a crash; the rest is for the next one.
const reconcileTime = 4 * time.Minute

// stripeReconcileWorker walks over everything that is open, here or at Stripe, and over lately reported events, and looks at each
// as its event's job would. After any mix of events lost, doubled and out of order, what stands here is what stands at Stripe.
type stripeReconcileWorker struct {
	river.WorkerDefaults[stripeReconcileArgs]
	db    queries.DB
	c     Config
	look  stripeLook
	queue *Queue
}

// NextRetry is as that of an event.
func (w *stripeReconcileWorker) NextRetry(job *river.Job[stripeReconcileArgs]) time.Time {
	return w.c.in(billing.Pause(job.Attempt))
}

// Timeout is that of a walk.
func (w *stripeReconcileWorker) Timeout(*river.Job[stripeReconcileArgs]) time.Duration {
	return reconcileTime
}

// difference is an object that stood differently here.
type difference struct {
	Object  string    `json:"object"`
	Why     string    `json:"why"`
	Account uuid.UUID `json:"account"` // whose it is, who alone is shown it
}

// reconcileStep is after how many objects a walk tells how far it is.
const reconcileStep = 20

// Work walks, and writes down what differed.
func (w *stripeReconcileWorker) Work(ctx context.Context, job *river.Job[stripeReconcileArgs]) error {
	account, began, walk := job.Args.StripeAccount, w.c.Now(), queries.NewID()
	q := queries.New(w.db)
	if err := q.StripeReconciliationInsert(ctx, queries.StripeReconciliationInsertParams{StripeAccount: account, ID: walk, Now: began}); err != nil {
		return err
	}
	since, err := w.since(ctx, q, account, began)
	if err != nil {
		return err
	}
	missed, err := w.missedEvents(ctx, account, since, began)
	if err != nil {
		return err
	}
	objects, err := w.unsettled(ctx, account, since, missed)
	if err != nil {
		return err
	}
	differ := []difference{}
	var faults []error
	for n, id := range objects {
		if n%reconcileStep == 0 {
			if err := q.StripeReconciliationGoesOn(ctx, queries.StripeReconciliationGoesOnParams{StripeAccount: account, ID: walk, Looked: int32(n), Total: int32(len(objects))}); err != nil {
				return err
			}
		}
		stood, isMissed := missed[id]
		whose, changed, err := w.reconcile(ctx, account, id, stood)
		if err != nil && !errors.Is(err, billing.ErrNotThere) && !errors.Is(err, queries.ErrNoOwner) {
			faults = append(faults, err)
		}
		if changed {
			differ = append(differ, difference{id, why(isMissed), whose})
		}
	}
	report, err := json.Marshal(differ[:min(len(differ), 100)])
	if err != nil {
		return err
	}
	return errors.Join(append(faults, q.StripeReconciliationFinish(ctx, queries.StripeReconciliationFinishParams{StripeAccount: account, ID: walk,
		Now: w.c.Now(), Looked: int32(len(objects)), Differed: int32(len(differ)), Report: report}))...)
}

// since is how far back events are looked for.
func (w *stripeReconcileWorker) since(ctx context.Context, q *queries.Queries, account string, now time.Time) (time.Time, error) {
	known, err := q.StripeKnownUntil(ctx, queries.StripeKnownUntilParams{StripeAccount: account, Now: now})
	since := known.Add(-reconcileBack)
	if most := now.Add(-reconcileMost); since.Before(most) {
		since = most
	}
	return since, err
}

// why says why an object may have stood differently here.
func why(missed bool) string {
	if missed {
		return "its event never came"
	}
	return "no event of it was taken"
}

// missedEvents takes those events that never came, as if they had now, and says which objects they are about and how those stood
// before: the jobs of these events go on beside the walk, and may come first.
func (w *stripeReconcileWorker) missedEvents(ctx context.Context, account string, since, now time.Time) (stood map[string]string, err error) {
	events, err := w.look.door.EventsSince(ctx, account, since)
	if err != nil {
		return nil, err
	}
	stood = map[string]string{}
	for _, e := range events {
		err := queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
			added, err := q.StripeEventInsert(ctx, queries.StripeEventInsertParams{StripeAccount: account, ID: e.ID, Type: e.Type, ObjectID: e.Object, CreatedAt: e.Created, Now: now})
			if err != nil || added == 0 {
				return err
			}
			if stood[e.Object] == "" {
				if stood[e.Object], err = q.StripeStanding(ctx, queries.StripeStandingParams{StripeAccount: account, ObjectID: e.Object}); err != nil {
					return err
				}
			}
			return w.queue.StripeEvent(ctx, tx, account, e.ID)
		})
		if err != nil {
			return nil, err
		}
	}
	return stood, nil
}

// unsettled is everything open on either side, and what missed events are about, each once; what has to be there first stands first.
func (w *stripeReconcileWorker) unsettled(ctx context.Context, account string, since time.Time, missed map[string]string) (ids []string, err error) {
	here, err := queries.New(w.db).StripeUnfinished(ctx, queries.StripeUnfinishedParams{StripeAccount: account, Since: since})
	if err != nil {
		return nil, err
	}
	there, err := w.look.door.Unsettled(ctx, account)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, kind := range []string{"cs_", "sub_", "in_", ""} {
		for _, id := range slices.Concat(here, there, slices.Sorted(maps.Keys(missed))) {
			if strings.HasPrefix(id, kind) && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// reconcile looks at one object and says whose it is and whether it stood differently; stood is how, empty for now.
func (w *stripeReconcileWorker) reconcile(ctx context.Context, account, id, stood string) (whose uuid.UUID, changed bool, err error) {
	look := w.look
	look.found = func(account uuid.UUID) { whose = account }
	err = queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		asked := queries.StripeStandingParams{StripeAccount: account, ObjectID: id}
		before, err := q.StripeStanding(ctx, asked)
		if err != nil {
			return err
		}
		if _, err := look.object(ctx, q, tx, account, id); err != nil {
			return err
		}
		after, err := q.StripeStanding(ctx, asked)
		changed = cmp.Or(stood, before) != after
		if err != nil {
			return err
		}
		return q.StripeEventSettle(ctx, queries.StripeEventSettleParams{StripeAccount: account, ObjectID: id, Now: w.c.Now()})
	})
	return whose, changed && err == nil, err
}

// StripeReconcile walks over everything that is open at a Stripe account; one that waits or runs already does for this too.
func (q *Queue) StripeReconcile(ctx context.Context, tx pgx.Tx, account string) error {
	return q.insert(ctx, tx, stripeReconcileArgs{account})
}
