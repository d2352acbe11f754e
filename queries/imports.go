package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// What an import may have.
const (
	ImportMost     = 50 << 20            // bytes of a file
	ImportPartSize = 256 << 10           // bytes of each of its parts but the last
	ImportKeep     = 30 * 24 * time.Hour // how long the file and its rows are kept
)

// NewImport is a file as it was uploaded.
type NewImport struct {
	ImportInsertParams
	Next func() (part []byte, err error) // the parts in order; empty after the last
}

// AddImport writes the file in its parts.
func AddImport(ctx context.Context, q *Queries, i NewImport) error {
	if err := q.ImportInsert(ctx, i.ImportInsertParams); err != nil {
		return err
	}
	for number := int32(0); ; number++ {
		part, err := i.Next()
		if err != nil || len(part) == 0 {
			return err
		}
		if err := q.ImportPartInsert(ctx, ImportPartInsertParams{AccountID: i.AccountID, ImportID: i.ID, Part: number, Content: part}); err != nil {
			return err
		}
	}
}

// DiscardImport lets nobody see an import any more; a job removes what it holds. ErrNotFound when the account has none such,
// ErrConflict while something is being done with it.
func DiscardImport(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) error {
	if _, err := q.ImportForWork(ctx, ImportForWorkParams{AccountID: account, ID: id}); err != nil {
		return Kind(err)
	}
	tasks, err := q.ImportTasks(ctx, ImportTasksParams{AccountID: account, ImportID: &id})
	if err != nil {
		return err
	}
	if len(tasks) > 0 && tasks[0].FinishedAt == nil {
		return ErrConflict
	}
	if err := q.ImportDiscardTasks(ctx, ImportDiscardTasksParams{AccountID: account, ImportID: &id}); err != nil {
		return err
	}
	_, err = q.ImportDiscard(ctx, ImportDiscardParams{AccountID: account, ID: id, Now: now})
	return err
}

// ImportPage is an import with what was done with it, newest first.
type ImportPage struct {
	Import ImportByIDRow
	Tasks  []ImportTasksRow
	Head   ImportPartRow // the first part of its file; empty unless asked for
	Rows   []ImportRowListRow

	Courses []GrantCoursesRow // that everybody in the file can be given; empty unless the head is asked for
}

// ImportAsked is a page of an import's rows.
type ImportAsked struct {
	AccountID, ID uuid.UUID
	Outcome       TaskOutcome // empty: all
	After         int64       // line of the last row of the page before; 0 for the first
	Size          int32       // 0: no rows
	Head          bool
	Now           time.Time // with Head
}

// LoadImport reads it in one round trip. ErrNotFound when the account has no such import.
func LoadImport(ctx context.Context, db DB, a ImportAsked) (p ImportPage, err error) {
	var b batch
	one(&b, &p.Import, func(q *Queries) (ImportByIDRow, error) {
		return q.ImportByID(ctx, ImportByIDParams{AccountID: a.AccountID, ID: a.ID})
	})
	many(&b, &p.Tasks, func(q *Queries) ([]ImportTasksRow, error) {
		return q.ImportTasks(ctx, ImportTasksParams{AccountID: a.AccountID, ImportID: &a.ID})
	})
	if a.Head {
		one(&b, &p.Head, func(q *Queries) (ImportPartRow, error) {
			return q.ImportPart(ctx, ImportPartParams{AccountID: a.AccountID, ImportID: a.ID})
		})
		many(&b, &p.Courses, func(q *Queries) ([]GrantCoursesRow, error) {
			return q.GrantCourses(ctx, GrantCoursesParams{AccountID: a.AccountID, Now: a.Now})
		})
	}
	var of []ImportRowListOfRow
	switch {
	case a.Size == 0:
	case a.Outcome != "":
		many(&b, &of, func(q *Queries) ([]ImportRowListOfRow, error) {
			return q.ImportRowListOf(ctx, ImportRowListOfParams{AccountID: a.AccountID, ImportID: a.ID, After: a.After, Outcome: a.Outcome, PageSize: a.Size})
		})
	default:
		many(&b, &p.Rows, func(q *Queries) ([]ImportRowListRow, error) {
			return q.ImportRowList(ctx, ImportRowListParams{AccountID: a.AccountID, ImportID: a.ID, After: a.After, PageSize: a.Size})
		})
	}
	if err := b.send(ctx, db); err != nil {
		return p, err
	}
	for _, row := range of {
		p.Rows = append(p.Rows, ImportRowListRow(row))
	}
	return p, nil
}
