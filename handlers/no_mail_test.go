package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Whoever asked for no more mails is invited from their page alone, where a question is asked first: the dashboard does not offer it, and
// wherever else somebody tries it nothing is sent.
func TestNoMailIsAskedFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.contact(t, s.acme, "ben@example.com", "Ben Okri")
	s.invited(t, ana)
	s.invited(t, ben)
	s.clock.move(queries.WaitingAfter + time.Second)
	support := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	s.counted(t, s.acme)
	dashboard, page := support.get("/acme"), hrefs([]contact{ana})[0]
	s.exec(t, "UPDATE contact SET no_mail_at = $1 WHERE id = $2", s.clock.now(), ana.id)
	if got, want := attentionLinks(support.get("/acme")), hrefs([]contact{ben}); !slices.Equal(got, want) {
		t.Errorf("attention for %v, want %v", got, want)
	}
	s.exec(t, "UPDATE mail SET state = 'failed', changed_at = $1", s.clock.now())
	if got, want := attentionLinks(support.get("/acme")), hrefs([]contact{ben}); !slices.Equal(got, want) {
		t.Errorf("after their mails were given up attention is for %v, want %v", got, want)
	}
	s.rows(t, 2, "mail")
	support.fill(dashboard, "form[action='"+page+"/invite']").leadsTo(page) // it stood there before
	if told := words(support.get(page).one("main")); !strings.Contains(told, "and so does what you send to them alone") {
		t.Errorf("their page says %s", told)
	}
	typed := support.get("/acme/invitations/new")
	if told := support.fill(typed, "form[action='/acme/invitations']", "people", "ana@example.com\nben@example.com").words(); !strings.Contains(told, "1 invitation is on its way, 1 was not sent") ||
		!strings.Contains(told, queries.NoMailWords) {
		t.Errorf("two typed lines answer %s", told)
	}
	s.rows(t, 1, "mail WHERE contact_id = $1", ana.id)

	p := support.get(page).is(http.StatusOK).has(".actions button[commandfor=invite]").lacks(".actions form[action='" + page + "/invite']")
	if asked := words(p.one("dialog#invite")); !strings.Contains(asked, "Ana Souza asked for no more mails from this portal on") {
		t.Errorf("it asks %s", asked)
	}
	support.fill(p, "dialog#invite form").leadsTo(page)
	s.rows(t, 2, "mail WHERE contact_id = $1", ana.id)
	support.get(hrefs([]contact{ben})[0]).has(".actions form").lacks("dialog#invite")
}

// Before many are mailed the page says how many are, and why the others are left out; where that is everybody there is nothing to press.
func TestManySaysWhomItReaches(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.contact(t, s.acme, "ana@example.com", "Ana")
	joined, quiet := s.arrived(t, s.acme, "ben@example.com", "Ben"), s.contact(t, s.acme, "cid@example.com", "Cid")
	bounced := s.contact(t, s.acme, "dee@example.com", "Dee")
	s.exec(t, "UPDATE contact SET no_mail_at = $1 WHERE id = $2", noon, quiet.id)
	s.exec(t, "UPDATE contact SET bounced_at = $1 WHERE id = $2", noon, bounced.id)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	list := b.get("/acme/contacts")
	ask := func(values ...string) *page {
		f := list.form("form.choosing", values...)
		return b.send(post, f.action, f.values).is(http.StatusOK)
	}
	for kind, want := range map[string][]string{
		"invite":     {"Invite 1 contact", "Of 4 contacts 3 are left out: 1 has joined, 1 has an address that bounced, 1 asked for no more mails."},
		"magic_link": {"Mail a link to 2 contacts", "Of 4 contacts 2 are left out: 1 has an address that bounced, 1 asked for no more mails."},
	} {
		p := ask("all", "on", "kind", kind)
		if got := []string{words(p.one("#contacts-chosen button")), words(p.one("#left-out"))}; !slices.Equal(got, want) {
			t.Errorf("%s says %q, want %q", kind, got, want)
		}
	}
	if got := words(ask("id", joined.id.String(), "kind", "magic_link").lacks("#left-out").one("#contacts-chosen button")); got != "Mail a link to 1 contact" {
		t.Errorf("the button says %q", got)
	}
	none := ask("id", joined.id.String(), "kind", "invite").lacks("#contacts-chosen button")
	if got := words(none.one("#contacts-chosen")); !strings.Contains(got, "Nobody would be mailed. Of 1 contact 1 is left out: 1 has joined.") {
		t.Errorf("it says %q", got)
	}
}
