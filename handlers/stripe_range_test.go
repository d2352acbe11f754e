package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Days are listed with what became of each event, and looked at again, each once; another account's stay as they are.
func TestStripeRange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	put := func(id, state string, days int, about account) {
		s.exec(t, "INSERT INTO stripe_event (stripe_account, id, type, object_id, created_at, received_at, state, about_account_id) VALUES ('', $1, 'invoice.paid', 'in_1', $2, $2, $3::stripe_event_state, $4)",
			id, noon.AddDate(0, 0, -days), state, about.id)
	}
	b.get("/acme/stripe/events").is(http.StatusOK).has(".quiet").lacks("form[method=post][action='/acme/stripe/events']")
	put("evt_done", "done", 1, s.acme)
	put("evt_failed", "failed", 2, s.acme)
	put("evt_ignored", "ignored", 3, s.acme)
	put("evt_old", "done", 30, s.acme)
	put("evt_lumen", "done", 1, s.lumen)
	p := b.get("/acme/stripe/events").is(http.StatusOK).has("#stripe-event-evt_done", "#stripe-event-evt_failed", "#stripe-event-evt_ignored").lacks("#stripe-event-evt_old", "#stripe-event-evt_lumen")
	if text := p.words(); !strings.Contains(text, "3 events") || !strings.Contains(text, "Left out") {
		t.Errorf("it says %s", text)
	}
	b.get("/acme/stripe").has("a[href='/acme/stripe/events']")
	for last, says := range map[int]string{90: "Nothing was reported in those days.", 92: "What was reported in those days is not kept any more."} {
		day := noon.AddDate(0, 0, -last).Format(time.DateOnly)
		if text := b.get("/acme/stripe/events?from=2025-01-01&to=" + day).has(".quiet").words(); !strings.Contains(text, says) || !strings.Contains(text, "kept for 90 days") {
			t.Errorf("until %s it says %s", day, text)
		}
	}
	for name, days := range map[string][2]string{"no day": {"soon", "2026-03-10"}, "the wrong way round": {"2026-03-10", "2026-03-09"}, "nothing": {"2026-03-10", "x"}} {
		if p := b.get("/acme/stripe/events?from=" + days[0] + "&to=" + days[1]).is(http.StatusUnprocessableEntity); len(p.all("[aria-invalid=true]")) != 1 {
			t.Errorf("%s: %s", name, p.words())
		}
		b.fill(p, "form[method=post][action='/acme/stripe/events']", "from", days[0], "to", days[1]).is(http.StatusUnprocessableEntity)
	}
	s.rows(t, 0, "stripe_event WHERE state = 'waiting'")
	first, last := noon.AddDate(0, 0, -2).Format(time.DateOnly), noon.AddDate(0, 0, -1).Format(time.DateOnly)
	p = b.get("/acme/stripe/events?from=" + first + "&to=" + last)
	b.fill(p, "form[method=post][action='/acme/stripe/events']").is(http.StatusSeeOther)
	s.rows(t, 2, "stripe_event WHERE state = 'waiting' AND id IN ('evt_done', 'evt_failed')")
	s.rows(t, 3, "stripe_event WHERE state <> 'waiting'")
	s.rows(t, 2, "river.river_job WHERE kind = 'stripe_event'")
	s.rows(t, 1, "audit WHERE action = 'stripe.replay' AND subject = '2 events' AND note = $1", first+" to "+last)
	b.fill(b.get("/acme/stripe/events"), "form[action='/acme/stripe/events/evt_ignored/replay']").leadsTo("/acme/stripe")
	s.rows(t, 3, "stripe_event WHERE state = 'waiting'")
}
