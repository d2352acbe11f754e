package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/handlers/internal/directory"
	"atrium/queries"
)

// steps are the lines of the funnel as a person reads them, without what to do next.
func (p *page) steps() (shown []string) {
	p.t.Helper()
	for _, step := range p.all("#dashboard-figures .funnel-step") {
		line := words(find(p.t, step, ".funnel-name")[0]) + " " + words(find(p.t, step, ".funnel-count")[0]) + " " + words(find(p.t, step, ".funnel-share")[0])
		shown = append(shown, strings.TrimSpace(line))
	}
	return shown
}

// The funnel counts how far everybody came, in shares of the step before; each number leads to its list and to what to do next.
func TestFunnel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := func(by time.Duration) *time.Time { at := s.clock.now().Add(-by); return &at }
	day := 24 * time.Hour
	for i, c := range []struct{ invited, sent, bounced, filter, opened, joined, seen *time.Time }{
		{}, // not invited
		{invited: before(9 * day)},
		{invited: before(9 * day), bounced: before(9 * day)},
		{invited: before(9 * day), sent: before(9 * day)},
		{invited: before(9 * day), sent: before(9 * day), filter: before(8 * day)},
		{invited: before(9 * day), sent: before(9 * day), filter: before(8 * day), opened: before(7 * day)},
		{invited: before(90 * day), sent: before(90 * day), opened: before(89 * day), joined: before(89 * day), seen: before(queries.ActiveWithin)},
		{invited: before(9 * day), sent: before(9 * day), filter: before(8 * day), opened: before(6 * day), joined: before(6 * day), seen: before(queries.ActiveWithin - time.Second)},
		{opened: before(2 * day), joined: before(2 * day), seen: before(day)}, // bought, and came in
		{opened: before(2 * day), joined: before(2 * day), seen: before(day), bounced: before(day)},
		{bounced: before(day)},
	} {
		who := s.contact(t, s.acme, string(rune('a'+i))+"@example.com", "")
		s.exec(t, `UPDATE contact SET invited_at = $2, last_invited_at = $2, sent_at = $3, bounced_at = $4, filter_opened_at = $5, opened_at = $6, joined_at = $7, last_seen_at = $8
			WHERE id = $1`, who.id, c.invited, c.sent, c.bounced, c.filter, c.opened, c.joined, c.seen)
	}
	s.counted(t, s.acme)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	admin := b.get("/acme").is(http.StatusOK).lacks("#drift")
	want := []string{"Invited 7", "Sent 5 71% of invited", "Bounced 1 14% of invited", "Opened by a filter 1 20% of sent", "Opened 3 60% of sent",
		"Joined 2 67% of opened", "Active in 30 days 1 50% of joined"}
	if got := admin.steps(); !slices.Equal(got, want) {
		t.Errorf("the funnel is %q, want %q", got, want)
	}
	for state, count := range map[string]int{"invited": 7, "sent": 5, "invited_bounced": 1, "filter_opened": 1, "invited_opened": 3, "invited_joined": 2, "invited_active": 1} {
		href := "/acme/contacts?state=" + state
		admin.has("#funnel-"+state+"[href='"+href+"']", "a[id='funnel-next:"+state+"'][href='"+href+"']")
		if rows := b.get(href).has("option[value=" + state + "][selected]").all("tr.row"); len(rows) != count {
			t.Errorf("the list of %s has %d rows, want %d", state, len(rows), count)
		}
	}
	support := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme)).get("/acme")
	if text := words(support.one("#dashboard-figures")); strings.Contains(text, "Correct") || !strings.Contains(words(admin.one("#dashboard-figures")), "Correct address") {
		t.Errorf("support is offered to correct an address: %s", text)
	}
	if text := words(support.one(".funnel")); strings.Contains(text, "magic link") || !strings.Contains(words(admin.one(".funnel")), "Send a magic link") {
		t.Errorf("support is offered %s", text)
	}
	for link, count := range map[string]int{"#figure-invited": 7, "#figure-joined": 4, "#figure-came-in": 2, "#figure-uninvited": 2} {
		if rows := b.get(attr(admin.one(link), "href")).all("tr.row"); len(rows) != count {
			t.Errorf("the list of %s has %d rows, want %d", link, len(rows), count)
		}
	}
	if got, want := admin.figures(), []string{"7", "4", "29%"}; !slices.Equal(got, want) {
		t.Errorf("the dashboard shows %v, want %v", got, want)
	}
	if got, want := words(admin.one("#dashboard-status")), "2 of 7 invited users joined, 2 more without an invitation"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if got := words(admin.one(".figures")); !strings.Contains(got, "2 of 7 invited") || !strings.Contains(got, "2 joined without an invitation") {
		t.Errorf("the figures say %q", got)
	}
	widths := admin.all(".funnel-bar rect")
	if attr(widths[0], "width") != "1000" || attr(widths[1], "width") != "714" {
		t.Errorf("the bars are %s and %s wide", attr(widths[0], "width"), attr(widths[1], "width"))
	}
}

