package handlers

import (
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

func TestTwoFactorSetUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme, s.lumen)
	b, laptop := s.staff(t, maya), s.staff(t, maya)
	b.get("/sessions").has("a[href='/two-factor']")
	p := b.get("/two-factor?next=%2Facme%2Fcontacts").is(http.StatusOK).lacks("img", "input[name=code]")
	b.get("/two-factor/picture.png").is(http.StatusNotFound)
	b.send(post, "/two-factor/confirm", url.Values{"_token": {b.token()}, "code": {"000000"}}).leadsTo("/two-factor")
	p = b.follow(b.fill(p, "form[action='/two-factor/begin']").leadsTo("/two-factor?next=%2Facme%2Fcontacts"))
	secret := strings.ReplaceAll(words(p.one("#twofactor-secret")), " ", "")
	picture := b.get(attr(p.one("img.qr"), "src")).is(http.StatusOK)
	if image, err := png.Decode(strings.NewReader(picture.body)); err != nil || image.Bounds().Dx() != 400 || picture.header.Get("Content-Type") != "image/png" || picture.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the picture is %v, %v", picture.header, err)
	}
	s.rows(t, 0, "staff WHERE id = $1 AND position($2::bytea in totp_secret) > 0", maya.id, []byte(secret))
	confirm := "form[action='/two-factor/confirm']"
	b.fill(p, confirm, "code", "000000").is(http.StatusUnprocessableEntity).has(confirm+" #field-code-error", "img.qr")
	s.staff(t, maya) // not asked for yet
	done := b.fill(p, confirm, "code", s.code(t, maya)).is(http.StatusOK).has("a[href='/acme/contacts']")
	codes := done.all(".codes li")
	if len(codes) != queries.RecoveryCodes {
		t.Errorf("%d recovery codes", len(codes))
	}
	file := b.fill(done, "form[action='/two-factor/codes.txt']").is(http.StatusOK)
	if !strings.Contains(file.header.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(file.header.Get("Content-Type"), "text/plain") || strings.Count(file.body, "\n") != 3+queries.RecoveryCodes {
		t.Errorf("the file is %v\n%s", file.header, file.body)
	}
	if p := b.send(post, "/two-factor/codes.txt", url.Values{"_token": {b.token()}, "codes": {"<script>\n" + words(codes[0])}}); strings.Contains(p.body, "<") || !strings.Contains(p.body, words(codes[0])) {
		t.Errorf("it gives back what is no code:\n%s", p.body)
	}
	laptop.get("/sessions").leadsTo("/sign-in?next=%2Fsessions") // it was opened by less
	b.get("/two-factor").is(http.StatusOK).lacks("img", ".codes", confirm).has("form[action='/two-factor/off']")
	b.get("/two-factor/picture.png").is(http.StatusNotFound)
	b.send(post, "/two-factor/begin", url.Values{"_token": {b.token()}}).leadsTo("/two-factor")
	s.rows(t, 1, "staff WHERE id = $1 AND totp_confirmed_at = $2", maya.id, noon)
	s.rows(t, 2, "audit WHERE action = 'staff.two_factor_on' AND subject_id = $1", maya.id)
	s.halfway(t, maya)
}

