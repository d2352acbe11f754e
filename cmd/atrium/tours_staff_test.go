package main

import (
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"atrium/cmd/internal/browsertest"
)

// halfway has given the right password, and has a second factor.
func halfway(s *site, w *browsertest.Window) { signIn(w, s.admin(""), "elena@acme.example") }

// halfwayViews is what somebody sees who is asked for the second factor.
var halfwayViews = []view{
	adminPage("admin-sign-in-code", "/sign-in/code"),
	{"admin-sign-in-code.refused", func(s *site, w *browsertest.Window) {
		w.Type(`input[name="code"]`, "000000")
		refused(w, "/sign-in/code")
	}},
}

// colleagueViews is what an owner sees of those who work there, and of their own second factor.
var colleagueViews = []view{
	adminPage("admin-account-people", "/acme/people"),
	{"admin-account-people.change", func(s *site, w *browsertest.Window) { w.Press(`td [commandfor^="change-"]`) }},
	{"admin-account-people.refused", func(s *site, w *browsertest.Window) {
		w.Open(s.admin("/acme/people"))
		w.Press(`[commandfor="invite"]`)
		w.Type(`#invite input[name="email"]`, "samir@acme.example")
		w.Press(`#staffmembers-invite .btn-primary`)
		w.Until(`document.querySelector("#invite [aria-invalid]")`)
	}},
	adminPage("admin-account-audit-log", "/acme/audit-log"),
	adminPage("admin-account-audit-log.filtered", "/acme/audit-log?what=People"),
	adminPage("admin-account-audit-log.none", "/acme/audit-log?to=2001-01-01"),
	adminPage("admin-two-factor", "/two-factor"),
	{"admin-two-factor.begun", func(s *site, w *browsertest.Window) { w.Follow(submit("/two-factor/begin")) }},
	{"admin-two-factor.codes", func(s *site, w *browsertest.Window) {
		secret := browsertest.Get[string](w, `document.querySelector("#twofactor-secret").textContent`)
		code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), time.Now())
		if err != nil {
			s.t.Fatal(err)
		}
		w.Type(`input[name="code"]`, code)
		w.Follow(submit("/two-factor/confirm"))
	}},
	{"admin-two-factor.on", func(s *site, w *browsertest.Window) {
		w.Open(s.admin("/two-factor"))
		w.Press(`#twofactor-off > summary`)
	}},
	adminPage("admin-account-people.secured", "/acme/people"),
}
