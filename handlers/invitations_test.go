package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"atrium/queries"
)

// invite types people into the invitation form of acme.
func (b *browser) invite(people string) *page {
	b.t.Helper()
	return b.fill(b.with("HX-Request", "false").get("/acme/invitations/new").is(http.StatusOK), "[name=people]", "people", people)
}

// left is the text that stays in the form.
func (p *page) left() string {
	p.t.Helper()
	return strings.TrimPrefix(text(p.one("textarea[name=people]")), "\n")
}

// results are what became of each line, by its words.
func (p *page) results() (lines []string, nodes []*html.Node) {
	p.t.Helper()
	for _, item := range p.all("#invitations-form .item") {
		lines, nodes = append(lines, words(item)), append(nodes, item)
	}
	return lines, nodes
}

// One address is invited in one transaction: contact, invitation, link, mail, and the jobs that send and count.
func TestInviteOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme)
	b := s.staff(t, maya)
	p := b.invite(" Ana  Souza <ana@Example.com> ").leadsTo("/acme")
	if flash := b.follow(p).one("#notice .flash"); !strings.Contains(words(flash), "Ana Souza") {
		t.Errorf("it says %q", words(flash))
	}
	s.rows(t, 1, "contact WHERE account_id = $1 AND email::text = 'ana@example.com' AND name = 'Ana Souza' AND invited_at = $2", s.acme.id, noon)
	s.rows(t, 1, "invitation WHERE account_id = $1 AND invited_by = $2 AND ended_at IS NULL AND expires_at = $3", s.acme.id, maya.id, noon.Add(queries.InvitationLife))
	s.rows(t, 1, "magic_link WHERE kind = 'invitation' AND invitation_id IS NOT NULL")
	s.rows(t, 1, "mail WHERE kind = 'invitation' AND to_email = 'ana@example.com' AND state = 'queued' AND contact_id IS NOT NULL")
	s.inserted(t, "mail_send", "metric_count")
	b.htmx().invite("ben@example.com").is(http.StatusOK)
	s.inserted(t, "mail_send", "metric_count")
	b.invite("ana@example.com").leadsTo("/acme") // again
	s.rows(t, 2, "contact")
	s.rows(t, 2, "invitation")
	s.rows(t, 2, "mail WHERE to_email = 'ana@example.com'")
}

// A pasted list of two hundred people with names is invited in one go, with a result for each; one more is too much at once.
func TestInviteMany(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	var people []string
	for i := range invitationsMost {
		people = append(people, fmt.Sprintf("Person Number%d <person%d@example.com>", i, i))
	}
	before := s.everything(t)
	tooMany := strings.Join(people, "\r\n") + "\r\nOne More <more@example.com>"
	p := b.invite(tooMany).is(http.StatusUnprocessableEntity).has("#field-people-error")
	if got := p.left(); got != strings.ReplaceAll(tooMany, "\r\n", "\n") {
		t.Errorf("of 201 lines this is left: %d bytes", len(got))
	}
	if s.everything(t) != before {
		t.Error("of too many some were invited")
	}
	p = b.invite(strings.Join(people, "\r\n") + "\r\n\r\n" + people[0]).is(http.StatusOK)
	lines, _ := p.results()
	if len(lines) != invitationsMost {
		t.Fatalf("%d results", len(lines))
	}
	for i, line := range lines {
		if !strings.Contains(line, fmt.Sprintf("Person Number%d ", i)) {
			t.Fatalf("result %d is %q", i, line)
		}
	}
	if p.left() != "" {
		t.Errorf("%q is left", p.left())
	}
	for _, table := range []string{"contact", "invitation", "magic_link", "mail"} {
		s.rows(t, invitationsMost, table)
	}
	s.rows(t, 1, "contact WHERE email = 'person7@example.com' AND name = 'Person Number7'")
	s.rows(t, invitationsMost, "river.river_job WHERE kind = 'mail_send'")
	s.rows(t, 1, "river.river_job WHERE kind = 'metric_count'")
}

