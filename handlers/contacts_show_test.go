package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// The page of a contact tells everything that happened, as far as the reader's role goes.
func TestContactsShow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	admin := s.staff(t, maya)
	support := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	page := "/acme/contacts/" + ana.id.String()
	admin.get(page).is(http.StatusOK).has("form[action='"+page+"/invite']", "form[action='"+page+"/email']", "a[href='/acme/magic-links/new?contact="+ana.id.String()+"']")
	invitation := s.invited(t, ana)
	s.portal(t, s.acme).with("User-Agent", "Slackbot").get(invitation)
	s.portal(t, s.acme).get(invitation)
	_, link := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	revoke := "form[action='" + page + "/links/" + link.String() + "/revoke']"
	p := admin.get(page).has(revoke)
	if n := len(p.all("form[method=post]")); n < 4 {
		t.Errorf("%d forms", n)
	}
	support.get(page).has("form[action='"+page+"/invite']").lacks(revoke, "form[action='"+page+"/email']", "a[href='/acme/magic-links/new?contact="+ana.id.String()+"']")

	session := s.session(t, ana)
	end := "form[action='" + page + "/sessions/" + session.String() + "/end']"
	admin.get(page).has(end).lacks("form[action='" + page + "/invite']") // has joined
	support.get(page).lacks(end)
	admin.fill(admin.get(page), end).leadsTo(page)
	s.rows(t, 1, "session WHERE id = $1 AND ended_because = 'revoked'", session)
	admin.fill(admin.get(page).lacks(end), revoke).leadsTo(page)
	s.rows(t, 1, "magic_link WHERE id = $1 AND ended_because = 'revoked'", link)
	admin.get(page).lacks(revoke)

	ben := s.contact(t, s.acme, "ben@example.com", "")
	s.invited(t, ben)
	s.bounced(t, ben)
	page = "/acme/contacts/" + ben.id.String()
	p = admin.get(page).lacks("form[action='" + page + "/invite']").has("form[action='" + page + "/email']")
	if !strings.Contains(p.words(), "5.1.1 no such mailbox") {
		t.Error("the server's words are missing")
	}
	support.get(page).lacks("form[action='"+page+"/invite']", "form[action='"+page+"/email']")
}

// The list and the page say alike how far a contact came; a mail filter's look is nobody's.
func TestContactsState(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "")
	for _, c := range []struct{ column, word string }{{"changed_at", "Not invited"}, {"invited_at", "Invited"}, {"sent_at", "Invited"}, {"filter_opened_at", "Invited"},
		{"opened_at", "Opened"}, {"joined_at", "Joined"}, {"bounced_at", "Bounced"}} {
		s.exec(t, "UPDATE contact SET "+c.column+" = $1 WHERE id = $2", noon, ana.id)
		for path, badge := range map[string]string{"/acme/contacts": "tr.row .badge", "/acme/contacts/" + ana.id.String(): ".page-head .badge"} {
			if got := words(b.get(path).one(badge)); got != c.word {
				t.Errorf("after %s %s says %s, want %s", c.column, path, got, c.word)
			}
		}
	}
}

// A session or link whose time is over is shown so, also before the job that closes it ran, and is not offered to be ended.
func TestContactsShowTellsTheTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	page := "/acme/contacts/" + ana.id.String()
	session := s.session(t, ana)
	_, link := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkMin)
	end, revoke := "form[action='"+page+"/sessions/"+session.String()+"/end']", "form[action='"+page+"/links/"+link.String()+"/revoke']"
	admin := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	admin.get(page).has(end, revoke)
	s.clock.move(queries.MagicLinkMin)
	admin.get(page).has(end).lacks(revoke)
	s.clock.move(queries.SessionIdle - queries.MagicLinkMin - time.Second)
	admin.get(page).has(end)
	s.clock.move(time.Second)
	admin = s.staff(t, s.person(t, "tomas@acme.example", queries.StaffRoleAdmin, s.acme))
	admin.get(page).lacks(end, revoke)
	s.rows(t, 1, "session WHERE id = $1 AND ended_at IS NULL", session)
}

