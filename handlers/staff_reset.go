package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffResetPage asks for the address whose password is forgotten, and says that mail is on its way whoever has it.
type staffResetPage struct {
	views.Page
	Email views.Field
	Sent  bool
}

func (s *Site) newStaffResetPage(c *fiber.Ctx, email string) *staffResetPage {
	return &staffResetPage{Page: s.page(c, "Reset your password"), Email: views.Field{Name: "email", Label: "E-mail address", Type: "email",
		Value: email, Autocomplete: "username", InputMode: "email", Required: true, Autofocus: true, MaxLength: queries.EmailMax}}
}

func (p *staffResetPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "staff/reset", "staff/_reset", p)
}

func (s *Site) staffResetShow(c *fiber.Ctx) error {
	return s.newStaffResetPage(c, c.Query("email")).render(c)
}

// staffResetAsk writes the request and its job for known and unknown addresses alike.
func (s *Site) staffResetAsk(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p := s.newStaffResetPage(c, strings.TrimSpace(c.FormValue("email")))
	email, err := queries.ParseEmail(p.Email.Value)
	if err != nil {
		p.Email.Error = messageOf(err)
		invalid(c)
		return p.render(c)
	}
	if err := s.spendMail(c, email); err != nil {
		return err
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		id := queries.NewID()
		if err := q.StaffResetInsert(ctx, queries.StaffResetInsertParams{ID: id, Email: email, Now: v.now}); err != nil {
			return err
		}
		return s.Queue.PasswordReset(ctx, tx, id)
	})
	if err != nil {
		return err
	}
	p.Sent = true
	return p.render(c)
}
