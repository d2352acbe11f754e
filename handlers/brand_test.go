package handlers

import (
	"bytes"
	"encoding/json"
	"html"
	"image"
	"image/png"
	"maps"
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
	"atrium/views"
)

// smallPNG is a picture of some pixels.
var smallPNG = func() string {
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewRGBA(image.Rect(0, 0, 8, 4))); err != nil {
		panic(err)
	}
	return out.String()
}()

// trail is what the account's trail says of an action, the newest line.
func (s *testSite) trail(t testing.TB, a account, action string) (actor string, was, became map[string]any) {
	t.Helper()
	var before, after []byte
	s.scan(t, "SELECT actor, was, became FROM audit WHERE account_id = $1 AND action = $2 ORDER BY id DESC LIMIT 1", []any{a.id, action}, &actor, &before, &after)
	if err := json.Unmarshal(before, &was); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(after, &became); err != nil {
		t.Fatal(err)
	}
	return actor, was, became
}

// What is saved is on every page that is opened from then on, also by whoever is there already, and the old stylesheet is
// still where it was.
func TestBrandIsSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana := s.client(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	oldSheet := attr(ana.get("/").one("link[rel=stylesheet][href='"+s.accounts.BySlug("acme").Shown().Stylesheet+"']"), "href")
	p := maya.get("/acme/brand").is(http.StatusOK)
	maya.fill(p, "#brand-form", "name", " Acme  Studio ", "support_email", "Care@acme.example", "accent", "#AABBCC", "accent_2", "#112233", "corners", "round",
		"scheme", "dark", "sign_in_title", "Hello again", "sign_in_text", "One\r\ntwo", "footer_label_2", "Imprint", "footer_url_2", "acme.example/imprint",
		"menu_label_1", "Write", "menu_url_1", "care@acme.example", "menu_label_5", "Blog", "menu_url_5", "https://blog.example/?a=b&c", "show_product", "on").leadsTo("/acme/brand")
	eventually(t, "the portal knows", func() bool { return s.accounts.BySlug("acme").Name == "Acme Studio" })
	home := ana.get("/").is(http.StatusOK).has("html[data-theme=dark]", "meta[name=color-scheme][content=dark]", "footer a[href='https://acme.example/imprint'][target=_blank][rel]",
		"footer a[href='mailto:Care@acme.example']", "nav a[href='mailto:care@acme.example']", "nav a[href='https://blog.example/?a=b&c'][target=_blank][rel='noopener noreferrer']")
	home.lacks("nav a[href='mailto:care@acme.example'][target]")
	if words := words(home.one("footer")); !strings.Contains(words, "Made with Atrium") {
		t.Errorf("the foot says %s", words)
	}
	sheet := attr(home.one("link[rel=stylesheet][href='/brand/aabbcc-112233-round-dark-"+lastPart(oldSheet)+"']"), "href")
	if now, was := ana.get(sheet).is(http.StatusOK).body, ana.get(oldSheet).is(http.StatusOK).body; now == was {
		t.Error("the new stylesheet is the old one")
	}
	signIn := s.portal(t, s.acme).get("/sign-in").has("html[data-theme=dark]")
	if got := words(signIn.one("main")); !strings.HasPrefix(got, "Hello again One two") {
		t.Errorf("the sign-in page says %q", got)
	}
	actor, was, became := s.trail(t, s.acme, "brand.save")
	if !strings.Contains(actor, "maya@acme.example") || was["name"] != "Acme Coaching" || became["name"] != "Acme Studio" || was["accent"] != "#3457d5" || became["accent"] != "#aabbcc" {
		t.Errorf("%s: %v, %v", actor, was, became)
	}
	s.portal(t, s.lumen).get("/sign-in").lacks("html[data-theme]", "footer a[target]")
	again := maya.get("/acme/brand")
	if got := attr(again.one("#field-footer_url_1"), "value"); got != "https://acme.example/imprint" {
		t.Errorf("the form shows the link %q", got)
	}
}

// lastPart is what comes after the last hyphen.
func lastPart(path string) string { return path[strings.LastIndexByte(path, '-')+1:] }

