package queries

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// CopyCourse makes a draft that says the same as a course, with all its parts and without its people, and answers its id. Lessons
// that are published will be so with it. ErrNotFound without such a course.
func CopyCourse(ctx context.Context, q *Queries, account, course uuid.UUID, now time.Time) (id uuid.UUID, title string, err error) {
	row, err := q.CourseLock(ctx, CourseLockParams{AccountID: account, ID: course})
	if err != nil {
		return id, "", Kind(err)
	}
	id, title = NewID(), copyTitle(row.Title)
	if err := q.CourseCopy(ctx, CourseCopyParams{AccountID: account, ID: course, NewID: id, Title: title, Now: now}); err != nil {
		return id, title, err
	}
	modules, err := q.ModuleList(ctx, ModuleListParams{AccountID: account, CourseID: course})
	if err != nil {
		return id, title, err
	}
	lessons, err := q.LessonList(ctx, LessonListParams{AccountID: account, CourseID: course})
	if err != nil {
		return id, title, err
	}
	twin := map[uuid.UUID]uuid.UUID{}
	for _, m := range modules {
		twin[m.ID] = NewID()
		if err := q.ModuleCopy(ctx, ModuleCopyParams{AccountID: account, ID: m.ID, NewID: twin[m.ID], ToCourseID: id, Now: now}); err != nil {
			return id, title, err
		}
	}
	for _, l := range lessons {
		made := LessonCopyParams{AccountID: account, ID: l.ID, NewID: NewID(), ToCourseID: id, ToModuleID: twin[l.ModuleID], Title: l.Title,
			AsPublished: l.PublishedAt != nil, Now: now}
		if err := copyLesson(ctx, q, made); err != nil {
			return id, title, err
		}
	}
	return id, title, nil
}

// CopyLesson makes a draft that says the same as a lesson, behind it, and answers its id. ErrNotFound without such a lesson.
func CopyLesson(ctx context.Context, q *Queries, p Part, now time.Time) (id uuid.UUID, title string, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: p.AccountID, ID: p.CourseID}); err != nil {
		return id, "", Kind(err)
	}
	row, err := q.LessonByID(ctx, LessonByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID})
	if err != nil {
		return id, "", Kind(err)
	}
	if err := q.LessonMakeRoom(ctx, LessonMakeRoomParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID}); err != nil {
		return id, "", err
	}
	id, title = NewID(), copyTitle(row.Title)
	return id, title, copyLesson(ctx, q, LessonCopyParams{AccountID: p.AccountID, ID: p.LessonID, NewID: id, ToCourseID: p.CourseID, ToModuleID: row.ModuleID,
		Title: title, Further: 1, Now: now})
}

// copyLesson copies a lesson with its quiz.
func copyLesson(ctx context.Context, q *Queries, made LessonCopyParams) error {
	if err := q.LessonCopy(ctx, made); err != nil {
		return err
	}
	questions, err := q.QuestionList(ctx, QuestionListParams{AccountID: made.AccountID, LessonID: made.ID})
	if err != nil {
		return err
	}
	for _, of := range questions {
		if err := q.QuestionInsert(ctx, QuestionInsertParams{AccountID: made.AccountID, ID: NewID(), LessonID: made.NewID, Kind: of.Kind, Text: of.Text,
			Options: of.Options, Answers: of.Answers, Explanation: of.Explanation}); err != nil {
			return err
		}
	}
	return nil
}

// copyTitle is the title of a copy; a long one is cut short for it.
func copyTitle(title string) string {
	const mark = " (copy)"
	for utf8.RuneCountInString(title)+len(mark) > CourseTitleMost {
		_, size := utf8.DecodeLastRuneInString(title)
		title = title[:len(title)-size]
	}
	return title + mark
}
