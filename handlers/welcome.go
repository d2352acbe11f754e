package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/handlers/password"
	"atrium/queries"
	"atrium/views"
)

// welcomePage is the first arrival: name, and a password or none.
type welcomePage struct {
	views.Page
	Name     views.Field
	Password views.Field
	LinkOnly views.Check
	Next     string // where to go afterwards
}

func (s *Site) newWelcomePage(c *fiber.Ctx, name, next string) *welcomePage {
	return &welcomePage{Page: s.page(c, "Welcome"), Next: nextPath(next),
		Name: views.Field{Name: "name", Label: "Your name", Value: name, Autocomplete: "name", Required: true, Autofocus: true, MaxLength: 120},
		Password: views.Field{Name: "password", Label: "Choose a password", Type: "password", Autocomplete: "new-password",
			Hint: "At least 10 characters. A few words in a row are easy to remember.", MaxLength: password.Max},
		LinkOnly: views.Check{Name: "link_only", Label: "No password: mail me a sign-in link each time"}}
}

func (p *welcomePage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "welcome/show", "welcome/_form", p)
}

func (s *Site) welcomeShow(c *fiber.Ctx) error {
	if v := at(c); v.client.AcceptedAt != nil || v.visiting() {
		return goTo{v.arrival(nextPath(c.Query("next")))}
	}
	return s.newWelcomePage(c, at(c).client.Name, c.Query("next")).render(c)
}

// welcomeSave is for newcomers only: later it would be a way to another password without knowing the one there is.
func (s *Site) welcomeSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	if v.client.AcceptedAt != nil {
		return goTo{v.arrival(nextPath(c.FormValue("next")))}
	}
	p := s.newWelcomePage(c, c.FormValue("name"), c.FormValue("next"))
	p.LinkOnly.Checked = c.FormValue("link_only") != ""
	name, err := requiredName(p.Name.Value)
	p.Name.Error = messageOf(err)
	if !p.LinkOnly.Checked {
		p.Password.Refuse(password.Problem(c.FormValue("password"), v.client.Email, v.account.Name))
	}
	if p.Name.Error != "" || p.Password.Error != "" {
		p.Name.Autofocus = p.Name.Error != ""
		invalid(c)
		return p.render(c)
	}
	save := queries.ContactSetAcceptedParams{AccountID: v.account.ID, ID: v.client.ContactID, Name: name, Now: v.now}
	if !p.LinkOnly.Checked {
		hash, err := s.Passwords.Hash(ctx, c.FormValue("password"))
		if err != nil {
			return err
		}
		save.PasswordHash = &hash
	}
	if err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error { return s.accept(c, q, tx, save) }); err != nil {
		return err
	}
	return redirect(c, v.arrival(p.Next))
}

// accept finishes the arrival and, where the account does that, queues the mail that welcomes the client.
func (s *Site) accept(c *fiber.Ctx, q *queries.Queries, tx pgx.Tx, save queries.ContactSetAcceptedParams) error {
	ctx := c.UserContext()
	accepted, err := q.ContactSetAccepted(ctx, save)
	if err != nil || accepted == 0 { // none: it was finished in another window a moment ago
		return err
	}
	if err := s.Queue.StripeCustomers(ctx, q, tx, save.AccountID, save.ID); err != nil {
		return err
	}
	mail, err := s.Mails.Welcome(ctx, q, save.AccountID, save.ID, save.Now)
	if err != nil || mail == nil {
		return err
	}
	return s.Queue.Mail(ctx, tx, save.AccountID, *mail)
}

// requiredName is a person's name that may not be empty.
func requiredName(typed string) (string, error) {
	name, err := queries.ParseName(typed)
	if err == nil && name == "" {
		err = queries.Invalid{Field: "name", Message: "Enter your name, as others should see it."}
	}
	return name, err
}

// messageOf is what an error says to the person who typed; empty for nil.
func messageOf(err error) string {
	var wrong queries.Invalid
	if errors.As(err, &wrong) {
		return wrong.Message
	}
	return ""
}

// fieldOf is the field that an Invalid is about; empty for other errors.
func fieldOf(err error) string {
	var wrong queries.Invalid
	if errors.As(err, &wrong) {
		return wrong.Field
	}
	return ""
}
