package handlers

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// leaveText is what leaving an account means.
const leaveText = "You see nothing of it any more, on any device. Only an owner can let you in again."

// staffLeavePage asks somebody of the staff whether they want to leave the account.
type staffLeavePage struct {
	views.Page
	OnlyOwner bool // nobody else owns the account, so they cannot
	Text      string
}

func (s *Site) newStaffLeavePage(c *fiber.Ctx) *staffLeavePage {
	return &staffLeavePage{Page: s.page(c, "Leave this account"), Text: leaveText}
}

func (p *staffLeavePage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "staff/leave", "", p)
}

func (s *Site) staffLeaveShow(c *fiber.Ctx) error {
	v, p := at(c), s.newStaffLeavePage(c)
	only, err := s.q.StaffOnlyOwnerOf(c.UserContext(), v.staff.StaffID)
	if err != nil {
		return err
	}
	p.OnlyOwner = slices.Contains(only, v.account.ID)
	return p.render(c)
}

// staffLeave takes whoever asks out of the account, and leads them to what is left.
func (s *Site) staffLeave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		person, err := s.staffChange(v, uuid.Nil).Leave(ctx, q, v.staff.ID)
		if err != nil {
			return err
		}
		return v.changed(ctx, q, "staff.leave", queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: v.account.Name}, staffRoleIs{person.Role}, nil)
	})
	p := s.newStaffLeavePage(c)
	if errors.Is(err, queries.ErrLastOwner) {
		p.OnlyOwner = true
		invalid(c)
		return p.render(c)
	} else if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "You have left "+v.account.Name+".")
	left := slices.DeleteFunc(p.Accounts, func(a views.AccountChoice) bool { return a.Current })
	if len(left) == 1 { // where the list of accounts would lead on to, without the message
		return redirect(c, left[0].Href)
	}
	return redirect(c, "/")
}