// Every line has its own result; what could not be taken stays in the form and nothing of it is sent.
func TestInviteMixed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	support := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	joined := s.arrived(t, s.acme, "joined@example.com", "Joined Already")
	s.contact(t, s.acme, "known@example.com", "Known Before")
	s.invited(t, s.contact(t, s.acme, "again@example.com", "Invited Before"))
	bounced := s.contact(t, s.acme, "bounced@example.com", "Bounced Before")
	s.bounced(t, bounced)
	s.arrived(t, s.lumen, "new@example.com", "Of Lumen")
	s.jobs(t)
	const typed = "New One <new@example.com>\nKNOWN@example.com\nagain@example.com\njoined@example.com\nbounced@example.com\nnot an address\nana@example\nnew@example.com"
	p := admin.htmx().invite(typed).is(http.StatusOK).lacks("main")
	lines, nodes := p.results()
	if len(lines) != 7 {
		t.Fatalf("%d results: %q", len(lines), lines)
	}
	for i, badge := range []string{"error", "error", "error", "info", "success", "success", "success"} { // what is left to do comes first
		if len(find(t, nodes[i], ".badge-"+badge)) != 1 {
			t.Errorf("result %d is no %s: %q", i, badge, lines[i])
		}
		if links := find(t, nodes[i], "a[href='/acme/magic-links/new?contact="+joined.id.String()+"']"); (len(links) == 1) != (i == 3) {
			t.Errorf("result %d has %d offers of a magic link", i, len(links))
		}
	}
	if want := "New One new@example.com Invited"; !slices.Contains(lines, want) { // who typed a name sees the address as well
		t.Errorf("no result reads %q: %q", want, lines)
	}
	if title := words(p.one("#done-title")); title != "3 invitations are on their way, 4 were not sent" {
		t.Errorf("it says %q", title)
	}
	if got := p.left(); got != "not an address\nana@example" {
		t.Errorf("%q is left", got)
	}
	s.rows(t, 5, "contact WHERE account_id = $1", s.acme.id)
	s.rows(t, 1, "contact WHERE account_id = $1 AND email = 'known@example.com' AND name = 'Known Before' AND invited_at = $2", s.acme.id, noon)
	s.rows(t, 2, "mail WHERE to_email = 'again@example.com'")
	s.rows(t, 0, "mail WHERE to_email IN ('joined@example.com', 'bounced@example.com')")
	s.inserted(t, "mail_send", "mail_send", "mail_send", "metric_count")
	p = support.invite("joined@example.com").is(http.StatusOK).lacks("a[href='/acme/magic-links/new?contact=" + joined.id.String() + "']")
	if lines, _ := p.results(); len(lines) != 1 {
		t.Errorf("results %q", lines)
	}
	s.inserted(t)
}

// When no line can be taken nothing is sent, and the text stays as it was typed.
func TestInviteNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	before := s.everything(t)
	for _, typed := range []string{"", " \n\n ", "ana", "ana@example", "  ana@\n\nben", "Ana Souza <ana@example>", "Name;E-Mail", "ana\u202e@example.com",
		"\nan empty line first", "ana@example.com\x00", strings.Repeat("a", 70) + "@example.com"} {
		for _, b := range []*browser{b, b.htmx()} {
			p := b.invite(typed).is(http.StatusUnprocessableEntity).has("#field-people-error", "[name=people][aria-invalid=true]").lacks("#invitations-form .item")
			if got := p.left(); got != strings.ReplaceAll(typed, "\x00", "\ufffd") && strings.TrimPrefix(typed, "\n") != got {
				t.Errorf("of %q this is left: %q", typed, got)
			}
		}
	}
	if s.everything(t) != before {
		t.Error("something was sent")
	}
}

// The form also finds whom the account knows; what was found is invited with one press.
func TestInviteSomebodyKnown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	ana, ben := s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Souza")
	cid := s.contact(t, s.acme, "cid@example.com", "Cid Souza")
	s.bounced(t, cid)
	invite := func(c contact) string {
		return "#found-" + c.id.String() + " form[action='/acme/contacts/" + c.id.String() + "/invite']"
	}
	p := b.get("/acme/invitations/new?q=souza").is(http.StatusOK).has(invite(ana), "#found-"+ben.id.String(), "#found-"+cid.id.String()).lacks(invite(ben), invite(cid))
	b.fill(p, invite(ana)).leadsTo("/acme/contacts/" + ana.id.String())
	s.rows(t, 1, "mail WHERE to_email = 'ana@example.com'")
	b.htmx().get("/acme/invitations/new?q=souza").has("#invitations-found", invite(ana)).lacks("main")
	b.get("/acme/invitations/new?q=nobody").has("#invitations-found .quiet").lacks("#invitations-found .item")
	b.get("/acme/invitations/new?q=%00%ff").is(http.StatusOK)
	b.get("/acme/invitations/new").lacks("#invitations-found .item", "#invitations-found .quiet")
}
