package handlers

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// device is a browser in which somebody is signed in.
type device struct {
	ID      uuid.UUID
	Name    string // "Firefox on Windows"
	Phone   bool
	This    bool
	Team    bool // not the client: staff of the business, looking as they do
	Over    bool // listed though it is not open any more, so that the client knows of it
	IP      string
	Method  string // how it signed in, in words; empty for staff
	Began   views.Moment
	Seen    views.Moment
	EndPath string
	Token   string
}

// showDevices fills in where the client is signed in.
func (p *profilePage) showDevices(v *visit, open []queries.SessionListOpenRow) {
	for _, row := range open {
		d := device{ID: row.ID, Name: agentWords(row.UserAgent), Phone: isPhone(row.UserAgent), This: row.ID == v.client.ID,
			IP: row.IP.String(), Method: methodWords(row.Method), Began: v.moment(&row.CreatedAt), Seen: v.moment(&row.LastSeenAt),
			EndPath: "/profile/devices/" + row.ID.String() + "/end", Token: p.Token}
		if row.ByStaff {
			d.Name, d.Team, d.Over = v.account.Name+"’s team", true, !row.IsOpen
		}
		if p.Devices = append(p.Devices, d); row.IsOpen && !d.This {
			p.Others++
		}
	}
}

func (s *Site) profileEndDevice(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	ended, err := s.q.SessionEnd(c.UserContext(), queries.SessionEndParams{AccountID: v.account.ID, ContactID: v.client.ContactID, ID: id,
		Now: v.now, EndedBecause: queries.EndReasonSignedOut})
	if err != nil {
		return err
	} else if ended == 0 {
		return queries.ErrNotFound
	}
	s.flash(c, views.FlashSuccess, "That device is signed out.")
	return redirect(c, "/profile#devices")
}

func (s *Site) profileEndOthers(c *fiber.Ctx) error {
	v := at(c)
	if _, err := s.q.SessionEndOthers(c.UserContext(), queries.SessionEndOthersParams{AccountID: v.account.ID, ContactID: v.client.ContactID,
		But: v.client.ID, Now: v.now, EndedBecause: queries.EndReasonSignedOut}); err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "All your other devices are signed out.")
	return redirect(c, "/profile#devices")
}
