package queries

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Drip is when a module or a lesson unlocks: so many days after the course's clock began, on a date, or, with neither, at once.
type Drip struct {
	Days *int32     `json:"days"`
	Date *time.Time `json:"date"`
}

// check says what is wrong, by "drip_days" or "drip_date".
func (d Drip) check(wrong map[string]string) {
	if d.Days != nil && (*d.Days < 0 || *d.Days > DripDaysMost) {
		wrong["drip_days"] = fmt.Sprintf("Say after how many days, as a number from 0 to %d.", DripDaysMost)
	}
	if d.Date != nil && (d.Date.Year() < 2000 || d.Date.Year() > 2200) {
		wrong["drip_date"] = "Choose the day on which it unlocks."
	}
}

// ModuleDraft is a module as staff describe it.
type ModuleDraft struct {
	Title string `json:"title"`
	Drip  Drip   `json:"drip"`
}

// Check is as that of a course, by "title", "drip_days" and "drip_date".
func (d ModuleDraft) Check() map[string]string {
	wrong := map[string]string{}
	checkTitle(wrong, d.Title)
	d.Drip.check(wrong)
	return wrong
}

// LessonDraft is a lesson as staff describe it, without its quiz and files.
type LessonDraft struct {
	Title       string    `json:"title"`
	Body        string    `json:"body"` // markdown
	Minutes     int32     `json:"minutes"`
	Video       VideoKind `json:"video"`
	VideoURL    string    `json:"video_url"`
	Drip        Drip      `json:"drip"`
	PassPercent int32     `json:"pass_percent"`
	Tries       *int32    `json:"tries"` // nil: as many as one likes
	Shuffled    bool      `json:"shuffled"`
}

// Draft is the lesson as it is stored.
func (l LessonByIDRow) Draft() LessonDraft {
	return LessonDraft{l.Title, l.Body, l.Minutes, l.Video, l.VideoUrl, Drip{l.DripDays, l.DripDate}, l.QuizPassPercent, l.QuizTries, l.QuizShuffled}
}

// Check is as that of a course, by "title", "body", "minutes", "drip_days", "drip_date", "pass_percent" and "tries". What is wrong
// with a video's address [ParseVideo] says.
func (d LessonDraft) Check() map[string]string {
	wrong := map[string]string{}
	checkTitle(wrong, d.Title)
	d.Drip.check(wrong)
	if n := utf8.RuneCountInString(d.Body); n > LessonBodyMost {
		wrong["body"] = fmt.Sprintf("A lesson can have up to %d characters; this one has %d. Make two of it.", LessonBodyMost, n)
	}
	if d.Minutes < 0 || d.Minutes > CourseMinutesMost {
		wrong["minutes"] = "Say the time in minutes, as a number, or leave it empty."
	}
	if d.PassPercent < 1 || d.PassPercent > 100 {
		wrong["pass_percent"] = "Say the share in percent, from 1 to 100."
	}
	if d.Tries != nil && (*d.Tries < 1 || *d.Tries > 1000) {
		wrong["tries"] = "Say how many tries there are, or leave it empty for any number."
	}
	return wrong
}

// Update stores the draft in place of what the lesson was. ErrNotFound without such a lesson. The version of the lesson goes up when
// clients see a difference; what they have finished stays finished.
func (d LessonDraft) Update(ctx context.Context, q *Queries, p Part, now time.Time) error {
	_, err := q.LessonUpdate(ctx, LessonUpdateParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID, Title: d.Title, Body: d.Body, Minutes: d.Minutes,
		Video: d.Video, VideoUrl: d.VideoURL, DripDays: d.Drip.Days, DripDate: d.Drip.Date, QuizPassPercent: d.PassPercent, QuizTries: d.Tries, QuizShuffled: d.Shuffled, Now: now})
	return Kind(err)
}

