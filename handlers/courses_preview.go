package handlers

import (
	"html/template"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/handlers/internal/directory"
	"atrium/queries"
	"atrium/views"
)

// coursePreviewPage is a course as its clients see it, for staff, with what is still a draft.
type coursePreviewPage struct {
	views.Page
	Back    views.Link
	Heading string
	Cover   views.Cover
	Summary template.HTML
	Facts   string
	Start   string // the first lesson; empty: there is none
	Modules []learningModule
}

// lessonPreviewPage is a lesson as its clients see it.
type lessonPreviewPage struct {
	learningLessonPage
	Back          views.Link
	Draft         bool
	Before, After views.Link
}

// previewPage is a page in the portal's frame that is only to be looked at.
func (s *Site) previewPage(c *fiber.Ctx, title string) views.Page {
	v, p := at(c), s.page(c, title)
	return views.Page{Title: title, Account: directory.Shown(v.account.AccountListRow, v.base()+"/brand/files/"), Base: p.Base, Token: p.Token, Now: v.now, NoIndex: true}
}

// coursesPreview shows a course as it would look to a client who has just been given it, with all of it unlocked.
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
	p := &coursePreviewPage{Page: s.previewPage(c, o.Course.Title), Back: views.Link{Label: "Back to the course", URL: path}, Heading: o.Course.Title,
		Cover: v.cover(id, o.Course.Title, o.Course.CoverHash), Summary: views.Markdown(o.Course.Summary)}
	row := queries.CourseListRow{Minutes: o.Course.Minutes}
	var lessons []queries.LessonListRow
	for _, m := range o.Modules {
		lessons = append(lessons, m.Lessons...)
	}
	for _, l := range lessons {
		row.Lessons, row.LessonMinutes = row.Lessons+1, row.LessonMinutes+int64(l.Minutes)
	}
	if len(lessons) > 0 {
		p.Start = path + "/preview/lessons/" + lessons[0].ID.String()
	}
	p.Facts, p.Modules = courseParts(row), previewModules(lessons, uuid.Nil, path)
	c.Set(fiber.HeaderContentSecurityPolicy, views.LessonPolicy("")) // for the pictures in its summary
	return render(c, views.FramePortal, "courses/preview", "", p)
}

// previewModules are the parts of a course as clients see them, with drafts.
func previewModules(lessons []queries.LessonListRow, here uuid.UUID, course string) (modules []learningModule) {
	for _, l := range lessons {
		last := len(modules) - 1
		if last < 0 || modules[last].ID != l.ModuleID.String() {
			modules = append(modules, learningModule{ID: l.ModuleID.String(), Title: l.ModuleTitle, Open: true})
			last++
		}
		item := learningItem{Href: course + "/preview/lessons/" + l.ID.String(), Title: l.Title, Note: timeLeft(int64(l.Minutes))}
		if l.PublishedAt == nil {
			item.Note = "Draft"
		} else if when := unlockWords(l.DripDays, l.DripDate); when != "" {
			item.Note = upperFirst(when)
		}
		if l.ID == here {
			item.State = "here"
		}
		modules[last].Total++
		modules[last].Lessons = append(modules[last].Lessons, item)
	}
	return modules
}

// lessonsPreviewAsClient shows a saved lesson as a client would see it, unlocked.
func (s *Site) lessonsPreviewAsClient(c *fiber.Ctx) error {
	l, err := s.lessonInPath(c)
	if err != nil {
		return err
	}
	path, row := at(c).base()+"/courses/"+c.Params("id"), l.Lesson
	p := &lessonPreviewPage{Back: views.Link{Label: "Back to the course", URL: path}, Draft: row.PublishedAt == nil}
	if at(c).role.Includes(queries.StaffRoleAdmin) {
		p.Back = views.Link{Label: "Edit this lesson", URL: path + "/lessons/" + row.ID.String()}
	}
	p.Page, p.CourseTitle, p.CoursePath, p.Path = s.previewPage(c, row.Title), row.CourseTitle, path+"/preview", path+"/lessons/"+row.ID.String()
	p.learningLessonPage.Title, p.Minutes, p.Text = row.Title, timeLeft(int64(row.Minutes)), views.Markdown(row.Body)
	p.Finish = learningFinish{Looking: true, ByQuiz: len(l.Questions) > 0}
	p.Modules = previewModules(l.Lessons, row.ID, path)
	seen := queries.LessonSeen{Questions: l.Questions, Lesson: queries.LearningLessonRow{ID: row.ID, Body: row.Body, Video: row.Video, VideoUrl: row.VideoUrl, Version: row.Version,
		QuizPassPercent: row.QuizPassPercent, QuizTries: row.QuizTries, QuizShuffled: row.QuizShuffled}}
	p.Video = newLearningVideo(&p.learningLessonPage, seen)
	p.Quiz = newLearningQuiz(&p.learningLessonPage, queries.Learner{Looking: true}, seen, false)
	p.Before, p.After = neighbours(l, func(id uuid.UUID) string { return path + "/preview/lessons/" + id.String() })
	c.Set(fiber.HeaderContentSecurityPolicy, views.LessonPolicy(string(row.Video)))
	return render(c, views.FramePortal, "lessons/preview", "", p)
}
