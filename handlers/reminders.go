package handlers

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// reminderPage switches the reminders on and off and says who gets them.
type reminderPage struct {
	views.Page
	On       bool
	Switch   views.Choice
	Days     views.Field
	Chosen   string // the days in words, the account's or those offered
	Due      int    // contacts that are due when reminders next go out, or would be
	DueMore  bool   // and more than that
	DueWhen  string // today, or tomorrow once the evening has come
	TimeZone string
}

// dueShown is up to how many contacts are counted that are due: the page says "and more" after that.
const dueShown = 1000

func (s *Site) newReminderPage(c *fiber.Ctx) (*reminderPage, error) {
	v := at(c)
	end, today := queries.RemindersEnd(v.now)
	loaded, err := queries.LoadReminderPage(c.UserContext(), s.DB, v.account.ID, end, dueShown+1)
	if err != nil {
		return nil, err
	}
	days := loaded.Settings.ReminderDays
	p := &reminderPage{Page: s.page(c, "Reminders"), On: len(days) > 0, Due: min(len(loaded.Due), dueShown), DueMore: len(loaded.Due) > dueShown,
		DueWhen: "tomorrow", TimeZone: loaded.Settings.TimeZone}
	if today {
		p.DueWhen = "today"
	}
	p.Switch = views.Choice{Name: "reminders", Label: "Automatic reminders", Value: "off", Options: []views.Option{
		{Value: "on", Label: "On", Hint: "Whoever has not joined by then gets a mail."}, {Value: "off", Label: "Off", Hint: "Nobody is reminded."}}}
	if p.On {
		p.Switch.Value = "on"
	} else {
		days = queries.ReminderDaysOffered
	}
	p.Chosen = daysWords(days)
	p.Days = views.Field{Name: "days", Label: "Days after the invitation", Value: daysTyped(days), InputMode: "text", Autocomplete: "off", MaxLength: 60,
		Hint: "Up to five days from 1 to 60, with commas between. An invitation that is not sent again ends after 30."}
	return p, nil
}

// daysTyped is how days are typed: 3, 7.
func daysTyped(days []int16) string {
	words := make([]string, len(days))
	for i, day := range days {
		words[i] = strconv.Itoa(int(day))
	}
	return strings.Join(words, ", ")
}

// daysWords is how days are told: day 3, or days 3 and 7.
func daysWords(days []int16) string {
	typed := daysTyped(days)
	last := strings.LastIndex(typed, ", ")
	if last < 0 {
		return "day " + typed
	}
	return "days " + typed[:last] + " and " + typed[last+2:]
}

func (s *Site) remindersShow(c *fiber.Ctx) error {
	p, err := s.newReminderPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "reminders/index", "", p)
}

// reminderSetting is the setting as the audit log keeps it.
type reminderSetting struct {
	Days []int16 `json:"days"` // empty: off
}

func (s *Site) remindersSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	days, told := []int16{}, "Reminders are off. Nobody is reminded."
	if c.FormValue("reminders") == "on" {
		var err error
		if days, err = queries.ParseReminderDays(c.FormValue("days")); err != nil {
			return s.remindersRefuse(c, err)
		}
		told = "Reminders are on: whoever has not joined gets a mail on " + daysWords(days) + "."
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		before, err := q.ReminderSettings(ctx, v.account.ID)
		if err != nil {
			return err
		}
		if err := q.ReminderSettingsSave(ctx, queries.ReminderSettingsSaveParams{ID: v.account.ID, ReminderDays: days, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "reminders.change", queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: v.account.Name},
			reminderSetting{before.ReminderDays}, reminderSetting{days})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, told)
	return redirect(c, v.base()+"/reminders")
}

// remindersRefuse sends the form back as it was filled in, with what is wrong.
func (s *Site) remindersRefuse(c *fiber.Ctx, wrong error) error {
	p, err := s.newReminderPage(c)
	if err != nil {
		return err
	}
	p.Switch.Value, p.Days.Value = "on", c.FormValue("days")
	p.Days.Refuse(messageOf(wrong))
	invalid(c)
	return render(c, views.FrameAdmin, "reminders/index", "reminders/_form", p)
}
