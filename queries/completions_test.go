package queries_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

func (s school) learner(contact uuid.UUID, at time.Time) queries.Learner {
	return queries.Learner{AccountID: s.id, ContactID: contact, CourseID: s.course, Now: at}
}

// finish finishes a lesson by its button, in a transaction of its own.
func (s school) finish(contact, lesson uuid.UUID, at time.Time) (done queries.Completed, err error) {
	err = s.tx(func(ctx context.Context, q *queries.Queries) error {
		done, err = queries.CompleteLesson(ctx, q, s.learner(contact, at), lesson, queries.CompletedByButton)
		return err
	})
	return done, err
}

func TestCompleteLesson(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(3), a.contact("ana@example.com")
	_, err := s.finish(ana, s.lessons[0], noon)
	wantErr(t, err, queries.ErrNotFound) // nothing is given yet
	s.give(ana, noon, nil)
	s.exec("UPDATE course SET in_order = true")
	s.exec("UPDATE lesson SET version = 7 WHERE id = $1", s.lessons[0])
	_, err = s.finish(ana, s.lessons[1], noon)
	wantErr(t, err, queries.ErrNotFound) // it waits for the first
	done, err := s.finish(ana, s.lessons[0], noon)
	check(t, err)
	if !done.News || done.Course != nil || done.Next.ID != s.lessons[1] || !done.Next.IsOpen {
		t.Errorf("the first: %+v", done)
	}
	if n := read[int](a, "SELECT count(*) FROM lesson_completion WHERE lesson_version = 7 AND completed_by = 'button' AND completed_at = $1", noon); n != 1 {
		t.Errorf("%d completions of the version it had", n)
	}
	done, err = s.finish(ana, s.lessons[0], noon.Add(time.Hour)) // a second time changes nothing
	check(t, err)
	if done.News || read[int](a, "SELECT count(*) FROM lesson_completion") != 1 {
		t.Errorf("again: %+v", done)
	}
	_, err = s.finish(ana, s.lessons[1], noon)
	check(t, err)
	done, err = s.finish(ana, s.lessons[2], noon.Add(time.Minute))
	check(t, err)
	if done.Course == nil || done.Next.ID != uuid.Nil {
		t.Errorf("the last: %+v", done)
	}
	if n := read[int](a, "SELECT count(*) FROM course_completion WHERE id = $1 AND completed_at = $2 AND course_version = 1", *done.Course, noon.Add(time.Minute)); n != 1 {
		t.Error("the course is not finished")
	}
	_, err = s.finish(ana, queries.NewID(), noon)
	wantErr(t, err, queries.ErrNotFound)
	s.exec("UPDATE access_grant SET ended_at = $1, ended_because = 'revoked'", noon.Add(2*time.Hour))
	_, err = s.finish(ana, s.lessons[0], noon.Add(2*time.Hour))
	wantErr(t, err, queries.ErrNotFound)
}

// Who finishes a lesson in many windows at once has finished it once, and the course once, whichever lesson comes last.
func TestCompleteAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(4), a.contact("ana@example.com")
	s.give(ana, noon, nil)
	for i, err := range together(12, func(i int) error {
		_, err := s.finish(ana, s.lessons[i%4], noon.Add(time.Duration(i)*time.Second))
		return err
	}) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if lessons, courses := read[int](a, "SELECT count(*) FROM lesson_completion"), read[int](a, "SELECT count(*) FROM course_completion"); lessons != 4 || courses != 1 {
		t.Errorf("%d lessons and %d courses are finished", lessons, courses)
	}
}

// When staff let more of a course count, it is finished anew with the rest of it; when what was left is taken out, by looking.
func TestFinishAgain(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(1), a.contact("ana@example.com")
	s.give(ana, noon, nil)
	_, err := s.finish(ana, s.lessons[0], noon)
	check(t, err)
	s.exec("UPDATE course SET version = 2")
	s.exec("UPDATE course_completion SET reopened_at = $1", noon.Add(time.Hour))
	more := s.lesson()
	finish := func(at time.Time) (id *uuid.UUID) {
		t.Helper()
		check(t, s.tx(func(ctx context.Context, q *queries.Queries) (err error) {
			id, err = queries.FinishCourse(ctx, q, s.learner(ana, at))
			return err
		}))
		return id
	}
	if finish(noon.Add(time.Hour)) != nil {
		t.Error("it is finished with a lesson to go")
	}
	s.exec("UPDATE lesson SET published_at = NULL WHERE id = $1", more)
	if finish(noon.Add(2*time.Hour)) == nil || finish(noon.Add(3*time.Hour)) != nil {
		t.Error("it is not finished once when the lesson is gone")
	}
	if n := read[int](a, "SELECT count(*) FROM course_completion WHERE reopened_at IS NULL AND course_version = 2"); n != 1 {
		t.Errorf("%d completions stand", n)
	}
	if n := read[int](a, "SELECT count(*) FROM lesson_completion WHERE completed_at = $1", noon); n != 1 {
		t.Error("the first lesson was dated anew")
	}
}

