package views

import (
	"html/template"
	"time"
)

// when says how long ago, or in how long, a moment is, inside a <time> that carries the exact one: as title in the zone of now, and for machines.
// Only now is the present; atrium.js keeps the words current with the same rules. The zero time is empty.
func when(at, now time.Time) template.HTML {
	if at.IsZero() {
		return ""
	}
	at = at.In(now.Location())
	return template.HTML(`<time data-when datetime="` + at.Format(time.RFC3339) + `" title="` + datetime(at) + at.Format(" MST") + `">` + // made of digits and month names
		template.HTMLEscapeString(relative(at, now)) + `</time>`)
}

// relative is the text of [when]. From a week on it is the date, without the year if that is this year.
func relative(at, now time.Time) string {
	d := now.Sub(at)
	ago := func(s string) string { return s + " ago" }
	if d < 0 {
		d, ago = -d, func(s string) string { return "in " + s }
	}
	switch {
	case d < 45*time.Second:
		return "just now"
	case d < 45*time.Minute:
		return ago(count(d, time.Minute, "minute"))
	case d < 22*time.Hour:
		return ago(count(d, time.Hour, "hour"))
	case d < 7*24*time.Hour:
		return ago(count(d, 24*time.Hour, "day"))
	case at.Year() == now.Year():
		return at.Format("2 Jan")
	}
	return date(at)
}

// count rounds a duration to whole units, at least one.
func count(d, unit time.Duration, name string) string {
	n := max(1, int((d+unit/2)/unit))
	text, _ := plural(n, name, name+"s")
	return text
}

// date is a day: 22 Nov 2026. The zero time is empty.
func date(t time.Time) string { return format(t, "2 Jan 2006") }

// datetime is a moment in the zone it carries: 22 Nov 2026, 17:04. The zero time is empty.
func datetime(t time.Time) string { return format(t, "2 Jan 2006, 15:04") }

func format(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(layout)
}
