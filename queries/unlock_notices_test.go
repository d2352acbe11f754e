package queries_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// dripping is a school whose lessons unlock on the given days after the grant, and a client who has joined.
func dripping(t *testing.T, zone string, granted time.Time, days ...int) (s school, ana uuid.UUID) {
	t.Helper()
	a := newTenant(t)
	s, ana = a.school(len(days)), a.contact("ana@example.com")
	for i, day := range days {
		s.exec("UPDATE lesson SET drip_days = nullif($2, 0), title = $3 WHERE id = $1", s.lessons[i], day, fmt.Sprint("L", i))
	}
	s.exec("UPDATE contact SET time_zone = $1, joined_at = $2", zone, granted)
	s.give(ana, granted, nil)
	return s, ana
}

// told tells what unlocked at a time and answers which lessons that were, as their numbers.
func (s school) told(contact uuid.UUID, at time.Time) string {
	s.t.Helper()
	var ids []uuid.UUID
	looked := slices.Contains(s.readers(at), contact)
	check(s.t, s.tx(func(ctx context.Context, q *queries.Queries) (err error) {
		ids, err = mails.TellUnlocked(ctx, q, s.id, contact, at)
		return err
	}))
	if len(ids) > 0 && !looked {
		s.t.Error("nobody would have looked at them")
	}
	var all []string
	for _, id := range ids {
		all = append(all, strings.Join(s.mail(id).LessonTitles, " "))
	}
	return strings.Join(all, "; ")
}

// readers are the clients who would be looked at, were it morning everywhere.
func (s school) readers(at time.Time) []uuid.UUID {
	s.t.Helper()
	asked := queries.UnlockReadersParams{AccountID: s.id, Now: at, WithinDays: queries.UnlockWithin, PageSize: 1000}
	var err error
	asked.Zones, err = s.q.UnlockZones(s.t.Context(), s.id)
	check(s.t, err)
	for _, zone := range asked.Zones {
		location, err := time.LoadLocation(zone)
		check(s.t, err)
		asked.Days = append(asked.Days, at.In(location))
	}
	readers, err := s.q.UnlockReaders(s.t.Context(), asked)
	check(s.t, err)
	return readers
}

// Whatever courses, grants and visits are like, everybody who is to be told is looked at, and not everybody else.
func TestUnlockReadersMissNobody(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 4))
			a := newTenant(t)
			s := a.school(0)
			clients := s.anyCourses(r)
			due, extra := 0, 0
			for hour := 0; hour < 24*14; hour += 5 {
				at := noon.Add(time.Duration(hour) * time.Hour)
				readers := s.readers(at)
				for _, client := range clients {
					rows, err := s.q.UnlockDue(t.Context(), queries.UnlockDueParams{AccountID: s.id, ContactID: client, Now: at, WithinDays: queries.UnlockWithin})
					check(t, err)
					switch looked := slices.Contains(readers, client); {
					case len(rows) > 0 && !looked:
						t.Errorf("after %d hours nobody looks at %s, who is to be told of %d lessons", hour, client, len(rows))
					case len(rows) > 0:
						due++
					case looked:
						extra++
					}
					if len(rows) > 0 && r.IntN(3) > 0 {
						s.told(client, at)
					}
				}
			}
			t.Logf("%d times somebody was to be told, %d times somebody was looked at in vain", due, extra)
			if due == 0 {
				t.Error("nobody was to be told of anything")
			}
		})
	}
}

// anyCourses makes three courses, one for each clock, with lessons that unlock at random, and clients who have them for random reasons.
func (s school) anyCourses(r *rand.Rand) (clients []uuid.UUID) {
	s.t.Helper()
	zones := []string{"UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles", ""}
	for n := range 6 {
		clients = append(clients, s.contact(fmt.Sprintf("client%d@example.com", n)))
		s.exec("UPDATE contact SET time_zone = $2, joined_at = $3 WHERE id = $1", clients[n], zones[r.IntN(len(zones))], noon)
	}
	hours := func(from, until int) time.Time {
		return noon.Add(time.Duration(from*24+r.IntN((until-from)*24)) * time.Hour)
	}
	drip := func(table string, id uuid.UUID) {
		switch r.IntN(3) {
		case 0:
			s.exec("UPDATE "+table+" SET drip_days = $2 WHERE id = $1", id, r.IntN(16))
		case 1:
			s.exec("UPDATE "+table+" SET drip_date = $2 WHERE id = $1", id, hours(-9, 15))
		}
	}
	for _, clock := range []string{"grant", "first_open", "date"} {
		k := s.school(6)
		s.exec("UPDATE course SET clock = $2::drip_clock, clock_date = $3, in_order = $4 WHERE id = $1", k.course, clock, hours(-9, 9), r.IntN(3) == 0)
		drip("course_module", k.module)
		for _, lesson := range k.lessons {
			drip("lesson", lesson)
		}
		for _, client := range clients {
			for range 1 + r.IntN(2) {
				starts := hours(-16, 8)
				var ends *time.Time
				if r.IntN(3) == 0 {
					end := starts.AddDate(0, 0, 1+r.IntN(12))
					ends = &end
				}
				k.give(client, starts, ends)
			}
			if r.IntN(2) == 0 {
				s.exec("INSERT INTO course_visit (account_id, id, contact_id, course_id, first_opened_at, last_opened_at) VALUES ($1, $2, $3, $4, $5, $5)", s.id, queries.NewID(), client, k.course, hours(-12, 6))
			}
			if r.IntN(3) == 0 {
				s.exec("INSERT INTO lesson_completion VALUES ($1, $2, $3, $4, $5, 1, $6, 'button')", s.id, queries.NewID(), client, k.course, k.lessons[r.IntN(6)], noon)
			}
		}
	}
	return clients
}

