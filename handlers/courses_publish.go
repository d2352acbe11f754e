package handlers

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// courseAskPage is the question before something that clients would notice.
type courseAskPage struct {
	views.Page
	Back      views.Link
	Heading   string
	Text      string
	Losers    *losers // nil: nobody is shown
	Finishers *views.Choice
	Action    string
	Verb      string
	Danger    bool
}

func (p *courseAskPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "courses/ask", "", p)
}

// coursePart is what a question about a course or a lesson is about, with who would notice.
type coursePart struct {
	queries.PartPage
	path, back string // of its page, and of its course's
}

// partInPath is the course or lesson that the path names.
func (s *Site) partInPath(c *fiber.Ctx) (t coursePart, err error) {
	p, err := partOf(c)
	if err != nil {
		return t, err
	}
	if t.PartPage, err = queries.LoadPart(c.UserContext(), s.DB, p, at(c).now, losersShown); err != nil {
		return t, err
	}
	t.back = at(c).coursePath(p.CourseID)
	if t.path = t.back; !nilPart(p) {
		t.path += "/lessons/" + p.LessonID.String()
	}
	return t, nil
}

func (t coursePart) noun() string {
	if nilPart(t.Part) {
		return "course"
	}
	return "lesson"
}

func (t coursePart) subject() queries.AuditSubject {
	if nilPart(t.Part) {
		return courseSubject(t.CourseID, t.Title)
	}
	return lessonSubject(t.LessonID, t.Title)
}

// coursesAskPublish asks what becomes of those who had finished the course; when there are none, it asks nothing but the button.
func (s *Site) coursesAskPublish(c *fiber.Ctx) error {
	t, err := s.partInPath(c)
	if err != nil {
		return err
	}
	p := &courseAskPage{Page: s.page(c, "Publish "+t.Title), Back: views.Link{Label: t.Title, URL: t.path}, Heading: "Publish “" + t.Title + "”?",
		Text: "Clients with access see it from now on.", Action: t.path + "/publish", Verb: "Publish " + t.noun()}
	if t.Behind > 0 {
		p.Text = "It is new to people who had finished the course."
		choice := finishersChoice(t.Behind)
		p.Finishers = &choice
	}
	return p.render(c)
}

func finishersChoice(n int64) views.Choice {
	label := counted(n, "person", "people") + " had finished; keep them finished?"
	return views.Choice{Name: "finishers", Label: label, Value: string(queries.FinishersKeep), Options: []views.Option{
		{Value: string(queries.FinishersKeep), Label: "Keep them finished", Hint: "They can look at what is new, and nothing else changes."},
		{Value: string(queries.FinishersReopen), Label: "They have more to do", Hint: "Their course is open again. Lessons they finished stay finished."}}}
}

// coursesPublish shows a course or lesson to clients. Where that would leave people who had finished with more to do, it asks first.
func (s *Site) coursesPublish(c *fiber.Ctx) error {
	t, err := s.partInPath(c)
	if err != nil {
		return err
	}
	err = s.publishPart(c, t, queries.Finishers(c.FormValue("finishers")))
	if errors.Is(err, queries.ErrFinished) {
		return redirect(c, t.path+"/publish")
	} else if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, publishedWords(t))
	if c.FormValue("then") == "outline" {
		return redirect(c, t.back)
	}
	return redirect(c, t.path)
}

func publishedWords(t coursePart) string {
	if nilPart(t.Part) {
		return "“" + t.Title + "” is published. Clients with access see it now."
	}
	return "“" + t.Title + "” is published."
}

func (s *Site) publishPart(c *fiber.Ctx, t coursePart, finishers queries.Finishers) error {
	action := "course.publish"
	if !nilPart(t.Part) {
		action = "lesson.publish"
	}
	return s.changeCourse(c, action, func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		isNew, err := t.Publish(ctx, q, finishers, at(c).now)
		return t.subject(), isNew, err
	})
}

// coursesAskUnpublish shows who loses a course or lesson when it is a draft again.
func (s *Site) coursesAskUnpublish(c *fiber.Ctx) error {
	t, err := s.partInPath(c)
	if err != nil {
		return err
	}
	p := &courseAskPage{Page: s.page(c, "Unpublish "+t.Title), Back: views.Link{Label: t.Title, URL: t.path}, Heading: "Unpublish “" + t.Title + "”?",
		Text: "It becomes a draft, and its addresses do not exist for clients. What they did in it stays and is there again once it is published.", Action: t.path + "/unpublish", Verb: "Unpublish " + t.noun(), Danger: true}
	p.Losers = s.losersOf(c, t)
	return p.render(c)
}

// losersOf are those who see a part now; nobody sees a draft.
func (s *Site) losersOf(c *fiber.Ctx, t coursePart) *losers {
	l := newLosers("“"+t.Title+"”", at(c).base(), t.Holders, func(r queries.GrantHoldersRow) (uuid.UUID, string, string, int64) {
		return r.ID, r.Name, r.Email, r.Holders
	})
	l.Rest = holdersOf(t.back)
	return &l
}

func (s *Site) coursesUnpublish(c *fiber.Ctx) error {
	t, err := s.partInPath(c)
	if err != nil {
		return err
	}
	action := "course.unpublish"
	if !nilPart(t.Part) {
		action = "lesson.unpublish"
	}
	err = s.changeCourse(c, action, func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		isNew, err := t.Unpublish(ctx, q, at(c).now)
		return t.subject(), isNew, err
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+t.Title+"” is a draft. Clients do not see it.")
	return redirect(c, t.path)
}
