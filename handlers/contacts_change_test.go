package handlers

import (
	"net/http"
	"testing"
	"time"

	"atrium/queries"
)

// A corrected address ends what went to the old one, and a bounced contact can be invited again.
func TestContactsSaveEmail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben := s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.contact(t, s.acme, "ben@example.com", "")
	s.contact(t, s.lumen, "ana.souza@example.com", "Ana of Lumen")
	page := "/acme/contacts/" + ana.id.String()
	correct := "form[action='" + page + "/email']"
	invitation, magic := s.invited(t, ana), s.toProfile(t, ana)
	s.bounced(t, ana)
	before := s.everything(t)
	for _, email := range []string{"", "ana", "ana@example", "ana\x00@example.com", ben.email, "BEN@example.com"} {
		p := b.fill(b.get(page), correct, "email", email).is(http.StatusUnprocessableEntity).has(correct+" #field-email-error", "dialog[open] "+correct)
		if email == ben.email {
			p.has(correct + " [name=email][value='" + email + "']")
		}
		b.htmx().fill(b.get(page), correct, "email", email).is(http.StatusUnprocessableEntity).has("#field-email-error").lacks("main")
	}
	if s.everything(t) != before {
		t.Error("an address that was refused changed something")
	}
	b.follow(b.fill(b.get(page), correct, "email", "Ana.Souza@EXAMPLE.com").leadsTo(page)).is(http.StatusOK).has("#notice .flash", "form[action='"+page+"/invite']")
	s.rows(t, 1, "contact WHERE id = $1 AND email::text = 'Ana.Souza@example.com' AND bounced_at IS NULL AND bounce_reason = ''", ana.id)
	s.rows(t, 1, "invitation WHERE contact_id = $1 AND ended_because = 'revoked'", ana.id)
	s.rows(t, 2, "magic_link WHERE contact_id = $1 AND ended_because = 'revoked'", ana.id)
	s.inserted(t, "metric_count")
	for _, path := range []string{invitation, magic} {
		s.portal(t, s.acme).get(path).has("#link-over")
	}
	b.fill(b.get(page), "form[action='"+page+"/invite']").leadsTo(page)
	ana.email = "ana.souza@example.com"
	link, _ := s.newLink(t, ana)
	s.portal(t, s.acme).confirm(link).leadsTo("/")
}

// Whoever came in by the old address is out, and the new one's owner begins anew; nobody else notices.
func TestContactsSaveEmailOfSomebodyWhoJoined(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Okri")
	anas, bens := s.client(t, ana), s.client(t, ben)
	page := "/acme/contacts/" + ana.id.String()
	b.fill(b.get(page), "form[action='"+page+"/email']", "email", "right@example.com").leadsTo(page)
	anas.get("/").leadsTo("/sign-in")
	bens.get("/").is(http.StatusOK)
	s.rows(t, 1, "contact WHERE id = $1 AND password_hash IS NULL AND accepted_at IS NULL AND joined_at = $2", ana.id, noon)
	for _, email := range []string{"ana@example.com", "right@example.com"} {
		anas.fill(anas.get("/sign-in"), "#signin-form", "email", email, "password", rightPassword).is(http.StatusUnprocessableEntity)
	}
	owner := s.portal(t, s.acme)
	owner.follow(owner.confirm(s.toProfile(t, ana)).leadsTo("/profile")).leadsTo("/welcome?next=%2Fprofile")
}

// Staff send one contact only so many mails within the hour, invitations and magic links together.
func TestContactsAreNotFlooded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben := s.contact(t, s.acme, "ana@example.com", ""), s.contact(t, s.acme, "ben@example.com", "")
	path := "/acme/contacts/" + ana.id.String()
	invite := func() *page { return b.follow(b.fill(b.get(path), "form[action='"+path+"/invite']").leadsTo(path)) }
	mail := func() *page {
		return b.fill(b.get("/acme/magic-links/new?contact="+ana.id.String()), "button[value=mail]")
	}
	for i := range queries.LimitMailContact.Times {
		if i%2 == 0 {
			invite().has("#notice .flash-success")
		} else {
			mail().leadsTo(path)
		}
	}
	before := s.everything(t)
	invite().has("#notice .flash-warning")
	mail().is(http.StatusUnprocessableEntity).has("#magiclinks-form [role=alert]")
	b.invite(ana.email).is(http.StatusOK).has("#invitations-form .badge-error")
	if s.everything(t) != before {
		t.Error("what is refused is written or sent all the same")
	}
	s.rows(t, queries.LimitMailContact.Times, "mail")
	b.invite(ben.email).leadsTo("/acme")
	s.clock.move(10 * time.Minute)
	invite().has("#notice .flash-success")
}

