package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// counted does what the job that counts an account's figures does.
func (s *testSite) counted(t testing.TB, a account) {
	t.Helper()
	var zone string
	s.scan(t, "SELECT time_zone FROM account WHERE id = $1", []any{a.id}, &zone)
	inTx(t, s.DB, func(q *queries.Queries) error {
		if err := q.MetricCompute(t.Context(), queries.MetricComputeParams{AccountID: a.id, Now: s.clock.now()}); err != nil {
			return err
		}
		return q.MetricComputeDays(t.Context(), queries.MetricComputeDaysParams{AccountID: a.id, TimeZone: zone, Since: s.clock.now().AddDate(0, 0, -100)})
	})
}

// figures are the numbers of a dashboard: invited, joined, join rate.
func (p *page) figures() (shown []string) {
	p.t.Helper()
	for _, dd := range p.all("#dashboard-figures .figure dd") {
		shown = append(shown, strings.TrimSpace(dd.FirstChild.Data))
	}
	return shown
}

// The dashboard's numbers are those of the account and lead to the contacts they count; without any it says how to begin.
func TestDashboard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	p := s.staff(t, maya).get("/acme").is(http.StatusOK).has("#dashboard-figures .empty a[href='/acme/invitations/new']",
		"a[href='/acme/magic-links/new']", "[data-copy='http://acme.portal.test']", "a[href='http://acme.portal.test']").lacks("svg.trend")
	if got := p.figures(); !slices.Equal(got[:2], []string{"0", "0"}) {
		t.Errorf("an empty account shows %v", got)
	}
	var joined, waiting []contact
	for i := range 8 {
		c := s.contact(t, s.acme, fmt.Sprintf("person%d@example.com", i), "")
		link := s.invited(t, c)
		s.clock.move(time.Minute)
		switch {
		case i == 0:
			s.bounced(t, c)
			waiting = append([]contact{c}, waiting...)
		case i < 4:
			s.portal(t, s.acme).confirm(link).leadsTo("/")
			joined = append([]contact{c}, joined...)
		default:
			waiting = append(waiting, c)
		}
	}
	s.contact(t, s.acme, "uninvited@example.com", "")
	s.invited(t, s.contact(t, s.lumen, "person1@example.com", "Person of Lumen"))
	s.clock.move(queries.WaitingAfter)
	s.invited(t, s.contact(t, s.acme, "late@example.com", "")) // waits, and not long enough to need attention
	s.counted(t, s.acme)
	b := s.staff(t, maya)
	p = b.get("/acme").is(http.StatusOK).has("svg.trend")
	if got, want := p.figures(), []string{"9", "3", "33%"}; !slices.Equal(got, want) {
		t.Errorf("the dashboard shows %v, want %v", got, want)
	}
	for link, want := range map[string]string{"#figure-invited": "/acme/contacts?state=invited", "#figure-joined": "/acme/contacts?state=joined"} {
		if to := attr(p.one(link), "href"); to != want {
			t.Errorf("%s leads to %s, want %s", link, to, want)
		}
	}
	for name, want := range map[string][]contact{"join-link:": joined, "attention-link:": waiting} {
		var got []string
		for _, link := range p.all("#dashboard-figures a[id]") {
			if strings.HasPrefix(attr(link, "id"), name) {
				got = append(got, attr(link, "href"))
			}
		}
		if !slices.Equal(got, hrefs(want)) {
			t.Errorf("%s %v, want %v", name, got, hrefs(want))
		}
	}
	for i, c := range waiting { // the bounced one cannot be invited again before its address is corrected
		if form := p.all("form[action='" + hrefs(waiting)[i] + "/invite']"); (len(form) == 1) != (i > 0) {
			t.Errorf("%s: %d forms to invite again", c.email, len(form))
		}
	}
}

func hrefs(contacts []contact) (all []string) {
	for _, c := range contacts {
		all = append(all, "/"+c.slug+"/contacts/"+c.id.String())
	}
	return all
}

// An open dashboard asks for news: nothing while nobody counted again, the figures once somebody did.
func TestDashboardFollows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme)).htmx()
	poll := func(p *page) string { return attr(p.one("#dashboard-figures"), "hx-get") }
	news := poll(b.get("/acme"))
	if p := b.get(news).is(http.StatusNoContent); p.body != "" {
		t.Errorf("nothing is told as %q", p.body)
	}
	ana := s.contact(t, s.acme, "ana@example.com", "")
	link := s.invited(t, ana)
	b.get(news).is(http.StatusNoContent) // not counted yet
	s.counted(t, s.acme)
	p := b.get(news).is(http.StatusOK).has("#dashboard-figures", "svg.trend").lacks("main")
	if got := p.figures(); got[0] != "1" || got[1] != "0" {
		t.Errorf("the news are %v", got)
	}
	p.has("#dashboard-figures svg.trend")
	s.portal(t, s.acme).confirm(link).leadsTo("/")
	s.clock.move(time.Second)
	s.counted(t, s.acme)
	p = b.get(poll(p)).is(http.StatusOK)
	if got := p.figures(); got[0] != "1" || got[1] != "1" || got[2] != "100%" {
		t.Errorf("after the join the news are %v", got)
	}
	b.get(poll(p)).is(http.StatusNoContent)
	s.exec(t, "UPDATE contact SET last_invited_at = $1 WHERE id = $2", s.clock.now().Add(-queries.WaitingAfter-time.Second), ana.id)
	s.exec(t, "UPDATE contact SET joined_at = NULL")
	s.clock.move(time.Second)
	s.counted(t, s.acme)
	p = b.get(poll(p)).is(http.StatusOK)
	b.with("HX-Request", "false").fill(p, "form[action='"+hrefs([]contact{ana})[0]+"/invite']").leadsTo("/acme") // its token is good
}

// Whose session ended while the dashboard was open comes back to the dashboard, and not to a part of it.
func TestPartsAskToSignInForTheirPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.admin(t).htmx()
	for current, want := range map[string]string{
		b.root + "/acme":                 "/sign-in?next=" + url.QueryEscape("/acme"),
		b.root + "/acme/contacts?q=a%26": "/sign-in?next=" + url.QueryEscape("/acme/contacts?q=a%26"),
		b.root + "/":                     "/sign-in",
	} {
		p := b.with("HX-Current-URL", current).get("/acme/figures?since=1").is(http.StatusOK)
		if to := p.header.Get("HX-Redirect"); to != want {
			t.Errorf("from %s it leads to %s, want %s", current, to, want)
		}
	}
}
