package handlers

import (
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// An address is stored as mail is sent to it, whatever way it was typed.
func TestContactsCreate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for typed, stored := range map[string]string{
		"ana@example.com": "ana@example.com", "  Ben.Okri+portal@EXAMPLE.com ": "Ben.Okri+portal@example.com", "chi@bücher.example": "chi@xn--bcher-kva.example",
		"dee@XN--BCHER-KVA.example": "dee@xn--bcher-kva.example", "o'brien@example.com": "o'brien@example.com", strings.Repeat("e", 64) + "@example.com": strings.Repeat("e", 64) + "@example.com",
	} {
		p := b.fill(b.get("/acme/contacts/new"), "#contacts-new", "name", " Ana  Souza ", "email", typed).is(http.StatusSeeOther)
		b.follow(p).is(http.StatusOK).has("#notice .flash")
		s.rows(t, 1, "contact WHERE account_id = $1 AND email::text = $2 AND name = 'Ana Souza' AND source = 'manual' AND invited_at IS NULL AND created_at = $3", s.acme.id, stored, noon)
	}
	s.inserted(t, "metric_count")
	s.rows(t, 0, "mail")
	b.fill(b.get("/acme/contacts/new"), "#contacts-new", "email", "fay@example.com", "invite", "on").is(http.StatusSeeOther)
	s.rows(t, 1, "contact WHERE email = 'fay@example.com' AND name = '' AND invited_at = $1", noon)
	s.rows(t, 1, "mail WHERE to_email = 'fay@example.com' AND kind = 'invitation' AND state = 'queued'")
	s.inserted(t, "mail_send", "metric_count")
}

// What cannot be taken comes back with its reason beside its field, and makes nothing.
func TestContactsCreateRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	before := s.everything(t)
	for _, email := range []string{
		"", " ", "ana", "@example.com", "ana@", "ana@example", "ana@@example.com", "ana@exa mple.com", "ana souza@example.com", "ana@example..com", "ana@.example.com",
		"ana@-example.com", "ana@example.com.", "<ana@example.com>", "Ana <ana@example.com>", "ana@example.com,ben@example.com", `"ana"@example.com`, "ana;b@example.com",
		"ana\r\nBcc: ben@example.com", "ana\x00@example.com", "ana\x7f@example.com", "ana@exam\tple.com", "ana\xff@example.com", "an\u202ea@example.com", "ana@example.com\u200b",
		strings.Repeat("a", 65) + "@example.com", "ana@" + strings.Repeat("a.", 130) + "example", "ana@" + strings.Repeat("a", 64) + ".example", ".ana@example.com", "ana.@example.com", "ana@[192.0.2.1]",
	} {
		p := b.fill(b.get("/acme/contacts/new"), "#contacts-new", "name", "Ana Souza", "email", email)
		if p.status != http.StatusUnprocessableEntity {
			t.Errorf("%q is taken: status %d", email, p.status)
			continue
		}
		p.has("#field-email-error", "[name=email][aria-invalid=true]", "[name=name][value='Ana Souza']").lacks("#field-name-error")
	}
	for _, name := range []string{"Ana\x07", "Ana\u202eazuoS", "Ana\x00", "Ana\xff", strings.Repeat("é", 121)} {
		b.fill(b.get("/acme/contacts/new"), "#contacts-new", "name", name, "email", "ana@example.com", "invite", "on").is(http.StatusUnprocessableEntity).
			has("#field-name-error", "[name=email][value='ana@example.com']", "[name=invite][checked]")
	}
	b.htmx().fill(b.get("/acme/contacts/new"), "#contacts-new", "email", "ana").is(http.StatusUnprocessableEntity).has("#contacts-new").lacks("main")
	if s.everything(t) != before {
		t.Error("what was refused changed something")
	}
}

// An address that is there already, in whatever case, leads to the contact who has it, changes nothing and invites nobody.
func TestContactsCreateOffersTheKnownOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana := s.contact(t, s.acme, "Ana@example.com", "Ana Souza")
	s.contact(t, s.lumen, "ben@example.com", "Ben of Lumen")
	before := s.everything(t, "contact", "mail", "invitation")
	for _, b := range []*browser{b, b.htmx()} {
		p := b.fill(b.with("HX-Request", "false").get("/acme/contacts/new"), "#contacts-new", "name", "Another Name", "email", "aNA@EXAMPLE.com", "invite", "on")
		p.is(http.StatusUnprocessableEntity).has("#field-email-error", "#contacts-new a[href='/acme/contacts/"+ana.id.String()+"']")
	}
	if s.everything(t, "contact", "mail", "invitation") != before {
		t.Error("the known contact changed")
	}
	b.fill(b.get("/acme/contacts/new"), "#contacts-new", "email", "ben@example.com").is(http.StatusSeeOther) // known only to others
	s.rows(t, 2, "contact WHERE email = 'ben@example.com'")
}