// An invitation whose last link is withdrawn is over with it.
func TestContactsRevokeLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	page := "/acme/contacts/" + ana.id.String()
	for range 2 {
		s.invited(t, ana)
	}
	_, magic := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	revoke := func(which string) {
		t.Helper()
		var link string
		s.scan(t, "SELECT id::text FROM magic_link WHERE ended_at IS NULL AND kind = $1::link_kind ORDER BY id LIMIT 1", []any{which}, &link)
		b.fill(b.get(page), "form[action='"+page+"/links/"+link+"/revoke']").leadsTo(page)
	}
	revoke("staff")
	s.rows(t, 1, "magic_link WHERE id = $1 AND ended_because = 'revoked'", magic)
	revoke("invitation")
	s.rows(t, 1, "invitation WHERE ended_at IS NULL")
	revoke("invitation")
	s.rows(t, 1, "invitation WHERE ended_because = 'revoked'")
	b.fill(b.get(page), "form[action='"+page+"/invite']").leadsTo(page) // anew
	s.rows(t, 1, "invitation WHERE ended_at IS NULL")
}

// The address as it is already ends nothing.
func TestContactsSaveEmailUnchanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	invitation, page := s.invited(t, ana), "/acme/contacts/"+ana.id.String()
	b.fill(b.get(page), "form[action='"+page+"/email']").leadsTo(page)
	s.portal(t, s.acme).confirm(invitation).leadsTo("/")
	s.rows(t, 0, "audit WHERE action = 'contact.email'")

	s.exec(t, "UPDATE contact SET bounced_at = $1, bounce_reason = '5.1.1'", s.clock.now()) // said to be right all the same: whatever was open ends
	b.fill(b.get(page), "form[action='"+page+"/email']").leadsTo(page)
	s.rows(t, 1, "audit WHERE action = 'contact.email'")
	s.rows(t, 0, "session WHERE contact_id = $1 AND ended_at IS NULL", ana.id)
}

// Inviting writes invitation, link and mail with the job, again as often as asked, and comes back to where it was asked from.
func TestContactsInvite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme)
	b := s.staff(t, maya)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	page := "/acme/contacts/" + ana.id.String()
	invite := "form[action='" + page + "/invite']"
	for times := 1; times <= 2; times++ {
		b.follow(b.fill(b.get(page), invite).leadsTo(page)).has("#notice .flash-success")
		s.rows(t, 1, "invitation WHERE contact_id = $1 AND invited_by = $2 AND expires_at = $3", ana.id, maya.id, s.clock.now().Add(queries.InvitationLife))
		s.rows(t, times, "magic_link WHERE contact_id = $1 AND kind = 'invitation' AND ended_at IS NULL", ana.id)
		s.rows(t, times, "mail WHERE contact_id = $1 AND kind = 'invitation' AND to_email = 'ana@example.com' AND state = 'queued'", ana.id)
		s.rows(t, 1, "contact WHERE id = $1 AND invited_at = $2", ana.id, noon)
		s.inserted(t, "mail_send", "metric_count")
		s.clock.move(queries.WaitingAfter + time.Second)
	}
	s.rows(t, 1, "mail m JOIN mail o ON m.contact_id = o.contact_id AND m.message_id < o.message_id WHERE m.contact_id = $1", ana.id)

	s.counted(t, s.acme)
	b.fill(b.get("/acme"), invite).leadsTo("/acme") // from the dashboard's list of those who wait
	s.inserted(t, "mail_send", "metric_count")
	open := b.get(page)
	s.bounced(t, ana)
	b.follow(b.fill(open, invite).leadsTo(page)).has("#notice .flash-warning")
	s.inserted(t)
	s.rows(t, 3, "mail")
	s.exec(t, "UPDATE contact SET bounced_at = NULL")
	s.session(t, ana)
	b.follow(b.fill(open, invite).leadsTo(page)).has("#notice .flash-info") // joined meanwhile
	s.inserted(t)
	s.rows(t, 3, "mail")
}
