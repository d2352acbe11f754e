package handlers

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"net/http"
	"strings"
	"testing"

	"atrium/handlers/internal/pictures"
	"atrium/queries"
)

// bombPNG says it is of 50,000 by 50,000 pixels.
func bombPNG() string {
	file := []byte(smallPNG)
	binary.BigEndian.PutUint32(file[16:], 50_000)
	binary.BigEndian.PutUint32(file[20:], 50_000)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return string(file)
}

// Files that mean harm are refused with a sentence, or what is harmful in them does not come through; whatever they are called.
func TestBrandTakesNoHarmfulPicture(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg">`
	for name, c := range map[string]struct {
		file, content string
		says          string // empty: it is taken, and harmless
	}{
		"a drawing with a script":      {"logo.svg", drawing + `<script>evil()</script><circle r="4" onload="evil()"/><image href="https://evil.example/a.png"/></svg>`, ""},
		"only a script":                {"logo.svg", drawing + `<script>evil()</script></svg>`, "Nothing of this drawing is left"},
		"an entity bomb":               {"logo.svg", `<!DOCTYPE svg [<!ENTITY a "evil">]>` + drawing + `<text>&a;</text></svg>`, "entities"},
		"a picture with a page behind": {"logo.png", smallPNG + "<script>evil()</script>", ""},
		"a script that is a GIF":       {"logo.gif", "GIF89a=0;evil()//", "no PNG, JPEG, WebP or SVG"},
		"a page called a picture":      {"logo.png", "<html><script>evil()</script></html>", "no PNG, JPEG, WebP or SVG"},
		"a program called a picture":   {"logo.jpg", "\x7fELFevil", "no PNG, JPEG, WebP or SVG"},
		"a bomb":                       {"logo.png", bombPNG(), "50000 by 50000 pixels"},
		"a picture cut off":            {"logo.png", smallPNG[:50], "cannot be read"},
		"a file of 2 MB and a byte":    {"logo.png", smallPNG + strings.Repeat("x", pictures.MostBytes), "larger than 2 MB"},
		"a name that is a path":        {"../../../../etc/passwd", smallPNG, ""},
		"an empty file":                {"logo.png", "", "This file is empty"},
		"no file":                      {"", "", "Choose a file first"},
	} {
		t.Run(name, func(t *testing.T) {
			before := s.everything(t, "account", "picture", "audit")
			p := maya.upload(maya.get("/acme/brand"), "form[action='/acme/brand/logo']", "logo", c.file, c.content)
			if c.says != "" {
				p.is(http.StatusUnprocessableEntity).has("#brand-logo[aria-invalid=true]", "#brand-form")
				if got := words(p.one("#brand-logo-error")); !strings.Contains(got, c.says) {
					t.Errorf("it says %q", got)
				}
				if s.everything(t, "account", "picture", "audit") != before {
					t.Error("something was kept")
				}
				return
			}
			p.leadsTo("/acme/brand")
			file := maya.get(attr(maya.get("/acme/brand").one("img.brand-picture"), "src")).is(http.StatusOK)
			if strings.Contains(file.body, "evil") || !strings.Contains(file.header.Get("Content-Security-Policy"), "sandbox") || file.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%v\n%s", file.header, file.body)
			}
			for _, kept := range []string{"passwd", "evil", "logo.png"} {
				if s.count(t, "account WHERE account::text LIKE '%"+kept+"%'")+s.count(t, "picture WHERE hash LIKE '%"+kept+"%'") > 0 {
					t.Errorf("%q was kept", kept)
				}
			}
		})
	}
	p := maya.upload(maya.get("/acme/brand"), "form[action='/acme/brand/logo']", "logo", "huge.png", strings.Repeat("x", 4<<20)).is(http.StatusRequestEntityTooLarge)
	if got := words(p.one("main")); !strings.Contains(got, "2 MB") {
		t.Errorf("it says %q", got)
	}
	maya.upload(maya.get("/acme/brand"), "form[action='/acme/brand/picture']", "picture", "a.svg", drawing+`<circle r="4"/></svg>`).
		is(http.StatusUnprocessableEntity).has("#brand-picture-error").lacks("#brand-logo-error")
}

// A picture that htmx sends is answered with its part of the page, so that what is typed beside it stays.
func TestBrandPictureAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)).htmx()
	form := "form[action='/acme/brand/logo']"
	whole := b.with("HX-Request", "").get("/acme/brand")
	b.upload(whole, form, "logo", "a.png", "nothing").is(http.StatusUnprocessableEntity).has("#brand-logo-part #brand-logo-error").lacks("main", "#brand-form", "[hx-trigger=load]")
	p := b.upload(whole, form, "logo", "a.png", smallPNG).is(http.StatusOK).has("#brand-logo-part img.brand-picture", "[hx-trigger=load]", ".flash-success").lacks("main", "#brand-form")
	b.fill(p, "#logo-remove form").is(http.StatusOK).has("#brand-logo-part").lacks("main", "img.brand-picture")
	s.rows(t, 2, "audit WHERE action = 'brand.logo'")
}

