package handlers

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// formsSwitch opens a form to everybody, or closes it.
func (s *Site) formsSwitch(c *fiber.Ctx) error {
	v, on := at(c), c.FormValue("on") != ""
	action, said := "form.switch_off", " is off. Whoever opens it reads that it is closed."
	if on {
		action, said = "form.switch_on", " is on."
	}
	title, err := s.changeForm(c, action, func(ctx context.Context, q *queries.Queries, id uuid.UUID) (string, error) {
		return q.FormSwitch(ctx, queries.FormSwitchParams{AccountID: v.account.ID, ID: id, SwitchedOn: on, Now: v.now})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+title+"”"+said)
	return redirect(c, v.base()+"/forms/"+c.Params("id"))
}

// formsDelete removes a form with all that was sent by it; the contacts it made stay.
func (s *Site) formsDelete(c *fiber.Ctx) error {
	v := at(c)
	title, err := s.changeForm(c, "form.delete", func(ctx context.Context, q *queries.Queries, id uuid.UUID) (string, error) {
		return q.FormDelete(ctx, queries.FormDeleteParams{AccountID: v.account.ID, ID: id})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+title+"” is deleted. The contacts it made are still there.")
	return redirect(c, v.base()+"/forms")
}

// changeForm does something to the form in the path and writes it into the trail; the change tells the form's title.
func (s *Site) changeForm(c *fiber.Ctx, action string, change func(context.Context, *queries.Queries, uuid.UUID) (string, error)) (title string, err error) {
	ctx := c.UserContext()
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return "", queries.ErrNotFound
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		if title, err = change(ctx, q, id); err != nil {
			return err
		}
		return at(c).did(ctx, q, action, queries.AuditSubject{Kind: "form", ID: &id, Name: title})
	})
	return title, err
}