// While staff reorder, rename, unpublish, delete and publish again and clients finish lessons, every completion stays as it was written.
// It goes on until each of them has finished something: how often a course happens to be closed is chance.
func TestCompletionsInEditingStorms(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := a.school(8)
	clients := []uuid.UUID{a.contact("ana@example.com"), a.contact("ben@example.com"), a.contact("chi@example.com")}
	for _, c := range clients {
		s.give(c, noon.AddDate(0, 0, -1), nil)
	}
	edits := []string{"UPDATE lesson SET position = (random() * 9)::int, version = version + 1", "UPDATE lesson SET title = 'Renamed ' || version, version = version + 1 WHERE position % 2 = 0",
		"UPDATE lesson SET published_at = NULL WHERE position % 3 = 0", "UPDATE lesson SET published_at = now()", "UPDATE lesson SET deleted_at = now() WHERE position % 4 = 1",
		"UPDATE lesson SET deleted_at = NULL", "UPDATE course SET in_order = NOT in_order, version = version + 1", "UPDATE lesson SET drip_days = (random() * 3)::int",
		"UPDATE lesson SET drip_days = NULL", "UPDATE course SET published_at = NULL", "UPDATE course SET published_at = '2026-01-01'"}
	type fact struct {
		Contact, Lesson uuid.UUID
		At              time.Time
	}
	facts := make([][]fact, len(clients))
	for i, err := range together(len(clients), func(i int) error {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		for n := 0; n < 60 || len(facts[i]) < 2 && n < 2000; n++ {
			if err := queries.InTx(t.Context(), a.pool, func(q *queries.Queries, tx pgx.Tx) error {
				_, err := q.CourseLock(t.Context(), queries.CourseLockParams{AccountID: a.id, ID: s.course})
				if err == nil {
					_, err = tx.Exec(t.Context(), edits[r.IntN(len(edits))])
				}
				return err
			}); err != nil {
				return err
			}
			at, lesson := noon.Add(time.Duration(n)*time.Second), s.lessons[r.IntN(len(s.lessons))]
			switch done, err := s.finish(clients[i], lesson, at); {
			case errors.Is(err, queries.ErrNotFound):
			case err != nil:
				return err
			case done.News:
				facts[i] = append(facts[i], fact{clients[i], lesson, at})
			}
		}
		return nil
	}) {
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	written := 0
	for _, of := range facts {
		for _, f := range of {
			written++
			if n := read[int](a, "SELECT count(*) FROM lesson_completion WHERE contact_id = $1 AND lesson_id = $2 AND completed_at = $3", f.Contact, f.Lesson, f.At); n != 1 {
				t.Errorf("%+v is there %d times", f, n)
			}
		}
	}
	if n := read[int](a, "SELECT count(*) FROM lesson_completion"); n != written || written < 6 {
		t.Errorf("%d completions are there, %d were written", n, written)
	}
	if n := read[int](a, "SELECT count(*) FROM (SELECT FROM course_completion GROUP BY contact_id HAVING count(*) > 1) twice"); n > 0 {
		t.Errorf("%d clients have finished the course twice", n)
	}
}

// What two contacts did is what one of them did, once they are one: the earliest counts, and where they were last.
func TestLearningOfMergedContacts(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana, other := a.school(3), a.contact("ana@example.com"), a.contact("ana@work.example")
	for _, c := range []uuid.UUID{ana, other} {
		s.give(c, noon, nil)
	}
	visit := func(contact, lesson uuid.UUID, at time.Time) {
		t.Helper()
		_, err := queries.LoadLesson(t.Context(), a.pool, s.learner(contact, at), lesson)
		check(t, err)
	}
	visit(ana, s.lessons[0], noon)
	visit(other, s.lessons[1], noon.Add(time.Hour))
	for i, c := range []uuid.UUID{ana, other} {
		_, err := s.finish(c, s.lessons[0], noon.Add(-time.Duration(i)*time.Minute+time.Hour))
		check(t, err)
	}
	check(t, a.tx(func(ctx context.Context, q *queries.Queries) error {
		_, _, err := queries.MergeContacts(ctx, q, a.id, ana, other, nil, noon.Add(2*time.Hour))
		return err
	}))
	visit(ana, s.lessons[1], noon.Add(3*time.Hour))
	seen, err := queries.LoadCourse(t.Context(), a.pool, s.learner(ana, noon.Add(4*time.Hour)))
	check(t, err)
	if seen.Course.Done != 1 || seen.Course.NextLessonID != s.lessons[1] || !seen.Way[0].CompletedAt.Equal(noon.Add(59*time.Minute)) {
		t.Errorf("%+v, finished at %s", seen.Course, seen.Way[0].CompletedAt)
	}
}

// How far somebody is, what is left, and where they go on.
func TestProgressOf(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(4), a.contact("ana@example.com")
	s.exec("UPDATE lesson SET minutes = 10 * position")
	s.give(ana, noon, nil)
	course := func() queries.LearningCourseRow {
		t.Helper()
		seen, err := queries.LoadCourse(t.Context(), a.pool, s.learner(ana, noon.Add(time.Hour)))
		check(t, err)
		return seen.Course
	}
	expect := func(what string, done, minutes, left int64, next uuid.UUID) {
		t.Helper()
		if c := course(); c.Lessons != 4 || c.Done != done || c.Minutes != minutes || c.MinutesLeft != left || c.NextLessonID != next {
			t.Errorf("%s: %+v", what, c)
		}
	}
	expect("new", 0, 100, 100, s.lessons[0])
	_, err := queries.LoadLesson(t.Context(), a.pool, s.learner(ana, noon), s.lessons[2])
	check(t, err)
	expect("jumped ahead", 0, 100, 100, s.lessons[2])
	_, err = s.finish(ana, s.lessons[2], noon)
	check(t, err)
	expect("and finished it", 1, 100, 70, s.lessons[3])
	s.exec("UPDATE course SET minutes = 300")
	expect("by the staff's estimate", 1, 300, 210, s.lessons[3])
	s.exec("UPDATE lesson SET minutes = 0")
	expect("and none for lessons", 1, 300, 225, s.lessons[3])
	s.exec("UPDATE lesson SET drip_days = 5 WHERE id = $1", s.lessons[3])
	expect("with one to come", 1, 300, 225, s.lessons[0])
	if day := course().NextOpensOn; day.Format(time.DateOnly) != "2026-11-27" {
		t.Errorf("it opens on %s", day)
	}
	for _, lesson := range s.lessons[:2] {
		_, err = s.finish(ana, lesson, noon)
		check(t, err)
	}
	expect("waiting", 3, 300, 75, uuid.Nil)
	empty := a.school(0)
	empty.give(ana, noon, nil)
	found, err := queries.LoadCourses(t.Context(), a.pool, a.id, ana, noon)
	check(t, err)
	if len(found.Now) != 2 || found.Now[1].ID != empty.course || found.Now[1].Lessons != 0 {
		t.Errorf("%+v", found.Now)
	}
}

// A course given for later is told of with its day, once; not one that is a draft, or that another grant gives now.
func TestLearningUpcoming(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana := a.contact("ana@example.com")
	later, now, draft := a.school(1), a.school(1), a.school(1)
	for _, s := range []school{later, now, draft} {
		s.give(ana, noon.AddDate(0, 0, 5), nil)
		s.give(ana, noon.AddDate(0, 0, 3), nil)
	}
	now.give(ana, noon, nil)
	a.exec("UPDATE course SET published_at = NULL WHERE id = $1", draft.course)
	found, err := queries.LoadCourses(t.Context(), a.pool, a.id, ana, noon)
	check(t, err)
	if len(found.Later) != 1 || found.Later[0].ID != later.course || !found.Later[0].StartsAt.Equal(noon.AddDate(0, 0, 3)) || len(found.Now) != 1 || found.Now[0].ID != now.course {
		t.Errorf("%+v", found)
	}
}

// What staff see as a client leaves nothing; what the client does leaves one row each, however often and in how many windows.
func TestVisits(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(2), a.contact("ana@example.com")
	s.give(ana, noon, nil)
	s.exec("UPDATE lesson SET drip_days = 1 WHERE id = $1", s.lessons[1])
	looking := s.learner(ana, noon)
	looking.Looking = true
	rows := func(want string) {
		t.Helper()
		if got := fmt.Sprint(read[int](a, "SELECT count(*) FROM course_visit"), read[int](a, "SELECT count(*) FROM lesson_visit")); got != want {
			t.Errorf("%s visits, want %s", got, want)
		}
	}
	for _, lesson := range s.lessons {
		seen, err := queries.LoadLesson(t.Context(), a.pool, looking, lesson)
		check(t, err)
		if seen.Open() != (lesson == s.lessons[0]) || !seen.Open() && seen.Lesson.Body != "" {
			t.Errorf("%+v", seen)
		}
	}
	_, err := queries.LoadCourse(t.Context(), a.pool, looking)
	check(t, err)
	rows("0 0")
	own := s.learner(ana, noon)
	_, err = queries.LoadLesson(t.Context(), a.pool, own, s.lessons[1]) // it is locked
	check(t, err)
	rows("0 0")
	for _, err := range together(8, func(int) error {
		_, err := queries.LoadLesson(t.Context(), a.pool, own, s.lessons[0])
		return err
	}) {
		check(t, err)
	}
	rows("1 1")
	check(t, queries.KeepPosition(t.Context(), a.q, own, s.lessons[0], 95))
	wantErr(t, queries.KeepPosition(t.Context(), a.q, own, s.lessons[1], 95), queries.ErrNotFound)
	seen, err := queries.LoadLesson(t.Context(), a.pool, own, s.lessons[0])
	check(t, err)
	if seen.Position != 95 {
		t.Errorf("the video goes on at %d", seen.Position)
	}
	rows("1 1")
	_, err = queries.LoadCourse(t.Context(), a.pool, s.learner(a.contact("ben@example.com"), noon))
	wantErr(t, err, queries.ErrNotFound)
	_, err = queries.LoadLesson(t.Context(), a.pool, own, queries.NewID())
	wantErr(t, err, queries.ErrNotFound)
}
