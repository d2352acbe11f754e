package queries

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Learner is a client in one course. Whether they may be there is asked afresh with each thing they do.
type Learner struct {
	AccountID, ContactID, CourseID uuid.UUID
	Now                            time.Time
	Looking                        bool // a staff person looks as they would: nothing of it stays
}

// CourseSeen is a course as a client sees it.
type CourseSeen struct {
	Course LearningCourseRow
	Way    []LessonWayRow // its published lessons in order
}

// AllDone says whether there is a lesson and every lesson is done.
func (c CourseSeen) AllDone() bool { return allDone(c.Way) }

func allDone(way []LessonWayRow) bool {
	return len(way) > 0 && !slices.ContainsFunc(way, func(l LessonWayRow) bool { return l.CompletedAt.IsZero() })
}

// LoadCourse reads a course for a client, and writes that they opened it, in one round trip. ErrNotFound unless they may use it.
func LoadCourse(ctx context.Context, db DB, l Learner) (c CourseSeen, err error) {
	var b batch
	if !l.Looking {
		b.queue(func(q *Queries) {
			_ = q.CourseVisit(ctx, CourseVisitParams{ID: SourceFor(l.CourseID, l.ContactID), AccountID: l.AccountID, ContactID: l.ContactID, CourseID: l.CourseID, Now: l.Now})
		})
	}
	l.queue(ctx, &b, &c)
	return c, b.send(ctx, db)
}

// queue asks for the course and the way through it.
func (l Learner) queue(ctx context.Context, b *batch, c *CourseSeen) {
	one(b, &c.Course, func(q *Queries) (LearningCourseRow, error) {
		return q.LearningCourse(ctx, LearningCourseParams{AccountID: l.AccountID, ContactID: l.ContactID, CourseID: l.CourseID, Now: l.Now})
	})
	many(b, &c.Way, func(q *Queries) ([]LessonWayRow, error) { return l.way(ctx, q) })
}

func (l Learner) way(ctx context.Context, q *Queries) ([]LessonWayRow, error) {
	return q.LessonWay(ctx, LessonWayParams{AccountID: l.AccountID, ContactID: l.ContactID, CourseID: l.CourseID, Now: l.Now})
}

// at is where a lesson is on a way; -1 when it is not on it.
func at(way []LessonWayRow, lesson uuid.UUID) int {
	return slices.IndexFunc(way, func(row LessonWayRow) bool { return row.ID == lesson })
}

// LessonSeen is a lesson as a client sees it, in its course.
type LessonSeen struct {
	CourseSeen
	Here      int               // its index in Way
	Lesson    LearningLessonRow // the zero value unless it is open, and so is all below
	Files     []LearningFilesRow
	Position  int32 // where its video was left, in seconds
	Questions []QuestionListRow
	Tries     []QuizTriesRow // newest first
	Notes     []NoteListRow  // none for staff who look
}

// Open says whether the client may see what the lesson holds; else only its title and when it opens.
func (s LessonSeen) Open() bool { return s.Way[s.Here].IsOpen }

// LoadLesson reads a lesson for a client, and writes that they opened it, in one round trip. ErrNotFound unless they may use the
// course and the lesson is part of it.
func LoadLesson(ctx context.Context, db DB, l Learner, lesson uuid.UUID) (s LessonSeen, err error) {
	var b batch
	if !l.Looking {
		b.queue(func(q *Queries) {
			_ = q.CourseVisitAt(ctx, CourseVisitAtParams{ID: SourceFor(l.CourseID, l.ContactID), AccountID: l.AccountID, ContactID: l.ContactID, CourseID: l.CourseID,
				LessonID: lesson, Now: l.Now})
		})
		b.queue(func(q *Queries) {
			_ = q.LessonVisit(ctx, LessonVisitParams{ID: SourceFor(lesson, l.ContactID), AccountID: l.AccountID, ContactID: l.ContactID, CourseID: l.CourseID,
				LessonID: lesson, Now: l.Now})
		})
		many(&b, &s.Notes, func(q *Queries) ([]NoteListRow, error) {
			return q.NoteList(ctx, NoteListParams{AccountID: l.AccountID, ContactID: l.ContactID, LessonID: lesson})
		})
	}
	l.queue(ctx, &b, &s.CourseSeen)
	one(&b, &s.Lesson, func(q *Queries) (LearningLessonRow, error) {
		return q.LearningLesson(ctx, LearningLessonParams{AccountID: l.AccountID, CourseID: l.CourseID, ID: lesson})
	})
	many(&b, &s.Files, func(q *Queries) ([]LearningFilesRow, error) {
		return q.LearningFiles(ctx, LearningFilesParams{AccountID: l.AccountID, LessonID: lesson})
	})
	optional(&b, &s.Position, func(q *Queries) (int32, error) {
		return q.LearningPosition(ctx, LearningPositionParams{AccountID: l.AccountID, ContactID: l.ContactID, LessonID: lesson})
	})
	many(&b, &s.Questions, func(q *Queries) ([]QuestionListRow, error) {
		return q.QuestionList(ctx, QuestionListParams{AccountID: l.AccountID, LessonID: lesson})
	})
	many(&b, &s.Tries, func(q *Queries) ([]QuizTriesRow, error) {
		return q.QuizTries(ctx, QuizTriesParams{AccountID: l.AccountID, ContactID: l.ContactID, LessonID: lesson})
	})
	if err := b.send(ctx, db); err != nil {
		return s, err
	}
	if s.Here = at(s.Way, lesson); s.Here < 0 {
		return LessonSeen{}, ErrNotFound
	}
	if !s.Open() { // what is read with it is not handed over
		return LessonSeen{CourseSeen: s.CourseSeen, Here: s.Here}, nil
	}
	return s, nil
}

// Courses are all the courses of a client.
type Courses struct {
	Now   []LearningCoursesRow
	Later []LearningUpcomingRow // given from a later time on
}

// LoadCourses reads them in one round trip.
func LoadCourses(ctx context.Context, db DB, account, contact uuid.UUID, now time.Time) (c Courses, err error) {
	var b batch
	many(&b, &c.Now, func(q *Queries) ([]LearningCoursesRow, error) {
		return q.LearningCourses(ctx, LearningCoursesParams{AccountID: account, ContactID: contact, Now: now})
	})
	many(&b, &c.Later, func(q *Queries) ([]LearningUpcomingRow, error) {
		return q.LearningUpcoming(ctx, LearningUpcomingParams{AccountID: account, ContactID: contact, Now: now})
	})
	return c, b.send(ctx, db)
}

// KeepPosition remembers how far a client watched the video of a lesson, in seconds. ErrNotFound unless it is open to them.
func KeepPosition(ctx context.Context, q *Queries, l Learner, lesson uuid.UUID, seconds int32) error {
	n, err := q.LessonVisitSetPosition(ctx, LessonVisitSetPositionParams{ID: SourceFor(lesson, l.ContactID), AccountID: l.AccountID, ContactID: l.ContactID,
		CourseID: l.CourseID, LessonID: lesson, Now: l.Now, PositionSeconds: seconds})
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}