// AddLesson writes a new draft at the end of a module. ErrNotFound without such a module in the course.
func AddLesson(ctx context.Context, q *Queries, account, course, module uuid.UUID, title string, now time.Time) (id uuid.UUID, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: account, ID: course}); err != nil {
		return id, Kind(err)
	}
	id = NewID()
	n, err := q.LessonInsert(ctx, LessonInsertParams{AccountID: account, ID: id, CourseID: course, ModuleID: module, Title: title, Now: now})
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return id, err
}

// AddModule writes a new module at the end of a course. ErrNotFound without such a course.
func AddModule(ctx context.Context, q *Queries, account, course uuid.UUID, d ModuleDraft, now time.Time) (id uuid.UUID, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: account, ID: course}); err != nil {
		return id, Kind(err)
	}
	id = NewID()
	return id, q.ModuleInsert(ctx, ModuleInsertParams{AccountID: account, ID: id, CourseID: course, Title: d.Title, DripDays: d.Drip.Days, DripDate: d.Drip.Date, Now: now})
}

// Paragraphs is text of several lines as it was typed, as [Lines], but with the blanks that stand before its first line: in markdown
// they mean something.
func Paragraphs(typed string) string {
	return strings.TrimRight(strings.TrimPrefix(Lines("."+typed), "."), " \n")
}

// LessonPage is what the editor of a lesson shows.
type LessonPage struct {
	Lesson    LessonByIDRow
	Questions []QuestionListRow
	Lessons   []LessonListRow // all of the course, in order
	Media     LessonMedia
}

// LoadLessonPage reads it in one round trip; ErrNotFound without such a lesson.
func LoadLessonPage(ctx context.Context, db DB, p Part) (l LessonPage, err error) {
	var b batch
	one(&b, &l.Lesson, func(q *Queries) (LessonByIDRow, error) {
		return q.LessonByID(ctx, LessonByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID})
	})
	many(&b, &l.Questions, func(q *Queries) ([]QuestionListRow, error) {
		return q.QuestionList(ctx, QuestionListParams{AccountID: p.AccountID, LessonID: p.LessonID})
	})
	many(&b, &l.Lessons, func(q *Queries) ([]LessonListRow, error) {
		return q.LessonList(ctx, LessonListParams{AccountID: p.AccountID, CourseID: p.CourseID})
	})
	l.Media.load(ctx, &b, p)
	return l, b.send(ctx, db)
}

// Update stores the draft in place of what the module was, and answers that. ErrNotFound without such a module.
func (d ModuleDraft) Update(ctx context.Context, q *Queries, p Part, module uuid.UUID) (was ModuleDraft, err error) {
	if _, err := q.CourseLock(ctx, CourseLockParams{AccountID: p.AccountID, ID: p.CourseID}); err != nil {
		return was, Kind(err)
	}
	row, err := q.ModuleByID(ctx, ModuleByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: module})
	if err != nil {
		return was, Kind(err)
	}
	_, err = q.ModuleUpdate(ctx, ModuleUpdateParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: module, Title: d.Title, DripDays: d.Drip.Days, DripDate: d.Drip.Date})
	return ModuleDraft{row.Title, Drip{row.DripDays, row.DripDate}}, err
}

// LoadModule reads a module with who can use it now, in one round trip; nobody can where nothing of it is published. ErrNotFound without it.
func LoadModule(ctx context.Context, db DB, p Part, module uuid.UUID, now time.Time, most int32) (m ModuleByIDRow, holders []GrantHoldersRow, err error) {
	var b batch
	one(&b, &m, func(q *Queries) (ModuleByIDRow, error) {
		return q.ModuleByID(ctx, ModuleByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: module})
	})
	many(&b, &holders, func(q *Queries) ([]GrantHoldersRow, error) {
		return q.GrantHolders(ctx, GrantHoldersParams{AccountID: p.AccountID, CourseID: p.CourseID, Now: now, PageSize: most})
	})
	if err = b.send(ctx, db); m.CoursePublishedAt == nil || m.Published == 0 {
		holders = nil
	}
	return m, holders, err
}