// Each lesson is told once, on the first morning of the day it unlocks or soon after, with the others of its day in one mail; what was open from the
// beginning is none.
func TestUnlockedLessonsAreTold(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			granted := wall(t, zone, "2026-10-23 15:00") // before the nights in which clocks change
			s, ana := dripping(t, zone, granted, 0, 2, 2, 3, 9, 30)
			location, err := time.LoadLocation(zone)
			check(t, err)
			for _, c := range []struct {
				day  int
				want string
			}{{0, ""}, {1, ""}, {2, "L1 L2"}, {3, "L3"}, {4, ""}, {10, "L4"}, {11, ""}, {40, ""}} {
				morning := time.Date(2026, 10, 23+c.day, 7, 30, 0, 0, location)
				if got := s.told(ana, morning); got != c.want {
					t.Errorf("on day %d: %q, want %q", c.day, got, c.want)
				}
				if got := s.told(ana, morning.Add(time.Hour)); got != "" {
					t.Errorf("once more on day %d: %q", c.day, got)
				}
			}
		})
	}
}

// The hours of the morning are the client's, and there are some on each day, also where the clocks change.
func TestMornings(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Berlin", "America/New_York", "America/Havana", "Pacific/Auckland", "Asia/Kathmandu"} {
		location, err := time.LoadLocation(zone)
		check(t, err)
		mornings := map[string]int{}
		for hour := range 24 * 366 {
			at := time.Date(2026, 1, 1, hour, 20, 0, 0, time.UTC).In(location)
			if queries.IsMorning(at) {
				mornings[at.Format(time.DateOnly)]++
			}
		}
		for day, n := range mornings {
			if n != 3 && day > "2026-01-01" && day < "2027-01-01" {
				t.Errorf("%s: %d hours on %s", zone, n, day)
			}
		}
		if len(mornings) < 365 {
			t.Errorf("%s: %d days", zone, len(mornings))
		}
	}
}

// Nobody is told whom it would not help, or who wants none.
func TestUnlockedLessonsAreNotTold(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]string{
		"no mails wanted": "UPDATE contact SET no_mail_at = now()", "no news of courses wanted": "UPDATE contact SET no_course_mail_at = now()", "bounced": "UPDATE contact SET bounced_at = now(), bounce_reason = 'No'",
		"access ended": "UPDATE access_grant SET ended_at = now(), ended_because = 'revoked'", "a draft": "UPDATE course SET published_at = NULL",
		"lesson is a draft": "UPDATE lesson SET published_at = NULL", "deleted": "UPDATE course SET deleted_at = now()",
		"finished": "INSERT INTO lesson_completion SELECT account_id, id, (SELECT id FROM contact), course_id, id, 1, now(), 'button' FROM lesson",
		"app off":  "INSERT INTO account_app SELECT id, 'courses', 1, false FROM account",
		"waits":    "UPDATE course SET in_order = true",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ana := dripping(t, "UTC", noon, 0, 2)
			s.exec(strings.ReplaceAll(stop, "now()", "'2026-11-23'"))
			if got := s.told(ana, noon.AddDate(0, 0, 2)); got != "" {
				t.Errorf("told of %s", got)
			}
		})
	}
}

// Two workers at once tell once.
func TestUnlockedLessonsAreToldOnceAtOnce(t *testing.T) {
	t.Parallel()
	s, ana := dripping(t, "UTC", noon, 2, 2)
	for _, err := range together(6, func(int) error {
		return s.tx(func(ctx context.Context, q *queries.Queries) error {
			_, err := mails.TellUnlocked(ctx, q, s.id, ana, noon.AddDate(0, 0, 2))
			return err
		})
	}) {
		check(t, err)
	}
	if n := read[int](s.tenant, "SELECT (SELECT count(*) FROM mail) + (SELECT count(*) FROM unlock_notice)"); n != 2 {
		t.Errorf("%d rows", n)
	}
	accounts, err := s.q.UnlockAccounts(t.Context())
	check(t, err)
	if len(accounts) != 1 {
		t.Errorf("accounts %v", accounts)
	}
}
