package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// importDiscard is the question before an import is removed; ran says whether contacts came of it.
func importDiscard(path, name, token string, ran bool) views.Confirm {
	text := "The file and what was found in it are deleted. No contact is added or changed."
	if ran {
		text = "The file and the list of what became of each row are deleted. The contacts stay as they are."
	}
	return views.Confirm{ID: "discard", Title: "Discard " + name + "?", Text: text, Verb: "Discard import", Action: path + "/discard", Token: token}
}

// importsDiscard lets nobody see an import any more; a job removes what it holds.
func (s *Site) importsDiscard(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	id, err := importOf(c)
	if err != nil {
		return err
	}
	i, err := s.q.ImportByID(ctx, queries.ImportByIDParams{AccountID: v.account.ID, ID: id})
	if err != nil {
		return queries.Kind(err)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if err := queries.DiscardImport(ctx, q, v.account.ID, id, v.now); err != nil {
			return err
		}
		if err := v.did(ctx, q, "import.discard", queries.AuditSubject{Kind: "import", ID: &id, Name: i.FileName}); err != nil {
			return err
		}
		return s.Queue.ImportDiscard(ctx, tx, v.account.ID, id)
	})
	if isConflict(err) {
		s.flash(c, views.FlashInfo, "This import is at work. Stop it first, and then discard it.")
		return redirect(c, v.base()+"/contacts/import/"+id.String())
	} else if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, i.FileName+" is discarded.")
	return redirect(c, v.base()+"/contacts/import")
}
