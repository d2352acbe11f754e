package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
	"atrium/views"
)

// Files whose path holds their content's hash are kept for ever; on every host, also where nobody is.
func TestStaticFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, b := range []*browser{s.portal(t, s.acme), s.admin(t), s.browser(t, "nobody.test")} {
		for _, path := range views.Assets() {
			p := b.get(path).is(http.StatusOK)
			asset, _ := views.Open(path)
			if p.body != string(asset.Body) || p.header.Get("Content-Type") != asset.ContentType || p.header.Get("Cache-Control") != forEver ||
				p.header.Get("X-Content-Type-Options") != "nosniff" || len(p.cookies) > 0 {
				t.Errorf("%s: %v", p.asked, p.header)
			}
			small := b.with("Accept-Encoding", "br, gzip").get(path)
			if encoding := small.header.Get("Content-Encoding"); encoding != "" && len(small.body) >= len(p.body) || !strings.Contains(small.header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s: %d bytes as %q, %d plain", path, len(small.body), encoding, len(p.body))
			}
			b.get(strings.Replace(path, "-", "-0", 1)).is(http.StatusNotFound)
		}
		if css := b.with("Accept-Encoding", "br").get(views.AssetPath("atrium.css")).header.Get("Content-Encoding"); css != "br" {
			t.Errorf("the stylesheet is sent as %q", css)
		}
		b.get("/favicon.ico").is(http.StatusOK)
		b.get("/robots.txt").is(http.StatusOK)
		if p := b.get("/healthz").is(http.StatusOK); p.body != "ok\n" {
			t.Errorf("health is %q", p.body)
		}
		for _, path := range []string{"/static/..%2fviews.go", "/static/../site.go", "/static/atrium.css"} {
			b.get(path).is(http.StatusNotFound)
		}
	}
}

// What an account looks like is served on its own host, under the hash of what it is.
func TestBrand(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const logo = `<svg xmlns="http://www.w3.org/2000/svg"><script>evil()</script></svg>`
	s.exec(t, "INSERT INTO picture VALUES ($1, 'abc123', 'image/svg+xml', $2, $3)", s.acme.id, []byte(logo), noon)
	s.exec(t, "UPDATE account SET logo_hash = 'abc123', accent = '#c2410c', changed_at = $1 WHERE slug = 'acme'", noon.Add(time.Second))
	eventually(t, "the logo is known", func() bool { return s.accounts.BySlug("acme").LogoHash == "abc123" })
	acme, lumen := s.portal(t, s.acme), s.portal(t, s.lumen)
	p := acme.get("/sign-in")
	sheet, icon, picture := attr(p.one("link[rel=stylesheet][href='"+s.accounts.BySlug("acme").Shown().Stylesheet+"']"), "href"), attr(p.one("link[rel=icon]"), "href"), attr(p.one("img"), "src")
	for path, kind := range map[string]string{sheet: "text/css; charset=utf-8", icon: "image/svg+xml", picture: "image/svg+xml"} {
		file := acme.get(path).is(http.StatusOK)
		if file.header.Get("Content-Type") != kind || file.header.Get("Cache-Control") != forEver || file.header.Get("X-Content-Type-Options") != "nosniff" || file.body == "" {
			t.Errorf("%s: %v", path, file.header)
		}
		if policy := file.header.Get("Content-Security-Policy"); strings.Contains(policy, "sandbox") != strings.HasPrefix(kind, "image") || strings.Contains(policy, "script-src 'unsafe") {
			t.Errorf("%s: Content-Security-Policy %q", path, policy)
		}
	}
	lumen.get(picture).is(http.StatusNotFound)
	if got := acme.get(picture).body; got != logo {
		t.Errorf("the logo is %q", got)
	}
	lumen.get("/sign-in").lacks("img")
	s.admin(t).get(sheet).is(http.StatusNotFound) // the admin side wears no brand
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	maya.get("/acme").lacks("link[href='"+sheet+"']", "img[src='"+picture+"']")
}
