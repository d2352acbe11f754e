package handlers

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// regionForm is where a client is and how they write dates and numbers.
type regionForm struct {
	Zone     string // the chosen one; empty: none
	Accounts string // the account's
	Groups   []views.ZoneGroup
	Locale   views.Select
}

func newRegionForm(v *visit) regionForm {
	return regionForm{Zone: v.client.TimeZone, Groups: views.ZoneGroups(), Accounts: v.account.Location.String(),
		Locale: views.Select{Name: "locale", Label: "Dates and numbers", Value: orElse(v.client.Locale, views.LocaleDefault), Options: views.LocaleOptions(v.now)}}
}

// ownRegion is it as the trail keeps it; empty: nothing chosen.
type ownRegion struct {
	TimeZone string `json:"time_zone"`
	Locale   string `json:"dates_and_numbers"`
}

// profileSaveRegion takes what the lists offer; everything else counts as not chosen.
func (s *Site) profileSaveRegion(c *fiber.Ctx) error {
	v, zone, locale := at(c), c.FormValue("zone"), c.FormValue("locale")
	if !views.KnownZone(zone) {
		zone = ""
	}
	if !views.KnownLocale(locale) {
		locale = ""
	}
	is := visitChange{"Time zone, dates and numbers", ownRegion{v.client.TimeZone, v.client.Locale}, ownRegion{zone, locale}}
	err := s.changeOwn(c, is, func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		return q.ProfileSetRegion(ctx, queries.ProfileSetRegionParams{AccountID: v.account.ID, ID: v.client.ContactID, TimeZone: zone, Locale: locale, Now: v.now})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Times and dates are shown that way from now on.")
	return toProfile(c, "region")
}
