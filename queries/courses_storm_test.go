package queries_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// finished is a lesson that a client finished, as they were told.
type finished struct {
	contact, lesson uuid.UUID
	at              time.Time
	version         int32
}

// storm is a course that several people change while clients go through it.
type storm struct {
	school
	mutex sync.Mutex
	done  map[uuid.UUID]finished
}

// finish is what a client does: whatever lesson is open to them and not finished is finished, as it is at that moment.
func (s *storm) finish(contact uuid.UUID, r *rand.Rand, at time.Time) error {
	ctx := s.t.Context()
	return queries.InTx(ctx, s.pool, func(q *queries.Queries, tx pgx.Tx) error {
		if _, err := q.ContactLock(ctx, queries.ContactLockParams{AccountID: s.id, ID: contact}); err != nil {
			return err
		}
		way, err := q.LessonWay(ctx, queries.LessonWayParams{AccountID: s.id, ContactID: contact, CourseID: s.course, Now: at})
		if err != nil {
			return err
		}
		way = slices.DeleteFunc(way, func(l queries.LessonWayRow) bool { return !l.IsOpen || !l.CompletedAt.IsZero() })
		if len(way) == 0 {
			return nil
		}
		f := finished{contact: contact, lesson: way[r.IntN(len(way))].ID}
		learner := queries.Learner{AccountID: s.id, ContactID: contact, CourseID: s.course, Now: at}
		if _, err := queries.CompleteLesson(ctx, q, learner, f.lesson, queries.CompletedByButton); errors.Is(err, queries.ErrNotFound) {
			return nil // it went between the two looks
		} else if err != nil {
			return err
		}
		var id uuid.UUID
		if err := tx.QueryRow(ctx, "SELECT id, completed_at, lesson_version FROM lesson_completion WHERE account_id = $1 AND contact_id = $2 AND lesson_id = $3", s.id, contact, f.lesson).
			Scan(&id, &f.at, &f.version); err != nil {
			return err
		}
		f.at = f.at.UTC()
		s.mutex.Lock()
		defer s.mutex.Unlock()
		s.done[id] = f
		return nil
	})
}

// edit does something to the course that staff could, and forgives what a colleague had just taken away.
func (s *storm) edit(r *rand.Rand, at time.Time) error {
	err := s.tx(func(ctx context.Context, q *queries.Queries) error {
		lessons, err := q.LessonList(ctx, queries.LessonListParams{AccountID: s.id, CourseID: s.course})
		if err != nil || len(lessons) == 0 {
			return err
		}
		l := lessons[r.IntN(len(lessons))]
		p := queries.Part{AccountID: s.id, CourseID: s.course, LessonID: l.ID}
		switch r.IntN(9) {
		case 0:
			_, err = queries.ArrangeCourse(ctx, q, s.id, s.course, func(order []queries.ModuleOrder) []queries.ModuleOrder {
				return queries.Moved(order, l.ID, 1-2*r.IntN(2))
			})
		case 1:
			var asked []uuid.UUID
			for _, i := range r.Perm(len(lessons)) {
				asked = append(asked, lessons[i].ModuleID, lessons[i].ID)
			}
			_, err = queries.ArrangeCourse(ctx, q, s.id, s.course, func(order []queries.ModuleOrder) []queries.ModuleOrder { return queries.Arranged(order, asked) })
		case 2:
			_, err = q.LessonRename(ctx, queries.LessonRenameParams{AccountID: s.id, CourseID: s.course, ID: l.ID, Title: fmt.Sprint("Lesson ", r.Uint32()), Now: at})
		case 3:
			err = queries.DeleteLesson(ctx, q, p, at)
		case 4:
			var gone []queries.LessonListDeletedRow
			if gone, err = q.LessonListDeleted(ctx, queries.LessonListDeletedParams{AccountID: s.id, CourseID: s.course, Since: at.Add(-queries.CourseRestoreFor)}); len(gone) > 0 {
				p.LessonID = gone[r.IntN(len(gone))].ID
				_, _, err = queries.RestoreLesson(ctx, q, p, queries.FinishersKeep, at)
			}
		case 5:
			_, err = p.Unpublish(ctx, q, at)
		case 6:
			_, err = p.Publish(ctx, q, []queries.Finishers{queries.FinishersKeep, queries.FinishersReopen}[r.IntN(2)], at)
		case 7:
			p.LessonID = uuid.Nil
			if _, err = p.Unpublish(ctx, q, at); err == nil {
				_, err = p.Publish(ctx, q, queries.FinishersReopen, at)
			}
		case 8:
			var row queries.LessonByIDRow
			if row, err = q.LessonByID(ctx, queries.LessonByIDParams{AccountID: s.id, CourseID: s.course, ID: l.ID}); err == nil {
				d := row.Draft()
				d.Body = fmt.Sprint("Write ", r.Uint32())
				err = d.Update(ctx, q, p, at)
			}
		}
		return err
	})
	if errors.Is(err, queries.ErrNotFound) {
		return nil
	}
	return err
}

// A course is reordered, renamed, deleted from, restored and published again by several people at once while clients finish its
// lessons: each lesson they finished stays finished, at its time and in its version, and no lesson is lost.
func TestEditingStorm(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s := &storm{school: a.school(12), done: map[uuid.UUID]finished{}}
	second := queries.NewID()
	a.exec("INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $3, 'Middle', 2, $4)", a.id, second, s.course, noon)
	const clients, editors, turns = 6, 6, 40
	var people []uuid.UUID
	for i := range clients {
		contact := a.contact(fmt.Sprintf("client%d@example.com", i))
		s.give(contact, noon.AddDate(0, 0, -1), nil)
		people = append(people, contact)
	}
	errs := together(clients+editors, func(i int) error {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		for turn := range turns {
			at := noon.Add(time.Duration(turn*100+i) * time.Millisecond)
			var err error
			if i < clients {
				err = s.finish(people[i], r, at)
			} else {
				err = s.edit(r, at)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	stored := map[uuid.UUID]finished{}
	rows, err := a.pool.Query(t.Context(), "SELECT id, contact_id, lesson_id, completed_at, lesson_version FROM lesson_completion WHERE account_id = $1", a.id)
	check(t, err)
	for rows.Next() {
		var id uuid.UUID
		var f finished
		check(t, rows.Scan(&id, &f.contact, &f.lesson, &f.at, &f.version))
		f.at = f.at.UTC()
		stored[id] = f
	}
	check(t, rows.Err())
	if !maps.Equal(stored, s.done) || len(stored) < clients*5 {
		t.Errorf("%d lessons were finished and %d are stored, or they differ", len(s.done), len(stored))
	}
	if n := read[int](a, "SELECT count(*) FROM lesson WHERE account_id = $1", a.id); n != 12 {
		t.Errorf("%d lessons are left of 12", n)
	}
	t.Logf("%d lessons were finished during %d changes", len(stored), editors*turns)
}
