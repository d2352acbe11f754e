package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffCodePage asks somebody whose password was right for their second factor.
type staffCodePage struct {
	views.Page
	Code views.Field
	Next string
}

func (s *Site) newStaffCodePage(c *fiber.Ctx, next string) *staffCodePage {
	return &staffCodePage{Page: s.page(c, "Enter your code"), Next: nextPath(next), Code: codeField("Code from your app, or a recovery code")}
}

// codeField takes six digits, or a recovery code; so it brings up no keyboard of digits alone.
func codeField(label string) views.Field {
	return views.Field{Name: "code", Label: label, Autocomplete: "one-time-code", Required: true, Autofocus: true, MaxLength: 40}
}

func (p *staffCodePage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "staff/code", "staff/_code", p)
}

func (s *Site) staffCodeShow(c *fiber.Ctx) error {
	return s.newStaffCodePage(c, c.Query("next")).render(c)
}

// staffCodeUse opens the session that both factors earn, in place of the one that waits.
func (s *Site) staffCodeUse(c *fiber.Ctx) error {
	v, ctx, staff := at(c), c.UserContext(), at(c).staff
	in := queries.StaffSignIn{StaffID: staff.StaffID, Token: queries.NewToken(), OldToken: v.session, CodeGiven: true, Visit: v.from()}
	err := s.useCode(c, func(q *queries.Queries) error {
		_, err := queries.SignInStaff(ctx, q, in)
		return err
	})
	if errors.Is(err, queries.ErrWrongCode) {
		p := s.newStaffCodePage(c, c.FormValue("next"))
		p.Code.Refuse(wrongCode)
		invalid(c)
		return p.render(c)
	} else if err != nil {
		return err
	}
	return s.enterStaff(c, in.Token, false, nextPath(c.FormValue("next")))
}

const wrongCode = "This code is not right, or it was used before. Each code counts once: wait for the next one."

// useCode takes the form's code of the person who asks, within its limit, and does what that opens in the same transaction.
// ErrWrongCode when it is not right.
func (s *Site) useCode(c *fiber.Ctx, then func(q *queries.Queries) error) error {
	v, ctx := at(c), c.UserContext()
	spending := queries.Spending{Limit: queries.LimitTwoFactor, Subject: v.staff.StaffID.String()}
	switch wait, err := queries.Spend(ctx, s.q, uuid.Nil, v.now, spending); {
	case err != nil:
		return err
	case wait > 0:
		return tooMany{wait}
	}
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		row, err := q.StaffTwoFactor(ctx, v.staff.StaffID)
		if err != nil {
			return err
		}
		recovery, err := s.Mails.UseCode(ctx, q, row, c.FormValue("code"), v.now)
		if err != nil {
			return err
		}
		if recovery {
			if err := v.didEverywhere(ctx, q, "staff.recovery_code_used"); err != nil {
				return err
			}
		}
		if err := queries.Forgive(ctx, q, uuid.Nil, spending); err != nil {
			return err
		}
		return then(q)
	})
}
