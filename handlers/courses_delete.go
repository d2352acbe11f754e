package handlers

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// coursesAskDelete shows who loses a course or lesson when it is deleted.
func (s *Site) coursesAskDelete(c *fiber.Ctx) error {
	t, err := s.partInPath(c)
	if err != nil {
		return err
	}
	p := &courseAskPage{Page: s.page(c, "Delete "+t.Title), Back: views.Link{Label: t.Title, URL: t.path}, Heading: "Delete “" + t.Title + "”?",
		Text:   "For 30 days it can be restored, with all that is in it. What clients did in it is kept in any case.",
		Action: t.path + "/delete", Verb: "Delete " + t.noun(), Danger: true}
	p.Losers = s.losersOf(c, t)
	return p.render(c)
}

func (s *Site) coursesDelete(c *fiber.Ctx) error {
	t, err := s.partInPath(c)
	if err != nil {
		return err
	}
	now, action, to := at(c).now, "course.delete", at(c).base()+"/courses"
	if !nilPart(t.Part) {
		action, to = "lesson.delete", t.back
	}
	err = s.changeCourse(c, action, func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		if nilPart(t.Part) {
			n, err := q.CourseDelete(ctx, queries.CourseDeleteParams{AccountID: t.AccountID, ID: t.CourseID, Now: now})
			return t.subject(), n > 0, err
		}
		return t.subject(), true, queries.DeleteLesson(ctx, q, t.Part, now)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+t.Title+"” is deleted. For 30 days you can restore it here, below.")
	return redirect(c, to)
}

// coursesRestore brings a deleted course back as it was.
func (s *Site) coursesRestore(c *fiber.Ctx) error {
	return s.restore(c, "course.restore", func(ctx context.Context, q *queries.Queries, p queries.Part) (queries.AuditSubject, bool, error) {
		row, err := q.CourseRestore(ctx, queries.CourseRestoreParams{AccountID: p.AccountID, ID: p.CourseID, Now: at(c).now, Since: at(c).now.Add(-queries.CourseRestoreFor)})
		return courseSubject(p.CourseID, row.Title), row.WasDeleted, err
	})
}

// lessonsRestore brings a deleted lesson back as it was.
func (s *Site) lessonsRestore(c *fiber.Ctx) error {
	return s.restore(c, "lesson.restore", func(ctx context.Context, q *queries.Queries, p queries.Part) (queries.AuditSubject, bool, error) {
		title, was, err := queries.RestoreLesson(ctx, q, p, queries.Finishers(c.FormValue("finishers")), at(c).now)
		return lessonSubject(p.LessonID, title), was, err
	})
}

// restore brings something back and goes to the page of its course; what was not deleted stays as it is. Where that would leave people
// who had finished with more to do, it asks first.
func (s *Site) restore(c *fiber.Ctx, action string, bring func(context.Context, *queries.Queries, queries.Part) (queries.AuditSubject, bool, error)) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	var on queries.AuditSubject
	err = s.changeCourse(c, action, func(ctx context.Context, q *queries.Queries) (_ queries.AuditSubject, was bool, err error) {
		on, was, err = bring(ctx, q, p)
		return on, was, err
	})
	var finished queries.Finished
	if errors.As(err, &finished) {
		choice := finishersChoice(finished.Behind)
		ask := &courseAskPage{Page: s.page(c, "Restore "+on.Name), Back: views.Link{Label: "Back to the course", URL: at(c).coursePath(p.CourseID)}, Heading: "Restore “" + on.Name + "”?",
			Text: "Not all of it is done by people who had finished the course.", Finishers: &choice, Action: c.Path(), Verb: "Restore " + on.Kind}
		return ask.render(c)
	} else if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+on.Name+"” is back where it was.")
	return redirect(c, at(c).coursePath(p.CourseID))
}

// coursesDuplicate makes a copy of a course or a lesson, as a draft, and goes there.
func (s *Site) coursesDuplicate(c *fiber.Ctx) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	v, action := at(c), "course.duplicate"
	if !nilPart(p) {
		action = "lesson.duplicate"
	}
	var id uuid.UUID
	var title string
	err = s.changeCourse(c, action, func(ctx context.Context, q *queries.Queries) (on queries.AuditSubject, changed bool, err error) {
		if nilPart(p) {
			id, title, err = queries.CopyCourse(ctx, q, p.AccountID, p.CourseID, v.now)
			return courseSubject(id, title), true, err
		}
		id, title, err = queries.CopyLesson(ctx, q, p, v.now)
		return lessonSubject(id, title), true, err
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+title+"” is made, as a draft.")
	if nilPart(p) {
		return redirect(c, v.coursePath(id))
	}
	return redirect(c, v.coursePath(p.CourseID)+"/lessons/"+id.String())
}
