package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// mailsForm is which mails come to a client by themselves: whether any, and of which kinds.
type mailsForm struct{ Automatic, Courses, Invoices views.Check }

func newMailsForm(chosen queries.ProfileByContactRow) mailsForm {
	return mailsForm{
		Automatic: views.Check{Name: "automatic", Label: "Automatic mails", Checked: chosen.NoMailAt == nil,
			Hint: "Without these, none of the mails below come. What always comes: answers to what you just did, such as signing in, a purchase, a change of your address or a payment that came back, and what a person here sends to you alone."},
		Courses: views.Check{Name: "courses", Label: "News of my courses", Checked: chosen.NoCourseMailAt == nil,
			Hint: "A course is ready for you, new lessons unlock, your certificate is there."},
		Invoices: views.Check{Name: "invoices", Label: "Reminders of unpaid invoices", Checked: chosen.NoInvoiceMailAt == nil},
	}
}

// profileSaveMails ends automatic mails or lets them come again, and keeps which kinds are wanted, also while none come.
func (s *Site) profileSaveMails(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	wanted, words := c.FormValue("automatic") != "", v.account.Name+" sends you no automatic mails any more."
	if wanted {
		words = "Your choice of mails is saved."
	}
	choices := queries.MailChoices{Courses: c.FormValue("courses") != "", Invoices: c.FormValue("invoices") != ""}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := v.chooseMails(ctx, q, queries.ContactForStopRow{ID: v.client.ContactID, Name: v.client.Name, Email: v.client.Email}, wanted); err != nil {
			return err
		}
		news, err := queries.ChooseMails(ctx, q, v.account.ID, v.client.ContactID, choices, v.now)
		if err != nil || !news {
			return err
		}
		return v.clientChanged(ctx, q, "contact.mail_kinds", v.client.ContactID, v.client.Name, v.client.Email, nil, choices)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, words)
	return toProfile(c, "mails")
}