// How far an invitation came is told by what happened last.
func TestInvitationStates(t *testing.T) {
	t.Parallel()
	v, later, used := &visit{now: noon}, noon.Add(time.Hour), queries.EndReasonUsed
	revoked := queries.EndReasonRevoked
	for want, row := range map[string]queries.InvitationListOfContactRow{
		"Queued":        {ExpiresAt: later, MailState: queries.MailStateQueued},
		"Sent":          {ExpiresAt: later, MailState: queries.MailStateSent, SentAt: &noon},
		"Deferred":      {ExpiresAt: later, MailState: queries.MailStateDeferred},
		"Not delivered": {ExpiresAt: later, MailState: queries.MailStateFailed},
		"Bounced":       {ExpiresAt: later, MailState: queries.MailStateBounced, BouncedAt: &noon},
		"Opened":        {ExpiresAt: later, MailState: queries.MailStateSent, SentAt: &noon, FetchedByPerson: 1, FetchedByFilter: 3},
		"Expired":       {ExpiresAt: noon, MailState: queries.MailStateSent, SentAt: &noon},
		"Withdrawn":     {ExpiresAt: later, EndedAt: &noon, EndedBecause: &revoked},
		"Joined":        {ExpiresAt: later, SentAt: &noon, JoinedAt: &noon, EndedAt: &noon, EndedBecause: &used},
	} {
		if got := v.invitationRow(row).State.Word; got != want {
			t.Errorf("told as %s, want %s", got, want)
		}
	}
	opened := queries.InvitationListOfContactRow{ExpiresAt: later, MailState: queries.MailStateSent, SentAt: &noon, FetchedByFilter: 3}
	if got := v.invitationRow(opened); got.State.Word != "Sent" || got.Note == "" {
		t.Errorf("opened by a filter only it is told as %s, %q", got.State.Word, got.Note)
	}
}

// What staff read of a client's apps is what the client's menu has.
func TestContactsShowWhatTheMenuHas(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	for name, c := range map[string]struct {
		owns                    func(ana contact)
		invoices, subscriptions bool
	}{
		"nothing":                    {func(contact) {}, false, false},
		"a draft":                    {func(ana contact) { s.invoice(t, ana, columns{"state": "draft"}) }, false, false},
		"an invoice":                 {func(ana contact) { s.invoice(t, ana, nil) }, true, false},
		"a subscription":             {func(ana contact) { s.subscription(t, ana, nil) }, false, true},
		"one that was never paid":    {func(ana contact) { s.subscription(t, ana, columns{"state": "incomplete_expired"}) }, false, false},
		"a subscription, an invoice": {func(ana contact) { s.invoice(t, ana, nil); s.subscription(t, ana, nil) }, true, true},
	} {
		ana := s.arrived(t, s.acme, queries.NewID().String()+"@example.com", "Ana Souza")
		c.owns(ana)
		menu, said := s.client(t, ana).get("/"), maya.get("/acme/contacts/"+ana.id.String()).is(http.StatusOK).words()
		for app, has := range map[string]bool{"invoices": c.invoices, "subscriptions": c.subscriptions} {
			if shown := len(menu.all("nav a[href='/"+app+"']")) > 0; shown != has {
				t.Errorf("%s: the menu has %s: %v", name, app, shown)
			}
		}
		if strings.Contains(said, "There are invoices of theirs") != c.invoices || strings.Contains(said, "They have, or had, a subscription") != c.subscriptions {
			t.Errorf("%s: staff read %s", name, said)
		}
	}
}

// What they can see, and why, stands before what happened; what they bought says whose time it is.
func TestContactsShowAnswersFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	ana, order := s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.things(t, s.acme, maya).billed.order
	s.exec(t, "UPDATE sales_order SET contact_id = $1, refunded_minor = amount_minor, created_at = $2 WHERE id = $3", ana.id, s.clock.now(), order)
	p := s.staff(t, maya).get("/acme/contacts/"+ana.id.String()).is(http.StatusOK).has(".beside #access-title", ".beside #courses-title").lacks("aside #access-title", "aside #courses-title")
	if access, timeline := strings.Index(p.body, "access-title"), strings.Index(p.body, "timeline-title"); access > timeline {
		t.Error("the timeline comes before what they can see")
	}
	if told := words(p.one("section[aria-labelledby=sales-title]")); !strings.Contains(told, "Refunded · ordered just now") {
		t.Errorf("of what they bought it says %s", told)
	}
}
