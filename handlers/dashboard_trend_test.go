package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// The thirty bars are the thirty days that end today where the account is, and what they show adds up to what is said beside
// them.
func TestTrendAddsUp(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"} { // none, +14 and -11 hours
		t.Run(zone, func(t *testing.T) {
			s := newSite(t)
			s.exec(t, "UPDATE account SET time_zone = $1, changed_at = $2 WHERE id = $3", zone, noon.Add(time.Second), s.acme.id)
			eventually(t, "the zone is known", func() bool { return s.accounts.BySlug("acme").TimeZone == zone })
			location := s.accounts.BySlug("acme").Location
			today := noon.In(location)
			day := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, location)
			begin, end := day.AddDate(0, 0, 1-queries.TrendDays), day.AddDate(0, 0, 1)
			// At the first and last moment of the trend, and just outside of it.
			for i, at := range []time.Time{begin, begin, begin.Add(-time.Second), noon, noon.Add(-24 * time.Hour), end.Add(-time.Second)} {
				c := s.contact(t, s.acme, queries.NewID().String()+"@example.com", "")
				s.exec(t, "UPDATE contact SET invited_at = $1 WHERE id = $2", at, c.id)
				if i%2 == 0 {
					s.exec(t, "UPDATE contact SET joined_at = $1 WHERE id = $2", at, c.id)
				}
			}
			s.counted(t, s.acme)
			p := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)).get("/acme")
			days := p.all("svg.trend .trend-day")
			if len(days) != queries.TrendDays {
				t.Fatalf("%d days, want %d", len(days), queries.TrendDays)
			}
			if first, last := words(days[0]), words(days[len(days)-1]); !strings.HasPrefix(first, begin.Format("2 Jan:")) || !strings.HasPrefix(last, today.Format("2 Jan:")) {
				t.Errorf("from %q to %q", first, last)
			}
			for class, want := range map[string]int{"trend-invited": 3, "trend-joined": 2} {
				if n := len(p.all("svg.trend rect." + class)); n != want {
					t.Errorf("%d bars of %s, want %d", n, class, want)
				}
			}
			if !strings.Contains(words(p.one(".legend")), "Invited 5 Joined 2") {
				t.Errorf("the legend says %s", words(p.one(".legend")))
			}
		})
	}
}

// Bars stay inside of the drawing, the highest fills it, and a small number beside a large one is still seen.
func TestTrendIsDrawn(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 2, 9, 0, 0, 0, 0, time.UTC)
	f := newTrend([]queries.MetricDayListRow{{Day: first, Invited: 5000, Joined: 1, Active: 3}, {Day: first.AddDate(0, 0, 29), Invited: 0, Joined: 2500, Active: 4}},
		first.Add(13*time.Hour), queries.TrendDays, "/acme")
	if f.Max != 5000 || f.Invited != 5000 || f.Joined != 2501 || f.Active != 7 || len(f.Days) != queries.TrendDays {
		t.Errorf("the trend is %+v", f)
	}
	for i, day := range f.Days {
		for _, bar := range []struct {
			n         int64
			height, y int
		}{{day.Invited, day.InvitedHeight, day.InvitedY}, {day.Joined, day.JoinedHeight, day.JoinedY}} {
			if (bar.n > 0) != (bar.height > 0) || bar.height+bar.y != 100 || bar.height > 96 {
				t.Errorf("day %d: %d is drawn %d high at %d", i, bar.n, bar.height, bar.y)
			}
		}
	}
	if f.Days[0].InvitedHeight != 96 || f.Days[29].JoinedHeight != 48 {
		t.Errorf("heights %d and %d, want 96 and 48", f.Days[0].InvitedHeight, f.Days[29].JoinedHeight)
	}
}

// The length of the trend is in the address, of the page and of what it asks for, and only the three there are count.
func TestTrendOfOtherLengths(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i, ago := range []int{0, 6, 7, 29, 30, 89, 90} { // days, around each end
		c := s.contact(t, s.acme, queries.NewID().String()+"@example.com", "")
		at := s.clock.now().AddDate(0, 0, -ago)
		s.exec(t, "UPDATE contact SET invited_at = $1, joined_at = $1, last_seen_at = $2 WHERE id = $3", at, at.AddDate(0, 0, i/4), c.id) // the older ones came back a day later
	}
	s.counted(t, s.acme)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	for days, want := range map[string]struct {
		length int
		legend string
		active int
	}{
		"7": {7, "Invited 2 Joined 2", 2}, "": {30, "Invited 4 Joined 4", 5}, "30": {30, "Invited 4 Joined 4", 5}, "90": {90, "Invited 6 Joined 6", 7},
		"31": {30, "Invited 4 Joined 4", 5}, "x": {30, "Invited 4 Joined 4", 5}, "-7": {30, "Invited 4 Joined 4", 5},
	} {
		p := b.get("/acme?days=" + days).is(http.StatusOK)
		poll := attr(p.one("#dashboard-figures"), "hx-get")
		for _, p := range []*page{p, b.htmx().get(strings.Split(poll, "since=")[0])} {
			if n := len(p.all("svg.trend .trend-day")); n != want.length {
				t.Errorf("%s: %d days, want %d", p.asked, n, want.length)
			}
			if legend := words(p.one(".legend")); legend != want.legend {
				t.Errorf("%s: the legend says %s, want %s", p.asked, legend, want.legend)
			}
			if n := len(p.all(".legend-key")); n != 2 { // as many as the drawing has
				t.Errorf("%s: %d keys in the legend", p.asked, n)
			}
			if got, here := words(p.one("#trend-active")), fmt.Sprintf("%d clients used the portal in these days.", want.active); got != here {
				t.Errorf("%s: it says %q, want %q", p.asked, got, here)
			}
			p.has(fmt.Sprintf("nav a[aria-current=page][href='%s']", dashboardPath("/acme", want.length)))
		}
	}
}
