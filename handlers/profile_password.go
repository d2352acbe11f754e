package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/password"
	"atrium/queries"
	"atrium/views"
)

// profileSavePassword sets a password, or removes it, and ends every other session: whoever else was in is out.
func (s *Site) profileSavePassword(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newProfilePage(c)
	if err != nil {
		return err
	}
	remove := c.FormValue("remove") != "" && v.client.HasPassword
	problem, err := s.currentProblem(c)
	if err != nil {
		return err
	}
	if remove {
		p.RemoveCurrent.Refuse(problem)
	} else {
		p.Current.Refuse(problem)
		p.Password.Refuse(password.Problem(c.FormValue("password"), v.client.Email, v.account.Name))
	}
	if problem != "" || p.Password.Error != "" {
		invalid(c)
		return render(c, views.FramePortal, "profile/index", "profile/_password", p)
	}
	var hash *string
	if !remove {
		made, err := s.Passwords.Hash(ctx, c.FormValue("password"))
		if err != nil {
			return err
		}
		hash = &made
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := q.ContactSetPassword(ctx, queries.ContactSetPasswordParams{AccountID: v.account.ID, ID: v.client.ContactID, PasswordHash: hash, Now: v.now}); err != nil {
			return err
		}
		_, err := q.SessionEndOthers(ctx, queries.SessionEndOthersParams{AccountID: v.account.ID, ContactID: v.client.ContactID, But: v.client.ID,
			Now: v.now, EndedBecause: queries.EndReasonPasswordChanged})
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case remove:
		s.flash(c, views.FlashSuccess, "Your password is removed. You sign in by a link in your mail.")
	case v.client.HasPassword:
		s.flash(c, views.FlashSuccess, "Your password is changed, and you are signed out everywhere else.")
	default:
		s.flash(c, views.FlashSuccess, "Your password is saved. You can sign in with it from now on.")
	}
	return redirect(c, "/profile")
}

// freshProof is how long a sign-in by mail lets a forgotten password be replaced.
const freshProof = 30 * time.Minute

// asksCurrent says whether a change of the password needs the one so far: always, but for somebody who has just proved by
// mail who they are, since that is how a forgotten one is replaced.
func (v *visit) asksCurrent() bool {
	byMail := !v.visiting() && v.client.Method != queries.SignInMethodPassword && v.client.CreatedAt.After(v.now.Add(-freshProof))
	return v.client.HasPassword && !byMail
}

// currentProblem checks the password so far, within the limit of sign-in tries; empty when it is right or there is none.
func (s *Site) currentProblem(c *fiber.Ctx) (string, error) {
	v, ctx := at(c), c.UserContext()
	if !v.asksCurrent() {
		return "", nil
	}
	if err := s.spend(c, queries.Spending{Limit: queries.LimitPassword, Subject: v.client.ContactID.String()}); err != nil {
		return "", err
	}
	hash, err := s.q.ContactPasswordHash(ctx, queries.ContactPasswordHashParams{AccountID: v.account.ID, ID: v.client.ContactID})
	if err != nil {
		return "", err
	}
	if right, err := s.Passwords.Matches(ctx, c.FormValue("current"), hash); err != nil || right {
		return "", err
	}
	return "This is not your current password.", nil
}
