package handlers

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// staffSessionsPage is where a staff person is signed in.
type staffSessionsPage struct {
	views.Page
	Email   string
	Devices []device
	Works   []staffAccount
}

// staffAccount is an account somebody works in.
type staffAccount struct {
	views.AccountChoice
	OnlyOwner bool          // nobody else owns it, so they cannot leave
	Leave     views.Confirm // before they leave; its action is also the page that asks
}

func (s *Site) staffSessionsIndex(c *fiber.Ctx) error {
	v := at(c)
	places, err := queries.LoadStaffPlaces(c.UserContext(), s.DB, v.staff.StaffID, v.now)
	if err != nil {
		return err
	}
	p := &staffSessionsPage{Page: s.page(c, "Where you are signed in"), Email: v.staff.Email}
	for _, row := range places.Sessions {
		p.Devices = append(p.Devices, device{ID: row.ID, Name: agentWords(row.UserAgent), Phone: isPhone(row.UserAgent), This: row.ID == v.staff.ID,
			IP: row.IP.String(), Began: views.Moment{At: row.CreatedAt, Now: v.now}, Seen: views.Moment{At: row.LastSeenAt, Now: v.now},
			EndPath: "/sessions/" + row.ID.String() + "/end", Token: p.Token})
	}
	for _, account := range p.Accounts {
		p.Works = append(p.Works, staffAccount{account, slices.Contains(places.OnlyOwner, account.ID), views.Confirm{ID: "leave-" + account.Href[1:], Title: "Leave " + account.Name + "?",
			Text: leaveText, Verb: "Leave this account", Action: account.Href + "/leave", Token: p.Token}})
	}
	return render(c, views.FrameAdmin, "staff/sessions", "", p)
}

func (s *Site) staffSessionsEnd(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	ended, err := s.q.StaffSessionEnd(c.UserContext(), queries.StaffSessionEndParams{StaffID: v.staff.StaffID, ID: id, Now: v.now,
		EndedBecause: queries.EndReasonSignedOut})
	if err != nil {
		return err
	} else if ended == 0 {
		return queries.ErrNotFound
	}
	s.flash(c, views.FlashSuccess, "That device is signed out.")
	return redirect(c, "/sessions")
}

// staffSessionsEndAll signs out everywhere, here too.
func (s *Site) staffSessionsEndAll(c *fiber.Ctx) error {
	v := at(c)
	if _, err := s.q.StaffSessionEndOthers(c.UserContext(), queries.StaffSessionEndOthersParams{StaffID: v.staff.StaffID, But: uuid.Nil,
		Now: v.now, EndedBecause: queries.EndReasonSignedOut}); err != nil {
		return err
	}
	s.dropCookie(c, sessionCookie)
	s.flash(c, views.FlashSuccess, "You are signed out on every device.")
	return redirect(c, "/sign-in")
}
