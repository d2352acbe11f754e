package handlers

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// contactsSaveEmail corrects an address; whatever went to the old one ends.
func (s *Site) contactsSaveEmail(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newContactPage(c)
	if err != nil {
		return err
	}
	p.Correct.Value = strings.TrimSpace(c.FormValue("email"))
	email, err := queries.ParseEmail(p.Correct.Value)
	if email == p.Email && p.Bounced == "" { // nothing to correct, so nothing that went to the old address
		return redirect(c, v.base()+"/contacts/"+p.ID.String())
	}
	if err == nil {
		err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
			if err := queries.ChangeEmail(ctx, q, v.account.ID, p.ID, email, v.now); err != nil {
				return err
			}
			e := v.auditEntry("contact.email", queries.AuditSubject{Kind: "contact", ID: &p.ID, Name: p.Email})
			e.Note, e.Before, e.After = "From "+p.Email, map[string]string{"email": p.Email}, map[string]string{"email": email}
			if err := queries.Audit(ctx, q, e); err != nil {
				return err
			}
			return errors.Join(s.Queue.StripeCustomers(ctx, q, tx, v.account.ID, p.ID), s.Queue.Metrics(ctx, tx, v.account.ID))
		})
	}
	if errors.Is(err, queries.ErrConflict) {
		err = queries.Invalid{Field: "email", Message: "Another contact has this address already."}
	}
	if p.Correct.Error = messageOf(err); p.Correct.Error != "" {
		invalid(c)
		return render(c, views.FrameAdmin, "contacts/show", "contacts/_correct", p)
	} else if err != nil {
		return err
	}
	next := ". Invite again to reach it."
	if !p.JoinedAt.At.IsZero() {
		next = ". A magic link brings them in again."
	}
	s.flash(c, views.FlashSuccess, "The address is now "+email+next)
	return redirect(c, v.base()+"/contacts/"+p.ID.String())
}

// contactsInvite sends an invitation, or sends it again, and comes back to the page it was asked from.
func (s *Site) contactsInvite(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		return s.invite(c, q, tx, id, c.FormValue("anyway") != "")
	})
	switch {
	case errors.Is(err, queries.ErrNoMail):
		s.flash(c, views.FlashWarning, "Nothing was sent, since they asked for no more mails. You can send it from here all the same.")
		return redirect(c, v.base()+"/contacts/"+id.String())
	case errors.Is(err, queries.ErrJoined):
		s.flash(c, views.FlashInfo, "This client has joined already. A magic link brings them in.")
	case messageOf(err) != "":
		s.flash(c, views.FlashWarning, messageOf(err))
	case err != nil:
		return err
	default:
		s.flash(c, views.FlashSuccess, "The invitation is on its way.")
	}
	if c.FormValue("from") == "dashboard" {
		return redirect(c, dashboardPath(v.base(), trendDays(c.FormValue("days"))))
	}
	return redirect(c, v.base()+"/contacts/"+id.String())
}

// invite writes the invitation with its mail and the jobs that send it and count it: ErrNoMail for who wants no more mails, but for anyway.
func (s *Site) invite(c *fiber.Ctx, q *queries.Queries, tx pgx.Tx, contact uuid.UUID, anyway bool) error {
	v, ctx := at(c), c.UserContext()
	if err := mayMail(c, q, contact); err != nil {
		return err
	}
	mail, err := s.Mails.Invite(ctx, q, queries.InvitationOf{AccountID: v.account.ID, ContactID: contact, By: &v.staff.StaffID, Bulk: !anyway, Now: v.now})
	if err != nil {
		return err
	}
	if err := s.Queue.BulkMail(ctx, tx, v.account.ID, mail); err != nil {
		return err
	}
	if err := v.didToContact(ctx, q, "contact.invite", contact); err != nil {
		return err
	}
	return s.Queue.Metrics(ctx, tx, v.account.ID)
}

func (s *Site) contactsEndSession(c *fiber.Ctx) error {
	v := at(c)
	contact, err := uuid.Parse(c.Params("id"))
	session, err2 := uuid.Parse(c.Params("session"))
	if err != nil || err2 != nil {
		return queries.ErrNotFound
	}
	err = queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		ended, err := q.SessionEnd(c.UserContext(), queries.SessionEndParams{AccountID: v.account.ID, ContactID: contact, ID: session, Now: v.now,
			EndedBecause: queries.EndReasonRevoked})
		if err == nil && ended == 0 {
			err = queries.ErrNotFound
		}
		if err != nil {
			return err
		}
		return v.didToContact(c.UserContext(), q, "contact.end_session", contact)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The client is signed out on that device.")
	return redirect(c, v.base()+"/contacts/"+contact.String())
}

func (s *Site) contactsRevokeLink(c *fiber.Ctx) error {
	v := at(c)
	contact, err := uuid.Parse(c.Params("id"))
	link, err2 := uuid.Parse(c.Params("link"))
	if err != nil || err2 != nil {
		return queries.ErrNotFound
	}
	err = queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := queries.RevokeLink(c.UserContext(), q, v.account.ID, contact, link, v.now); err != nil {
			return err
		}
		return v.didToContact(c.UserContext(), q, "contact.revoke_link", contact)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The link is withdrawn. It signs nobody in any more.")
	return redirect(c, v.base()+"/contacts/"+contact.String())
}
