package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// portion is what one step of a task did.
type portion struct {
	after   uuid.UUID            // the last contact it did
	results []queries.TaskResult // what became of each; written down with it
	counts  queries.TaskCounts   // what it adds to the task's counts where results are kept elsewhere
	last    bool                 // nothing is left
}

// taskStep does the next portion of a task, in the transaction that writes down how far the task is. It returns quickly, so
// that progress is seen and a cancel is heard.
type taskStep func(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork) (portion, error)

// taskAtWork is a task with what its row holds as text.
type taskAtWork struct {
	queries.TaskForWorkRow
	Choice queries.TaskChoice
	Counts queries.TaskCounts
}

// by is who started the task, as the trail keeps it.
func (t *taskAtWork) by() string {
	if t.StaffID == nil {
		return "Somebody who has left"
	}
	return queries.ActorWords(t.StaffName, t.StaffEmail)
}

func (w *taskRunWorker) steps() map[queries.TaskKind]taskStep {
	return map[queries.TaskKind]taskStep{
		queries.TaskKindInvite: w.eachContact(inviteAtOnce, w.inviteContact), queries.TaskKindMagicLink: w.eachContact(inviteAtOnce, w.mailLink),
		queries.TaskKindTag: w.tagContacts, queries.TaskKindUntag: w.tagContacts,
		queries.TaskKindExport: w.exportContacts, queries.TaskKindDelete: w.eachContact(inviteAtOnce, w.deleteContact),
		queries.TaskKindImportCheck: w.checkImport, queries.TaskKindImport: w.importRows,
		queries.TaskKindEnrol: w.eachContact(enrolAtOnce, w.enrolContact),
	}
}

// portion does the next portion and says whether the task is over.
func (w *taskRunWorker) portion(ctx context.Context, account, id uuid.UUID) (over bool, err error) {
	err = queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		row, err := q.TaskForWork(ctx, queries.TaskForWorkParams{AccountID: account, ID: id})
		if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
			over = true
			return nil
		} else if err != nil {
			return err
		}
		t, err := readTask(row)
		if err != nil {
			return err
		}
		if t.CancelAskedAt != nil {
			over = true
			return w.finish(ctx, q, tx, t, queries.TaskStateCancelled, "")
		}
		over, err = w.step(ctx, q, tx, t)
		return err
	})
	return over, err
}

func readTask(row queries.TaskForWorkRow) (*taskAtWork, error) {
	t := &taskAtWork{TaskForWorkRow: row}
	if err := json.Unmarshal(row.Choice, &t.Choice); err != nil {
		return nil, err
	}
	var err error
	t.Counts, err = queries.ParseTaskCounts(row.Counts)
	return t, err
}

func (w *taskRunWorker) step(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork) (over bool, err error) {
	do := w.steps()[t.Kind]
	if do == nil {
		return false, fmt.Errorf("no step for a task of kind %s", t.Kind)
	}
	if err := q.PlanAfresh(ctx); err != nil {
		return false, err
	}
	if t.Total == nil && t.ImportID == nil {
		total, err := queries.CountTask(ctx, q, t.TaskForWorkRow, t.Choice.Filter)
		if err != nil {
			return false, err
		}
		t.Total = &total
	}
	p, err := do(ctx, q, tx, t)
	if err != nil {
		return false, err
	}
	if err := w.moveOn(ctx, q, t, p); err != nil || !p.last {
		return false, err
	}
	return true, w.finish(ctx, q, tx, t, queries.TaskStateDone, "")
}

// moveOn writes down what a portion did and how far the task is.
func (w *taskRunWorker) moveOn(ctx context.Context, q *queries.Queries, t *taskAtWork, p portion) error {
	if err := queries.AddTaskResults(ctx, q, t.AccountID, t.ID, t.Done+1, p.results); err != nil {
		return err
	}
	for _, r := range p.results {
		t.Counts[r.Outcome]++
		t.Done++
	}
	for outcome, n := range p.counts {
		t.Counts[outcome] += n
		t.Done += n
	}
	counts, err := json.Marshal(t.Counts)
	if err != nil {
		return err
	}
	if p.after != uuid.Nil {
		t.After = p.after
	}
	return q.TaskMoveOn(ctx, queries.TaskMoveOnParams{AccountID: t.AccountID, ID: t.ID, After: t.After, Total: t.Total, Done: t.Done, Counts: counts,
		LeasedUntil: w.c.Now().Add(taskLease)})
}

// finish ends the task, and has the dashboard's figures counted once for all it did.
func (w *taskRunWorker) finish(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork, state queries.TaskState, problem string) error {
	if err := q.TaskFinish(ctx, queries.TaskFinishParams{AccountID: t.AccountID, ID: t.ID, State: state, Problem: problem, Now: w.c.Now()}); err != nil {
		return err
	}
	return w.queue.Metrics(ctx, tx, t.AccountID)
}
