package handlers

import (
	"html/template"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// coursePreviewPage is a course as its clients see it, for staff, with what is still a draft.
type coursePreviewPage struct {
	views.Page
	Back        views.Link
	CourseTitle string
	Cover       views.Cover
	Summary     template.HTML
	Facts       string
	Start       string // the first lesson; empty: there is none
	Modules     []outlineModule
}

// lessonPreviewPage is a lesson as its clients see it.
type lessonPreviewPage struct {
	views.Page
	Back          views.Link
	Course        views.Link
	Lesson        lessonPreview
	Draft         bool
	Questions     []previewQuestion
	Before, After views.Link
}

// previewQuestion is a question as it is asked.
type previewQuestion struct {
	Text    string
	Options []string
	Many    bool
	Typed   bool
}

// previewPage is a page in the portal's frame that is only to be looked at.
func (s *Site) previewPage(c *fiber.Ctx, title string) views.Page {
	v, p := at(c), s.page(c, title)
	return views.Page{Title: title, Account: brandShown(v.account.AccountListRow, v.base()+"/brand/files/"), Base: p.Base, Token: p.Token, Now: v.now, NoIndex: true}
}

// coursesPreview shows a course as it would look to a client who has just been given it.
func (s *Site) coursesPreview(c *fiber.Ctx) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	v := at(c)
	o, err := queries.LoadOutline(c.UserContext(), s.DB, v.account.ID, id, v.now)
	if err != nil {
		return err
	}
	path := v.coursePath(id)
	p := &coursePreviewPage{Page: s.previewPage(c, o.Course.Title), Back: views.Link{Label: "Back to the course", URL: path}, CourseTitle: o.Course.Title,
		Cover: v.cover(id, o.Course.Title, o.Course.CoverHash), Summary: views.Markdown(o.Course.Summary)}
	var row queries.CourseListRow
	row.Minutes = o.Course.Minutes
	for i, m := range o.Modules {
		module := outlineModule{ID: m.ID, Title: m.Title, Number: i + 1, Unlocks: unlockWords(m.DripDays, m.DripDate)}
		for _, l := range m.Lessons {
			row.Lessons, row.LessonMinutes = row.Lessons+1, row.LessonMinutes+int64(l.Minutes)
			at := path + "/preview/lessons/" + l.ID.String()
			p.Start = orElse(p.Start, at)
			module.Lessons = append(module.Lessons, outlineLesson{ID: l.ID, Path: at, Title: l.Title, Icon: lessonIcon(l.Video != queries.VideoKindNone, l.Questions > 0), Facts: lessonFacts(l), Published: l.PublishedAt != nil})
		}
		p.Modules = append(p.Modules, module)
	}
	p.Facts = courseParts(row)
	return render(c, views.FramePortal, "courses/preview", "", p)
}

// lessonsPreviewAsClient shows a saved lesson as a client would see it, unlocked.
func (s *Site) lessonsPreviewAsClient(c *fiber.Ctx) error {
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	path := at(c).base() + "/courses/" + c.Params("id")
	p := &lessonPreviewPage{Page: s.previewPage(c, l.Lesson.Title), Back: views.Link{Label: "Back to the course", URL: path}, Course: views.Link{Label: l.Lesson.CourseTitle, URL: path + "/preview"},
		Lesson: newLessonPreview(lessonForm{LessonDraft: l.Lesson.Draft()}), Draft: l.Lesson.PublishedAt == nil}
	if at(c).role.Includes(queries.StaffRoleAdmin) {
		p.Back = views.Link{Label: "Edit this lesson", URL: path + "/lessons/" + l.Lesson.ID.String()}
	}
	p.Before, p.After = neighbours(l, func(id uuid.UUID) string { return path + "/preview/lessons/" + id.String() })
	for _, q := range l.Questions {
		asked := previewQuestion{Text: q.Text, Many: q.Kind == queries.QuestionKindMultiple, Typed: q.Kind == queries.QuestionKindText}
		for _, o := range q.Options {
			asked.Options = append(asked.Options, o.Text)
		}
		p.Questions = append(p.Questions, asked)
	}
	return render(c, views.FramePortal, "lessons/preview", "", p)
}
