package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// staffMembersPage is the staff of the account: who may do what, and who is still to come.
type staffMembersPage struct {
	views.Page
	Staff     []staffMember
	Pending   []staffMember // invited, and no sign-in set up yet
	CanChange bool          // owners only
	Email     views.Field   // who is invited
	Role      views.Choice  // and as what
	Required  bool          // whether everybody here needs a second factor
	Without   int           // staff who have none
	HasSecond bool          // whether who looks has one
}

// staffMember is one of the staff.
type staffMember struct {
	ID         uuid.UUID
	Name       string // or the address
	Email      string // empty when it stands as the name
	Role       string
	You        bool
	TwoFactor  bool
	Since      views.Moment
	Seen       views.Moment // zero: never
	By         string       // who invited them; empty: the program
	State      contactState // of a pending invitation
	Answer     string       // why its mail was refused; empty otherwise
	Expires    views.Moment // zero: its links are over
	LogPath    string       // what they did here
	CanChange  bool         // an owner looks
	RoleChoice views.Choice
	Last       bool          // the only owner, who stays
	Remove     views.Confirm // before they are taken out
	ResendPath string
	RolePath   string
	Token      string
}

func (s *Site) newStaffMembersPage(c *fiber.Ctx) (*staffMembersPage, error) {
	v := at(c)
	rows, err := s.q.StaffMemberList(c.UserContext(), v.account.ID)
	if err != nil {
		return nil, err
	}
	p := &staffMembersPage{Page: s.page(c, "People"), CanChange: v.role.Includes(queries.StaffRoleOwner), Required: v.needsTwoFactor, HasSecond: v.staff.TwoFactor,
		Email: views.Field{Name: "email", Label: "E-mail address", Type: "email", Value: strings.TrimSpace(c.FormValue("email")), InputMode: "email",
			Autocomplete: "off", Required: true, MaxLength: queries.EmailMax},
		Role: views.Choice{Name: "role", Label: "What they may do", Value: orElse(c.FormValue("role"), string(queries.StaffRoleSupport)), Options: roleOptions}}
	owners := 0
	for _, row := range rows {
		if row.Role == queries.StaffRoleOwner && !row.Pending {
			owners++
		}
	}
	for _, row := range rows {
		m := v.staffMember(row, p.Token, p.CanChange)
		m.Last = owners == 1 && row.Role == queries.StaffRoleOwner && !row.Pending
		switch {
		case row.Pending:
			p.Pending = append(p.Pending, m)
			continue
		case !row.TwoFactor:
			p.Without++
		}
		p.Staff = append(p.Staff, m)
	}
	return p, nil
}

var roleOptions = []views.Option{
	{Value: string(queries.StaffRoleSupport), Label: "Support", Hint: "Sees contacts and invites them; changes nothing else."},
	{Value: string(queries.StaffRoleAdmin), Label: "Admin", Hint: "Runs the portal: contacts, brand, apps, mails."},
	{Value: string(queries.StaffRoleOwner), Label: "Owner", Hint: "Everything, and who works here."},
}

func (v *visit) staffMember(row queries.StaffMemberListRow, token string, canChange bool) staffMember {
	path := v.base() + "/people/" + row.StaffID.String()
	m := staffMember{ID: row.StaffID, Name: orElse(row.Name, row.Email), Role: roleWords(row.Role), You: row.StaffID == v.staff.StaffID, TwoFactor: row.TwoFactor,
		Since: v.moment(&row.CreatedAt), By: row.AddedByName, State: pendingState(row), LogPath: v.base() + "/audit-log?person=" + row.StaffID.String(),
		CanChange: canChange, Token: token, ResendPath: path + "/resend", RolePath: path + "/role",
		RoleChoice: views.Choice{Name: "role", Label: "What they may do", ID: "role-" + row.StaffID.String(), Value: string(row.Role), Options: roleOptions}}
	if row.Name != "" {
		m.Email = row.Email
	}
	if row.LastSeenAt.Unix() > 0 {
		m.Seen = v.moment(&row.LastSeenAt)
	}
	if row.LinkExpiresAt.After(v.now) {
		m.Expires = v.moment(&row.LinkExpiresAt)
	}
	if row.MailState == string(queries.MailStateBounced) {
		m.Answer = row.MailAnswer
	}
	m.Remove = views.Confirm{ID: "remove-" + row.StaffID.String(), Title: "Remove " + m.Name + "?", Verb: "Remove", Action: path + "/remove", Token: token,
		Text: "They see nothing of " + v.account.Name + " any more, also where they are signed in now. What they did stays in the audit log."}
	switch {
	case row.Pending:
		m.Remove.Title, m.Remove.Verb, m.Remove.Text = "Withdraw the invitation of "+m.Name+"?", "Withdraw", "The link in the mail stops working."
	case m.You:
		m.Remove.Title, m.Remove.Verb, m.Remove.Text = "Leave "+v.account.Name+"?", "Leave", leaveText
		m.Remove.Action = v.base() + "/leave"
	}
	return m
}

// pendingState is how far the invitation of somebody came who has not set up their sign-in.
func pendingState(row queries.StaffMemberListRow) contactState {
	switch {
	case row.MailState == "" || row.LinkExpiresAt.Unix() <= 0:
		return contactState{"Expired", "warning", "clock"}
	case row.MailState == string(queries.MailStateSent):
		return contactState{"Sent", "info", "mail-check"}
	}
	return mailState(queries.MailState(row.MailState))
}

func (s *Site) staffMembersIndex(c *fiber.Ctx) error {
	p, err := s.newStaffMembersPage(c)
	if err != nil {
		return err
	}
	return p.render(c, "")
}

func (p *staffMembersPage) render(c *fiber.Ctx, fragment string) error {
	return render(c, views.FrameAdmin, "staffmembers/index", fragment, p)
}
