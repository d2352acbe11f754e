package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// A link is made for a chosen contact, a place and a time, and shown this once.
func TestMagicLinkCopied(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	form := b.get("/acme/magic-links/new?contact=" + ana.id.String()).is(http.StatusOK)
	for minutes, life := range map[string]time.Duration{"15": queries.MagicLinkMin, "60": time.Hour, "1440": queries.MagicLinkDefault, "4320": 72 * time.Hour, "10080": queries.MagicLinkMax} {
		form.has("[name=life_minutes] option[value='" + minutes + "']")
		for _, b := range []*browser{b, b.htmx()} {
			p := b.fill(form, "button[name=by][value=copy]", "life_minutes", minutes, "target", "profile").is(http.StatusOK)
			shown := attr(p.one("#magiclinks-form input[readonly]"), "value")
			path, found := strings.CutPrefix(shown, "http://acme.portal.test/l/")
			if !found || len(path) != 43 {
				t.Fatalf("shown is %s", shown)
			}
			s.rows(t, 1, "magic_link WHERE token_hash = $1 AND kind = 'staff' AND target = 'profile' AND contact_id = $2 AND made_by = $3 AND expires_at = $4",
				queries.TokenHash(path), ana.id, maya.id, noon.Add(life))
			s.portal(t, s.acme).confirm("/l/" + path).leadsTo("/profile")
		}
	}
	if chosen := attr(form.one("[name=life_minutes] option[selected]"), "value"); chosen != "1440" {
		t.Errorf("%s minutes are chosen beforehand", chosen)
	}
	s.rows(t, 0, "mail")
	s.inserted(t)
}

// A link leads into any app its contact sees, and is not offered another.
func TestMagicLinkIntoApps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	at := "/acme/magic-links/new?contact=" + ana.id.String()
	b.get(at).has("option[value=home]", "option[value=profile]").lacks("option[value=courses]", "option[value=invoices]", "option[value=subscriptions]", "option[value=documents]")
	s.invoice(t, ana, nil)
	s.subscription(t, ana, nil)
	for _, app := range []string{"invoices", "subscriptions"} {
		form := b.get(at).has("option[value=" + app + "]")
		shown := attr(b.fill(form, "button[name=by][value=copy]", "target", app).one("#magiclinks-form input[readonly]"), "value")
		client := s.portal(t, s.acme)
		client.follow(client.confirm(strings.TrimPrefix(shown, "http://acme.portal.test")).leadsTo("/" + app)).is(http.StatusOK)
	}
}

func TestMagicLinkMailed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for _, ana := range []contact{s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.contact(t, s.acme, "noname@example.com", "")} {
		p := b.fill(b.get("/acme/magic-links/new?contact="+ana.id.String()), "button[name=by][value=mail]", "life_minutes", "60").leadsTo("/acme/contacts/" + ana.id.String())
		b.follow(p).has("#notice .flash-success")
		s.rows(t, 1, "mail WHERE contact_id = $1 AND to_email = $2 AND kind = 'magic_link' AND state = 'queued'", ana.id, ana.email)
		jobs := s.jobs(t)
		if len(jobs) != 1 || jobs[0].Kind != "mail_send" || jobs[0].Args["account_id"] != s.acme.id.String() {
			t.Errorf("inserted %v", jobs)
		}
		link, _ := s.newLink(t, ana)
		s.rows(t, 1, "magic_link WHERE contact_id = $1 AND expires_at = $2", ana.id, noon.Add(time.Hour))
		s.portal(t, s.acme).confirm(link).leadsTo("/")
		s.jobs(t)
	}
}

