package queries

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Outline is a course with its modules and their lessons, in order.
type Outline struct {
	Course  CourseByIDRow
	People  CoursePeopleRow
	Modules []OutlineModule
	Deleted []LessonListDeletedRow // what can still be restored
}

// OutlineModule is a module with its lessons.
type OutlineModule struct {
	ModuleListRow
	Lessons []LessonListRow
}

// LoadOutline reads a course for the page that builds it, in one round trip; ErrNotFound without it.
func LoadOutline(ctx context.Context, db DB, account, course uuid.UUID, now time.Time) (o Outline, err error) {
	var b batch
	var modules []ModuleListRow
	var lessons []LessonListRow
	one(&b, &o.Course, func(q *Queries) (CourseByIDRow, error) {
		return q.CourseByID(ctx, CourseByIDParams{AccountID: account, ID: course})
	})
	one(&b, &o.People, func(q *Queries) (CoursePeopleRow, error) {
		return q.CoursePeople(ctx, CoursePeopleParams{AccountID: account, CourseID: course, Now: now})
	})
	many(&b, &modules, func(q *Queries) ([]ModuleListRow, error) {
		return q.ModuleList(ctx, ModuleListParams{AccountID: account, CourseID: course})
	})
	many(&b, &lessons, func(q *Queries) ([]LessonListRow, error) {
		return q.LessonList(ctx, LessonListParams{AccountID: account, CourseID: course})
	})
	many(&b, &o.Deleted, func(q *Queries) ([]LessonListDeletedRow, error) {
		return q.LessonListDeleted(ctx, LessonListDeletedParams{AccountID: account, CourseID: course, Since: now.Add(-CourseRestoreFor)})
	})
	if err := b.send(ctx, db); err != nil {
		return o, err
	}
	for _, m := range modules {
		of := OutlineModule{ModuleListRow: m}
		for _, l := range lessons {
			if l.ModuleID == m.ID {
				of.Lessons = append(of.Lessons, l)
			}
		}
		o.Modules = append(o.Modules, of)
	}
	return o, nil
}

// CoursePlaceOf is where a course stands in the list of its account; the zero value is before the first.
type CoursePlaceOf struct {
	Position int32
	ID       uuid.UUID
}

// LoadCourseList reads so many courses of an account from after a place, whether there are more, and those that can still be restored, in one
// round trip.
func LoadCourseList(ctx context.Context, db DB, account uuid.UUID, after CoursePlaceOf, size int32, now time.Time) (courses []CourseListRow, more bool,
	deleted []CourseListDeletedRow, err error) {
	var b batch
	many(&b, &courses, func(q *Queries) ([]CourseListRow, error) {
		return q.CourseList(ctx, CourseListParams{AccountID: account, Now: now, AfterPosition: after.Position, AfterID: after.ID, PageSize: size + 1})
	})
	many(&b, &deleted, func(q *Queries) ([]CourseListDeletedRow, error) {
		return q.CourseListDeleted(ctx, CourseListDeletedParams{AccountID: account, Since: now.Add(-CourseRestoreFor)})
	})
	err = b.send(ctx, db)
	if len(courses) > int(size) {
		courses, more = courses[:size], true
	}
	return courses, more, deleted, err
}

// ModuleOrder is a module with its lessons in order, as far as arranging needs it.
type ModuleOrder struct {
	ID      uuid.UUID
	Lessons []uuid.UUID
}

// ArrangeCourse puts the parts of a course into the order that arrange makes of what it is, and says whether that is another one.
// Nobody else changes the course meanwhile. Arrange may change what it is handed; it must neither lose nor add a part.
func ArrangeCourse(ctx context.Context, q *Queries, account, course uuid.UUID, arrange func([]ModuleOrder) []ModuleOrder) (changed bool, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: account, ID: course}); err != nil {
		return false, Kind(err)
	}
	modules, err := q.ModuleList(ctx, ModuleListParams{AccountID: account, CourseID: course})
	if err != nil {
		return false, err
	}
	lessons, err := q.LessonList(ctx, LessonListParams{AccountID: account, CourseID: course})
	if err != nil {
		return false, err
	}
	was := make([]ModuleOrder, len(modules))
	for i, m := range modules {
		was[i].ID = m.ID
		for _, l := range lessons {
			if l.ModuleID == m.ID {
				was[i].Lessons = append(was[i].Lessons, l.ID)
			}
		}
	}
	wasModules, wasLessons, wasIn := flat(was)
	ids, lessonIDs, moduleIDs := flat(arrange(was))
	if slices.Equal(ids, wasModules) && slices.Equal(lessonIDs, wasLessons) && slices.Equal(moduleIDs, wasIn) {
		return false, nil
	}
	if err := q.ModulePlace(ctx, ModulePlaceParams{AccountID: account, CourseID: course, Ids: ids}); err != nil {
		return false, err
	}
	return true, q.LessonPlace(ctx, LessonPlaceParams{AccountID: account, CourseID: course, Ids: lessonIDs, ModuleIds: moduleIDs})
}

