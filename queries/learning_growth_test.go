package queries_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// What PostgreSQL looks at for a client's courses grows as the number of courses and lessons does, with indexes that get deeper, and not
// as its square; for one course it does not grow with the others by more than their being there.
func TestProgressGrowsAsTheCoursesDo(t *testing.T) {
	t.Parallel()
	var few, moreCourses, moreLessons learningLooks
	for _, c := range []struct {
		courses, lessons int
		looks            *learningLooks
	}{{3, 10, &few}, {24, 10, &moreCourses}, {3, 80, &moreLessons}} {
		t.Run(fmt.Sprintf("%d courses of %d lessons", c.courses, c.lessons), func(t *testing.T) { *c.looks = learningLooksOf(t, c.courses, c.lessons) })
	}
	for _, c := range []struct {
		what            string
		few, more, most int
	}{
		{"all of 24 courses", few.all, moreCourses.all, 12},
		{"one of 24 courses", few.one, moreCourses.one, 4},
		{"a search in 24 courses", few.search, moreCourses.search, 12},
		{"all courses of 80 lessons", few.all, moreLessons.all, 12},
		{"one course of 80 lessons", few.one, moreLessons.one, 12},
		{"a search in courses of 80 lessons", few.search, moreLessons.search, 12},
	} {
		if c.few == 0 || c.more > c.most*c.few {
			t.Errorf("%s: %d pages read, with an eighth of the courses or lessons %d", c.what, c.more, c.few)
		}
	}
}

// learningLooks is how many pages PostgreSQL looks at: for how far a client is in all courses, in one, and for a search in them.
type learningLooks struct{ all, one, search int }

// learningLooksOf counts it for a client who has that many courses of that many lessons.
func learningLooksOf(t *testing.T, courses, lessons int) (l learningLooks) {
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
	looks := func(function, more string, rows int) int {
		var plan string
		check(t, tx.QueryRow(t.Context(), fmt.Sprintf("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM %s('%s', '%s', '%s' %s", function, a.id, ana, noon.AddDate(0, 0, 1).Format(time.RFC3339), more)).Scan(&plan))
		var read []struct {
			Plan struct {
				Hit  int `json:"Shared Hit Blocks"`
				Rows int `json:"Actual Rows"`
			}
		}
		check(t, json.Unmarshal([]byte(plan), &read))
		if got := read[0].Plan.Rows; got != rows {
			t.Errorf("%s: %d rows, not %d", function, got, rows)
		}
		return read[0].Plan.Hit
	}
	l.all, l.one = looks("progress_of", ")", courses), looks("progress_of", fmt.Sprintf(") WHERE course_id = '%s'", course), 1)
	l.search = looks("lessons_found", ", 'matters', 20)", 20)
	check(t, tx.Rollback(t.Context()))
	t.Logf("%+v", l)
	return l
}

// A contact's page shows their newest grants, and how far they are in the courses of these alone.
func TestProgressOfWhatIsShown(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana := a.contact("ana@example.com")
	a.exec(`WITH k AS (INSERT INTO course (account_id, id, title, position, created_at, changed_at)
			SELECT $1, gen_random_uuid(), 'One of many', n, $3, $3 FROM generate_series(1, 203) n RETURNING id)
		INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at)
		SELECT $1, gen_random_uuid(), $2, id, 'manual', gen_random_uuid(), $3, $3 FROM k`, a.id, ana, noon)
	shown, err := a.q.GrantListOfContact(t.Context(), queries.GrantListOfContactParams{AccountID: a.id, ContactID: ana, Now: noon})
	check(t, err)
	rows, err := a.q.ProgressOfContact(t.Context(), queries.ProgressOfContactParams{AccountID: a.id, ContactID: ana, Now: noon})
	check(t, err)
	known := map[uuid.UUID]bool{}
	for _, row := range rows {
		known[row.CourseID] = true
	}
	for _, grant := range shown {
		if !known[grant.CourseID] {
			t.Errorf("nothing is known of %s", grant.CourseID)
		}
	}
	if len(rows) != len(shown) {
		t.Errorf("%d courses are looked at for %d that are shown", len(rows), len(shown))
	}
}

// Beside a lesson stand the newest notes in the order they were written, so that who has written hundreds finds what they write now.
func TestNewestNotesAreShown(t *testing.T) {
	t.Parallel()
	s := newTenant(t).school(1)
	ana := s.contact("ana@example.com")
	ids := make([]uuid.UUID, 203)
	for i := range ids {
		ids[i] = queries.NewID()
		check(t, s.q.NoteInsert(t.Context(), queries.NoteInsertParams{AccountID: s.id, ID: ids[i], ContactID: ana, CourseID: s.course, LessonID: s.lessons[0], Text: "A note", Now: noon}))
	}
	rows, err := s.q.NoteList(t.Context(), queries.NoteListParams{AccountID: s.id, ContactID: ana, LessonID: s.lessons[0]})
	check(t, err)
	if len(rows) != 200 || rows[0].ID != ids[3] || rows[199].ID != ids[202] {
		t.Errorf("%d notes, not the newest in order", len(rows))
	}
}
