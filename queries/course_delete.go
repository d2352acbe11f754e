package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// DeleteLesson takes a lesson out of its course; it can be restored for CourseRestoreFor. What clients did in it stays.
func DeleteLesson(ctx context.Context, q *Queries, p Part, now time.Time) error {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: p.AccountID, ID: p.CourseID}); err != nil {
		return Kind(err)
	}
	if _, err := q.LessonDelete(ctx, LessonDeleteParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID, Now: now}); err != nil {
		return Kind(err)
	}
	return q.CourseGrow(ctx, CourseGrowParams{AccountID: p.AccountID, ID: p.CourseID, Now: now})
}

// RestoreLesson brings a deleted lesson back as it was, and says whether it was deleted. Where that makes it visible, ErrFinished as Publish.
func RestoreLesson(ctx context.Context, q *Queries, p Part, finishers Finishers, now time.Time) (title string, was bool, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: p.AccountID, ID: p.CourseID}); err != nil {
		return "", false, Kind(err)
	}
	row, err := q.LessonRestore(ctx, LessonRestoreParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID, Now: now, Since: now.Add(-CourseRestoreFor)})
	if err != nil || !row.WasDeleted {
		return row.Title, false, Kind(err)
	}
	if err := q.CourseGrow(ctx, CourseGrowParams{AccountID: p.AccountID, ID: p.CourseID, Now: now}); err != nil {
		return row.Title, true, err
	}
	lesson, err := q.LessonByID(ctx, LessonByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID})
	if err == nil && lesson.PublishedAt != nil && lesson.CoursePublishedAt != nil {
		err = p.settle(ctx, q, finishers, now)
	}
	return row.Title, true, err
}

// DeleteModule takes a module with its lessons out of its course; they can be restored for CourseRestoreFor.
func DeleteModule(ctx context.Context, q *Queries, account, course, module uuid.UUID, now time.Time) (title string, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: account, ID: course}); err != nil {
		return "", Kind(err)
	}
	if title, err = q.ModuleDelete(ctx, ModuleDeleteParams{AccountID: account, CourseID: course, ID: module, Now: now}); err != nil {
		return "", Kind(err)
	}
	return title, q.CourseGrow(ctx, CourseGrowParams{AccountID: account, ID: course, Now: now})
}

// RestoreModule brings a deleted module back with its lessons, and says whether it was deleted. Where that makes some of them visible,
// ErrFinished as Publish.
func RestoreModule(ctx context.Context, q *Queries, account, course, module uuid.UUID, finishers Finishers, now time.Time) (title string, was bool, err error) {
	locked, err := q.CourseLock(ctx, CourseLockParams{AccountID: account, ID: course})
	if err != nil {
		return "", false, Kind(err)
	}
	row, err := q.ModuleRestore(ctx, ModuleRestoreParams{AccountID: account, CourseID: course, ID: module, Since: now.Add(-CourseRestoreFor)})
	if err == nil && row.WasDeleted {
		err = q.CourseGrow(ctx, CourseGrowParams{AccountID: account, ID: course, Now: now})
	}
	if err == nil && row.WasDeleted && locked.PublishedAt != nil {
		err = Part{account, course, module}.settle(ctx, q, finishers, now)
	}
	return row.Title, row.WasDeleted, Kind(err)
}

// PartPage is a course or a lesson with who would notice if it came or went.
type PartPage struct {
	Part
	Title   string
	Course  CourseByIDRow
	Lesson  LessonByIDRow     // the zero value for a course
	Behind  int64             // finished the course and would have more to do, were it published
	Holders []GrantHoldersRow // who can use it now; none of a draft
}

// LoadPart reads it in one round trip, with so many of the holders at most. ErrNotFound without it.
func LoadPart(ctx context.Context, db DB, p Part, now time.Time, most int32) (page PartPage, err error) {
	var b batch
	page.Part = p
	one(&b, &page.Course, func(q *Queries) (CourseByIDRow, error) {
		return q.CourseByID(ctx, CourseByIDParams{AccountID: p.AccountID, ID: p.CourseID})
	})
	if p.LessonID != uuid.Nil {
		one(&b, &page.Lesson, func(q *Queries) (LessonByIDRow, error) {
			return q.LessonByID(ctx, LessonByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID})
		})
	}
	one(&b, &page.Behind, func(q *Queries) (int64, error) { return q.CourseBehind(ctx, CourseBehindParams(p)) })
	many(&b, &page.Holders, func(q *Queries) ([]GrantHoldersRow, error) {
		return q.GrantHolders(ctx, GrantHoldersParams{AccountID: p.AccountID, CourseID: p.CourseID, Now: now, PageSize: most})
	})
	if err := b.send(ctx, db); err != nil {
		return page, err
	}
	published := page.Course.PublishedAt != nil
	seen, comes := published, !published // now, and by publishing it
	if page.Title = page.Course.Title; p.LessonID != uuid.Nil {
		page.Title = page.Lesson.Title
		seen, comes = published && page.Lesson.PublishedAt != nil, published && page.Lesson.PublishedAt == nil
	}
	if !comes {
		page.Behind = 0
	}
	if !seen {
		page.Holders = nil
	}
	return page, nil
}
