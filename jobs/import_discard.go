package jobs

import (
	"context"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"atrium/queries"
)

type importDiscardArgs struct {
	AccountID uuid.UUID `json:"account_id"`
	ImportID  uuid.UUID `json:"import_id"`
}

func (importDiscardArgs) Kind() string { return "import_discard" }

// importDiscardWorker removes an import that staff have discarded, with its file and its rows.
type importDiscardWorker struct {
	river.WorkerDefaults[importDiscardArgs]
	db queries.DB
}

func (w *importDiscardWorker) Work(ctx context.Context, job *river.Job[importDiscardArgs]) error {
	q := queries.New(w.db)
	return sweep(ctx, step{"rows", func(n int32) (int64, error) { return dropImport(ctx, q, job.Args.AccountID, job.Args.ImportID, n) }})
}

// dropImport removes up to a portion of the rows of a discarded import and answers how many; the last time the import itself too.
func dropImport(ctx context.Context, q *queries.Queries, account, id uuid.UUID, portion int32) (int64, error) {
	n, err := q.ImportRowDrop(ctx, queries.ImportRowDropParams{AccountID: account, ImportID: id, Portion: portion})
	if err != nil || n == int64(portion) {
		return n, err
	}
	return n, q.ImportDrop(ctx, queries.ImportDropParams{AccountID: account, ID: id})
}

// dropDiscarded does the same to the first of all that are discarded; it answers a whole portion as long as there was one.
func dropDiscarded(ctx context.Context, q *queries.Queries, portion int32) (int64, error) {
	imports, err := q.ImportDiscarded(ctx, 1)
	if err != nil || len(imports) == 0 {
		return 0, err
	}
	_, err = dropImport(ctx, q, imports[0].AccountID, imports[0].ID, portion)
	return int64(portion), err
}