// What the form does not offer is refused, and to an address that refuses mail nothing is sent.
func TestMagicLinkRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben := s.contact(t, s.acme, "ana@example.com", ""), s.contact(t, s.acme, "ben@example.com", "")
	s.bounced(t, ben)
	form := b.get("/acme/magic-links/new?contact=" + ana.id.String())
	for _, c := range []struct{ minutes, target, wrong string }{
		{"14", "home", "life_minutes"}, {"10081", "home", "life_minutes"}, {"-60", "home", "life_minutes"}, {"0", "home", "life_minutes"}, {"x", "home", "life_minutes"},
		{"999999999999999999999", "home", "life_minutes"}, {"307445734561825920", "home", "life_minutes"}, {"60", "courses", "target"}, {"60", "/profile", "target"}, {"60", "x", "target"},
	} {
		b.fill(form, "button[name=by][value=copy]", "life_minutes", c.minutes, "target", c.target).is(http.StatusUnprocessableEntity).has("#field-"+c.wrong+"-error", "main")
		b.htmx().fill(form, "button[name=by][value=copy]", "life_minutes", c.minutes, "target", c.target).is(http.StatusUnprocessableEntity).has("#magiclinks-form").lacks("main")
	}
	p := b.get("/acme/magic-links/new?contact=" + ben.id.String()).lacks("button[value=mail]").has("button[value=copy]")
	values := p.form("button[value=copy]").values
	values.Set("by", "mail")
	b.send(post, "/acme/magic-links", values).is(http.StatusUnprocessableEntity).has("#magiclinks-form [role=alert]")
	b.send(post, "/acme/magic-links", url.Values{"_token": values["_token"]}).leadsTo("/acme/magic-links/new")
	s.rows(t, 0, "magic_link")
	s.rows(t, 0, "mail")
	b.fill(p, "button[value=copy]").is(http.StatusOK).has("#magiclinks-form input[readonly]")
}

// Whom it is for is found by a search, and each found one leads on.
func TestMagicLinkSearch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	var ana contact
	for i := range 10 {
		ana = s.contact(t, s.acme, "ana"+strconv.Itoa(i)+"@example.com", "Ana Souza")
	}
	s.contact(t, s.lumen, "ana@example.com", "Ana of Lumen")
	lead := "#magiclinks-found a[href='/acme/magic-links/new?contact=" + ana.id.String() + "']"
	p := b.get("/acme/magic-links/new?q=souza").is(http.StatusOK).has(lead)
	if n := len(p.all("#magiclinks-found .item")); n != 8 {
		t.Errorf("%d found, want the first 8", n)
	}
	b.htmx().get("/acme/magic-links/new?q=souza").has(lead).lacks("main")
	b.get("/acme/magic-links/new?q=nobody").is(http.StatusOK).lacks("#magiclinks-found .item").has("#magiclinks-found a[href='/acme/contacts/new']")
	b.get("/acme/magic-links/new").is(http.StatusOK).has("input[name=q]").lacks("#magiclinks-found .item", "[name=life_minutes]")
	b.get("/acme/magic-links/new?contact=x").is(http.StatusNotFound)
	b.get("/acme/magic-links/new?contact=" + uuid.NewString()).is(http.StatusNotFound)
	b.get(attr(p.one(lead), "href")).is(http.StatusOK).has("[name=contact][value='" + ana.id.String() + "']")
}

// A contact of another account is not one to make a link for.
func TestMagicLinkForeignContact(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	yuki := s.contact(t, s.lumen, "yuki@example.com", "Yuki Tanaka")
	b.get("/acme/magic-links/new?contact=" + yuki.id.String()).is(http.StatusNotFound)
	b.send(post, "/acme/magic-links", url.Values{"_token": {b.token()}, "contact": {yuki.id.String()}, "target": {"home"}, "life_minutes": {"60"}}).is(http.StatusNotFound)
	s.rows(t, 0, "magic_link")
}

// The search of Ctrl-K finds pages and contacts of this account.
func TestPalette(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "Contacta Souza")
	yuki := s.contact(t, s.lumen, "yuki@example.com", "Contacta Tanaka")
	person := "a[href='/acme/contacts/" + ana.id.String() + "']"
	p := b.get("/acme/search?q=contact").is(http.StatusOK).has("main "+person, "main a[href='/acme/contacts']", "main a[href='/acme/contacts/new']", "input[name=q][value=contact]")
	p.lacks("main a[href='/lumen/contacts/"+yuki.id.String()+"']", "main a[href='/acme/invitations/new']")
	b.htmx().get("/acme/search?q=contact").is(http.StatusOK).has(person).lacks("main")
	b.htmx().get("/acme/search").is(http.StatusOK).has("a[href='/acme']", "a[href='/acme/magic-links/new']").lacks(person)
	b.htmx().get("/acme/search?q=MAGIC").has("a[href='/acme/magic-links/new']").lacks("a[href='/acme/contacts']")
	b.htmx().get("/acme/search?q=%25").has("a[href='/acme/contacts']").lacks(person)
	b.htmx().get("/acme/search?q=%00%ff").is(http.StatusOK)
}
