package handlers

import (
	"slices"
	"strconv"
	"time"

	"atrium/queries"
)

// filterLink is one part of something that can be looked at by itself.
type filterLink struct {
	Label, Href string
	Current     bool
}

// trend is invitations and joins of the last days, drawn.
type trend struct {
	Length  int // days
	Choices []filterLink
	Days    []trendDay
	Width   int    // of the drawing, in its units
	Max     int64  // the largest number of a day; at least 1
	Middle  string // the day in the middle
	Invited int64  // of all these days together
	Joined  int64
	Active  int64 // clients who were here on any of these days
}

// trendDay is one day of the trend; X and heights are in the units of the drawing, 100 high.
type trendDay struct {
	Day             string // "3 Nov"
	Invited, Joined int64
	X               int
	InvitedHeight   int
	InvitedY        int
	JoinedHeight    int
	JoinedY         int
}

// trendDays is how many days are asked for.
func trendDays(asked string) int {
	if days, err := strconv.Atoi(asked); err == nil && slices.Contains(queries.TrendChoices, days) {
		return days
	}
	return queries.TrendDays
}

// dashboardPath is the dashboard with a trend of so many days.
func dashboardPath(base string, days int) string {
	if days == queries.TrendDays {
		return base
	}
	return base + "?days=" + strconv.Itoa(days)
}

// newTrend lays the days out as pairs of bars, 100 units high, 12 wide each pair.
func newTrend(counted []queries.MetricDayListRow, first time.Time, length int, base string) trend {
	t, byDay := trend{Length: length, Width: 12 * length, Max: 1}, map[string]queries.MetricDayListRow{}
	for _, days := range queries.TrendChoices {
		t.Choices = append(t.Choices, filterLink{strconv.Itoa(days) + " days", dashboardPath(base, days), days == length})
	}
	for _, day := range counted {
		byDay[day.Day.Format(time.DateOnly)] = day
		t.Max = max(t.Max, day.Invited, day.Joined)
		t.Invited += day.Invited
		t.Joined += day.Joined
		t.Active += day.Active
	}
	height := func(n int64) int {
		if n == 0 {
			return 0
		}
		return max(2, int(n*96/t.Max))
	}
	for i := range length {
		date := first.AddDate(0, 0, i)
		day := byDay[date.Format(time.DateOnly)]
		d := trendDay{Day: date.Format("2 Jan"), Invited: day.Invited, Joined: day.Joined, X: i * 12,
			InvitedHeight: height(day.Invited), JoinedHeight: height(day.Joined)}
		d.InvitedY, d.JoinedY = 100-d.InvitedHeight, 100-d.JoinedHeight
		t.Days = append(t.Days, d)
	}
	t.Middle = t.Days[length/2].Day
	return t
}
