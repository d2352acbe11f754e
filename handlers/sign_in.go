package handlers

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// signInPage is the portal's sign-in: address and password, or the address alone for a link by mail.
type signInPage struct {
	views.Page
	Email    views.Field
	Password views.Field
	Problem  string // about the form as a whole; empty: none
	Next     string // where to go afterwards
}

func (s *Site) newSignInPage(c *fiber.Ctx, email, next string) *signInPage {
	page := s.page(c, "Sign in")
	page.Description = "Sign in to the client portal of " + page.Account.Name + "."
	return &signInPage{Page: page, Next: nextPath(next),
		Email: views.Field{Name: "email", Label: "E-mail address", Type: "email", Value: email, Autocomplete: "username", InputMode: "email",
			Required: true, Autofocus: email == "", MaxLength: queries.EmailMax},
		Password: views.Field{Name: "password", Label: "Password", Type: "password", Autocomplete: "current-password"}}
}

func (p *signInPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "signin/index", "signin/_form", p)
}

func (s *Site) signInShow(c *fiber.Ctx) error {
	if v := at(c); v.client != nil {
		return goTo{v.arrival(nextPath(c.Query("next")))}
	}
	if c.Request().URI().QueryArgs().Len() == 0 && !s.hasFlash(c) && !isFragment(c) {
		return s.kept.show(c, s.formToken(c), func() error { return s.newSignInPage(c, "", "").render(c) })
	}
	return s.newSignInPage(c, "", c.Query("next")).render(c)
}

// signInByPassword answers an unknown address, a contact without a password and a wrong password alike, after the same work.
func (s *Site) signInByPassword(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p := s.newSignInPage(c, strings.TrimSpace(c.FormValue("email")), c.FormValue("next"))
	email, err := queries.ParseEmail(p.Email.Value)
	if err != nil {
		return p.refuse(c, &p.Email, err)
	}
	if c.FormValue("password") == "" {
		p.Password.Error = "Enter your password, or have a sign-in link mailed to you."
		invalid(c)
		return p.render(c)
	}
	if err := s.spendSignIn(c, email); err != nil {
		return err
	}
	contact, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: v.account.ID, Email: email})
	if err = queries.Kind(err); err != nil && !errors.Is(err, queries.ErrNotFound) {
		return err
	}
	right, err := s.Passwords.Matches(ctx, c.FormValue("password"), contact.PasswordHash)
	if err != nil {
		return err
	}
	if !right {
		p.Problem = "Address and password do not fit together. Try again, or have a sign-in link mailed to you."
		p.Password.Autofocus = true
		invalid(c)
		return p.render(c)
	}
	in := s.signInOf(c, queries.SignInMethodPassword)
	in.ContactID = contact.ID
	if err := s.signedIn(c, in, func(q *queries.Queries) (bool, error) {
		first, err := queries.SignInClient(ctx, q, in)
		return first, errors.Join(err, queries.Forgive(ctx, q, v.account.ID, v.pair(queries.LimitSignInAddress, email)))
	}); err != nil {
		return err
	}
	return redirect(c, v.arrival(p.Next))
}

// refuse shows the form again with a message beside the field.
func (p *signInPage) refuse(c *fiber.Ctx, field *views.Field, err error) error {
	var wrong queries.Invalid
	if !errors.As(err, &wrong) {
		return err
	}
	field.Error = wrong.Message
	invalid(c)
	return p.render(c)
}

// signInOf prepares the sign-in of this browser: a new cookie's token, and the old one's, which ends.
func (s *Site) signInOf(c *fiber.Ctx, method queries.SignInMethod) queries.SignIn {
	v := at(c)
	return queries.SignIn{AccountID: v.account.ID, Method: method, Token: queries.NewToken(), OldToken: v.session, Visit: v.from()}
}

// signedIn runs what a proof earns in one transaction, with the job that counts a first sign-in, and then gives the browser
// its cookie.
func (s *Site) signedIn(c *fiber.Ctx, in queries.SignIn, f func(q *queries.Queries) (first bool, err error)) error {
	err := queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		first, err := f(q)
		if err != nil || !first {
			return err
		}
		return s.Queue.Metrics(c.UserContext(), tx, in.AccountID)
	})
	if err == nil {
		s.setCookie(c, sessionCookie, in.Token, queries.SessionMax)
	}
	return err
}

func (s *Site) signOut(c *fiber.Ctx) error {
	v := at(c)
	_, err := s.q.SessionEnd(c.UserContext(), queries.SessionEndParams{AccountID: v.account.ID, ContactID: v.client.ContactID, ID: v.client.ID,
		Now: v.now, EndedBecause: queries.EndReasonSignedOut})
	if err != nil {
		return err
	}
	s.dropCookie(c, sessionCookie)
	s.flash(c, views.FlashSuccess, "You are signed out.")
	return redirect(c, "/sign-in")
}
