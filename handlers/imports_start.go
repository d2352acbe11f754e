package handlers

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// importsStart begins the real run, or goes on with one that was stopped.
func (s *Site) importsStart(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	id, err := importOf(c)
	if err != nil {
		return err
	}
	path := v.base() + "/contacts/import/" + id.String()
	i, err := s.q.ImportByID(ctx, queries.ImportByIDParams{AccountID: v.account.ID, ID: id})
	if err != nil {
		return queries.Kind(err)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if err := mayWorkOn(ctx, q, v.account.ID, id, queries.TaskKindImport); err != nil {
			return err
		}
		return s.startImportTask(ctx, v, q, tx, id, i.FileName, queries.TaskKindImport)
	})
	if isConflict(err) {
		s.flash(c, views.FlashInfo, "There is nothing to start: this page shows how far the import is.")
	} else if err != nil {
		return err
	}
	return redirect(c, path)
}

// mayWorkOn locks the import and is ErrConflict when work of that kind cannot begin on it: something is being done, or, for a
// check, it was imported already, or, for the real run, it is not checked or nothing is left.
func mayWorkOn(ctx context.Context, q *queries.Queries, account, id uuid.UUID, kind queries.TaskKind) error {
	i, err := q.ImportForWork(ctx, queries.ImportForWorkParams{AccountID: account, ID: id})
	if err != nil {
		return queries.Kind(err)
	}
	tasks, err := q.ImportTasks(ctx, queries.ImportTasksParams{AccountID: account, ImportID: &id})
	if err != nil {
		return err
	}
	stage, err := stageOf(tasks, i.CourseID != nil)
	switch {
	case err != nil:
		return err
	case stage.open != nil, kind == queries.TaskKindImportCheck && stage.runs > 0, kind == queries.TaskKindImport && (stage.check == nil || stage.left == 0):
		return queries.ErrConflict
	}
	return nil
}

func isConflict(err error) bool { return errors.Is(err, queries.ErrConflict) }
