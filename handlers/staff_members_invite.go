package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffMembersInvite mails somebody the link to set up their sign-in; whoever has one already is in at once, and is told.
func (s *Site) staffMembersInvite(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newStaffMembersPage(c)
	if err != nil {
		return err
	}
	email, err := queries.ParseEmail(p.Email.Value)
	p.Email.Error = messageOf(err)
	role := queries.StaffRole(p.Role.Value)
	if !role.Valid() {
		p.Role.Error = "Choose one of these roles."
	}
	if p.Email.Error == "" && p.Role.Error == "" {
		err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
			staff, mail, err := s.Mails.InviteStaff(ctx, q, s.staffChange(v, uuid.Nil), email, role)
			if err != nil {
				return err
			}
			if err := s.Queue.Mail(ctx, tx, v.account.ID, mail); err != nil {
				return err
			}
			return v.changed(ctx, q, "staff.invite", queries.AuditSubject{Kind: "staff", ID: &staff, Name: email}, nil, staffRoleIs{role})
		})
		if errors.Is(err, queries.ErrConflict) {
			p.Email.Error = "Somebody with this address is here already, or invited."
		} else if err != nil {
			return staffFault(err)
		}
	}
	if p.Email.Error != "" || p.Role.Error != "" {
		p.Email.Autofocus = true
		invalid(c)
		return p.render(c, "staffmembers/_invite")
	}
	s.flash(c, views.FlashSuccess, "A mail is on its way to "+email+".")
	return redirect(c, v.base()+"/people")
}

func (s *Site) staffMembersResend(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	change, err := s.member(c)
	if err != nil {
		return err
	}
	person, err := s.q.StaffMember(ctx, queries.StaffMemberParams{AccountID: v.account.ID, StaffID: change.StaffID})
	if err != nil {
		return queries.Kind(err)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if !person.Pending {
			return queries.Invalid{Field: "email", Message: person.Name + " has set up their sign-in in the meantime."}
		}
		if err := mayMail(c, q, person.StaffID); err != nil {
			return err
		}
		mail, err := s.Mails.MailStaffSetup(ctx, q, change, person.Email)
		if err != nil {
			return err
		}
		if err := s.Queue.Mail(ctx, tx, v.account.ID, mail); err != nil {
			return err
		}
		return v.did(ctx, q, "staff.resend", queries.AuditSubject{Kind: "staff", ID: &person.StaffID, Name: person.Email})
	})
	switch {
	case messageOf(err) != "":
		s.flash(c, views.FlashWarning, messageOf(err))
	case err != nil:
		return err
	default:
		s.flash(c, views.FlashSuccess, "The invitation is on its way to "+person.Email+" again.")
	}
	return redirect(c, v.base()+"/people")
}
