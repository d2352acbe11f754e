package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// profileAskDeletion tells the business that the client wants to be forgotten. What must be kept, invoices for one, people have to
// judge, so nothing is deleted by itself.
func (s *Site) profileAskDeletion(c *fiber.Ctx) error {
	v := at(c)
	p := queries.ProfileAskDeletionParams{AccountID: v.account.ID, ID: v.client.ContactID, Now: v.now}
	return s.changeDeletion(c, "contact.deletion_ask", "Your request is noted. "+v.account.Name+" writes to you about it.",
		func(q *queries.Queries) (int64, error) { return q.ProfileAskDeletion(c.UserContext(), p) })
}

// profileKeepData takes that back.
func (s *Site) profileKeepData(c *fiber.Ctx) error {
	v := at(c)
	p := queries.ProfileKeepDataParams{AccountID: v.account.ID, ID: v.client.ContactID, Now: v.now}
	return s.changeDeletion(c, "contact.deletion_withdraw", "Your request is taken back. Your data stays.",
		func(q *queries.Queries) (int64, error) { return q.ProfileKeepData(c.UserContext(), p) })
}

// changeDeletion writes it into the trail unless it was so before.
func (s *Site) changeDeletion(c *fiber.Ctx, action, words string, change func(*queries.Queries) (int64, error)) error {
	v, ctx := at(c), c.UserContext()
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		rows, err := change(q)
		if err != nil || rows == 0 {
			return err
		}
		return v.clientChanged(ctx, q, action, v.client.ContactID, v.client.Name, v.client.Email, nil, nil)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, words)
	return toProfile(c, "data")
}
