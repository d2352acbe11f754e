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

// listed are the names in a list of contacts, in order.
func (p *page) listed() (names []string) {
	p.t.Helper()
	for _, link := range p.all("tr.row a.row-link") {
		names = append(names, words(link))
	}
	return names
}

// The list pages by where it is and not by how many came before, as whole pages and as rows for the list that is open.
func TestContactsPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var want []string
	for i := range 2*contactsPerPage + 20 {
		name := fmt.Sprintf("Person %03d", i)
		s.contact(t, s.acme, fmt.Sprintf("person%d@example.com", i), name)
		want = append(want, name)
	}
	slices.Reverse(want)
	s.contact(t, s.lumen, "person1@example.com", "Person of Lumen")
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	for _, filter := range []string{"", "?filter=nonsense", "?q=Person"} {
		for _, next := range []*browser{b, b.htmx()} {
			p := b.get("/acme/contacts" + filter).is(http.StatusOK)
			got := p.listed()
			for pages := 1; len(p.all("#contacts-more a")) > 0; pages++ {
				if len(got) != pages*contactsPerPage {
					t.Fatalf("%q: %d contacts after %d pages", filter, len(got), pages)
				}
				link := p.one("#contacts-more a")
				if attr(link, "hx-get") != attr(link, "href") {
					t.Errorf("with and without scripts the next page is another one")
				}
				p = next.get(attr(link, "href")).is(http.StatusOK)
				if whole := len(p.all("main")) == 1; whole == (next != b) {
					t.Errorf("%s: page or part?", p.asked)
				}
				if next != b { // rows of a table stand only inside one
					p.body, p.parsed = "<table>"+p.body+"</table>", nil
				}
				got = append(got, p.listed()...)
				s.contact(t, s.acme, queries.NewID().String()+"@example.com", "Person who came meanwhile")
			}
			if !slices.Equal(slices.DeleteFunc(got, func(n string) bool { return strings.HasSuffix(n, "meanwhile") }), want) {
				t.Errorf("%q: listed %v", filter, got)
			}
		}
	}
}

// A list that takes long to find comes with what is near, and with the way to the rest, which it goes by itself.
func TestContactsRest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(t, `INSERT INTO contact (account_id, id, email, name, source, tags, created_at, changed_at)
		SELECT $1, lpad(to_hex(i), 32, '0')::uuid, 'c' || i || '@example.com', to_char(i, 'FM0000'), 'manual', CASE WHEN i <= 60 OR i > 2450 THEN ARRAY['vip'] ELSE '{}' END, $2, $2
		FROM generate_series(1, 2500) i`, s.acme.id, noon)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme))
	goOn := func(p *page) *page {
		t.Helper()
		link := p.one("a.rest[hx-trigger='load, click']")
		if attr(link, "hx-get") != attr(link, "href") {
			t.Error("with and without scripts the rest is another one")
		}
		return b.htmx().get(attr(link, "href")).is(http.StatusOK).lacks("a.rest", "main")
	}
	first := b.get("/acme/contacts?tag=vip&seen=never&sort=name").is(http.StatusOK).lacks("a.rest")
	if names := first.listed(); len(names) != 50 || names[49] != "0050" {
		t.Fatalf("first %v", names)
	}
	more := b.htmx().get(attr(first.one("#contacts-more a"), "href")).is(http.StatusOK)
	more.body, more.parsed = "<table>"+more.body+"</table>", nil
	more.has("#contacts-more .rest[hx-target='#contacts-more']")
	rest := goOn(more)
	rest.body, rest.parsed = "<table>"+rest.body+"</table>", nil
	if near, far := more.listed(), rest.listed(); len(near) != 10 || near[9] != "0060" || len(far) != 50 || far[0] != "2451" || far[49] != "2500" {
		t.Errorf("then %v, then %v", near, far)
	}
	none := b.get("/acme/contacts?tag=vip&seen=7&sort=name").is(http.StatusOK).has(".list-rest .rest[hx-target='#contacts-list']").lacks(".empty", "tr.row")
	goOn(none).has("#contacts-list .empty").lacks("tr.row")
	last := b.get("/acme/contacts?q=24&tag=vip&sort=name").is(http.StatusOK).has("#contacts-list .rest")
	if all := goOn(last).listed(); len(all) != 49 {
		t.Errorf("looked through: %v", all)
	}
}

// Whether mail bounces is asked beside the state, which can still say it alone; both stay chosen, and go with what is done to all that fit.
func TestContactsBounced(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for email, set := range map[string]string{"both@example.com": "joined_at = $2, bounced_at = $2", "joined@example.com": "joined_at = $2", "bounced@example.com": "bounced_at = $2"} {
		s.exec(t, "UPDATE contact SET "+set+" WHERE id = $1", s.contact(t, s.acme, email, strings.TrimSuffix(email, "@example.com")).id, noon)
	}
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for query, want := range map[string][]string{"state=joined&bounced=yes": {"both"}, "state=joined&bounced=no": {"joined"}, "bounced=yes&sort=name": {"both", "bounced"},
		"state=bounced&sort=name": {"both", "bounced"}, "bounced=maybe&sort=name": {"both", "bounced", "joined"}} {
		if got := b.get("/acme/contacts?" + query).is(http.StatusOK).listed(); !slices.Equal(got, want) {
			t.Errorf("%s lists %v", query, got)
		}
	}
	b.get("/acme/contacts?state=joined&bounced=yes").has("select[name=bounced] option[value=yes][selected]", "select[name=state] option[value=joined][selected]")
	b.get("/acme/contacts?state=bounced").has("select[name=state] option[value=bounced][selected]", "select[name=bounced] option[value='']")
}

