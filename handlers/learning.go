package handlers

import (
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// learningPage is the client's courses.
type learningPage struct {
	views.Page
	Find     views.Field
	Sections []learningSection // none: there is no course
}

// learningSection is the courses that are alike in how far the client is.
type learningSection struct {
	Title string
	Calm  bool // nothing is to be done there; only then the title is shown
	Cards []learningCard
}

// learningCard is one course.
type learningCard struct {
	Href     string // empty: it cannot be opened yet
	Title    string
	Cover    views.Cover
	Progress learningProgress
	Note     string // what is to be said instead of how much time is left; may be empty
	Action   learningAction
}

// clientCover is the picture of a course as its clients see it.
func (v *visit) clientCover(course uuid.UUID, title, hash string) views.Cover {
	cover := views.Cover{Title: title, Accent: v.account.Accent, Accent2: v.account.Accent2}
	if hash != "" {
		cover.URL = coursePath(course) + "/cover/" + hash
	}
	return cover
}

// learningProgress is how far somebody is in a course.
type learningProgress struct {
	Done, Lessons int64
	Left          string    // time, in words; empty: not known, or none
	FinishedAt    time.Time // zero: it is not finished
}

// Ratio is the part that is done, between 0 and 1.
func (p learningProgress) Ratio() float64 {
	if p.Lessons == 0 {
		return 0
	}
	return float64(p.Done) / float64(p.Lessons)
}

// Finished says whether the course is; lessons that came later do not change it.
func (p learningProgress) Finished() bool { return !p.FinishedAt.IsZero() }

// learningAction is the one thing to do next in a course.
type learningAction struct {
	Verb  string // "Start", "Resume"; empty: nothing
	Href  string
	First bool // of all on the page
}

// coursePath and lessonPath are where a client finds them.
func coursePath(course uuid.UUID) string { return "/courses/" + course.String() }

func lessonPath(course, lesson uuid.UUID) string {
	return coursePath(course) + "/lessons/" + lesson.String()
}

// nextAction is how a client goes on with a course.
func nextAction(course, next uuid.UUID, done int64, opened time.Time) learningAction {
	switch {
	case next == uuid.Nil:
		return learningAction{}
	case done == 0 && opened.IsZero():
		return learningAction{Verb: "Start", Href: lessonPath(course, next)}
	}
	return learningAction{Verb: "Resume", Href: lessonPath(course, next)}
}

// learner is the client in the course that the path names.
func learner(c *fiber.Ctx) (queries.Learner, error) {
	v := at(c)
	course, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.Learner{}, queries.ErrNotFound
	}
	return queries.Learner{AccountID: v.account.ID, ContactID: v.client.ContactID, CourseID: course, Now: v.now, Looking: v.visiting()}, nil
}

// atLesson is the client in the course and the lesson that the path names.
func atLesson(c *fiber.Ctx) (queries.Learner, uuid.UUID, error) {
	l, err := learner(c)
	if err != nil {
		return l, uuid.Nil, err
	}
	lesson, err := uuid.Parse(c.Params("lesson"))
	if err != nil {
		return l, uuid.Nil, queries.ErrNotFound
	}
	return l, lesson, nil
}

// learningIndex shows the client's courses: those they are at first, the ones they finished last.
func (s *Site) learningIndex(c *fiber.Ctx) error {
	v := at(c)
	found, err := queries.LoadCourses(c.UserContext(), s.DB, v.account.ID, v.client.ContactID, v.now)
	if err != nil {
		return err
	}
	p := &learningPage{Page: s.page(c, v.label(queries.AppCourses)), Find: findLessons("")}
	var at, ahead, later, over []learningCard
	for _, row := range found.Now {
		card := v.learningCard(row)
		switch {
		case card.Progress.Finished():
			over = append(over, card)
		case row.Done > 0 || !row.OpenedAt.IsZero():
			at = append(at, card)
		default:
			ahead = append(ahead, card)
		}
	}
	for _, row := range found.Later {
		later = append(later, learningCard{Title: row.Title, Cover: v.clientCover(row.ID, row.Title, ""),
			Note: "Opens " + v.dateWords(row.StartsAt.In(v.now.Location()))})
	}
	if open := slices.Concat(at, ahead, later); len(open) > 0 {
		open[0].Action.First = true
		p.Sections = append(p.Sections, learningSection{Title: "Your courses", Cards: open})
	}
	if len(over) > 0 {
		p.Sections = append(p.Sections, learningSection{Title: "Finished", Calm: true, Cards: over})
	}
	return render(c, views.FramePortal, "learning/index", "", p)
}

func (v *visit) learningCard(row queries.LearningCoursesRow) learningCard {
	card := learningCard{Href: coursePath(row.ID), Title: row.Title, Cover: v.clientCover(row.ID, row.Title, row.CoverHash),
		Progress: learningProgress{Done: row.Done, Lessons: row.Lessons, Left: timeLeft(row.MinutesLeft), FinishedAt: row.FinishedAt},
		Action:   nextAction(row.ID, row.NextLessonID, row.Done, row.OpenedAt)}
	switch {
	case card.Progress.Finished():
		card.Action = learningAction{}
	case row.Lessons == 0:
		card.Note = "The first lesson is being prepared"
	case row.NextLessonID == uuid.Nil && !row.NextOpensOn.IsZero():
		card.Note = "Goes on " + v.dateWords(row.NextOpensOn)
	}
	return card
}

// timeLeft is a time in words, as far as it is worth knowing; empty for none.
func timeLeft(minutes int64) string {
	switch {
	case minutes <= 0:
		return ""
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes >= 600 || minutes%60 == 0:
		return fmt.Sprintf("%d h", (minutes+30)/60)
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}

// findLessons is the search within the client's courses.
func findLessons(words string) views.Field {
	return views.Field{Name: "q", Label: "Search in your courses", LabelHidden: true, Type: "search", Value: words, Placeholder: "Search in your courses", MaxLength: 200}
}

// label is what the account calls an app.
func (v *visit) label(app queries.App) string {
	for _, choice := range v.account.Apps {
		if choice.App == app {
			return orElse(choice.Label, portalApps[app].label)
		}
	}
	return portalApps[app].label
}

// sees says whether the client sees an app.
func (v *visit) sees(app queries.App) bool {
	for _, choice := range v.account.Apps {
		if choice.App == app {
			return portalApps[app].shown(v, choice)
		}
	}
	return false
}

// dateWords is a day as the client writes them; for staff as everybody does who has not chosen another way.
func (v *visit) dateWords(at time.Time) string {
	locale := ""
	if v.client != nil {
		locale = v.client.Locale
	}
	return views.Day(at, locale)
}

// today is the day it is where the client is, as the database tells days.
func (v *visit) today() time.Time {
	return time.Date(v.now.Year(), v.now.Month(), v.now.Day(), 0, 0, 0, 0, time.UTC)
}

// learningCover sends the picture of a course to a client who may use it. It may stay in their browser, and nowhere between.
func (s *Site) learningCover(c *fiber.Ctx) error {
	l, err := learner(c)
	if err != nil {
		return err
	}
	cover, err := s.q.LearningCover(c.UserContext(), queries.LearningCoverParams{AccountID: l.AccountID, ContactID: l.ContactID, CourseID: l.CourseID,
		Hash: c.Params("cover"), Now: l.Now})
	if err != nil {
		return queries.Kind(err)
	}
	if err := sendPicture(c, cover.MediaType, cover.Content); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, max-age=86400")
	return nil
}
