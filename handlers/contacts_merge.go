package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// contactMergePage makes two contacts one: first which other one, then what becomes of both.
type contactMergePage struct {
	views.Page
	ID       uuid.UUID // of the contact that stays
	Path     string    // of its page
	Name     string
	Email    string
	Search   views.Field
	Found    []contactRow // each row's Href leads on with this contact
	More     bool         // there are others, which are not shown
	None     bool         // the search found nobody
	Other    *queries.ContactWholeRow
	OtherIs  string // name or address of the other
	SwapPath string // the same with the two exchanged
	Values   []mergeValue
}

// contactMerged leads from a contact that is gone to the one it was merged into.
func (s *Site) contactMerged(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	kept, err := s.q.ContactMergedInto(c.UserContext(), queries.ContactMergedIntoParams{AccountID: v.account.ID, GoneID: id})
	if err != nil {
		return queries.Kind(err)
	}
	return goTo{v.base() + "/contacts/" + kept.String()}
}

func (s *Site) newContactMergePage(c *fiber.Ctx) (*contactMergePage, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, queries.ErrNotFound
	}
	loaded, err := queries.LoadMergePage(c.UserContext(), s.DB, v.account.ID, id, uuidOr(c.Query("other"), uuid.Nil), searchText(c.Query("q")))
	if err != nil {
		return nil, err
	}
	kept, gone := loaded.Kept, loaded.Gone
	p := &contactMergePage{Page: s.page(c, "Merge"), ID: id, Path: v.base() + "/contacts/" + id.String(), Name: orElse(kept.Name, kept.Email), Email: kept.Email,
		Search: views.Field{Name: "q", Label: "Which contact is the same person?", Type: "search", Value: c.Query("q"), Placeholder: "Search name or address", Autofocus: true}}
	if gone != nil {
		p.Other, p.OtherIs = gone, orElse(gone.Name, gone.Email)
		p.SwapPath = v.base() + "/contacts/" + gone.ID.String() + "/merge?other=" + id.String()
		p.Values = v.compare(kept, *gone)
	}
	for _, found := range loaded.Found {
		row := s.newContactRow(c, queries.ContactListRow{ID: found.ID, Email: found.Email, Name: found.Name, CreatedAt: found.CreatedAt,
			InvitedAt: found.InvitedAt, JoinedAt: found.JoinedAt, BouncedAt: found.BouncedAt})
		row.Href = p.Path + "/merge?other=" + row.ID.String()
		p.Found = append(p.Found, row)
	}
	p.More = loaded.More
	p.None = p.Search.Value != "" && len(p.Found) == 0
	return p, nil
}

func uuidOr(text string, instead uuid.UUID) uuid.UUID {
	if id, err := uuid.Parse(text); err == nil {
		return id
	}
	return instead
}

func (s *Site) contactsMergeShow(c *fiber.Ctx) error {
	p, err := s.newContactMergePage(c)
	if err != nil {
		return err
	}
	fragment := ""
	if p.Other == nil {
		fragment = "contacts/_mergefound"
	}
	return render(c, views.FrameAdmin, "contacts/merge", fragment, p)
}

func (s *Site) contactsMerge(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	path := v.base() + "/contacts/" + id.String()
	var gone queries.ContactWholeRow
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) (err error) {
		var kept queries.ContactWholeRow
		if kept, gone, err = queries.MergeContacts(ctx, q, v.account.ID, id, uuidOr(c.FormValue("other"), id), &v.staff.StaffID, v.now); err != nil {
			return err
		}
		e := v.auditEntry("contact.merge", queries.AuditSubject{Kind: "contact", ID: &id, Name: kept.Email})
		e.Note = "With " + nameAndEmail(gone.Name, gone.Email)
		if err := queries.Audit(ctx, q, e); err != nil {
			return err
		}
		return errors.Join(s.Queue.StripeCustomers(ctx, q, tx, v.account.ID, id), s.Queue.Metrics(ctx, tx, v.account.ID))
	})
	switch {
	case errors.Is(err, queries.ErrConflict):
		s.flash(c, views.FlashWarning, "These two have things of which one contact can have only one, so they cannot be merged. Nothing was changed.")
		return redirect(c, path)
	case messageOf(err) != "":
		return goTo{path + "/merge"}
	case err != nil:
		return err
	}
	s.flash(c, views.FlashSuccess, nameAndEmail(gone.Name, gone.Email)+" is merged into this contact. You can undo it for 30 days.")
	return redirect(c, path)
}