// A search looks for what was typed, as it was typed, in names and addresses of this account.
func TestContactsSearch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for email, name := range map[string]string{"sure@example.com": "100% Sure", "under@example.com": "under_score", "back@example.com": `back\slash`,
		"plain@example.com": "Plain O'Brien", "noname@example.org": "", "siobhan@example.com": "Siobhán Ní Bhriain"} {
		s.contact(t, s.acme, email, name)
	}
	s.contact(t, s.lumen, "sure@example.com", "100% Elsewhere")
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	for _, c := range []struct {
		typed string
		want  []string
	}{
		{"%", []string{"100% Sure"}}, {"_", []string{"under_score"}}, {`\`, []string{`back\slash`}}, {`\%`, nil}, {"%%", nil}, {"0%", []string{"100% Sure"}},
		{"'", []string{"Plain O'Brien"}}, {"PLAIN", []string{"Plain O'Brien"}}, {"  plain   o'b ", []string{"Plain O'Brien"}}, {"example.org", []string{"noname@example.org"}},
		{"SIOBHÁN", []string{"Siobhán Ní Bhriain"}}, {"nobody", nil}, {"pl\x00ain", []string{"Plain O'Brien"}}, {"PLA\xffIN", []string{"Plain O'Brien"}}, {"<script>", nil}, {strings.Repeat("long", 500), nil},
	} {
		path := "/acme/contacts?" + url.Values{"q": {c.typed}}.Encode()
		p := b.get(path).is(http.StatusOK)
		if got := p.listed(); !slices.Equal(got, c.want) {
			t.Errorf("%q: found %v, want %v", c.typed, got, c.want)
		}
		part := b.htmx().get(path).is(http.StatusOK).has("#contacts-list").lacks("main")
		if got := part.listed(); !slices.Equal(got, c.want) {
			t.Errorf("%q as a part: found %v", c.typed, got)
		}
	}
	if got := attr(b.get("/acme/contacts?q=a%22b").one("input[name=q]"), "value"); got != `a"b` {
		t.Errorf("the search comes back as %q", got)
	}
}

// Each filter shows its part of the funnel.
func TestContactsFilters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.contact(t, s.acme, "new@example.com", "New")
	s.invited(t, s.contact(t, s.acme, "waiting@example.com", "Waiting"))
	bounced := s.contact(t, s.acme, "bounced@example.com", "Bounced")
	s.invited(t, bounced)
	s.bounced(t, bounced)
	joined := s.contact(t, s.acme, "joined@example.com", "Joined")
	s.portal(t, s.acme).confirm(s.invited(t, joined)).leadsTo("/")
	s.arrived(t, s.acme, "direct@example.com", "Direct")
	s.clock.move(queries.WaitingAfter + time.Second)
	s.invited(t, s.contact(t, s.acme, "invited@example.com", "Invited"))
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	for filter, want := range map[string][]string{
		"":                 {"Invited", "Direct", "Joined", "Bounced", "Waiting", "New"},
		"invited":          {"Invited", "Joined", "Bounced", "Waiting"},
		"joined":           {"Direct", "Joined"},
		"waiting":          {"Waiting"},
		"bounced":          {"Bounced"},
		"invited_joined":   {"Joined"},
		"uninvited_joined": {"Direct"},
		"nonsense":         {"Invited", "Direct", "Joined", "Bounced", "Waiting", "New"},
	} {
		p := b.get("/acme/contacts?state=" + filter).is(http.StatusOK)
		if got := p.listed(); !slices.Equal(got, want) {
			t.Errorf("%q: listed %v, want %v", filter, got, want)
		}
		if current := p.all("select[name=state] option[selected][value='" + filter + "']"); (filter != "nonsense") != (len(current) == 1) {
			t.Errorf("%q: it is not shown which part this is", filter)
		}
	}
	lumen := s.staff(t, s.person(t, "tomas@lumen.example", queries.StaffRoleOwner, s.lumen))
	lumen.get("/lumen/contacts").has("#contacts-list .empty a[href='/lumen/contacts/new']").lacks("tr.row")
	support := s.staff(t, s.person(t, "help@lumen.example", queries.StaffRoleSupport, s.lumen))
	support.get("/lumen/contacts").has("#contacts-list .empty").lacks("a[href='/lumen/contacts/new']")
	support.get("/lumen/contacts?state=joined").has("#contacts-list .empty")
}