// A logo comes with its icon, can be taken away, and the one before it can be put back; old paths stay valid.
func TestBrandPicturesComeAndGo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	nobody := s.portal(t, s.acme)
	onPortal := func(logo bool) *page {
		t.Helper()
		eventually(t, "the portal knows", func() bool { return (s.accounts.BySlug("acme").LogoHash != "") == logo })
		return nobody.get("/sign-in")
	}
	onPortal(false).lacks("img", "link[rel=apple-touch-icon]")
	maya.upload(maya.get("/acme/brand").lacks("form[action='/acme/brand/logo/restore']"), "form[action='/acme/brand/logo']", "logo", "a.png", smallPNG).leadsTo("/acme/brand")
	p := onPortal(true)
	first := attr(p.one(".logo img"), "src")
	for path, side := range map[string]int{first: 8, attr(p.one("link[rel=icon][sizes='32x32']"), "href"): 32,
		attr(p.one("link[rel=apple-touch-icon]"), "href"): 180, attr(p.one("link[rel=icon][sizes='512x512']"), "href"): 512} {
		file := nobody.get(path).is(http.StatusOK)
		size, kind, err := image.DecodeConfig(bytes.NewReader([]byte(file.body)))
		if err != nil || kind != "png" || size.Width != side || file.header.Get("Content-Type") != "image/png" || file.header.Get("Cache-Control") != forEver {
			t.Errorf("%s: %s %v, %v", path, kind, size, err)
		}
	}
	s.portal(t, s.lumen).get(first).is(http.StatusNotFound)
	maya.get("/acme/brand").lacks("#brand-logo-part .notice-box")
	maya.upload(maya.get("/acme/brand"), "form[action='/acme/brand/logo']", "logo", "b.svg", `<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>`)
	if said := words(maya.get("/acme/brand").one("#brand-logo-part .notice-box")); !strings.Contains(said, "upload a PNG") {
		t.Errorf("of a drawing it says %s", said)
	}
	page := maya.get("/acme/brand").has("form[action='/acme/brand/logo/restore'] img")
	if _, was, became := s.trail(t, s.acme, "brand.logo"); "/brand/logo-"+was["logo"].(string) != first || became["logo"] != became["icon"] || was["icon"] == "" {
		t.Errorf("the trail says %v and %v", was, became)
	}
	maya.fill(page, "form[action='/acme/brand/logo/restore']").leadsTo("/acme/brand")
	eventually(t, "the first is back", func() bool { return "/brand/logo-"+s.accounts.BySlug("acme").LogoHash == first })
	maya.fill(maya.get("/acme/brand"), "form[action='/acme/brand/logo/remove']").leadsTo("/acme/brand")
	onPortal(false).lacks("img")
	nobody.get(first).is(http.StatusOK)
	maya.fill(maya.get("/acme/brand").lacks("form[action='/acme/brand/logo/remove']"), "form[action='/acme/brand/logo/restore']")
	onPortal(true).has("link[rel=apple-touch-icon]")

	maya.upload(maya.get("/acme/brand"), "form[action='/acme/brand/picture']", "picture", "a.png", smallPNG).leadsTo("/acme/brand")
	eventually(t, "the picture is known", func() bool { return s.accounts.BySlug("acme").PictureHash != "" })
	nobody.get(attr(nobody.get("/sign-in").has("body.frame-picture").one("img.card-picture"), "src")).is(http.StatusOK)
	maya.fill(maya.get("/acme/brand"), "form[action='/acme/brand/picture/remove']").leadsTo("/acme/brand")
	eventually(t, "it is gone", func() bool { return s.accounts.BySlug("acme").PictureHash == "" })
	nobody.get("/sign-in").lacks("img.card-picture", "body.frame-picture")
	maya.fill(maya.get("/acme/brand"), "form[action='/acme/brand/picture/restore']").leadsTo("/acme/brand")
	eventually(t, "it is back", func() bool { return s.accounts.BySlug("acme").PictureHash != "" })
	s.rows(t, 5, "audit WHERE action = 'brand.logo' AND account_id = $1", s.acme.id)
	s.rows(t, 3, "audit WHERE action = 'brand.picture' AND was <> became")
}
