package main

import (
	"context"
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
	{29*days + 6*hour, "maya", "contact.create", "olumide@example.org", nil, nil},
	{29*days + 6*hour - time.Second, "maya", "contact.invite", "olumide@example.org", nil, nil},
	{29*days + 5*hour, "samir", "contact.invite", "chiara.rinaldi@example.net", nil, nil},
	{28*days + 3*hour, "samir", "contact.invite", "henrik@example.com", nil, nil},
	{26 * days, "maya", "staff.role", "elena", demoRole{"role": queries.StaffRoleSupport}, demoRole{"role": queries.StaffRoleAdmin}},
	{25*days + 7*hour, "elena", "contact.invite", "jonas.brandt@example.org", nil, nil},
	{25*days + 4*hour, "elena", "contact.create", "leila@example.com", nil, nil},
	{23*days + 5*hour, "elena", "contact.invite", "ana@example.com", nil, nil},
	{22*days + 2*hour, "elena", "contact.email", "tom.okafor@example.net", demoEmail{"email": "tom.okafor@example.nett"}, demoEmail{"email": "tom.okafor@example.net"}},
	{20*days + 1*hour, "elena", "staff.two_factor_on", "elena", nil, nil},
	{19*days + 4*hour, "elena", "contact.magic_link", "fatima.zahra@example.net", nil, nil},
	{17*days + 3*hour, "samir", "contact.invite", "noa.levi@example.com", nil, nil},
	{15*days + 5*hour, "elena", "contact.revoke_link", "amara.diallo@example.com", nil, nil},
	{12*days + 6*hour, "maya", "account.two_factor", "", demoSwitch{"require_two_factor": false}, demoSwitch{"require_two_factor": true}},
	{12*days + 5*hour, "maya", "account.two_factor", "", demoSwitch{"require_two_factor": true}, demoSwitch{"require_two_factor": false}},
	{10*days + 2*hour, "elena", "contact.end_session", "kenji.watanabe@example.org", nil, nil},
	{8*days + 3*hour, "samir", "contact.invite", "charlotte@example.com", nil, nil},
	{7*days + 2*hour, "elena", "staff.recovery_codes", "elena", nil, nil},
	{5*days + 5*hour, "samir", "contact.invite", "marco.bianchi@example.com", nil, nil},
	{3*days + 4*hour, "elena", "contact.magic_link", "hana.novakova@example.net", nil, nil},
	{2*days + 1*hour, "samir", "contact.invite", "james.mitchell@example.org", nil, nil},
	{26 * hour, "maya", "staff.invite", "jo", nil, demoRole{"role": queries.StaffRoleSupport}},
	{25 * hour, "samir", "contact.invite", "beatriz@example.net", nil, nil},
	{5 * hour, "elena", "contact.create", "pavel.horak@example.com", nil, nil},
}

var demoStaffWords = map[string]string{"maya": "Maya Lindqvist <maya@acme.example>", "samir": "Samir Haddad <samir@acme.example>",
	"elena": "Elena Petrova <elena@acme.example>", "jo": "jo.mcallister@acme.example"}

// trail writes the deeds, told by the short names of staff; without any there are none.
func (s seeder) trail(ctx context.Context, staff map[string]uuid.UUID) error {
	if staff == nil {
		return nil
	}
	for number, d := range demoDeeds {
		who := staff[d.who]
		e := queries.AuditEntry{AccountID: s.account, At: s.now.Add(-d.ago), StaffID: &who, Actor: demoStaffWords[d.who], Action: d.action,
			IP: demoIP(200 + number%3), Before: d.was, After: d.now, On: queries.AuditSubject{Kind: "account", Name: demoBusinesses[0].name}}
		if id, found := staff[d.on]; found {
			name, _, _ := strings.Cut(demoStaffWords[d.on], " <")
			e.On = queries.AuditSubject{Kind: "staff", ID: &id, Name: name}
		} else if d.on != "" {
			contact, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: s.account, Email: d.on})
			if err != nil {
				return err
			}
			e.On = queries.AuditSubject{Kind: "contact", ID: &contact.ID, Name: d.on}
		}
		if err := queries.Audit(ctx, s.q, e); err != nil {
			return err
		}
	}
	return nil
}
