package handlers

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// mergeRow is a merge into the contact, as its page tells it.
type mergeRow struct {
	ID     uuid.UUID
	Who    string // name and address of the one that is gone
	By     string
	At     views.Moment
	Until  views.Moment
	Newest bool          // only this one can be undone
	Undo   views.Confirm // zero: the role does not include it, or it is too late
}

func (v *visit) mergeRows(rows []queries.ContactMergeListRow, p *contactPage) (merges []mergeRow) {
	for i, row := range rows {
		m := mergeRow{ID: row.ID, Who: nameAndEmail(row.GoneName, row.GoneEmail), By: row.StaffName, At: v.moment(&row.MergedAt), Until: v.moment(&row.UndoUntil), Newest: i == 0}
		if !row.UndoUntil.After(v.now) {
			continue
		}
		if p.CanChange && m.Newest {
			m.Undo = views.Confirm{ID: "unmerge", Title: "Part " + p.Name + " and " + orElse(row.GoneName, row.GoneEmail) + " again?",
				Text: p.lossOf(row) + " Both contacts are as they were before. What was changed or came in since stays with " + p.Name + ".", Verb: "Undo merge", Action: p.Path + "/unmerge", Token: p.Token}
		}
		merges = append(merges, m)
	}
	return merges
}

// lossOf names the courses that the contact can use only by what a merge brought.
func (p *contactPage) lossOf(merge queries.ContactMergeListRow) string {
	var titles []string
	for _, course := range p.Courses {
		stays := slices.ContainsFunc(course.Grants, func(g grantSpan) bool { return g.State == grantOpen && !slices.Contains(merge.GrantIds, g.ID) })
		if course.seen() && !stays {
			titles = append(titles, "“"+course.Title+"”")
		}
	}
	if len(titles) == 0 {
		return p.Name + " loses no course."
	}
	return p.Name + " loses " + strings.Join(titles, ", ") + "."
}

func nameAndEmail(name, email string) string {
	if name == "" {
		return email
	}
	return name + " (" + email + ")"
}

func (s *Site) contactsUnmerge(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	path := v.base() + "/contacts/" + id.String()
	var undone queries.ContactMergeLastRow
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) (err error) {
		if undone, err = queries.UnmergeContacts(ctx, q, v.account.ID, id, uuidOr(c.FormValue("merge"), uuid.Nil), v.now); err != nil {
			return err
		}
		kept, err := q.ContactByID(ctx, queries.ContactByIDParams{AccountID: v.account.ID, ID: id})
		if err != nil {
			return err
		}
		e := v.auditEntry("contact.unmerge", queries.AuditSubject{Kind: "contact", ID: &id, Name: kept.Email})
		e.Note = "From " + nameAndEmail(undone.GoneName, undone.GoneEmail)
		if err := queries.Audit(ctx, q, e); err != nil {
			return err
		}
		return errors.Join(s.Queue.StripeCustomers(ctx, q, tx, v.account.ID, id, undone.GoneID), s.Queue.Metrics(ctx, tx, v.account.ID))
	})
	switch {
	case messageOf(err) != "":
		s.flash(c, views.FlashWarning, messageOf(err))
	case err != nil:
		return err
	default:
		s.flash(c, views.FlashSuccess, nameAndEmail(undone.GoneName, undone.GoneEmail)+" is a contact of its own again.")
	}
	return redirect(c, path)
}
