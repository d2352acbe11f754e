package handlers

import (
	"html/template"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// learningCoursePage is one course as a client sees it.
type learningCoursePage struct {
	views.Page
	Title       string
	Summary     template.HTML
	Cover       views.Cover
	Progress    learningProgress
	Minutes     string // the whole of it, in words; empty: not known
	Action      learningAction
	Waits       string // why there is nothing to do next; empty: there is
	Celebrate   bool   // it was finished just now
	New         int64  // lessons that came after it was finished
	Certificate string // where it is; empty: there is none
	Access      string // where it stands why they have the course, and until when
	Making      bool   // the certificate is being made
	Modules     []learningModule
}

// learningModule is a part of a course, with its lessons.
type learningModule struct {
	ID      string
	Title   string
	Done    int
	Total   int
	Open    bool           // its lessons are shown
	Lessons []learningItem // empty in the list beside a lesson of a long course: its title leads to the course's page
	Href    string         // there
}

// learningItem is a lesson in a list.
type learningItem struct {
	Href  string // empty: it is locked
	Title string
	State string // "done", "here", "locked", or empty
	Note  string // when it opens, or how long it takes; may be empty
}

// longCourse is how many lessons a course has whose modules are shown closed.
const longCourse = 60

func (s *Site) learningShow(c *fiber.Ctx) error {
	l, err := learner(c)
	if err != nil {
		return err
	}
	seen, err := queries.LoadCourse(c.UserContext(), s.DB, l)
	if err != nil {
		return err
	}
	if seen.AllDone() && seen.Course.FinishedAt.IsZero() && !l.Looking { // what was left of it has gone
		if err := s.finishCourse(c, l); err != nil {
			return err
		}
		return goTo{coursePath(l.CourseID) + "?done=1"}
	}
	c.Set(fiber.HeaderContentSecurityPolicy, views.LessonPolicy("")) // for the pictures in its summary
	return render(c, views.FramePortal, "learning/show", "", s.newLearningCoursePage(c, seen))
}

// finishCourse is for who has done every lesson and has not finished by it.
func (s *Site) finishCourse(c *fiber.Ctx, l queries.Learner) error {
	ctx := c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		completion, err := queries.FinishCourse(ctx, q, l)
		if err != nil {
			return err
		}
		return s.certify(ctx, q, tx, l, completion)
	})
}

func (s *Site) newLearningCoursePage(c *fiber.Ctx, seen queries.CourseSeen) *learningCoursePage {
	v, row := at(c), seen.Course
	p := &learningCoursePage{Page: s.page(c, row.Title), Title: row.Title, Access: queries.CoursePath(row.ID) + "/access", Summary: views.Markdown(row.Summary),
		Cover: v.clientCover(row.ID, row.Title, row.CoverHash), Minutes: timeLeft(row.Minutes),
		Progress: learningProgress{Done: row.Done, Lessons: row.Lessons, Left: timeLeft(row.MinutesLeft), FinishedAt: row.FinishedAt},
		Action:   nextAction(row.ID, row.NextLessonID, row.Done, row.OpenedAt), Modules: v.modules(seen.Way, row.NextLessonID, false)}
	switch {
	case row.Lessons == 0:
		p.Waits = "The first lesson is being prepared."
	case p.Action.Verb != "" || p.Progress.Finished():
	case !row.NextOpensOn.IsZero():
		p.Waits = "You have done all that is open. The next lesson opens " + v.dateWords(row.NextOpensOn) + "."
	}
	if p.Progress.Finished() {
		p.Celebrate, p.New = c.Query("done") != "", row.Lessons-row.Done
		p.Making = row.Certificate && !row.HasCertificate
		if row.HasCertificate {
			p.Certificate = coursePath(row.ID) + "/certificate"
		}
	}
	return p
}

// modules puts a way into its parts. Of a long one, those but the one to go on with are closed, and beside a lesson they are a
// link each.
func (v *visit) modules(way []queries.LessonWayRow, here uuid.UUID, beside bool) (modules []learningModule) {
	long := len(way) > longCourse
	for _, row := range way {
		last := len(modules) - 1
		if last < 0 || modules[last].ID != row.ModuleID.String() {
			modules = append(modules, learningModule{ID: row.ModuleID.String(), Title: row.ModuleTitle, Open: !long})
			last++
		}
		m := &modules[last]
		m.Total++
		if !row.CompletedAt.IsZero() {
			m.Done++
		}
		m.Open = m.Open || row.ID == here
		m.Lessons = append(m.Lessons, v.learningItem(row, here, beside))
	}
	if long && beside {
		for i := range modules {
			if m := &modules[i]; !m.Open {
				m.Lessons, m.Href = nil, "#module-"+m.ID
			}
		}
	}
	return modules
}

func (v *visit) learningItem(row queries.LessonWayRow, here uuid.UUID, beside bool) learningItem {
	item := learningItem{Href: lessonPath(row.CourseID, row.ID), Title: row.Title, Note: timeLeft(int64(row.Minutes))}
	switch {
	case !row.IsOpen:
		item.Href, item.State, item.Note = "", "locked", v.lockedWords(row)
	case row.ID == here:
		item.State = "here"
	case !row.CompletedAt.IsZero():
		item.State = "done"
	}
	if beside && item.State != "locked" {
		item.Note = ""
	}
	return item
}

// lockedWords says when a lesson opens, or what opens it.
func (v *visit) lockedWords(row queries.LessonWayRow) string {
	if row.OpensOn.After(row.Today) {
		return "Opens " + v.dateWords(row.OpensOn)
	}
	return "Finish the one before first"
}
