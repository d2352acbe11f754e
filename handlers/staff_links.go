package handlers

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/password"
	"atrium/queries"
	"atrium/views"
)

// staffLinkPage sets up a staff person's sign-in, or chooses a new password; Over shows a link that no longer can.
type staffLinkPage struct {
	views.Page
	Setup    bool
	Over     bool
	Email    string
	Accounts string      // where they work, in one line; empty: nowhere
	Name     views.Field // only when setting up
	Password views.Field
	Action   string
	guessed  []string // what may not be the password
}

func (s *Site) newStaffLinkPage(c *fiber.Ctx) (*staffLinkPage, error) {
	v := at(c)
	p := &staffLinkPage{Page: s.secretPage(c, "Choose a password"), Action: "/l/" + c.Params("token"),
		Name: views.Field{Name: "name", Label: "Your name", Autocomplete: "name", Required: true, Autofocus: true, MaxLength: 120},
		Password: views.Field{Name: "password", Label: "Password", Type: "password", Autocomplete: "new-password", Required: true,
			Hint: "At least 10 characters. A few words in a row are easy to remember.", MaxLength: password.Max}}
	link, err := s.q.StaffLinkByToken(c.UserContext(), queries.TokenHash(c.Params("token")))
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		p.Over = true
		return p, nil
	} else if err != nil {
		return nil, err
	}
	p.Over = link.EndedAt != nil || !link.ExpiresAt.After(v.now)
	// Whoever let the set-up link lapse comes by a link for a new password, and would have no name for ever.
	p.Setup, p.Email, p.Name.Value = link.Kind == queries.StaffLinkKindSetup || link.Name == "", link.Email, link.Name
	p.Password.Autofocus = !p.Setup
	p.Accounts, p.guessed = strings.Join(link.Accounts, ", "), append(link.Accounts, link.Email, "atrium")
	return p, nil
}

func (p *staffLinkPage) render(c *fiber.Ctx) error {
	if p.Over {
		return render(c, views.FrameCard, "staff/linkover", "staff/_linkover", p)
	}
	return render(c, views.FrameCard, "staff/link", "staff/_link", p)
}

func (s *Site) staffLinkShow(c *fiber.Ctx) error {
	p, err := s.newStaffLinkPage(c)
	if err != nil {
		return err
	}
	return p.render(c)
}

func (s *Site) staffLinkUse(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, err := s.newStaffLinkPage(c)
	if err != nil {
		return err
	}
	if p.Over {
		return p.render(c)
	}
	var name string
	if p.Setup {
		p.Name.Value = c.FormValue("name")
		name, err = requiredName(p.Name.Value)
		p.Name.Error = messageOf(err)
	}
	p.Password.Refuse(password.Problem(c.FormValue("password"), p.guessed...))
	if p.Name.Error != "" || p.Password.Error != "" {
		p.Name.Autofocus = p.Name.Error != ""
		invalid(c)
		return p.render(c)
	}
	hash, err := s.Passwords.Hash(ctx, c.FormValue("password"))
	if err != nil {
		return err
	}
	in := queries.StaffSignIn{Token: queries.NewToken(), Visit: v.from()}
	var waits bool
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		waits, err = queries.SetPasswordByLink(ctx, q, c.Params("token"), name, hash, in)
		return err
	})
	if errors.Is(err, queries.ErrNotFound) { // somebody else was a moment faster
		p.Over = true
		return p.render(c)
	} else if err != nil {
		return err
	}
	return s.enterStaff(c, in.Token, waits, "/")
}
