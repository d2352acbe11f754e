package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"
	"atrium/views"
)

// Every answer of every route says what a browser may do with it.
func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	for _, host := range s.hosted(t, &w, maya) {
		nobody, somebody := host.nobody(), host.somebody()
		for _, r := range host.routes {
			if strings.Contains(r.path, ":hash") || strings.Contains(r.path, "cover") && !strings.HasSuffix(r.path, "/remove") { // stays in the browser, see TestAvatars, TestLearningCover, TestCoursesCover
				continue
			}
			if strings.HasSuffix(r.path, ":attachment") { // see TestFilesAreSentInParts
				continue
			}
			for _, b := range []*browser{nobody, somebody, somebody.htmx()} {
				var answers []*page
				if r.method == get {
					answers = append(answers, b.get(w.path(r.path)), b.send(http.MethodHead, w.path(r.path), nil))
				} else {
					answers = append(answers, b.send(r.method, w.path(r.path), w.formOf(r.path))) // refused: it has no token
				}
				for _, p := range answers {
					switch shown := p.status == http.StatusOK; {
					case isMailFrame(r.path) && shown: // see TestMailFrames
					case shown && (r.path == "/courses/:id" || r.path == "/:account/courses/:id/preview" || r.path == "/:account/courses/:id/lessons/:lesson"):
						p.hasHeadersUnder(views.LessonPolicy(""))
					case shown && (r.path == "/courses/:id/lessons/:lesson" || r.path == "/:account/courses/:id/preview/lessons/:lesson"):
						p.hasHeadersUnder(views.LessonPolicy("youtube"))
					case r.path == "/:account/courses/:id/lessons/:lesson" && shown:
						p.hasHeadersUnder(views.LessonPolicy("upload"))
					case strings.HasSuffix(r.path, "/certificate") && shown, strings.HasSuffix(r.path, "/:certificate") && shown:
						p.hasHeadersUnder(filePolicy)
					case framedPage[r.path]:
						p.hasHeadersUnder(views.EmbeddedPolicy)
					case r.path == "/:account/contacts/:id/visit" && shown: // its form leads into the portal
						p.hasHeadersUnder(strings.Replace(views.ContentSecurityPolicy, "form-action 'self'", "form-action 'self' http://acme.portal.test", 1))
					default:
						p.hasHeaders()
					}
				}
			}
		}
		for _, p := range []*page{nobody.get("/no/such/page"), nobody.send(http.MethodPut, "/", nil), nobody.send(http.MethodDelete, "/sign-in", nil),
			nobody.get("/static/no-such-file.css"), nobody.get("/brand/no-such-file"), nobody.get("/brand/logo-x")} {
			p.is(http.StatusNotFound).hasHeaders()
		}
		for _, method := range []string{"FOO", "get", "PROPFIND", strings.Repeat("X", 200)} {
			nobody.send(method, "/", nil).is(http.StatusNotImplemented).has("main").hasHeaders()
			if p := nobody.htmx().send(method, "/sign-in", url.Values{"email": {"ana@example.com"}}).is(http.StatusNotImplemented); p.header.Get("HX-Retarget") != "#notice" {
				t.Errorf("%s for a part is swapped into %q", method, p.header.Get("HX-Retarget"))
			}
		}
	}
}

// hasHeaders demands what every answer has that is not a file for ever.
func (p *page) hasHeaders() {
	p.t.Helper()
	p.hasHeadersUnder(views.ContentSecurityPolicy)
}

// hasHeadersUnder is hasHeaders of a page with a policy of its own.
func (p *page) hasHeadersUnder(policy string) {
	p.t.Helper()
	if p.header.Get("Cache-Control") == forEver {
		return
	}
	for name, want := range map[string]string{"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
		"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "", "Server": ""} {
		if got := p.header.Get(name); got != want {
			p.t.Errorf("%s, status %d: %s is %q, want %q", p.asked, p.status, name, got, want)
		}
	}
	if got := p.header.Get("Referrer-Policy"); got != "same-origin" && got != "strict-origin" {
		p.t.Errorf("%s: Referrer-Policy %q", p.asked, got)
	}
	if p.header.Get("X-Request-Id") == "" {
		p.t.Errorf("%s: no X-Request-Id", p.asked)
	}
	if strings.Contains(p.body, "<main") && !strings.Contains(p.header.Get("Vary"), "HX-Request") && p.status == http.StatusOK {
		p.t.Errorf("%s: Vary is %q", p.asked, p.header.Get("Vary"))
	}
}

// Cookies are of one host, out of the reach of scripts and other sites, and over TLS no other host can set them.
func TestCookies(t *testing.T) {
	t.Parallel()
	for scheme, prefix := range map[string]string{"http": "", "https": "__Host-"} {
		t.Run(scheme, func(t *testing.T) {
			s := newSite(t, func(c *Config) { c.Addresses.Scheme = scheme })
			ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
			maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
			client, staff := s.portal(t, s.acme), s.admin(t)
			show := client.get("/sign-in")
			in := client.fill(show, "#signin-form", "email", ana.email, "password", rightPassword).leadsTo("/")
			staffIn := staff.fill(staff.get("/sign-in"), "#staff-signin", "email", maya.email, "password", rightPassword).leadsTo("/")
			out := client.fill(client.get("/").is(http.StatusOK), "form[action='/sign-out']").leadsTo("/sign-in")
			for _, c := range slices.Concat(show.cookies, in.cookies, staffIn.cookies, out.cookies) {
				if !strings.HasPrefix(c.Name, prefix+"atrium_") || c.Path != "/" || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != (scheme == "https") {
					t.Error(c.Raw)
				}
			}
			for _, p := range []*page{in, staffIn} {
				if c := p.cookies[0]; c.Name != prefix+sessionCookie || c.MaxAge != int(queries.SessionMax.Seconds()) || len(c.Value) != 43 {
					t.Error(c.Raw)
				}
			}
			if c := out.cookies[0]; c.Name != prefix+sessionCookie || c.Value != "" || c.Expires.After(time.Now()) {
				t.Errorf("signing out leaves %s", c.Raw)
			}
			if hsts := show.header.Get("Strict-Transport-Security"); (hsts != "") != (scheme == "https") {
				t.Errorf("Strict-Transport-Security %q", hsts)
			}
		})
	}
}