// What cannot be saved is said beside its field; what was typed stays, and nothing changes.
func TestBrandIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for name, c := range map[string]struct{ field, value, says string }{
		"no name":              {"name", " ", "Enter the name"},
		"a long name":          {"name", strings.Repeat("x", 61), "at most 60"},
		"no address":           {"support_email", "nobody", "address"},
		"a colour that is CSS": {"accent", "red;}body{display:none", "six letters"},
		"a short colour":       {"accent_2", "#fff", "six letters"},
		"a long heading":       {"sign_in_title", strings.Repeat("x", 81), "too long"},
		"a long text":          {"sign_in_text", strings.Repeat("x", 401), "too long"},
		"a script":             {"footer_url_1", "javascript:alert(1)", "https://"},
		"plain http":           {"menu_url_2", "http://acme.example", "https://"},
		"a path":               {"menu_url_2", "/etc/passwd", "https://"},
		"somebody in a link":   {"menu_url_2", "https://a:b@acme.example", "https://"},
	} {
		t.Run(name, func(t *testing.T) {
			form := maya.get("/acme/brand").form("#brand-form", "footer_label_1", "One", "menu_label_2", "Two", c.field, c.value)
			if c.field != "footer_url_1" {
				form.values.Set("footer_label_1", "")
			}
			if c.field != "menu_url_2" {
				form.values.Set("menu_label_2", "")
			}
			before := s.everything(t)
			for _, b := range []*browser{maya, maya.htmx()} {
				p := b.send(form.method, form.action, form.values).is(http.StatusUnprocessableEntity)
				field := p.one("[name=" + c.field + "][aria-invalid=true]")
				if typed := attr(field, "value") + text(field); strings.TrimSpace(typed) != strings.TrimSpace(c.value) {
					t.Errorf("%q was typed, and %q stands there", c.value, typed)
				}
				if problem := words(p.one("#field-" + c.field + "-error")); !strings.Contains(problem, c.says) {
					t.Errorf("it says %q", problem)
				}
			}
			if s.everything(t) != before {
				t.Error("something changed")
			}
		})
	}
	maya.htmx().fill(maya.get("/acme/brand"), "#brand-form", "footer_label_1", "Only words").is(http.StatusUnprocessableEntity).has("#field-footer_url_1-error")
	maya.htmx().fill(maya.get("/acme/brand"), "#brand-form", "footer_url_1", "acme.example").is(http.StatusUnprocessableEntity).has("#field-footer_label_1-error")
}

// The previews show what was typed, and nothing of it is saved.
func TestBrandPreview(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	form := maya.get("/acme/brand").has("#brand-preview iframe[srcdoc]").form("#brand-form", "name", "A & <B>", "accent", "#ffe000", "scheme", "light", "sign_in_title", "Hello again",
		"menu_label_1", "Blog", "menu_url_1", "blog.example")
	form.values.Set("show_product", "on")
	before := s.everything(t)
	for name, b := range map[string]*browser{"as typed": maya.htmx(), "without scripts": maya} {
		p := b.send(post, "/acme/brand/preview", form.values).is(http.StatusOK)
		frames := p.all("iframe")
		if len(frames) != 3 || attr(frames[0], "sandbox") != "allow-same-origin" || attr(frames[2], "sandbox") != "allow-same-origin" {
			t.Fatalf("%s: %d previews", name, len(frames))
		}
		signIn, home := attr(frames[0], "srcdoc"), attr(frames[1], "srcdoc")
		for _, want := range []string{"Hello again", "/acme/brand/files/ffe000-", `data-theme="light"`, "Made with Atrium", html.EscapeString("A & <B>")} {
			if !strings.Contains(signIn, want) {
				t.Errorf("%s: the sign-in page lacks %s", name, want)
			}
		}
		if !strings.Contains(home, "https://blog.example") || strings.Contains(signIn+home, "<script") || strings.Contains(home, "<B>") {
			t.Errorf("%s: the home page is %s", name, home)
		}
		mail := maya.get(attr(frames[2], "src")).is(http.StatusOK)
		if !strings.Contains(mail.body, "A &amp; &lt;B&gt; invites you") || !strings.Contains(mail.body, "#ffe000") || mail.header.Get("Content-Security-Policy") != views.MailContentSecurityPolicy("'self' data:") {
			t.Errorf("%s: the mail is %s", name, mail.body)
		}
		use := p.one("button[name=use]")
		better, _ := strings.CutPrefix(attr(use, "value"), "accent:")
		values := maps.Clone(form.values)
		values.Set("use", attr(use, "value"))
		used := b.send(post, "/acme/brand/preview", values).is(http.StatusOK).lacks("button[name=use]")
		if got := attr(used.one("[name=accent]"), "value"); got != better || views.Contrast(got, "#ffffff") < 4.5 {
			t.Errorf("%s: the colour is %s, and %s was offered", name, got, better)
		}
	}
	if s.everything(t) != before {
		t.Error("looking changed something")
	}
	maya.get("/acme/brand/files/mail.html?name=&accent=x&support_email=").is(http.StatusOK)
	maya.get("/acme/brand/files/picture-0000").is(http.StatusNotFound)
	maya.get("/acme/brand/files/index.html").is(http.StatusNotFound)
}
