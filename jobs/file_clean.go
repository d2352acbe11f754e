package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/filestore"
	"atrium/queries"
)

type fileCleanArgs struct{}

func (fileCleanArgs) Kind() string { return "file_clean" }

// filesAtOnce is how many stored files are looked for at a time.
const filesAtOnce = 500

// fileCleanWorker removes what is left of uploads that ended without a word, as when the program was killed, and files that nothing
// has shown for a day. A row is removed before its file, so that nobody comes to show what is going; should the file outlive it, the
// sweep finds it.
type fileCleanWorker struct {
	river.WorkerDefaults[fileCleanArgs]
	db queries.DB
	c  Config
}

func (w *fileCleanWorker) Work(ctx context.Context, _ *river.Job[fileCleanArgs]) error {
	q, now := queries.New(w.db), w.c.Now()
	return sweep(ctx,
		step{"uploads that ended", func(portion int32) (int64, error) { return w.abandoned(ctx, q, now, portion) }},
		step{"what nothing shows", func(int32) (int64, error) { return q.FileMarkUnused(ctx, now) }},
		step{"unused files", func(portion int32) (int64, error) { return w.unused(ctx, q, now, portion) }},
	)
}

func (w *fileCleanWorker) abandoned(ctx context.Context, q *queries.Queries, now time.Time, portion int32) (removed int64, err error) {
	rows, err := q.FileListAbandoned(ctx, queries.FileListAbandonedParams{Before: now.Add(-queries.FileAbandonAfter), PageSize: portion})
	for _, row := range rows {
		n, err := q.FileDrop(ctx, queries.FileDropParams(row))
		if err != nil {
			return removed, err
		}
		if n == 0 { // it came whole in this moment
			continue
		}
		if err := w.c.Files.Delete(ctx, filestore.Key{Account: row.AccountID, ID: row.ID}); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, err
}

func (w *fileCleanWorker) unused(ctx context.Context, q *queries.Queries, now time.Time, portion int32) (removed int64, err error) {
	rows, err := q.FileListUnused(ctx, queries.FileListUnusedParams{Before: now.Add(-queries.FileUnusedKeep), PageSize: portion})
	for _, row := range rows {
		err := queries.InTx(ctx, w.db, func(q *queries.Queries, _ pgx.Tx) error { return queries.ForgetFile(ctx, q, row.AccountID, row.ID) })
		if errors.Is(err, queries.ErrNotFound) { // something shows it again
			continue
		}
		if err == nil {
			err = w.c.Files.Delete(ctx, filestore.Key{Account: row.AccountID, ID: row.ID})
		}
		if err != nil {
			return removed, err
		}
		removed++
	}
	return removed, err
}

type fileSweepArgs struct{}

func (fileSweepArgs) Kind() string { return "file_sweep" }

// InsertOpts: nobody waits for it.
func (fileSweepArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Priority: 4} }

// fileSweepWorker goes through all that is stored and removes what has no row: the files of accounts that are gone, and what a clean-up
// did not come to remove. It leaves alone what is younger than a day, so that nothing is lost while a database comes back from a copy.
type fileSweepWorker struct {
	river.WorkerDefaults[fileSweepArgs]
	db queries.DB
	c  Config
}

// Timeout: a bucket of a million files is listed a thousand at a time.
func (w *fileSweepWorker) Timeout(*river.Job[fileSweepArgs]) time.Duration { return time.Hour }

func (w *fileSweepWorker) Work(ctx context.Context, _ *river.Job[fileSweepArgs]) error {
	before := w.c.Now().Add(-queries.FileUnusedKeep)
	old := make([]filestore.Key, 0, filesAtOnce)
	for found, err := range w.c.Files.All(ctx) {
		if err != nil {
			return err
		}
		if found.At.Before(before) {
			old = append(old, found.Key)
		}
		if len(old) == cap(old) {
			if err := w.sweep(ctx, old); err != nil {
				return err
			}
			old = old[:0]
		}
	}
	return w.sweep(ctx, old)
}

// sweep removes those files that have no row.
func (w *fileSweepWorker) sweep(ctx context.Context, keys []filestore.Key) error {
	ids := make([]uuid.UUID, 0, len(keys))
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	rows, err := queries.New(w.db).FileKnown(ctx, ids)
	if err != nil {
		return err
	}
	known := map[filestore.Key]bool{}
	for _, row := range rows {
		known[filestore.Key{Account: row.AccountID, ID: row.ID}] = true
	}
	for _, k := range keys {
		if known[k] {
			continue
		}
		if err := w.c.Files.Delete(ctx, k); err != nil {
			return err
		}
		w.c.Log.Info("a stored file that belongs to nothing is removed", "file", k.String())
	}
	return nil
}
