package queries

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// CourseRestoreFor is how long what was deleted of courses can be restored.
const CourseRestoreFor = 30 * 24 * time.Hour

// What a course can hold, in characters but for the counts.
const (
	CourseTitleMost   = 120 // of a course, a module and a lesson
	CourseSummaryMost = 2000
	CourseMinutesMost = 60_000 // a thousand hours
	LessonBodyMost    = 100_000
	DripDaysMost      = 3650
)

// CourseDraft is a course as staff describe it.
type CourseDraft struct {
	Title       string     `json:"title"`
	Summary     string     `json:"summary"` // markdown; may be empty
	Minutes     int32      `json:"minutes"` // 0: the sum of its lessons
	Clock       DripClock  `json:"clock"`
	ClockDate   *time.Time `json:"clock_date"` // with the clock "date"
	InOrder     bool       `json:"in_order"`
	Certificate bool       `json:"certificate"`
	Signer      string     `json:"signer"` // empty: the account's name
}

// Draft is the course as it is stored.
func (k CourseByIDRow) Draft() CourseDraft {
	return CourseDraft{k.Title, k.Summary, k.Minutes, k.Clock, k.ClockDate, k.InOrder, k.Certificate, k.CertificateSigner}
}

// Check answers what is wrong with the draft, a sentence each, by the name of its field; empty: nothing, and it can be stored.
func (d CourseDraft) Check() map[string]string {
	wrong := map[string]string{}
	checkTitle(wrong, d.Title)
	if n := utf8.RuneCountInString(d.Summary); n > CourseSummaryMost {
		wrong["summary"] = fmt.Sprintf("This can be up to %d characters long; it is %d.", CourseSummaryMost, n)
	}
	if d.Minutes < 0 || d.Minutes > CourseMinutesMost {
		wrong["minutes"] = "Say the time in minutes, as a number up to 60000, or leave it empty."
	}
	if !d.Clock.Valid() {
		wrong["clock"] = "Choose from when the days count."
	}
	if d.Clock == DripClockDate && d.ClockDate == nil {
		wrong["clock_date"] = "Choose the day from which the days count."
	}
	if utf8.RuneCountInString(d.Signer) > CourseTitleMost {
		wrong["signer"] = fmt.Sprintf("This can be up to %d characters long.", CourseTitleMost)
	}
	return wrong
}

func checkTitle(wrong map[string]string, title string) {
	switch n := utf8.RuneCountInString(title); {
	case n == 0:
		wrong["title"] = "Give it a title."
	case n > CourseTitleMost:
		wrong["title"] = fmt.Sprintf("A title can be up to %d characters long; this one is %d.", CourseTitleMost, n)
	}
}

// ParseTitle takes the title of a course, a module or a lesson; Invalid with what is wrong with it.
func ParseTitle(typed string) (string, error) {
	title, wrong := OneLine(typed), map[string]string{}
	checkTitle(wrong, title)
	if problem := wrong["title"]; problem != "" {
		return title, Invalid{"title", problem}
	}
	return title, nil
}

// Insert stores the draft as a new course that is not published, at the end of the list.
func (d CourseDraft) Insert(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) error {
	if err := q.CourseInsert(ctx, CourseInsertParams{AccountID: account, ID: id, Title: d.Title, Summary: d.Summary, Now: now}); err != nil {
		return err
	}
	return d.Update(ctx, q, account, id, now)
}

// Update stores the draft in place of what the course was. ErrNotFound without such a course.
func (d CourseDraft) Update(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) error {
	_, err := q.CourseUpdate(ctx, CourseUpdateParams{AccountID: account, ID: id, Title: d.Title, Summary: d.Summary, Minutes: d.Minutes, Clock: d.Clock,
		ClockDate: d.ClockDate, InOrder: d.InOrder, Certificate: d.Certificate, CertificateSigner: d.Signer, Now: now})
	return Kind(err)
}

// Part names a course, or a lesson of it; where something comes back, LessonID is that of a module as well.
type Part struct{ AccountID, CourseID, LessonID uuid.UUID }

// ErrFinished says that somebody had finished the course and would have more to do, and that nothing was said about them.
var ErrFinished = errors.New("some had finished, and it is not said what becomes of that")

// Finished is ErrFinished with how many they are.
type Finished struct{ Behind int64 }

func (Finished) Error() string { return ErrFinished.Error() }

// Is says that it is ErrFinished.
func (Finished) Is(target error) bool { return target == ErrFinished }

// Finishers says what becomes of those who had finished a course that more is published of.
type Finishers string

// The ways; with none publishing asks first.
const (
	FinishersKeep   Finishers = "keep"   // they have finished it as it was
	FinishersReopen Finishers = "reopen" // they have more to do; what they did stays
)

// Publish makes a course, or with a lesson that lesson, visible to clients, and says whether it was not before. ErrFinished when
// somebody had finished the course and has more to do by it, unless the caller says what becomes of them. ErrNotFound without it.
func (p Part) Publish(ctx context.Context, q *Queries, finishers Finishers, now time.Time) (isNew bool, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: p.AccountID, ID: p.CourseID}); err != nil {
		return false, Kind(err)
	}
	isNew, published, err := p.publish(ctx, q, now)
	if err != nil || !isNew || !published {
		return isNew, err
	}
	return isNew, p.settle(ctx, q, finishers, now)
}

// settle does what was said about those who had finished the course and have more to do by what has just become visible of it; Finished
// when there are some and nothing was said.
func (p Part) settle(ctx context.Context, q *Queries, finishers Finishers, now time.Time) error {
	behind, err := q.CourseBehind(ctx, CourseBehindParams(p))
	if err != nil || behind == 0 {
		return err
	}
	switch finishers {
	case FinishersKeep:
		return nil
	case FinishersReopen:
		_, err := q.CourseReopen(ctx, CourseReopenParams{AccountID: p.AccountID, CourseID: p.CourseID, LessonID: p.LessonID, Now: now})
		return err
	}
	return Finished{behind}
}

// publish sets what says that it is published; visible tells whether clients see it from now on.
func (p Part) publish(ctx context.Context, q *Queries, now time.Time) (isNew, visible bool, err error) {
	if p.LessonID == uuid.Nil {
		n, err := q.CoursePublish(ctx, CoursePublishParams{AccountID: p.AccountID, ID: p.CourseID, Now: now})
		return n > 0, n > 0, err
	}
	row, err := q.LessonByID(ctx, LessonByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID})
	if err != nil {
		return false, false, Kind(err)
	}
	n, err := q.LessonPublish(ctx, LessonPublishParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID, Now: now})
	if err == nil && n > 0 {
		err = q.CourseGrow(ctx, CourseGrowParams{AccountID: p.AccountID, ID: p.CourseID, Now: now})
	}
	return n > 0, n > 0 && row.CoursePublishedAt != nil, err
}

// Unpublish makes a course or a lesson a draft again, and says whether it was published. What clients did in it stays.
func (p Part) Unpublish(ctx context.Context, q *Queries, now time.Time) (isNew bool, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: p.AccountID, ID: p.CourseID}); err != nil {
		return false, Kind(err)
	}
	if p.LessonID == uuid.Nil {
		n, err := q.CourseUnpublish(ctx, CourseUnpublishParams{AccountID: p.AccountID, ID: p.CourseID, Now: now})
		return n > 0, err
	}
	n, err := q.LessonUnpublish(ctx, LessonUnpublishParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID, Now: now})
	if err == nil && n > 0 {
		err = q.CourseGrow(ctx, CourseGrowParams{AccountID: p.AccountID, ID: p.CourseID, Now: now})
	}
	return n > 0, err
}
