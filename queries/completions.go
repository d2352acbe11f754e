package queries

import (
	"context"

	"github.com/google/uuid"
)

// Completed is what finishing a lesson led to.
type Completed struct {
	News   bool         // whether the lesson was not finished before
	Course *uuid.UUID   // the completion of the course, when it is finished by this; nil otherwise
	Next   LessonWayRow // the lesson after it; the zero value after the last
}

// errQuizFirst refuses to finish a lesson past its quiz.
var errQuizFirst = Invalid{"quiz", "This lesson is finished by passing its quiz."}

// CompleteLesson writes that a client finished a lesson, as it is now, and with the last one that they finished the course. Once
// finished, a lesson stays so, with its first time: done again it changes nothing. ErrNotFound unless the lesson is open to
// them. Invalid when it has a quiz and that is not what finished it.
func CompleteLesson(ctx context.Context, q *Queries, l Learner, lesson uuid.UUID, by CompletedBy) (done Completed, err error) {
	if err := l.lock(ctx, q); err != nil {
		return done, err
	}
	way, err := l.way(ctx, q)
	if err != nil {
		return done, err
	}
	here := at(way, lesson)
	if here < 0 || !way[here].IsOpen {
		return done, ErrNotFound
	}
	if done.News = way[here].CompletedAt.IsZero(); done.News {
		if way[here].HasQuiz && by != CompletedByQuiz {
			return done, errQuizFirst
		}
		if err := q.LessonCompletionInsert(ctx, LessonCompletionInsertParams{AccountID: l.AccountID, ID: NewID(), ContactID: l.ContactID, CourseID: l.CourseID,
			LessonID: lesson, LessonVersion: way[here].Version, Now: l.Now, CompletedBy: by}); err != nil {
			return done, err
		}
		if way, err = l.way(ctx, q); err != nil { // what waited for it is open now
			return done, err
		}
		here = at(way, lesson)
	}
	if here+1 < len(way) {
		done.Next = way[here+1]
	}
	done.Course, err = l.finish(ctx, q, way)
	return done, err
}

// FinishCourse writes that a client finished a course whose last open lesson was not theirs to finish but went: it was taken out
// after they had done all others. It returns the completion, or nil when there is nothing to write.
func FinishCourse(ctx context.Context, q *Queries, l Learner) (*uuid.UUID, error) {
	if err := l.lock(ctx, q); err != nil {
		return nil, err
	}
	way, err := l.way(ctx, q)
	if err != nil {
		return nil, err
	}
	return l.finish(ctx, q, way)
}

// lock has what clients do in their courses come one after the other.
func (l Learner) lock(ctx context.Context, q *Queries) error {
	_, err := q.ContactLock(ctx, ContactLockParams{AccountID: l.AccountID, ID: l.ContactID})
	return Kind(err)
}

// finish writes the completion of the course when every lesson is done and none stands.
func (l Learner) finish(ctx context.Context, q *Queries, way []LessonWayRow) (*uuid.UUID, error) {
	if !allDone(way) {
		return nil, nil
	}
	id := NewID()
	n, err := q.CourseCompletionInsert(ctx, CourseCompletionInsertParams{AccountID: l.AccountID, ID: id, ContactID: l.ContactID, CourseID: l.CourseID, Now: l.Now})
	if err != nil || n == 0 {
		return nil, err
	}
	return &id, nil
}
