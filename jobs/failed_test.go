package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// broken queues a mail of an account and gives its job up, as after its last try.
func (o *office) broken(account uuid.UUID, set string) (id int64, mail uuid.UUID) {
	o.t.Helper()
	mail = queries.NewID()
	o.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
		return o.queue.Mail(ctx, tx, account, mail)
	})
	id = read[int64](o, "SELECT max(id) FROM river.river_job")
	o.exec("UPDATE river.river_job SET attempt = 3, attempted_at = now(), "+set+" WHERE id = $1", id)
	return id, mail
}

const (
	discarded = `state = 'discarded', finalized_at = now(), errors = ARRAY['{"at": "2026-01-01T00:00:00Z", "attempt": 3, "error": "no", "trace": ""}'::jsonb]`
	retryable = `state = 'retryable', scheduled_at = now() + interval '1 hour', errors = ARRAY['{"error": "failed to connect to db"}'::jsonb]`
	cancelled = `state = 'cancelled', finalized_at = now()`
)

func TestFailedJobsOfAnAccount(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	lumen := o.newAccount("lumen", "Lumen")
	o.broken(lumen, discarded)
	o.broken(o.account, "state = 'completed', finalized_at = now()")
	o.broken(o.account, "state = 'scheduled', scheduled_at = now() + interval '1 hour'") // a mail server is away, which is no failure
	stopped, _ := o.broken(o.account, cancelled)
	again, _ := o.broken(o.account, retryable)
	given, mail := o.broken(o.account, discarded)
	failed, err := o.queue.Failed(t.Context(), o.account)
	check(t, err)
	if len(failed) != 3 || failed[0].ID != given || failed[1].ID != again || failed[2].ID != stopped {
		t.Fatalf("failed are %+v", failed)
	}
	if f := failed[0]; f.Kind != "mail_send" || f.MailID != mail || f.Attempts != 3 || f.NextAt != nil || f.Cause != CauseFault || f.At.IsZero() {
		t.Errorf("given up: %+v", f)
	}
	if f := failed[1]; f.NextAt == nil || f.Cause != CauseAway {
		t.Errorf("tried again by itself: %+v", f)
	}
	if f := failed[2]; f.Cause != CauseStopped {
		t.Errorf("stopped: %+v", f)
	}
}

func TestRetryOfAFailedJob(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	lumen := o.newAccount("lumen", "Lumen")
	retry := func(account uuid.UUID, id int64) error {
		return o.inTx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
			_, err := o.queue.Retry(ctx, tx, account, id)
			return err
		})
	}
	given, _ := o.broken(o.account, discarded)
	for name, err := range map[string]error{"of another account": retry(lumen, given), "that is not there": retry(o.account, given+1000)} {
		if !errors.Is(err, queries.ErrNotFound) {
			t.Errorf("one %s: %v", name, err)
		}
	}
	check(t, retry(o.account, given))
	if state := read[string](o, "SELECT state::text FROM river.river_job WHERE id = $1", given); state != "available" {
		t.Errorf("the job is %s", state)
	}
	if err := retry(o.account, given); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("one that waits already: %v", err)
	}
	// The same work waits already: one of them is enough.
	count := func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
		return o.queue.Metrics(ctx, tx, o.account)
	}
	o.tx(count)
	old := read[int64](o, "SELECT max(id) FROM river.river_job")
	o.exec("UPDATE river.river_job SET "+discarded+" WHERE id = $1", old)
	o.tx(count)
	if err := retry(o.account, old); !errors.Is(err, queries.ErrConflict) {
		t.Errorf("one whose work waits already: %v", err)
	}
}

func TestOperator(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	operator, err := NewOperator(o.pool, time.Now)
	check(t, err)
	lumen := o.newAccount("lumen", "Lumen")
	given, _ := o.broken(o.account, discarded)
	theirs, _ := o.broken(lumen, discarded)
	done, _ := o.broken(lumen, "state = 'completed', finalized_at = now()")
	o.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error { return o.queue.Metrics(ctx, tx, lumen) })
	count := read[int64](o, "SELECT max(id) FROM river.river_job")
	for name, c := range map[string]struct {
		asked JobsAsked
		want  []int64
	}{
		"all":           {JobsAsked{Most: 10}, []int64{count, done, theirs, given}},
		"the newest":    {JobsAsked{Most: 1}, []int64{count}},
		"of a state":    {JobsAsked{Most: 10, States: []string{"discarded", "available"}}, []int64{count, theirs, given}},
		"of a kind":     {JobsAsked{Most: 10, Kind: "metric_count"}, []int64{count}},
		"of an account": {JobsAsked{Most: 10, Account: &lumen, Kind: "mail_send"}, []int64{done, theirs}},
	} {
		rows, err := operator.List(t.Context(), c.asked)
		check(t, err)
		var got []int64
		for _, row := range rows {
			got = append(got, row.ID)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	}
	if _, err := operator.List(t.Context(), JobsAsked{Most: 1, States: []string{"lost"}}); err == nil {
		t.Error("a state there is none of is taken")
	}
	if row, err := operator.Retry(t.Context(), theirs); err != nil || row.State != "available" {
		t.Errorf("tried again: %v, %v", row, err)
	}
	if row, err := operator.Cancel(t.Context(), theirs); err != nil || row.State != "cancelled" {
		t.Errorf("cancelled: %v, %v", row, err)
	}
	for name, try := range map[string]func(context.Context, int64) (*JobRow, error){"retry": operator.Retry, "cancel": operator.Cancel} {
		if _, err := try(t.Context(), count+1000); !errors.Is(err, queries.ErrNotFound) {
			t.Errorf("%s of none: %v", name, err)
		}
	}
}
