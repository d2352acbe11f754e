package handlers

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// invoiceReminderPage switches the reminders of invoices on and off and says who gets them.
type invoiceReminderPage struct {
	views.Page
	On       bool
	Switch   views.Choice
	Days     views.Field
	Chosen   string // the days in words, the account's or those offered
	Due      int    // invoices that are due for it today, or would be
	DueMore  bool   // and more than that
	TimeZone string
}

func (s *Site) newInvoiceReminderPage(c *fiber.Ctx) (*invoiceReminderPage, error) {
	v := at(c)
	loaded, err := queries.LoadInvoiceReminderPage(c.UserContext(), s.DB, v.account.ID, v.now, dueShown+1)
	if err != nil {
		return nil, err
	}
	days := loaded.Settings.InvoiceReminderDays
	p := &invoiceReminderPage{Page: s.page(c, "Reminders of invoices"), On: len(days) > 0, Due: min(len(loaded.Due), dueShown), DueMore: len(loaded.Due) > dueShown, TimeZone: loaded.Settings.TimeZone}
	p.Switch = views.Choice{Name: "reminders", Label: "Automatic reminders", Value: "off", Options: []views.Option{
		{Value: "on", Label: "On", Hint: "Whoever has not paid by then gets a mail."}, {Value: "off", Label: "Off", Hint: "Nobody is reminded unless you do it by hand."}}}
	if p.On {
		p.Switch.Value = "on"
	} else {
		days = queries.InvoiceReminderDaysOffered
	}
	p.Chosen = daysWords(days)
	p.Days = views.Field{Name: "days", Label: "Days after the invoice was due", Value: daysTyped(days), InputMode: "text", Autocomplete: "off", MaxLength: 60,
		Hint: "Up to five days from 1 to 60, with commas between."}
	return p, nil
}

func (s *Site) invoiceRemindersShow(c *fiber.Ctx) error {
	p, err := s.newInvoiceReminderPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "invoicereminders/index", "", p)
}

func (s *Site) invoiceRemindersSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	days, told := []int16{}, "Reminders are off. Nobody is reminded of an invoice by itself."
	if c.FormValue("reminders") == "on" {
		var err error
		if days, err = queries.ParseReminderDays(c.FormValue("days")); err != nil {
			return s.invoiceRemindersRefuse(c, err)
		}
		told = "Reminders are on: whoever has not paid gets a mail on " + daysWords(days) + " after the invoice was due."
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		before, err := q.InvoiceReminderSettings(ctx, v.account.ID)
		if err != nil {
			return err
		}
		if err := q.InvoiceReminderSettingsSave(ctx, queries.InvoiceReminderSettingsSaveParams{ID: v.account.ID, InvoiceReminderDays: days, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "invoice_reminders.change", queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: v.account.Name},
			reminderSetting{before.InvoiceReminderDays}, reminderSetting{days})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, told)
	return redirect(c, v.base()+"/invoices/reminders")
}

// invoiceRemindersRefuse sends the form back as it was filled in, with what is wrong.
func (s *Site) invoiceRemindersRefuse(c *fiber.Ctx, wrong error) error {
	p, err := s.newInvoiceReminderPage(c)
	if err != nil {
		return err
	}
	p.Switch.Value, p.Days.Value = "on", c.FormValue("days")
	p.Days.Refuse(messageOf(wrong))
	invalid(c)
	return render(c, views.FrameAdmin, "invoicereminders/index", "invoicereminders/_form", p)
}

// staffInvoicesRemind mails an open invoice's client its link once more, once a day at most. Stripe is looked at before, as
// changeInvoice does: nobody is reminded of what they have paid.
func (s *Site) staffInvoicesRemind(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	row, err := s.invoiceOfAccount(c)
	if err != nil {
		return err
	}
	path := v.base() + "/invoices/" + row.ID.String()
	if problem, err := s.stripeWords(c, s.lookNow(c, row.StripeID)); problem != "" || err != nil {
		return s.toldUnless(c, err, problem, path)
	}
	if row, err = s.invoiceOfAccount(c); err != nil {
		return err
	} else if row.State != queries.InvoiceStateOpen || row.Payment == queries.PaymentStateProcessing {
		return s.told(c, "It has changed since you opened the page, so nothing was done. This is how it stands now.", "", path)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		mail, err := s.Mails.RemindOfInvoice(ctx, q, v.account.ID, row.ID, true, v.now)
		if err != nil {
			return err
		}
		if err := s.Queue.Mail(ctx, tx, v.account.ID, mail); err != nil {
			return err
		}
		return v.did(ctx, q, "invoice.remind", queries.AuditSubject{Kind: "invoice", ID: &row.ID, Name: invoiceWords(row)})
	})
	var refused queries.Invalid
	switch {
	case errors.Is(err, queries.ErrReminded):
		return s.told(c, "They were reminded of it today. One mail a day is enough.", "", path)
	case errors.As(err, &refused):
		return s.told(c, refused.Message, "", path)
	case err != nil:
		return err
	}
	return s.told(c, "", "A reminder is on its way to "+row.Email+".", path)
}
