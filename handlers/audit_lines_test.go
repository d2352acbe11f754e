package handlers

import (
	"testing"

	"atrium/queries"
)

// Whatever staff do to contacts leaves its line, of who, on whom and from where; what is refused leaves none.
func TestAuditLinesOfContacts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	ben := s.contact(t, s.acme, "ben@example.com", "")
	b := s.staff(t, maya)
	session := s.session(t, ana)
	_, link := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	anas, bens := "/acme/contacts/"+ana.id.String(), "/acme/contacts/"+ben.id.String()
	magic := "/acme/magic-links/new?contact=" + ana.id.String()
	for _, c := range []struct {
		action, on string
		do         func()
	}{
		{"contact.invite", ben.email, func() { b.fill(b.get(bens), "form[action='"+bens+"/invite']") }},
		{"contact.end_session", ana.email, func() {
			b.fill(b.get(anas), "form[action='"+anas+"/sessions/"+session.String()+"/end']")
		}},
		{"contact.revoke_link", ana.email, func() { b.fill(b.get(anas), "form[action='"+anas+"/links/"+link.String()+"/revoke']") }},
		{"contact.magic_link", ana.email, func() { b.fill(b.get(magic), "button[value=copy]") }},
		{"contact.magic_link", ana.email, func() { b.fill(b.get(magic), "button[value=mail]") }},
		{"contact.email", ben.email, func() { b.fill(b.get(bens), "form[action='"+bens+"/email']", "email", "benjamin@example.com") }},
		{"contact.create", "cid@example.com", func() {
			b.fill(b.get("/acme/contacts/new"), "#contacts-new", "email", "cid@example.com", "name", "Cid")
		}},
		{"contact.create contact.invite", "dee@example.com", func() {
			b.fill(b.get("/acme/invitations/new"), "form[action='/acme/invitations']", "people", "Dee <dee@example.com>")
		}},
		{"", "", func() { b.fill(b.get("/acme/contacts/new"), "#contacts-new", "email", "cid@example.com") }},
		{"", "", func() { b.fill(b.get(anas), "form[action='"+anas+"/email']", "email", "dee@example.com") }},
	} {
		before := s.count(t, "audit")
		c.do()
		var actions string
		s.scan(t, `SELECT coalesce(string_agg(action, ' ' ORDER BY id), '') FROM (SELECT id, action FROM audit WHERE subject = $1 AND subject_id IS NOT NULL
			AND account_id = $2 AND staff_id = $3 AND actor = 'Maya Lindqvist <maya@acme.example>' AND ip IS NOT NULL AND at = $4 ORDER BY id OFFSET 0) a
			WHERE id IN (SELECT id FROM audit ORDER BY id DESC LIMIT (SELECT count(*) FROM audit) - $5)`, []any{c.on, s.acme.id, maya.id, noon, before}, &actions)
		if actions != c.action {
			t.Errorf("left %q on %q, want %q", actions, c.on, c.action)
		}
	}
	s.rows(t, 1, `audit WHERE action = 'contact.email' AND was = '{"email": "ben@example.com"}' AND became = '{"email": "benjamin@example.com"}'`)
}
