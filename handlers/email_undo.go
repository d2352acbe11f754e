package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// emailUndoShow changes nothing, whoever fetches it and however often.
func (s *Site) emailUndoShow(c *fiber.Ctx) error {
	v := at(c)
	change, err := s.emailUndoOf(c)
	if errors.Is(err, queries.ErrNotFound) {
		return s.emailUnknown(c)
	} else if err != nil {
		return err
	}
	if change.EndedAt != nil || !change.UndoUntil.After(v.now) {
		return s.emailUndoOver(c)
	}
	p := &emailChangePage{Page: s.secretPage(c, "Undo the change"), Name: change.Name, Own: change.OldEmail, Other: queries.MaskEmail(views.Address(change.NewEmail)),
		Undo: true, Action: jobs.EmailUndoPath(c.Params("token"))}
	return render(c, views.FrameCard, "emailchanges/show", "", p)
}

// emailUndoOf reads the change that the old address was told of. One that was not confirmed was told to nobody.
func (s *Site) emailUndoOf(c *fiber.Ctx) (queries.EmailChangeByUndoTokenRow, error) {
	change, err := s.q.EmailChangeByUndoToken(c.UserContext(), queries.EmailChangeByUndoTokenParams{AccountID: at(c).account.ID,
		UndoTokenHash: queries.TokenHash(c.Params("token"))})
	if err == nil && change.ConfirmedAt == nil {
		err = queries.ErrNotFound
	}
	return change, queries.Kind(err)
}

// emailUndo gives the old address back to whoever reads it, and puts everybody else out.
func (s *Site) emailUndo(c *fiber.Ctx) error {
	v := at(c)
	if err := s.spend(c, queries.Spending{Limit: queries.LimitLinkIP, Subject: v.network()}); err != nil {
		return err
	}
	change, err := s.emailUndoOf(c)
	if errors.Is(err, queries.ErrNotFound) {
		return s.emailUnknown(c)
	} else if err != nil {
		return err
	}
	switch err := s.emailUndone(c, change); {
	case errors.Is(err, queries.ErrNotFound):
		return s.emailUndoOver(c)
	case errors.Is(err, queries.ErrConflict):
		return s.emailUndoRefused(c, change)
	case err != nil:
		return err
	}
	return s.emailOver(c, "Your address is yours again", "You sign in with "+change.OldEmail+". Everybody is signed out, open links are over, and the password is removed. "+
		"Have a sign-in link mailed to you, and then choose a new password on your profile.", fiber.StatusOK)
}

func (s *Site) emailUndone(c *fiber.Ctx, change queries.EmailChangeByUndoTokenRow) error {
	v, ctx := at(c), c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if err := queries.UndoEmailChange(ctx, q, v.account.ID, change, v.now); err != nil {
			return err
		}
		if err := v.clientChanged(ctx, q, "contact.email_undo", change.ContactID, change.Name, change.OldEmail,
			emailAddress{change.NewEmail}, emailAddress{change.OldEmail}); err != nil {
			return err
		}
		return errors.Join(s.Queue.StripeCustomers(ctx, q, tx, v.account.ID, change.ContactID), s.Queue.Metrics(ctx, tx, v.account.ID))
	})
}

// emailUndoRefused is for an address that became another contact's in the meantime: everybody is put out all the same, and people
// have to sort out the rest.
func (s *Site) emailUndoRefused(c *fiber.Ctx, change queries.EmailChangeByUndoTokenRow) error {
	v, ctx := at(c), c.UserContext()
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := queries.LockOut(ctx, q, v.account.ID, change.ContactID, v.now); err != nil {
			return err
		}
		return v.clientChanged(ctx, q, "contact.email_undo_refused", change.ContactID, change.Name, change.OldEmail, nil, nil)
	})
	if err != nil {
		return err
	}
	return s.emailOver(c, "Your old address has another sign-in", "Everybody is signed out and the password is removed, but "+change.OldEmail+
		" belongs to another entry by now, so it cannot be given back by itself. Write to "+v.account.SupportEmail+" at once.", fiber.StatusUnprocessableEntity)
}

func (s *Site) emailUndoOver(c *fiber.Ctx) error {
	return s.emailOver(c, "This change can no longer be undone", "It was undone already, or seven days have passed. If somebody else has your address, write to "+
		at(c).account.SupportEmail+".", fiber.StatusOK)
}
