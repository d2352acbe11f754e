package queries_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

func (s school) way(contact uuid.UUID, at time.Time) []queries.LessonWayRow {
	s.t.Helper()
	rows, err := s.q.LessonWay(s.t.Context(), queries.LessonWayParams{AccountID: s.id, ContactID: contact, CourseID: s.course, Now: at})
	check(s.t, err)
	return rows
}

// openAt says which lessons are open, as a line of o and x.
func (s school) openAt(contact uuid.UUID, at time.Time) (line string) {
	s.t.Helper()
	for _, row := range s.way(contact, at) {
		if row.IsOpen {
			line += "o"
		} else {
			line += "x"
		}
	}
	return line
}

func (s school) complete(contact, lesson uuid.UUID, at time.Time) {
	s.t.Helper()
	s.exec("INSERT INTO lesson_completion VALUES ($1, $2, $3, $4, $5, 1, $6, 'button')", s.id, queries.NewID(), contact, s.course, lesson, at)
}

// wall is a moment by the clocks of a place.
func wall(t *testing.T, zone, at string) time.Time {
	t.Helper()
	location, err := time.LoadLocation(zone)
	check(t, err)
	moment, err := time.ParseInLocation("2006-01-02 15:04", at, location)
	check(t, err)
	return moment
}

// A part unlocks when the day begins where the client is, so many days after the clock began, also over the nights in which
// clocks are put forward or back.
func TestDripByDaysWhereTheClientIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, granted, before, from string }{
		{"forward", "Europe/Berlin", "2026-03-27 23:30", "2026-03-29 23:59", "2026-03-30 00:00"},
		{"back", "America/New_York", "2026-10-30 08:00", "2026-11-01 23:59", "2026-11-02 00:00"},
		{"no such midnight", "America/Havana", "2026-03-06 12:00", "2026-03-07 23:59", "2026-03-09 01:00"},
		{"far east", "Pacific/Auckland", "2026-04-03 00:10", "2026-04-05 23:59", "2026-04-06 00:00"},
		{"a zone that this server does not know", "Nowhere/Atlantis", "2026-11-20 23:30", "2026-11-22 23:59", "2026-11-23 00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			s, ana, clock := a.school(2), a.contact("ana@example.com"), c.zone
			if clock == "Nowhere/Atlantis" {
				clock = "UTC"
			}
			s.exec("UPDATE contact SET time_zone = $1", c.zone)
			s.exec("UPDATE lesson SET drip_days = 3 WHERE id = $1", s.lessons[1])
			s.give(ana, wall(t, clock, c.granted), nil)
			if line := s.openAt(ana, wall(t, clock, c.before)); line != "ox" {
				t.Errorf("at %s %s", c.before, line)
			}
			if line := s.openAt(ana, wall(t, clock, c.from)); c.name != "no such midnight" && line != "oo" {
				t.Errorf("at %s %s", c.from, line)
			}
		})
	}
}

// The clock of a course is its grant, its first opening or a date; days of a module and of its lesson both count, and the later wins.
func TestDripClocks(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(3), a.contact("ana@example.com")
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	s.exec("UPDATE lesson SET drip_days = 2 WHERE id = $1", s.lessons[1])
	s.exec("UPDATE lesson SET drip_date = $2 WHERE id = $1", s.lessons[2], day(10))
	expect := func(what string, at time.Time, want string) {
		t.Helper()
		if line := s.openAt(ana, at); line != want {
			t.Errorf("%s, on day %d: %s, want %s", what, int(at.Sub(noon).Hours()/24), line, want)
		}
	}
	expect("without a grant", day(0), "")
	s.give(ana, day(5), nil)
	expect("before the grant starts", day(4), "")
	expect("from the grant", day(5), "oxx")
	expect("from the grant", day(7), "oox")
	expect("by date", day(10), "ooo")
	s.give(ana, day(-30), nil)
	expect("from the older of two grants", day(1), "oox")
	s.exec("UPDATE course SET clock = 'date', clock_date = $1", day(3))
	expect("from a date", day(4), "oxx")
	expect("from a date", day(5), "oox")
	s.exec("UPDATE course SET clock = 'first_open'")
	expect("not opened yet", day(60), "oxo")
	s.exec("INSERT INTO course_visit VALUES ($1, $2, $3, $4, $5, $5, NULL)", s.id, queries.NewID(), ana, s.course, day(2))
	expect("from its first opening", day(3), "oxx")
	expect("from its first opening", day(4), "oox")
	s.exec("UPDATE course_module SET drip_days = 6")
	expect("the module later than the lesson", day(7), "xxx")
	expect("the module later than the lesson", day(8), "oox")
}

// In order, a lesson waits for the one before it; what was finished stays open, also behind a lesson that came later.
func TestLessonsInOrder(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(3), a.contact("ana@example.com")
	s.exec("UPDATE course SET in_order = true")
	s.give(ana, noon, nil)
	for i, want := range []string{"oxx", "oox", "ooo"} {
		if line := s.openAt(ana, noon); line != want {
			t.Errorf("after %d lessons: %s", i, line)
		}
		if i < 2 {
			s.complete(ana, s.lessons[i], noon.Add(time.Duration(i)*time.Minute))
		}
	}
	late := s.lesson()
	s.exec("UPDATE lesson SET position = 0 WHERE id = $1", late)
	if line := s.openAt(ana, noon); line != "oooo" {
		t.Errorf("with one more before them: %s", line)
	}
	s.exec("UPDATE lesson SET drip_days = 9")
	if line := s.openAt(ana, noon); line != "xoox" {
		t.Errorf("once they unlock later: %s", line)
	}
	if row := s.way(ana, noon)[1]; !row.CompletedAt.Equal(noon) || row.OpensOn.IsZero() {
		t.Errorf("a finished lesson is %+v", row)
	}
}
