package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffRoleIs is a role as the trail tells it.
type staffRoleIs struct {
	Role queries.StaffRole `json:"role"`
}

func (s *Site) staffChange(v *visit, staff uuid.UUID) queries.StaffChange {
	return queries.StaffChange{AccountID: v.account.ID, By: v.staff.StaffID, StaffID: staff, Now: v.now}
}

// staffFault tells whoever stopped being an owner while they asked.
func staffFault(err error) error {
	if errors.Is(err, queries.ErrNotOwner) {
		return errRole
	}
	return err
}

// member is the person in the path.
func (s *Site) member(c *fiber.Ctx) (queries.StaffChange, error) {
	id, err := uuid.Parse(c.Params("member"))
	if err != nil {
		return queries.StaffChange{}, queries.ErrNotFound
	}
	return s.staffChange(at(c), id), nil
}

func (s *Site) staffMembersSetRole(c *fiber.Ctx) error {
	v, ctx, role := at(c), c.UserContext(), queries.StaffRole(c.FormValue("role"))
	change, err := s.member(c)
	if err != nil {
		return err
	}
	var person queries.StaffMemberRow
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		if !role.Valid() {
			return queries.Invalid{Field: "role", Message: "Choose one of the roles."}
		}
		if person, err = change.SetRole(ctx, q, role); err != nil || person.Role == role {
			return err
		}
		return v.changed(ctx, q, "staff.role", queries.AuditSubject{Kind: "staff", ID: &person.StaffID, Name: orElse(person.Name, person.Email)},
			staffRoleIs{person.Role}, staffRoleIs{role})
	})
	switch {
	case errors.Is(err, queries.ErrLastOwner):
		s.flash(c, views.FlashWarning, lastOwner)
	case messageOf(err) != "":
		s.flash(c, views.FlashWarning, messageOf(err))
	case err != nil:
		return staffFault(err)
	default:
		s.flash(c, views.FlashSuccess, orElse(person.Name, person.Email)+" is "+roleWords(role)+" now.")
	}
	if person.StaffID == v.staff.StaffID && role == queries.StaffRoleSupport && err == nil {
		return redirect(c, v.base()) // this page is not theirs any more
	}
	return redirect(c, v.base()+"/people")
}

const lastOwner = "An account needs an owner. Make somebody else an owner first."

func (s *Site) staffMembersRemove(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	change, err := s.member(c)
	if err != nil {
		return err
	}
	if change.StaffID == v.staff.StaffID {
		return s.staffLeave(c)
	}
	var person queries.StaffMemberRow
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		if person, err = change.Remove(ctx, q); err != nil {
			return err
		}
		action := "staff.remove"
		if person.Pending {
			action = "staff.withdraw"
		}
		return v.changed(ctx, q, action, queries.AuditSubject{Kind: "staff", ID: &person.StaffID, Name: orElse(person.Name, person.Email)}, staffRoleIs{person.Role}, nil)
	})
	switch {
	case errors.Is(err, queries.ErrLastOwner):
		s.flash(c, views.FlashWarning, lastOwner)
	case err != nil:
		return staffFault(err)
	case person.Pending:
		s.flash(c, views.FlashSuccess, "The invitation of "+person.Email+" is withdrawn.")
	default:
		s.flash(c, views.FlashSuccess, orElse(person.Name, person.Email)+" is removed and sees nothing of the account any more.")
	}
	return redirect(c, v.base()+"/people")
}