// A part of the way that nobody has gone has no next action, and a share of nothing is no number.
func TestFunnelOfNobody(t *testing.T) {
	t.Parallel()
	v := &visit{account: &directory.Account{AccountListRow: queries.AccountListRow{Slug: "acme"}}}
	for _, step := range v.funnel(queries.MetricByAccountRow{}) {
		if step.Next != "" || step.Width != 0 || step.Share > 0 {
			t.Errorf("%+v", step)
		}
	}
	for _, step := range v.funnel(queries.MetricByAccountRow{Invited: 1, InvitedJoined: 3, InvitedOpened: 3}) { // counted beside an older program
		if step.Share > 1 || step.Width > 1000 {
			t.Errorf("%+v", step)
		}
	}
}

// Staff are told when the nightly check found the figures wrong, and not otherwise.
func TestDrift(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.invited(t, s.contact(t, s.acme, "ana@example.com", ""))
	s.counted(t, s.acme)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	s.exec(t, "UPDATE metric SET recounted_at = $1, drift = 3", noon.Add(-8*time.Hour))
	if text := words(b.get("/acme").one("#drift")); !strings.Contains(text, "off by 3") || !strings.Contains(text, "8 hours ago") {
		t.Errorf("the page says %q", text)
	}
	s.exec(t, "UPDATE metric SET drift = 0")
	b.get("/acme").lacks("#drift")
}

// Mails that were given up need attention until something else was sent, each with what can be sent in its place.
func TestGivenUpMailsNeedAttention(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	admin := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	support := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	ana, ben, cid := s.contact(t, s.acme, "ana@example.com", "Ana"), s.arrived(t, s.acme, "ben@example.com", "Ben"), s.contact(t, s.acme, "cid@example.com", "Cid")
	s.invited(t, s.contact(t, s.lumen, "dee@example.com", "Dee"))
	s.invited(t, ana)
	s.invited(t, cid)
	s.newLinkMail(t, ben)
	s.exec(t, "UPDATE mail SET state = 'failed', answer = '4.4.1 no answer', changed_at = $1", s.clock.now())
	s.invited(t, cid) // sent again since
	s.counted(t, s.acme)
	p := admin.get("/acme").is(http.StatusOK)
	if got, want := attentionLinks(p), hrefs([]contact{ben, ana}); !slices.Equal(got, want) {
		t.Errorf("attention for %v, want %v", got, want)
	}
	if text := words(p.one("[id='attention:" + hrefs([]contact{ana})[0] + "']")); !strings.Contains(text, "Not delivered") || !strings.Contains(text, "Invitation given up") || !strings.Contains(text, "4.4.1 no answer") {
		t.Errorf("of Ana it says %s", text)
	}
	p.has("a[href='/acme/magic-links/new?contact="+ben.id.String()+"']", "form[action='"+hrefs([]contact{ana})[0]+"/invite']")
	support.get("/acme").lacks("a[href='/acme/magic-links/new?contact=" + ben.id.String() + "']").has("a[href='" + hrefs([]contact{ben})[0] + "']")

	seven := admin.get("/acme?days=7") // and one comes back to where one was
	admin.fill(seven, "form[action='"+hrefs([]contact{ana})[0]+"/invite']").leadsTo("/acme?days=7")
	if got := attentionLinks(admin.get("/acme")); !slices.Equal(got, hrefs([]contact{ben})) {
		t.Errorf("after Ana was invited again attention is for %v", got)
	}
	s.clock.move(31 * 24 * time.Hour)
	if got := attentionLinks(admin.get("/acme")); slices.Contains(got, hrefs([]contact{ben})[0]) {
		t.Errorf("a month later attention is for %v", got)
	}
}

func attentionLinks(p *page) (links []string) {
	p.t.Helper()
	for _, link := range p.all("#dashboard-figures a[id]") {
		if strings.HasPrefix(attr(link, "id"), "attention-link:") {
			links = append(links, attr(link, "href"))
		}
	}
	return links
}

// newLinkMail mails a magic link to a contact, as staff do.
func (s *testSite) newLinkMail(t *testing.T, c contact) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		_, err := s.Mails.MailMagicLink(t.Context(), q, queries.MagicLinkInsertParams{AccountID: c.account.id, ContactID: c.id, Kind: queries.LinkKindStaff,
			Target: queries.AppHome, Now: s.clock.now(), ExpiresAt: s.clock.now().Add(time.Hour)}, c.email)
		return err
	})
}
