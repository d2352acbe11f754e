package handlers

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffSignInPage is the admin side's sign-in.
type staffSignInPage struct {
	views.Page
	Email    views.Field
	Password views.Field
	Problem  string // about the form as a whole; empty: none
	Next     string
}

func (s *Site) newStaffSignInPage(c *fiber.Ctx, email, next string) *staffSignInPage {
	return &staffSignInPage{Page: s.page(c, "Sign in"), Next: nextPath(next),
		Email: views.Field{Name: "email", Label: "E-mail address", Type: "email", Value: email, Autocomplete: "username", InputMode: "email",
			Required: true, Autofocus: email == "", MaxLength: queries.EmailMax},
		Password: views.Field{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password", Required: true}}
}

func (p *staffSignInPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "staff/signin", "staff/_signin", p)
}

// staffSignInShow sends whoever is signed in on. Somebody whose second factor is still to come may begin anew.
func (s *Site) staffSignInShow(c *fiber.Ctx) error {
	if v := at(c); v.session != "" {
		if s.checkStaff(c, person) == nil {
			return goTo{nextPath(c.Query("next"))}
		}
		v.staff = nil
	}
	return s.newStaffSignInPage(c, "", c.Query("next")).render(c)
}

// staffSignIn is as signInByPassword, for staff.
func (s *Site) staffSignIn(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p := s.newStaffSignInPage(c, strings.TrimSpace(c.FormValue("email")), c.FormValue("next"))
	email, err := queries.ParseEmail(p.Email.Value)
	p.Email.Error = messageOf(err)
	if c.FormValue("password") == "" {
		p.Password.Error = "Enter your password."
	}
	if p.Email.Error != "" || p.Password.Error != "" {
		invalid(c)
		return p.render(c)
	}
	if err := s.spendSignIn(c, email); err != nil {
		return err
	}
	staff, err := s.q.StaffByEmail(ctx, email)
	if err = queries.Kind(err); err != nil && !errors.Is(err, queries.ErrNotFound) {
		return err
	}
	right, err := s.Passwords.Matches(ctx, c.FormValue("password"), staff.PasswordHash)
	if err != nil {
		return err
	}
	if !right {
		p.Problem, p.Password.Autofocus = "Address and password do not fit together.", true
		invalid(c)
		return p.render(c)
	}
	in := queries.StaffSignIn{StaffID: staff.ID, Token: queries.NewToken(), OldToken: v.session, Visit: v.from()}
	var waits bool
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		if waits, err = queries.SignInStaff(ctx, q, in); err != nil {
			return err
		}
		return queries.Forgive(ctx, q, uuid.Nil, v.pair(queries.LimitSignInAddress, email))
	})
	if err != nil {
		return err
	}
	return s.enterStaff(c, in.Token, waits, p.Next)
}

// enterStaff gives the browser its session and leads on: to the page that was wanted, or first to the second factor.
func (s *Site) enterStaff(c *fiber.Ctx, token string, waits bool, next string) error {
	if !waits {
		s.setCookie(c, sessionCookie, token, queries.SessionMax)
		return redirect(c, next)
	}
	s.setCookie(c, sessionCookie, token, queries.CodeWait)
	if next != "/" {
		return redirect(c, "/sign-in/code?next="+url.QueryEscape(next))
	}
	return redirect(c, "/sign-in/code")
}

func (s *Site) staffSignOut(c *fiber.Ctx) error {
	v := at(c)
	if _, err := s.q.StaffSessionEnd(c.UserContext(), queries.StaffSessionEndParams{StaffID: v.staff.StaffID, ID: v.staff.ID, Now: v.now,
		EndedBecause: queries.EndReasonSignedOut}); err != nil {
		return err
	}
	s.dropCookie(c, sessionCookie)
	s.flash(c, views.FlashSuccess, "You are signed out.")
	return redirect(c, "/sign-in")
}
