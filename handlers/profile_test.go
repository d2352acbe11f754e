package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

func TestProfileName(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	p := b.follow(b.fill(b.get("/profile"), "#profile-name", "name", "  Ana   Maria  Souza ").leadsTo("/profile"))
	p.has("#notice .flash", "#profile-name input[name=name][value='Ana Maria Souza']")
	s.rows(t, 1, "contact WHERE id = $1 AND name = 'Ana Maria Souza'", ana.id)
	for _, name := range []string{"", "   ", strings.Repeat("a", 121), "Ana\x07", "Ana\u202eazuoS", "Ana\xff"} {
		b.fill(b.get("/profile"), "#profile-name", "name", name).is(http.StatusUnprocessableEntity).has("#field-name-error", "#profile-password", "main")
		b.htmx().fill(b.get("/profile"), "#profile-name", "name", name).is(http.StatusUnprocessableEntity).has("#field-name-error").lacks("#profile-password", "main")
	}
	s.rows(t, 1, "contact WHERE id = $1 AND name = 'Ana Maria Souza'", ana.id)
}

// A changed password ends every other session of the client, and only theirs.
func TestProfilePassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Okri")
	b, other, bens := s.client(t, ana), s.client(t, ana), s.client(t, ben)
	const form, chosen = "#profile-password [name=password]", "a new long password"
	for _, c := range []struct{ current, password, wrong string }{
		{"not the password", chosen, "current"}, {"", chosen, "current"}, {rightPassword, "short", "password"}, {rightPassword, "", "password"},
		{rightPassword, "ana@example.com", "password"}, {rightPassword, "Acme Coaching", "password"}, {rightPassword, strings.Repeat("a", 201), "password"},
		{rightPassword, "1234567890", "password"}, {rightPassword, strings.Repeat(" ", 12), "password"},
	} {
		b.fill(b.get("/profile"), form, "current", c.current, "password", c.password).is(http.StatusUnprocessableEntity).
			has("#field-"+c.wrong+"-error", "main").lacks("input[type=password][value]")
	}
	b.htmx().fill(b.get("/profile"), form, "current", rightPassword, "password", "short").is(http.StatusUnprocessableEntity).has("#field-password-error").lacks("main")
	s.clock.move(time.Hour) // for the limit of tries
	other.get("/profile").is(http.StatusOK)
	b.fill(b.get("/profile"), form, "current", rightPassword, "password", chosen).leadsTo("/profile")
	b.get("/profile").is(http.StatusOK)
	bens.get("/profile").is(http.StatusOK)
	other.get("/profile").leadsTo("/sign-in?next=%2Fprofile")
	s.rows(t, 1, "session WHERE ended_because = 'password_changed'")
	other.fill(other.get("/sign-in"), "#signin-form", "email", ana.email, "password", rightPassword).is(http.StatusUnprocessableEntity)
	other.fill(other.get("/sign-in"), "#signin-form", "email", ana.email, "password", chosen).leadsTo("/")

	b.fill(b.get("/profile"), "[name=remove]", "current", rightPassword).is(http.StatusUnprocessableEntity)
	b.fill(b.get("/profile"), "[name=remove]", "current", chosen).leadsTo("/profile")
	s.rows(t, 1, "contact WHERE id = $1 AND password_hash IS NULL", ana.id)
	other.get("/profile").leadsTo("/sign-in?next=%2Fprofile")
	b.get("/").is(http.StatusOK).has("a[href='/profile#password']")
	b.get("/profile").lacks("[name=current]", "[name=remove]")
	b.fill(b.get("/profile"), form, "password", chosen).leadsTo("/profile")
	b.get("/").lacks("a[href='/profile#password']")
}

// Who guesses at the current password of an open browser has few tries, on whichever device, and does not lock the owner out.
func TestProfilePasswordTries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, other := s.client(t, ana), s.client(t, ana)
	const form = "#profile-password [name=password]"
	for range queries.LimitPassword.Times {
		b.fill(b.get("/profile"), form, "current", "not the password", "password", "a new long password").is(http.StatusUnprocessableEntity)
	}
	b.fill(b.get("/profile"), form, "current", rightPassword, "password", "a new long password").is(http.StatusTooManyRequests)
	other.fill(other.get("/profile"), form, "current", rightPassword, "password", "a new long password").is(http.StatusTooManyRequests)
	s.client(t, ana)
}

// A forgotten password is replaced within half an hour of a sign-in by mail, and later only by whoever knows it.
func TestProfilePasswordForgotten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	const form = "#profile-password [name=password]"
	for name, signIn := range map[string]func(b *browser){
		"link": func(b *browser) { b.confirm(s.toProfile(t, ana)).leadsTo("/profile") },
		"code": func(b *browser) { b.code(s.ask(t, b, ana.email).code).leadsTo("/") },
	} {
		b := s.portal(t, s.acme)
		signIn(b)
		s.clock.move(freshProof - time.Second)
		open := b.get("/profile").is(http.StatusOK).lacks("[name=current]")
		b.fill(open, form, "password", "chosen by "+name).leadsTo("/profile")
		s.rows(t, 1, "session WHERE ended_at IS NULL")
		s.clock.move(time.Second)
		b.get("/profile").has("#profile-password [name=current]")
		b.fill(open, form, "password", "chosen too late").is(http.StatusUnprocessableEntity).has("#field-current-error")
		other := s.portal(t, s.acme)
		other.fill(other.get("/sign-in"), "#signin-form", "email", ana.email, "password", "chosen by "+name).leadsTo("/")
		other.get("/profile").has("#profile-password [name=current]")
		s.clock.move(time.Hour) // for the limit of mails
	}
}

func TestProfileDevices(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b, laptop := s.client(t, ana), s.client(t, ana)
	tablet, phone := s.client(t, ana), s.session(t, ana)
	s.session(t, s.arrived(t, s.acme, "ben@example.com", "Ben Okri"))
	p := b.get("/profile").is(http.StatusOK)
	if n := len(p.all("#profile-devices .item")); n != 4 {
		t.Errorf("%d devices, want 4", n)
	}
	p.has("form[action='/profile/devices/" + phone.String() + "/end']")
	if n := len(p.all("#profile-devices .item form")); n != 3 {
		t.Errorf("%d devices can be ended, want all but this one", n)
	}
	b.fill(p, "form[action='/profile/devices/"+phone.String()+"/end']").leadsTo("/profile#devices")
	s.rows(t, 1, "session WHERE id = $1 AND ended_because = 'signed_out'", phone)
	b.fill(p, "form[action='/profile/devices/"+phone.String()+"/end']").is(http.StatusNotFound) // is over already
	laptop.get("/profile").is(http.StatusOK)
	b.fill(b.get("/profile"), "form[action='/profile/devices/end-others']").leadsTo("/profile#devices")
	b.get("/profile").is(http.StatusOK).lacks("#profile-devices form")
	laptop.get("/profile").leadsTo("/sign-in?next=%2Fprofile")
	tablet.get("/profile").leadsTo("/sign-in?next=%2Fprofile")
	s.rows(t, 2, "session WHERE ended_at IS NULL")
}
