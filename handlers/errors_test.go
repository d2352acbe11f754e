package handlers

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/handlers/password"
	"atrium/queries"
	"atrium/views"
)

// broken serves a site with a few routes more that fail in ways which must not happen, and do.
func broken(t *testing.T) *testSite {
	t.Helper()
	s := makeSite(t)
	s.Site.portal = s.app(append([]route{
		{get, "/broken/template", public, func(_ *Site, c *fiber.Ctx) error {
			return render(c, views.FrameCard, "home/index", "", &errorPage{Heading: "a page of another type"})
		}},
		{get, "/broken/fragment", public, func(_ *Site, c *fiber.Ctx) error {
			return render(c, views.FrameCard, "home/index", "no/such", &errorPage{})
		}},
		{get, "/broken/handler", public, func(*Site, *fiber.Ctx) error { return errors.New("pq: the secret of the house") }},
		{get, "/broken/fiber", public, func(*Site, *fiber.Ctx) error { return fiber.NewError(502, "pq: the secret of the house") }},
		{get, "/broken/panic", public, func(*Site, *fiber.Ctx) error { panic("pq: the secret of the house") }},
	}, portalRoutes...))
	s.serve(t)
	return s
}

// isFault demands an answer that says nothing of what happened, under a number by which the log says everything.
func (s *testSite) isFault(p *page) {
	p.t.Helper()
	p.is(http.StatusInternalServerError)
	id := p.header.Get("X-Request-Id")
	for _, secret := range []string{"pq:", "secret", "SQLSTATE", "relation", "template", "ERROR", "goroutine", "closed pool", "deadline", "context", ".go"} {
		if strings.Contains(p.words(), secret) {
			p.t.Errorf("%s says %q:\n%s", p.asked, secret, p.words())
		}
	}
	if !strings.Contains(p.words(), id) {
		p.t.Errorf("%s does not tell the number of the request:\n%s", p.asked, p.words())
	}
	for line := range strings.Lines(s.logged.String()) {
		if strings.Contains(line, "level=ERROR") && strings.Contains(line, "id="+id) && strings.Contains(line, "error=") {
			return
		}
	}
	p.t.Errorf("%s: the log does not say what failed:\n%s", p.asked, s.logged)
}

func TestFaultsOfTheProgram(t *testing.T) {
	t.Parallel()
	s := broken(t)
	b := s.browser(t, "acme.portal.test")
	for _, path := range []string{"/broken/template", "/broken/handler", "/broken/fiber", "/broken/panic"} {
		s.isFault(b.get(path))
		p := b.htmx().get(path)
		s.isFault(p)
		if p.header.Get("HX-Retarget") != "#notice" {
			t.Errorf("%s for a part is swapped into %q", path, p.header.Get("HX-Retarget"))
		}
	}
	s.isFault(b.htmx().get("/broken/fragment"))
	b.get("/sign-in").is(http.StatusOK)
}

// The database may lack a table, be slow, or be away: the answer is the same.
func TestFaultsOfTheDatabase(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, s *testSite){
		"a table is gone": func(t *testing.T, s *testSite) {
			s.exec(t, "ALTER TABLE contact RENAME TO away; ALTER TABLE staff RENAME TO gone")
		},
		"it is away":     func(_ *testing.T, s *testSite) { s.DB.Close() },
		"it is too slow": func(_ *testing.T, s *testSite) { s.Deadline = time.Nanosecond },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
			client, staff, nobody := s.client(t, ana), s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)), s.portal(t, s.acme)
			link := s.toProfile(t, ana)
			form := nobody.get("/sign-in")
			harm(t, s)
			for _, p := range []*page{client.get("/"), client.htmx().get("/profile"), staff.get("/acme"), staff.htmx().get("/acme/contacts?q=a"), nobody.get(link),
				nobody.fill(form, "#signin-form", "email", ana.email, "password", rightPassword), nobody.htmx().fill(form, "#signin-form", "email", ana.email, "password", rightPassword)} {
				s.isFault(p)
			}
			nobody.get("/healthz").is(http.StatusOK)
			ready := http.StatusServiceUnavailable
			if name == "a table is gone" {
				ready = http.StatusOK // the database is there, and most pages are
			}
			nobody.get("/readyz").is(ready)
			nobody.get("/sign-in").is(http.StatusOK) // needs no database
		})
	}
}

// When too many passwords wait to be checked, whoever comes is asked to try again, and the rest of the site goes on.
func TestTooBusy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	client, nobody, admin := s.client(t, ana), s.portal(t, s.acme), s.admin(t)
	newcomer, _ := s.newcomer(t, s.acme, "new@example.com", "Ben")
	setup := s.setup(t, "new@acme.example")
	s.Passwords = &password.Hasher{} // has room for nobody
	for _, p := range []*page{
		nobody.fill(nobody.get("/sign-in"), "#signin-form", "email", ana.email, "password", rightPassword),
		nobody.fill(nobody.get("/sign-in"), "#signin-form", "email", "nobody@example.com", "password", rightPassword),
		admin.fill(admin.get("/sign-in"), "#staff-signin", "email", maya.email, "password", rightPassword),
		admin.fill(admin.get(setup), "#staff-link", "name", "Maya", "password", rightPassword),
		client.fill(client.get("/profile"), "#profile-password [name=password]", "current", rightPassword, "password", "a new long password"),
		newcomer.fill(newcomer.get("/welcome"), "#welcome-form", "name", "Ben", "password", rightPassword),
	} {
		if p.is(http.StatusServiceUnavailable).header.Get("Retry-After") != "5" {
			t.Errorf("%s: Retry-After %q", p.asked, p.header.Get("Retry-After"))
		}
	}
	client.get("/").is(http.StatusOK)
	if strings.Contains(s.logged.String(), "level=ERROR") {
		t.Error("a busy moment is logged as a fault")
	}
}

func TestTooManyIsSaidInWords(t *testing.T) {
	t.Parallel()
	for wait, words := range map[time.Duration]string{time.Second: "a minute", 59 * time.Second: "a minute", time.Minute: "2 minutes", 90 * time.Second: "3 minutes", time.Hour: "61 minutes"} {
		if got := (tooMany{wait}).waitWords(); got != words {
			t.Errorf("%s is told as %q, want %q", wait, got, words)
		}
	}
}