func TestTwoFactorCodesAndOff(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	old := s.secondFactor(t, maya)
	b := s.both(t, maya)
	renew, off := "form[action='/two-factor/codes']", "form[action='/two-factor/off']"
	b.fill(b.get("/two-factor"), renew, "code", "000000").is(http.StatusUnprocessableEntity).has("#field-renew-code-error")
	fresh := b.fill(b.get("/two-factor"), renew, "code", s.code(t, maya)).is(http.StatusOK).all(".codes li")
	s.rows(t, 1, "audit WHERE action = 'staff.recovery_codes' AND subject_id = $1", maya.id)
	half := s.halfway(t, maya)
	half.fill(half.get("/sign-in/code"), "#staff-code", "code", old[1]).is(http.StatusUnprocessableEntity)
	half.fill(half.get("/sign-in/code"), "#staff-code", "code", words(fresh[1])).leadsTo("/")
	s.clock.move(30 * time.Second)
	for _, c := range []struct{ password, code, wrong string }{
		{"not the password", s.code(t, maya), "#field-password-error"}, {rightPassword, "000000", "#field-off-code-error"}, {"", "", "#field-password-error"},
	} {
		b.fill(b.get("/two-factor"), off, "password", c.password, "code", c.code).is(http.StatusUnprocessableEntity).has("details[open] " + c.wrong)
		b.htmx().fill(b.get("/two-factor"), off, "password", "not it", "code", "x").is(http.StatusUnprocessableEntity).has("#twofactor-off").lacks("main")
	}
	s.rows(t, 1, "staff WHERE id = $1 AND totp_confirmed_at IS NOT NULL", maya.id)
	b.follow(b.fill(b.get("/two-factor"), off, "password", rightPassword, "code", s.code(t, maya)).leadsTo("/two-factor")).has("#notice .flash")
	s.rows(t, 1, "audit WHERE action = 'staff.two_factor_off' AND subject_id = $1", maya.id)
	s.rows(t, 0, "staff_recovery_code")
	for _, path := range []string{"/two-factor/off", "/two-factor/codes"} {
		b.send(post, path, url.Values{"_token": {b.token()}, "password": {rightPassword}, "code": {words(fresh[2])}}).leadsTo("/two-factor")
	}
	s.staff(t, maya)
}

// An account that wants a second factor shows nothing of itself to those who have none, whatever their role; and leads them on.
func TestRequiredTwoFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya, samir := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme), s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme, s.lumen)
	w := s.things(t, s.acme, maya)
	b, open := s.staff(t, maya), s.staff(t, samir)
	open.get("/acme").is(http.StatusOK)
	require := "form[action='/acme/people/two-factor']"
	b.get("/acme/people").lacks(require).has("main a[href='/two-factor']")
	b.follow(b.send(post, "/acme/people/two-factor", url.Values{"_token": {b.token()}, "required": {"yes"}}).leadsTo("/acme/people")).has("#notice .flash-warning")
	s.rows(t, 0, "account WHERE require_two_factor")
	s.secondFactor(t, maya)
	b.follow(b.fill(b.get("/acme/people"), require).leadsTo("/acme/people")).is(http.StatusOK).has(require)
	s.rows(t, 1, `audit WHERE action = 'account.two_factor' AND was = '{"require_two_factor": false}' AND became = '{"require_two_factor": true}'`)
	token, before := open.token(), s.everything(t)
	for _, r := range adminRoutes {
		switch {
		case r.guard.role() == "":
		case r.method == get:
			open.get(w.path(r.path)).leadsTo("/two-factor?next=" + url.QueryEscape(w.path(r.path)))
		default:
			open.ask(r, w.path(r.path), token, w.formOf(r.path)).leadsTo("/two-factor")
		}
	}
	if s.everything(t) != before {
		t.Error("somebody without a second factor changed something")
	}
	open.get("/lumen").is(http.StatusOK) // which does not ask for it
	p := open.follow(open.get("/acme/contacts")).is(http.StatusOK).has(".notice-box-warning", "#menu-accounts a[href='/lumen']")
	p = open.follow(open.fill(p, "form[action='/two-factor/begin']")).has("#menu-accounts a[href='/lumen']")
	elsewhere := s.staff(t, samir)
	elsewhere.fill(elsewhere.follow(elsewhere.get("/acme")), "form[action='/sign-out']").leadsTo("/sign-in") // nobody is kept there
	open.fill(p, "form[action='/two-factor/confirm']", "code", s.code(t, samir)).is(http.StatusOK).has("a[href='/acme/contacts']")
	open.get("/acme/contacts").is(http.StatusOK)
	b.follow(b.fill(b.get("/acme/people"), require).leadsTo("/acme/people"))
	s.rows(t, 0, "account WHERE require_two_factor")
}
