package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Reminders are switched on with days and off again; what cannot be taken comes back as it was typed, with the reason.
func TestReminders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	p := b.get("/acme/reminders").is(http.StatusOK).has("#reminders-form [value=off][checked]", "#reminders-form [name=days][value='3, 7']", "nav a[href='/acme/reminders'][aria-current]")
	s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme)).get("/acme").lacks("a[href='/acme/reminders']")
	before := s.everything(t)
	for typed, problem := range map[string]string{"": "at least one", "0": "whole numbers", "61": "whole numbers", "3, x": "whole numbers", "-3": "whole numbers",
		"3.5": "whole numbers", "1, 2, 3, 4, 5, 6": "at most five", "99999999999999999999": "whole numbers"} {
		for _, b := range []*browser{b, b.htmx()} {
			p := b.fill(p, "#reminders-form", "reminders", "on", "days", typed).is(http.StatusUnprocessableEntity).
				has("#reminders-form [name=days][value='"+typed+"'][aria-invalid]", "#reminders-form [value=on][checked]")
			if text := words(p.one("#field-days-error")); !strings.Contains(text, problem) {
				t.Errorf("%q: %s", typed, text)
			}
		}
	}
	if s.everything(t) != before {
		t.Error("days that were refused changed something")
	}
	b.follow(b.fill(p, "#reminders-form", "reminders", "on", "days", " 14;3 7,3").leadsTo("/acme/reminders")).has("#notice .flash", "[value=on][checked]", "[name=days][value='3, 7, 14']")
	s.rows(t, 1, "account WHERE slug = 'acme' AND reminder_days = '{3,7,14}'")
	s.rows(t, 1, "account WHERE slug = 'lumen' AND reminder_days = '{}'")
	s.rows(t, 1, `audit WHERE account_id = $1 AND staff_id = $2 AND action = 'reminders.change' AND was = '{"days": []}' AND became = '{"days": [3, 7, 14]}'`, s.acme.id, maya.id)
	b.fill(b.get("/acme/reminders"), "#reminders-form", "reminders", "off", "days", "nonsense").leadsTo("/acme/reminders")
	s.rows(t, 2, "account WHERE reminder_days = '{}'")
	s.rows(t, 2, "audit")
}

// The page tells how many are due today, also before anybody switches it on.
func TestRemindersDue(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	for i := range 3 {
		c := s.contact(t, s.acme, string(rune('a'+i))+"@example.com", "")
		s.invited(t, c)
		s.exec(t, "UPDATE invitation SET sent_at = $1 WHERE contact_id = $2 AND $3 < 2", s.clock.now(), c.id, i) // the third one's mail never arrived
	}
	due := func() string { return words(b.get("/acme/reminders").one("#reminders-due")) }
	if text := due(); !strings.Contains(text, "With days 3 and 7 nobody would be due today") {
		t.Errorf("at once: %s", text)
	}
	s.clock.move(3*24*time.Hour - time.Hour) // due in an hour is due today
	if text := due(); !strings.Contains(text, "Switched on with days 3 and 7, 2 contacts would be due today") {
		t.Errorf("on the third day: %s", text)
	}
	b.fill(b.get("/acme/reminders"), "#reminders-form", "reminders", "on", "days", "3")
	if text := due(); !strings.Contains(text, "2 contacts due today, on day 3") {
		t.Errorf("switched on: %s", text)
	}
	b.fill(b.get("/acme/reminders"), "#reminders-form", "reminders", "on", "days", "9")
	if text := due(); !strings.Contains(text, "Nobody is due today") {
		t.Errorf("on another day: %s", text)
	}
	b.fill(b.get("/acme/reminders"), "#reminders-form", "reminders", "on", "days", "3")
	s.exec(t, "UPDATE invitation SET created_at = created_at + interval '8 hours'") // due at 20:00, when none goes out
	if text := due(); !strings.Contains(text, "Nobody is due today") {
		t.Errorf("before an evening: %s", text)
	}
	s.clock.move(7 * time.Hour) // 18:00
	if text := due(); !strings.Contains(text, "2 contacts due tomorrow, on day 3") {
		t.Errorf("in the evening: %s", text)
	}
}
