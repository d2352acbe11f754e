package jobs

import (
	"context"
	"errors"
	"testing"

	"github.com/riverqueue/river"

	"atrium/queries"
)

// A sweep takes portions until one is not full, goes on after a step that fails, and leaves the rest for another turn when its
// own is over.
func TestSweep(t *testing.T) {
	t.Parallel()
	left, fault := int64(2*sweepPortion+1), errors.New("the disk is full")
	portions := 0
	err := sweep(t.Context(), step{"broken", func(int32) (int64, error) { return 0, fault }}, step{"rows", func(n int32) (int64, error) {
		took := min(left, int64(n))
		left -= took
		portions++
		return took, nil
	}})
	if !errors.Is(err, fault) || left != 0 || portions != 3 {
		t.Errorf("%d rows are left after %d portions: %v", left, portions, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	var snooze *river.JobSnoozeError
	if err := sweep(over, step{"endless", func(n int32) (int64, error) { return int64(n), nil }}); !errors.As(err, &snooze) {
		t.Errorf("it ends with %v", err)
	}
}

// What is old goes in portions, whatever there is of it.
func TestPurgeInPortions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	i := o.upload("E-Mail\nana@example.com\n")
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"new": 1})
	o.exec("INSERT INTO contact_import_row (account_id, import_id, row_number, outcome) SELECT account_id, id, n, 'same' FROM contact_import, generate_series(100, $1::int) n", 99+2*sweepPortion)
	o.exec("INSERT INTO task_result (account_id, task_id, number, subject, outcome) SELECT account_id, id, n, 'ana@example.com', 'done' FROM task, generate_series(1, $1::int) n", sweepPortion+1)
	o.later(queries.ImportKeep + taskKeep)
	check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), nil))
	for _, table := range []string{"contact_import", "contact_import_row", "contact_import_part", "task", "task_result"} {
		if n := read[int](o, "SELECT count(*) FROM "+table); n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
}

// A discarded import goes with its file and rows, and no other.
func TestImportDiscard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	gone, stays := o.upload("E-Mail\nana@example.com\n"), o.upload("E-Mail\nben@example.com\n")
	for _, i := range []*imported{gone, stays} {
		i.does(queries.TaskKindImportCheck, queries.TaskCounts{"new": 1})
	}
	work := func() {
		check(t, (&importDiscardWorker{db: o.pool}).Work(t.Context(), &river.Job[importDiscardArgs]{Args: importDiscardArgs{o.account, gone.id}}))
	}
	check(t, queries.DiscardImport(t.Context(), o.q, o.account, gone.id, o.now()))
	work()
	work()
	for table, column := range map[string]string{"contact_import": "id", "contact_import_row": "import_id", "contact_import_part": "import_id", "task": "import_id"} {
		if got := read[string](o, "SELECT string_agg("+column+"::text, ' ') FROM "+table); got != stays.id.String() {
			t.Errorf("%s has rows of %s, and %s stays", table, got, stays.id)
		}
	}
	check(t, queries.DiscardImport(t.Context(), o.q, o.account, stays.id, o.now()))
	if err := queries.DiscardImport(t.Context(), o.q, o.account, stays.id, o.now()); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("discarded twice: %v", err)
	}
}
