package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// StoppedAfter is how long somebody has not been back who counts as stopped at a lesson.
const StoppedAfter = 14 * 24 * time.Hour

// Progress is how the people of a course get on, for staff.
type Progress struct {
	Course  ProgressCourseRow
	Figures ProgressFiguresRow
	Lessons []ProgressLessonsRow
	People  []ProgressPeopleRow
	More    bool // whether there is a next page of people
}

// ProgressCursor is where a page of people ended; the zero value asks for the first one.
type ProgressCursor struct {
	Opened time.Time
	ID     uuid.UUID
}

// LoadProgress reads a page of it in one round trip.
func LoadProgress(ctx context.Context, db DB, account, course uuid.UUID, after ProgressCursor, size int32, now time.Time) (p Progress, err error) {
	if after.ID == uuid.Nil {
		after = ProgressCursor{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), LastID}
	}
	var b batch
	one(&b, &p.Course, func(q *Queries) (ProgressCourseRow, error) {
		return q.ProgressCourse(ctx, ProgressCourseParams{AccountID: account, ID: course})
	})
	one(&b, &p.Figures, func(q *Queries) (ProgressFiguresRow, error) {
		return q.ProgressFigures(ctx, ProgressFiguresParams{AccountID: account, CourseID: course, Now: now, ActiveSince: now.Add(-ActiveWithin)})
	})
	many(&b, &p.Lessons, func(q *Queries) ([]ProgressLessonsRow, error) {
		return q.ProgressLessons(ctx, ProgressLessonsParams{AccountID: account, CourseID: course, Now: now, StoppedBefore: now.Add(-StoppedAfter)})
	})
	many(&b, &p.People, func(q *Queries) ([]ProgressPeopleRow, error) {
		return q.ProgressPeople(ctx, ProgressPeopleParams{AccountID: account, CourseID: course, Now: now, BeforeAt: after.Opened, Before: after.ID, PageSize: size + 1})
	})
	err = b.send(ctx, db)
	if p.More = len(p.People) > int(size); p.More {
		p.People = p.People[:size]
	}
	return p, err
}

// PersonProgress is one contact's way through a course, for staff.
type PersonProgress struct {
	Course ProgressCourseRow
	Person ProgressPersonRow
	Way    []ProgressWayRow
	Tries  []ProgressTriesRow // newest first
}

// LoadPersonProgress reads it in one round trip.
func LoadPersonProgress(ctx context.Context, db DB, account, course, contact uuid.UUID, now time.Time) (p PersonProgress, err error) {
	var b batch
	one(&b, &p.Course, func(q *Queries) (ProgressCourseRow, error) {
		return q.ProgressCourse(ctx, ProgressCourseParams{AccountID: account, ID: course})
	})
	one(&b, &p.Person, func(q *Queries) (ProgressPersonRow, error) {
		return q.ProgressPerson(ctx, ProgressPersonParams{AccountID: account, CourseID: course, ID: contact, Now: now})
	})
	many(&b, &p.Way, func(q *Queries) ([]ProgressWayRow, error) {
		return q.ProgressWay(ctx, ProgressWayParams{AccountID: account, ContactID: contact, CourseID: course, Now: now})
	})
	many(&b, &p.Tries, func(q *Queries) ([]ProgressTriesRow, error) {
		return q.ProgressTries(ctx, ProgressTriesParams{AccountID: account, ContactID: contact, CourseID: course})
	})
	return p, b.send(ctx, db)
}
