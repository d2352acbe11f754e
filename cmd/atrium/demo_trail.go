package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// demoDeed is one line of Acme's trail: how long ago, who, what, and on whom. On is a contact's address, the short name of a
// colleague, or empty for the account itself.
type demoDeed struct {
	ago        time.Duration
	who        string
	action, on string
	was, now   any
}

type (
	demoRole   map[string]queries.StaffRole
	demoEmail  map[string]string
	demoSwitch map[string]bool
)

const (
	hour = time.Hour
	days = 24 * time.Hour
)

var demoDeeds = []demoDeed{
	{31*days + 2*hour, "maya", "staff.invite", "samir", nil, demoRole{"role": queries.StaffRoleSupport}},
	{31*days + 1*hour, "maya", "staff.invite", "elena", nil, demoRole{"role": queries.StaffRoleSupport}},
	{26 * days, "maya", "staff.role", "elena", demoRole{"role": queries.StaffRoleSupport}, demoRole{"role": queries.StaffRoleAdmin}},
	{22*days + 2*hour, "elena", "contact.email", "tom.okafor@example.net", demoEmail{"email": "tom.okafor@example.nett"}, demoEmail{"email": "tom.okafor@example.net"}},
	{20*days + 1*hour, "elena", "staff.two_factor_on", "elena", nil, nil},
	{19*days + 4*hour, "elena", "contact.magic_link", "fatima.zahra@example.net", nil, nil},
	{14*days + 5*hour, "elena", "contact.revoke_link", "amara.diallo@example.com", nil, nil},
	{12*days + 6*hour, "maya", "account.two_factor", "", demoSwitch{"require_two_factor": false}, demoSwitch{"require_two_factor": true}},
	{12*days + 5*hour, "maya", "account.two_factor", "", demoSwitch{"require_two_factor": true}, demoSwitch{"require_two_factor": false}},
	{10*days + 2*hour, "elena", "contact.end_session", "kenji.watanabe@example.org", nil, nil},
	{7*days + 2*hour, "elena", "staff.recovery_codes", "elena", nil, nil},
	{2*days + 20*hour, "elena", "contact.magic_link", "hana.novakova@example.net", nil, nil},
	{26 * hour, "maya", "staff.invite", "jo", nil, demoRole{"role": queries.StaffRoleSupport}},
}

var demoStaffWords = map[string]string{"maya": "Maya Lindqvist <maya@acme.example>", "samir": "Samir Haddad <samir@acme.example>",
	"elena": "Elena Petrova <elena@acme.example>", "jo": "jo.mcallister@acme.example"}

// trail has the demo's lives bring the deeds of a business that has a team.
func (s seeder) trail(ctx context.Context) {
	if s.team == nil {
		return
	}
	for number, d := range demoDeeds {
		s.lives.at(s.now.Add(-d.ago), func() error { return s.deed(ctx, d, number) })
	}
}

func (s seeder) deed(ctx context.Context, d demoDeed, number int) error {
	who := s.team[d.who]
	e := queries.AuditEntry{AccountID: s.account, At: s.now.Add(-d.ago), StaffID: &who, Actor: demoStaffWords[d.who], Action: d.action,
		IP: demoIP(200 + number%3), Before: d.was, After: d.now, On: queries.AuditSubject{Kind: "account", Name: demoBusinesses[0].name}}
	if id, found := s.team[d.on]; found {
		name, _, _ := strings.Cut(demoStaffWords[d.on], " <")
		e.On = queries.AuditSubject{Kind: "staff", ID: &id, Name: name}
	} else if d.on != "" {
		contact, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: s.account, Email: d.on})
		if err != nil {
			return err
		}
		e.On = queries.AuditSubject{Kind: "contact", ID: &contact.ID, Name: d.on}
	}
	return queries.Audit(ctx, s.q, e)
}

// did writes what somebody of the staff did to a contact into the trail.
func (s seeder) did(ctx context.Context, by uuid.UUID, action, email string, contact uuid.UUID, at time.Time) error {
	members, err := s.q.StaffMemberList(ctx, s.account)
	if err != nil {
		return err
	}
	who := members[slices.IndexFunc(members, func(m queries.StaffMemberListRow) bool { return m.StaffID == by })]
	return queries.Audit(ctx, s.q, queries.AuditEntry{AccountID: s.account, At: at, StaffID: &by, Actor: queries.ActorWords(who.Name, who.Email), Action: action,
		IP: demoIP(200), On: queries.AuditSubject{Kind: "contact", ID: &contact, Name: email}})
}
