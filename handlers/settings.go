package handlers

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// settingsPage is what an owner decides about the account as a whole.
type settingsPage struct {
	views.Page
	TimeZone  views.Select
	MayChange views.Check
}

func (s *Site) newSettingsPage(c *fiber.Ctx, is queries.AccountSettingsRow) *settingsPage {
	p := &settingsPage{Page: s.page(c, "Settings"),
		TimeZone: views.Select{Name: "time_zone", Label: "Time zone", Value: is.TimeZone, Hint: "Times in mails and the days of your figures are told in it."},
		MayChange: views.Check{Name: "staff_may_change", Label: "They may change things as the client", Checked: is.StaffMayChange,
			Hint: "Off, they only look. Password, address and devices stay the client's own either way."}}
	zones := timeZones
	if !slices.Contains(zones, is.TimeZone) { // set on the command line, or by an older list
		zones = append([]string{is.TimeZone}, zones...)
	}
	for _, zone := range zones {
		p.TimeZone.Options = append(p.TimeZone.Options, views.Option{Value: zone, Label: zone})
	}
	return p
}

func (s *Site) settingsShow(c *fiber.Ctx) error {
	is, err := s.q.AccountSettings(c.UserContext(), at(c).account.ID)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "settings/show", "", s.newSettingsPage(c, is))
}

func (s *Site) settingsSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	was, err := s.q.AccountSettings(ctx, v.account.ID)
	if err != nil {
		return err
	}
	to := queries.AccountSettingsRow{TimeZone: c.FormValue("time_zone"), StaffMayChange: c.FormValue("staff_may_change") != ""}
	if to.TimeZone != was.TimeZone && !slices.Contains(timeZones, to.TimeZone) {
		p := s.newSettingsPage(c, was)
		p.TimeZone.Error, p.MayChange.Checked = "Choose one of these time zones.", to.StaffMayChange
		invalid(c)
		return render(c, views.FrameAdmin, "settings/show", "settings/_form", p)
	}
	if to != was {
		err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
			if err := q.AccountSetSettings(ctx, queries.AccountSetSettingsParams{ID: v.account.ID, TimeZone: to.TimeZone, StaffMayChange: to.StaffMayChange, Now: v.now}); err != nil {
				return err
			}
			if err := v.changed(ctx, q, "account.settings", queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: v.account.Name}, settingsOf(was), settingsOf(to)); err != nil {
				return err
			}
			return s.Queue.Metrics(ctx, tx, v.account.ID) // the days of the trend begin at other hours
		})
	}
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The settings are saved.")
	return redirect(c, v.base()+"/settings")
}

// settingsOf is the settings as the audit log has them.
func settingsOf(r queries.AccountSettingsRow) map[string]any {
	return map[string]any{"time_zone": r.TimeZone, "staff_may_change": r.StaffMayChange}
}
