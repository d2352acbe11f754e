package handlers

import (
	"net/http"
	"testing"
	"time"

	"atrium/queries"
)

// The owner decides on the account's time zone and what staff may do as a client; the trail has it before and after.
func TestSettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	s.staff(t, s.person(t, "tomas@acme.example", queries.StaffRoleAdmin, s.acme)).get("/acme").lacks("a[href='/acme/settings']")
	b.get("/acme").has("nav a[href='/acme/settings']")
	b.get("/acme/settings").has("option[value=UTC][selected]").lacks("[name=staff_may_change][checked]")
	s.jobs(t)
	b.follow(b.fill(b.get("/acme/settings"), "#settings-form", "time_zone", "America/Sao_Paulo", "staff_may_change", "on").leadsTo("/acme/settings")).has("#notice .flash-success",
		"option[value='America/Sao_Paulo'][selected]", "[name=staff_may_change][checked]")
	s.inserted(t, "metric_count")
	s.rows(t, 1, "account WHERE id = $1 AND time_zone = 'America/Sao_Paulo' AND staff_may_change AND changed_at = $2", s.acme.id, s.clock.now())
	s.rows(t, 0, "account WHERE id <> $1 AND staff_may_change", s.acme.id)
	s.rows(t, 1, "audit WHERE action = 'account.settings' AND was->>'time_zone' = 'UTC' AND became->>'staff_may_change' = 'true'")
	b.fill(b.get("/acme/settings"), "#settings-form").leadsTo("/acme/settings") // unchanged
	s.rows(t, 1, "audit")
	s.inserted(t)
	for _, zone := range []string{"", "Mars/Olympus", "../etc/passwd"} {
		form := b.get("/acme/settings").form("#settings-form")
		form.values.Set("time_zone", zone)
		b.send(form.method, form.action, form.values).is(http.StatusUnprocessableEntity).has("h1", "#field-time_zone-error")
		b.htmx().send(form.method, form.action, form.values).is(http.StatusUnprocessableEntity).has("#settings-form").lacks("main")
	}
	s.exec(t, "UPDATE account SET time_zone = 'Etc/GMT+3' WHERE id = $1", s.acme.id) // of the command line
	b.fill(b.get("/acme/settings").has("option[value='Etc/GMT+3'][selected]"), "#settings-form").leadsTo("/acme/settings")
	s.rows(t, 1, "account WHERE time_zone = 'Etc/GMT+3'")
}

// Every zone to choose from is one that this program and Postgres know.
func TestTimeZones(t *testing.T) {
	t.Parallel()
	s := makeSite(t)
	for _, zone := range timeZones {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Errorf("%s: %v", zone, err)
		}
	}
	var unknown []string
	s.scan(t, "SELECT coalesce(array_agg(z), '{}') FROM unnest($1::text[]) z WHERE z NOT IN (SELECT name FROM pg_timezone_names)", []any{timeZones}, &unknown)
	if len(unknown) > 0 || len(timeZones) < 300 {
		t.Errorf("%d zones, of which Postgres does not know %v", len(timeZones), unknown)
	}
}
