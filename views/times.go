package views

import (
	"html/template"
	"time"
)

// when says how long ago, or in how long, a moment is, inside a <time> that carries the exact one: as title in the zone of now, and for machines.
// Only now is the present; time.js keeps the words current with the same rules. The zero time is empty.
func (l *locale) when(at, now time.Time) template.HTML {
	if at.IsZero() {
		return ""
	}
	at = at.In(now.Location())
	return template.HTML(`<time data-when datetime="` + at.Format(time.RFC3339) + `" title="` + template.HTMLEscapeString(l.datetime(at)+at.Format(" MST")) + `">` +
		template.HTMLEscapeString(l.relative(at, now)) + `</time>`)
}

// relative is the text of [locale.when]. From a week on it is the date, without the year if that is this year.
func (l *locale) relative(at, now time.Time) string {
	d := now.Sub(at)
	ago := func(s string) string { return s + " ago" }
	if d < 0 {
		d, ago = -d, func(s string) string { return "in " + s }
	}
	switch {
	case d < 45*time.Second:
		return "just now"
	case d < 45*time.Minute:
		return ago(l.count(d, time.Minute, "minute"))
	case d < 22*time.Hour:
		return ago(l.count(d, time.Hour, "hour"))
	case d < 7*24*time.Hour:
		return ago(l.count(d, 24*time.Hour, "day"))
	case at.Year() == now.Year():
		return l.written(l.day, at)
	}
	return l.dateOf(at)
}

// count rounds a duration to whole units, at least one.
func (l *locale) count(d, unit time.Duration, name string) string {
	text, _ := l.plural(max(1, int((d+unit/2)/unit)), name, name+"s")
	return text
}

// dateOf is a day: 22 Nov 2026. The zero time is empty.
func (l *locale) dateOf(t time.Time) string { return l.written(l.date, t) }

// datetime is a moment in the zone it carries: 22 Nov 2026, 17:04. The zero time is empty.
func (l *locale) datetime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.dateOf(t) + l.between + t.Format(l.clock)
}
