package handlers

import (
	"fmt"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// progressPersonPage is one contact's way through a course, as staff see it.
type progressPersonPage struct {
	views.Page
	CourseTitle string
	Path        string // of the course's progress
	Portrait    views.Person
	State       contactState
	Done        int64
	Lessons     int64
	First       views.Moment // when they opened the course; zero: never
	Last        views.Moment
	Finished    views.Moment // zero: not yet
	Way         []progressStep
}

// Ratio is the part of the lessons that is done.
func (p progressPersonPage) Ratio() float64 {
	return learningProgress{Done: p.Done, Lessons: p.Lessons}.Ratio()
}

// progressStep is one lesson on the way.
type progressStep struct {
	Module string // at the first lesson of each; empty for the others
	Title  string
	State  contactState
	Opened views.Moment // zero: never
	Done   views.Moment // zero: not yet
	How    string       // what finished it, and as what; empty before
	Tries  []progressTry
}

// progressTry is one try at a lesson's quiz.
type progressTry struct {
	Number    int
	Right, Of int32
	Passed    bool
	At        views.Moment
	Answers   []queries.QuizAnswer
}

func (s *Site) progressShow(c *fiber.Ctx) error {
	v := at(c)
	course, err := uuid.Parse(c.Params("id"))
	contact, wrong := uuid.Parse(c.Params("contact"))
	if err != nil || wrong != nil {
		return queries.ErrNotFound
	}
	found, err := queries.LoadPersonProgress(c.UserContext(), s.DB, v.account.ID, course, contact, v.now)
	if err != nil {
		return err
	}
	row := found.Person
	p := &progressPersonPage{Page: s.page(c, orElse(row.Name, row.Email)+" in "+found.Course.Title), CourseTitle: found.Course.Title,
		Path:     v.base() + coursePath(course) + "/progress",
		Portrait: views.Person{Name: row.Name, Email: row.Email, Photo: avatarPath(v.base(), row.AvatarHash), Href: v.base() + "/contacts/" + contact.String()},
		State:    v.progressState(row.Enrolled, row.LastOpenedAt, row.FinishedAt), Lessons: found.Course.Lessons}
	if !row.FirstOpenedAt.IsZero() {
		p.First, p.Last = v.moment(&row.FirstOpenedAt), v.moment(&row.LastOpenedAt)
	}
	if !row.FinishedAt.IsZero() {
		p.Finished = v.moment(&row.FinishedAt)
	}
	tries, module := v.progressTries(found.Tries), ""
	for _, row := range found.Way {
		step := v.progressStep(row)
		step.Tries = tries[row.ID]
		if row.ModuleTitle != module {
			module, step.Module = row.ModuleTitle, row.ModuleTitle
		}
		if step.How != "" {
			p.Done++
		}
		p.Way = append(p.Way, step)
	}
	return render(c, views.FrameAdmin, "progress/show", "", p)
}

// progressTries are the tries at each lesson's quiz, newest first.
func (v *visit) progressTries(rows []queries.ProgressTriesRow) map[uuid.UUID][]progressTry {
	tries := map[uuid.UUID][]progressTry{}
	for _, row := range rows {
		tries[row.LessonID] = append(tries[row.LessonID], progressTry{Right: row.RightCount, Of: row.QuestionCount, Passed: row.Passed, At: v.moment(&row.TriedAt), Answers: row.Answers})
	}
	for _, of := range tries {
		for i := range of {
			of[i].Number = len(of) - i
		}
	}
	return tries
}

func (v *visit) progressStep(row queries.ProgressWayRow) progressStep {
	step := progressStep{Title: row.Title}
	if !row.OpenedAt.IsZero() {
		step.Opened = v.moment(&row.OpenedAt)
	}
	switch {
	case !row.CompletedAt.IsZero():
		step.State, step.Done = contactState{"Finished", "success", "circle-check"}, v.moment(&row.CompletedAt)
		step.How = map[queries.CompletedBy]string{queries.CompletedByButton: "by the button", queries.CompletedByVideo: "by the end of the video", queries.CompletedByQuiz: "by the quiz"}[row.CompletedBy]
		if row.CompletedVersion != row.Version {
			step.How += fmt.Sprintf(", as version %d of %d", row.CompletedVersion, row.Version)
		}
	case row.IsOpen && !row.OpenedAt.IsZero():
		step.State = contactState{"Opened", "info", "eye"}
	case row.IsOpen:
		step.State = contactState{"Open", "", "circle"}
	case row.OpensOn.After(v.today()):
		step.State = contactState{"Opens " + views.Day(row.OpensOn, ""), "", "lock"}
	case row.Waits:
		step.State = contactState{"Waits for the one before", "", "lock"}
	default:
		step.State = contactState{"No access", "", "lock"}
	}
	return step
}
