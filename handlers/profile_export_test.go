package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// The file has everything of this client that is theirs to see, and nothing of anybody else.
func TestProfileExport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Okri")
	eve := s.contact(t, s.acme, "eve@example.com", "")
	s.invited(t, eve)
	for _, c := range []contact{ana, ben} {
		s.exec(t, "INSERT INTO invitation (account_id, id, contact_id, created_at, expires_at) VALUES ($1, $2, $2, $3, $3)", c.account.id, c.id, noon)
		s.exec(t, `INSERT INTO form (account_id, id, name, title, fields, button, thanks, confirm, invite, created_at, changed_at)
			VALUES ($1, $2, 'form-' || left($4, 3), 'Hello', '[]', 'Send', 'Thanks', true, false, $3, $3)`, c.account.id, c.id, noon, c.email)
		s.exec(t, `INSERT INTO form_submission (account_id, id, form_id, email, answers, token_hash, ip, user_agent, created_at, expires_at, contact_id)
			VALUES ($1, $2, $2, $3, '[{"key": "why", "kind": "line", "label": "Why", "value": "because"}]', $5, '192.0.2.1', 'agent', $4, $4, $2)`, c.account.id, c.id, c.email, noon, []byte(c.email))
		s.avatar(t, c)
		s.emailChanged(t, c, "new."+c.email)
		k := s.course(t, c.account, "Course of "+c.email, 1)
		k.give(t, c, noon)
		k.complete(t, c, 0)
		s.exec(t, "INSERT INTO lesson_note VALUES ($1, $2, $2, $3, $4, 'A note', $5, $5)", c.account.id, c.id, k.id, k.lessons[0], noon)
	}
	s.exec(t, "UPDATE contact SET note = 'a secret of the staff', tags = '{vip}', phone = '+55 11', company = 'Souza Ltda'")
	b := s.portal(t, s.acme)
	b.fill(b.get("/sign-in"), "#signin-form", "email", "new.ana@example.com", "password", rightPassword).leadsTo("/")
	p := b.get("/profile/export").is(http.StatusOK)
	if p.header.Get("Content-Disposition") != `attachment; filename="my-data-2026-03-10.json"` || !strings.HasPrefix(p.header.Get("Content-Type"), "application/json") {
		t.Errorf("sent as %s, %s", p.header.Get("Content-Disposition"), p.header.Get("Content-Type"))
	}
	var data ownData
	if err := json.Unmarshal([]byte(p.body), &data); err != nil {
		t.Fatal(err)
	}
	if data.Portal != "http://acme.portal.test" || data.Person.Email != "new.ana@example.com" || data.Person.Name != "Ana Souza" || data.Person.Phone != "+55 11" || data.Person.Tags[0] != "vip" {
		t.Errorf("%+v", data)
	}
	if len(data.Invitations) != 1 || len(data.SignIns) != 1 || len(data.Mails) != 2 || len(data.Submissions) != 1 || len(data.Changes) != 1 || data.Changes[0].From != "ana@example.com" {
		t.Errorf("%+v", data)
	}
	if len(data.Learning) != 1 || data.Learning[0].What != "lesson finished" || len(data.Notes) != 1 || data.Notes[0].Text != "A note" || data.Notes[0].Course != "Course of ana@example.com" {
		t.Errorf("of courses: %+v, %+v", data.Learning, data.Notes)
	}
	b.get(strings.TrimPrefix(data.Person.Picture, data.Portal)).is(http.StatusOK)
	for _, foreign := range []string{"a secret of the staff", "ben@", "eve@", "argon2", ben.id.String()} {
		if strings.Contains(p.body, foreign) {
			t.Errorf("the file tells %s", foreign)
		}
	}
}

// A wish to be deleted is seen by staff, kept in the trail, and can be taken back.
func TestProfileDeletion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, staff := s.client(t, ana), s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	staff.get("/acme/contacts/" + ana.id.String()).lacks("#deletion-asked")
	asking := b.get("/profile").has("dialog#ask-deletion")
	for range 2 { // from two windows
		b.fill(asking, "form[action='/profile/deletion']").leadsTo("/profile#data")
	}
	s.rows(t, 1, "contact WHERE id = $1 AND deletion_asked_at = $2", ana.id, noon)
	s.rows(t, 1, "audit WHERE subject_id = $1 AND action = 'contact.deletion_ask' AND actor = 'Ana Souza <ana@example.com>' AND staff_id IS NULL", ana.id)
	staff.get("/acme/contacts/" + ana.id.String()).has("#deletion-asked")
	asked := b.get("/profile").lacks("#ask-deletion")
	for range 2 {
		b.fill(asked, "form[action='/profile/deletion/withdraw']").leadsTo("/profile#data")
	}
	s.rows(t, 1, "contact WHERE id = $1 AND deletion_asked_at IS NULL", ana.id)
	s.rows(t, 1, "audit WHERE subject_id = $1 AND action = 'contact.deletion_withdraw'", ana.id)
}
