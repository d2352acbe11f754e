package queries_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
)

// What is looked at for a client's courses grows as the number of courses and lessons does, with indexes that get deeper, and not as its square; of one course
// it does not grow with the others by more than their being there.
func TestProgressGrowsAsTheCoursesDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                     string
		courses, lessons         int
		manyCourses, manyLessons int
		all, one                 float64 // times as much as of the few, at most
	}{
		{"courses", 3, 10, 24, 10, 12, 4},
		{"lessons", 3, 10, 3, 80, 12, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var few, fewOfOne, many, manyOfOne int
			t.Run("few", func(t *testing.T) { few, fewOfOne = looksForProgress(t, c.courses, c.lessons) })
			t.Run("many", func(t *testing.T) { many, manyOfOne = looksForProgress(t, c.manyCourses, c.manyLessons) })
			if float64(many) > c.all*float64(few) || float64(manyOfOne) > c.one*float64(fewOfOne) {
				t.Errorf("%d courses of %d lessons: %d pages, one of them %d; %d of %d: %d and %d", c.courses, c.lessons, few, fewOfOne, c.manyCourses, c.manyLessons, many, manyOfOne)
			}
		})
	}
}

// looksForProgress is how many pages PostgreSQL looks at for a client who has that many courses of that many lessons: for all of
// them, and for one.
func looksForProgress(t *testing.T, courses, lessons int) (all, one int) {
	t.Helper()
	a := newTenant(t)
	ana := a.contact("ana@example.com")
	var course uuid.UUID
	for range courses {
		s := a.school(lessons)
		s.give(ana, noon, nil)
		course = s.course
	}
	tx, err := a.pool.Begin(t.Context())
	check(t, err)
	// These tables are of one page; where they are large they are looked up in.
	_, err = tx.Exec(t.Context(), "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
	check(t, err)
	looks := func(where string) int {
		var plan string
		check(t, tx.QueryRow(t.Context(), fmt.Sprintf("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM progress_of('%s', '%s', '%s') %s",
			a.id, ana, noon.AddDate(0, 0, 1).Format(time.RFC3339), where)).Scan(&plan))
		var read []struct {
			Plan struct {
				Hit  int `json:"Shared Hit Blocks"`
				Rows int `json:"Actual Rows"`
			}
		}
		check(t, json.Unmarshal([]byte(plan), &read))
		if rows := read[0].Plan.Rows; where == "" && rows != courses || where != "" && rows != 1 {
			t.Errorf("%d courses: %d rows %s", courses, rows, where)
		}
		return read[0].Plan.Hit
	}
	all, one = looks(""), looks(fmt.Sprintf("WHERE course_id = '%s'", course))
	t.Logf("%d courses of %d lessons: %d, one %d", courses, lessons, all, one)
	check(t, tx.Rollback(t.Context()))
	return all, one
}