// flat is the modules, all lessons, and beside each lesson its module.
func flat(order []ModuleOrder) (modules, lessons, in []uuid.UUID) {
	for _, m := range order {
		modules = append(modules, m.ID)
		for _, l := range m.Lessons {
			lessons, in = append(lessons, l), append(in, m.ID)
		}
	}
	return modules, lessons, in
}

// Moved is the order with one module or lesson moved up (-1) or down (1) by one place. A lesson at an end of its module goes on
// into the next one. What is not there or cannot go further stays.
func Moved(order []ModuleOrder, id uuid.UUID, by int) []ModuleOrder {
	if i := slices.IndexFunc(order, func(m ModuleOrder) bool { return m.ID == id }); i >= 0 {
		if to := i + by; to >= 0 && to < len(order) {
			order[i], order[to] = order[to], order[i]
		}
		return order
	}
	for m := range order {
		i := slices.Index(order[m].Lessons, id)
		if i < 0 {
			continue
		}
		lessons := order[m].Lessons
		switch to, next := i+by, m+by; {
		case to >= 0 && to < len(lessons):
			lessons[i], lessons[to] = lessons[to], lessons[i]
		case next >= 0 && next < len(order):
			order[m].Lessons = slices.Delete(lessons, i, i+1)
			place := 0
			if by < 0 {
				place = len(order[next].Lessons)
			}
			order[next].Lessons = slices.Insert(order[next].Lessons, place, id)
		}
		return order
	}
	return order
}

// Arranged is the order as somebody saw and arranged it: asked has the ids of modules, each followed by those of its lessons.
// What it does not name, because a colleague has just added it, stays in its module, at the end; what is gone stays gone.
func Arranged(order []ModuleOrder, asked []uuid.UUID) []ModuleOrder {
	home, left := map[uuid.UUID]uuid.UUID{}, map[uuid.UUID]bool{}
	for _, m := range order {
		left[m.ID] = true
		for _, l := range m.Lessons {
			home[l], left[l] = m.ID, true
		}
	}
	var now []ModuleOrder
	for _, id := range asked {
		switch _, isLesson := home[id]; {
		case !left[id] || isLesson && len(now) == 0:
			continue
		case isLesson:
			now[len(now)-1].Lessons = append(now[len(now)-1].Lessons, id)
		default:
			now = append(now, ModuleOrder{ID: id})
		}
		left[id] = false
	}
	for _, m := range order {
		if left[m.ID] {
			now = append(now, ModuleOrder{ID: m.ID})
		}
	}
	for _, m := range order {
		for _, l := range m.Lessons {
			if i := slices.IndexFunc(now, func(n ModuleOrder) bool { return n.ID == home[l] }); left[l] {
				now[i].Lessons = append(now[i].Lessons, l)
			}
		}
	}
	return now
}

// ArrangeList moves a course up (-1) or down (1) by one place in the list of its account. ErrNotFound without it.
func ArrangeList(ctx context.Context, q *Queries, account, course uuid.UUID, by int) error {
	ids, err := q.CourseOrder(ctx, account)
	if err != nil {
		return err
	}
	i := slices.Index(ids, course)
	if i < 0 {
		return ErrNotFound
	}
	if to := i + by; to >= 0 && to < len(ids) {
		ids[i], ids[to] = ids[to], ids[i]
	}
	return q.CoursePlace(ctx, CoursePlaceParams{AccountID: account, Ids: ids})
}
