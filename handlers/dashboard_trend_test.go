package handlers

import (
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
	var f dashboardFigures
	f.TrendMax = 1
	f.fillTrend([]queries.MetricDayListRow{{Day: first, Invited: 5000, Joined: 1}, {Day: first.AddDate(0, 0, 29), Invited: 0, Joined: 2500}}, first.Add(13*time.Hour))
	if f.TrendMax != 5000 || f.TrendSums != [2]int64{5000, 2501} || len(f.Trend) != queries.TrendDays {
		t.Errorf("max %d, sums %v, %d days", f.TrendMax, f.TrendSums, len(f.Trend))
	}
	for i, day := range f.Trend {
		for _, bar := range []struct {
			n         int64
			height, y int
		}{{day.Invited, day.InvitedHeight, day.InvitedY}, {day.Joined, day.JoinedHeight, day.JoinedY}} {
			if (bar.n > 0) != (bar.height > 0) || bar.height+bar.y != 100 || bar.height > 96 {
				t.Errorf("day %d: %d is drawn %d high at %d", i, bar.n, bar.height, bar.y)
			}
		}
	}
	if f.Trend[0].InvitedHeight != 96 || f.Trend[29].JoinedHeight != 48 {
		t.Errorf("heights %d and %d, want 96 and 48", f.Trend[0].InvitedHeight, f.Trend[29].JoinedHeight)
	}
}
