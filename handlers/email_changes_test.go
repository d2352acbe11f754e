package handlers

import (
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// emailChanged has a contact change the address, in whatever browser, and returns the token that undoes it.
func (s *testSite) emailChanged(t testing.TB, c contact, to string) (undo string) {
	t.Helper()
	confirm, undo := s.emailChange(t, c, to)
	b := s.portal(t, c.account)
	b.fill(b.get("/email/"+confirm), "form[action='/email/"+confirm+"']").leadsTo("/sign-in")
	return undo
}

// addresses are those a contact's mails were queued to, by kind, oldest first.
func (s *testSite) addresses(t testing.TB, c contact, kind queries.MailKind) (all []string) {
	t.Helper()
	s.scan(t, "SELECT coalesce(array_agg(to_email::text ORDER BY id), '{}') FROM mail WHERE contact_id = $1 AND kind = $2", []any{c.id, kind}, &all)
	return all
}

// A new address counts once its reader has confirmed it. The browser that confirms stays signed in, and nothing else does.
func TestEmailChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, other, asking := s.client(t, ana), s.client(t, ana), s.portal(t, s.acme)
	link := s.toProfile(t, ana)
	code := s.ask(t, asking, ana.email).code
	s.jobs(t)
	b.fill(b.get("/profile"), "#profile-email form[action='/profile/email']", "email", "Ana@New.example", "current", rightPassword).leadsTo("/profile#email")
	s.inserted(t, "mail_send")
	if to := s.addresses(t, ana, queries.MailKindEmailChange); len(to) != 1 || to[0] != "Ana@new.example" {
		t.Errorf("mailed to %v", to)
	}
	s.rows(t, 1, "contact WHERE id = $1 AND email = 'ana@example.com'", ana.id)
	b.get("/profile").has("#profile-email .waiting form[action='/profile/email/again']", "#profile-email .waiting form[action='/profile/email/cancel']")
	path := s.changePath(t, ana)
	shown := b.get(path).is(http.StatusOK).has("form[action='"+path+"']", "meta[name=robots]")
	if words := shown.words(); !strings.Contains(words, "Ana@new.example") || strings.Contains(shown.body, ana.email) || shown.header.Get("Referrer-Policy") != "strict-origin" {
		t.Errorf("the page says %s", words)
	}
	b.fill(shown, "form[action='"+path+"']").leadsTo("/profile#email")
	s.rows(t, 1, "contact WHERE id = $1 AND email = 'ana@new.example' AND password_hash IS NOT NULL", ana.id)
	s.rows(t, 1, "email_change WHERE contact_id = $1 AND confirmed_at = $2 AND undo_until = $3 AND ended_at IS NULL", ana.id, noon, noon.Add(queries.EmailUndoLife))
	s.rows(t, 1, "audit WHERE subject_id = $1 AND action = 'contact.email_change' AND staff_id IS NULL AND was->>'email' = 'ana@example.com' AND became->>'email' = 'Ana@new.example'", ana.id)
	s.inserted(t, "mail_send", "metric_count")
	if to := s.addresses(t, ana, queries.MailKindEmailChanged); len(to) != 1 || to[0] != ana.email {
		t.Errorf("told to %v", to)
	}
	b.get("/profile").is(http.StatusOK).lacks(".waiting")
	other.get("/profile").leadsTo("/sign-in?next=%2Fprofile")
	asking.get(link).is(http.StatusOK).has("#link-over")
	if p := asking.code(code); p.status == http.StatusSeeOther {
		t.Error("a code from before still signs in")
	}
	for _, again := range []*page{b.get(path), b.fill(shown, "form[action='"+path+"']")} {
		again.is(http.StatusOK).has("#link-over").lacks("form[action='" + path + "']")
	}
	other.fill(other.get("/sign-in"), "#signin-form", "email", "ana@new.example", "password", rightPassword).leadsTo("/")
}

// changePath is the path of the newest link to a contact's new address.
func (s *testSite) changePath(t testing.TB, c contact) string {
	t.Helper()
	var id [16]byte
	s.scan(t, "SELECT id FROM email_change WHERE contact_id = $1 ORDER BY id DESC LIMIT 1", []any{c.id}, &id)
	return "/email/" + s.Mails.Secret.EmailChangeToken(id)
}

func TestEmailChangeRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	const form = "#profile-email form[action='/profile/email']"
	before := s.everything(t)
	for _, c := range []struct{ email, current, wrong string }{
		{"", rightPassword, "#field-email-error"}, {"ana", rightPassword, "#field-email-error"}, {"ANA@example.com", rightPassword, "#field-email-error"},
		{"new@example.com", "not the password", "#email-current-error"}, {"new@example.com", "", "#email-current-error"},
	} {
		b.fill(b.get("/profile"), form, "email", c.email, "current", c.current).is(http.StatusUnprocessableEntity).has(c.wrong, "main", "details[open] "+form[len("#profile-email "):])
		b.htmx().fill(b.get("/profile"), form, "email", c.email, "current", c.current).is(http.StatusUnprocessableEntity).has(c.wrong).lacks("main")
	}
	if s.everything(t) != before {
		t.Error("a refused change changed something")
	}
	fresh := s.portal(t, s.acme) // somebody who has just come in by mail is not asked for the password
	fresh.confirm(s.toProfile(t, ana)).leadsTo("/profile")
	fresh.fill(fresh.get("/profile").lacks("#email-current"), form, "email", "new@example.com").leadsTo("/profile#email")
}

// Nothing that the asking client sees tells whether somebody has the address.
func TestEmailChangeTellsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.arrived(t, s.acme, "known@example.com", "Ben Okri")
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	said := map[string]string{}
	for _, email := range []string{"known@example.com", "other@example.com"} {
		s.jobs(t)
		answer := b.fill(b.get("/profile"), "#profile-email form[action='/profile/email']", "email", email, "current", rightPassword).leadsTo("/profile#email")
		page := b.get("/profile")
		export := b.get("/profile/export").body
		said[email] = strings.ReplaceAll(answer.body+page.words()+export, email, "X")
		s.inserted(t, "mail_send")
		b.fill(page, "form[action='/profile/email/again']").leadsTo("/profile#email")
		s.inserted(t, "mail_send")
		s.exec(t, "DELETE FROM mail")
		s.exec(t, "DELETE FROM email_change")
	}
	if said["known@example.com"] != said["other@example.com"] {
		t.Errorf("known: %s\nunknown: %s", said["known@example.com"], said["other@example.com"])
	}
}

// Asking again, cancelling and asking for another address end what was asked for before.
func TestEmailChangeWaiting(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	ask := func(email string) string {
		b.fill(b.get("/profile"), "#profile-email form[action='/profile/email']", "email", email, "current", rightPassword).leadsTo("/profile#email")
		return s.changePath(t, ana)
	}
	first := ask("one@example.com")
	second := ask("two@example.com")
	b.get(first).is(http.StatusOK).has("#link-over")
	b.fill(b.get("/profile"), "form[action='/profile/email/again']").leadsTo("/profile#email")
	if to := s.addresses(t, ana, queries.MailKindEmailChange); strings.Join(to, " ") != "one@example.com two@example.com two@example.com" {
		t.Errorf("mailed to %v", to)
	}
	open := b.get(second).is(http.StatusOK)
	waiting := b.get("/profile")
	b.fill(waiting, "form[action='/profile/email/cancel']").leadsTo("/profile#email")
	b.get("/profile").lacks(".waiting")
	b.fill(open, "form[action='"+second+"']").is(http.StatusOK).has("#link-over")
	mails := s.count(t, "mail")
	b.fill(waiting, "form[action='/profile/email/again']").leadsTo("/profile#email")
	s.rows(t, mails, "mail")
	third := ask("three@example.com")
	open = b.get(third)
	s.clock.move(queries.EmailChangeLife)
	b.get("/profile").lacks(".waiting")
	b.fill(open, "form[action='"+third+"']").is(http.StatusOK).has("#link-over")
	s.rows(t, 1, "contact WHERE id = $1 AND email = 'ana@example.com'", ana.id)
}

func TestEmailChangeLimit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.portal(t, s.acme)
	b.confirm(s.toProfile(t, ana)).leadsTo("/profile") // no password is asked for, which has a limit of its own
	for range queries.LimitMailPerson.Times {
		b.fill(b.get("/profile"), "form[action='/profile/email']", "email", queries.NewID().String()+"@example.com").leadsTo("/profile#email")
	}
	b.fill(b.get("/profile"), "form[action='/profile/email']", "email", "one.more@example.com").is(http.StatusTooManyRequests)
	b.fill(b.get("/profile"), "form[action='/profile/email/again']").is(http.StatusTooManyRequests)
	s.rows(t, queries.LimitMailPerson.Times, "mail WHERE kind = 'email_change'")
}

// An address that became somebody's in the meantime stays theirs.
func TestEmailChangeToATakenAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	confirm, _ := s.emailChange(t, ana, "ben@example.com")
	s.contact(t, s.acme, "ben@example.com", "Ben Okri")
	s.contact(t, s.lumen, "cid@example.com", "Cid of Lumen")
	before := s.everything(t)
	b.fill(b.get("/email/"+confirm), "form[action='/email/"+confirm+"']").is(http.StatusUnprocessableEntity).has("#link-over")
	if s.everything(t) != before {
		t.Error("something changed")
	}
	confirm, _ = s.emailChange(t, ana, "cid@example.com") // known in another account only
	s.portal(t, s.lumen).get("/email/" + confirm).is(http.StatusNotFound)
	b.fill(b.get("/email/"+confirm), "form[action='/email/"+confirm+"']").leadsTo("/profile#email")
}

func TestEmailChangeConfirmedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 10 {
		ana := s.arrived(t, s.acme, queries.NewID().String()+"@example.com", "Ana Souza")
		confirm, _ := s.emailChange(t, ana, "new."+ana.email)
		winners := 0
		for _, p := range s.atOnce(t, "/email/"+confirm, "/email/"+confirm) {
			if p.status == http.StatusSeeOther {
				winners++
				continue
			}
			p.is(http.StatusOK).has("#link-over")
		}
		if winners != 1 {
			t.Errorf("%d of two confirmed", winners)
		}
		s.rows(t, 1, "mail WHERE contact_id = $1 AND kind = 'email_changed'", ana.id)
		s.rows(t, 1, "audit WHERE subject_id = $1", ana.id)
	}
}

// Two clients who want one address, and confirm at the same time: one gets it.
func TestEmailChangeToOneAddressAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 10 {
		wanted := queries.NewID().String() + "@example.com"
		ana, ben := s.arrived(t, s.acme, "ana."+wanted, "Ana"), s.arrived(t, s.acme, "ben."+wanted, "Ben")
		anas, _ := s.emailChange(t, ana, wanted)
		bens, _ := s.emailChange(t, ben, wanted)
		statuses := map[int]int{}
		for _, p := range s.atOnce(t, "/email/"+anas, "/email/"+bens) {
			statuses[p.status]++
		}
		if statuses[http.StatusSeeOther] != 1 || statuses[http.StatusUnprocessableEntity] != 1 {
			t.Errorf("statuses %v", statuses)
		}
		s.rows(t, 1, "contact WHERE email = $1", wanted)
	}
}

// A staff person's correction ends what the client had asked for, and what the old address could undo.
func TestEmailChangeEndsWithACorrection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Okri")
	confirm, _ := s.emailChange(t, ana, "new@example.com")
	undo := s.emailChanged(t, ben, "new.ben@example.com")
	staff := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for _, c := range []contact{ana, ben} {
		page := "/acme/contacts/" + c.id.String()
		staff.fill(staff.get(page), "form[action='"+page+"/email']", "email", "right."+c.email).leadsTo(page)
	}
	for _, path := range []string{"/email/" + confirm, "/email/undo/" + undo} {
		s.portal(t, s.acme).get(path).is(http.StatusOK).has("#link-over").lacks("form[action='" + path + "']")
	}
	s.rows(t, 2, "email_change WHERE ended_because = 'revoked' AND ended_at = $1", noon)
}
