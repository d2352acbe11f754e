package handlers

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// coursesArrange puts modules and lessons into another order: a button moves one of them by a place, and dragging sends the whole
// order as it is seen then.
func (s *Site) coursesArrange(c *fiber.Ctx) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	moved, arrange, err := arrangedBy(c)
	if err != nil {
		return err
	}
	err = s.changeCourse(c, "course.arrange", func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		row, err := q.CourseLock(ctx, queries.CourseLockParams{AccountID: p.AccountID, ID: p.CourseID})
		if err != nil {
			return queries.AuditSubject{}, false, err
		}
		changed, err := queries.ArrangeCourse(ctx, q, p.AccountID, p.CourseID, arrange)
		return courseSubject(p.CourseID, row.Title), changed, err
	})
	if err != nil {
		return err
	}
	return s.outlineChanged(c, p.CourseID, outlineAsked{moved: moved})
}

// arrangedBy reads what was sent: move, an id and a way such as ID:up, or order, ids in turn.
func arrangedBy(c *fiber.Ctx) (moved uuid.UUID, arrange func([]queries.ModuleOrder) []queries.ModuleOrder, err error) {
	if move := c.FormValue("move"); move != "" {
		key, to, _ := strings.Cut(move, ":")
		id, err := uuid.Parse(key)
		by, wrong := movedBy(to)
		if err != nil || wrong != nil {
			return id, nil, fiber.ErrBadRequest
		}
		return id, func(order []queries.ModuleOrder) []queries.ModuleOrder { return queries.Moved(order, id, by) }, nil
	}
	var asked []uuid.UUID
	for key := range strings.FieldsSeq(c.FormValue("order")) {
		id, err := uuid.Parse(key)
		if err != nil {
			return moved, nil, fiber.ErrBadRequest
		}
		asked = append(asked, id)
	}
	return moved, func(order []queries.ModuleOrder) []queries.ModuleOrder { return queries.Arranged(order, asked) }, nil
}

// outlineChanged shows the outline as it is now: the part alone, or the page again.
func (s *Site) outlineChanged(c *fiber.Ctx, course uuid.UUID, asked outlineAsked) error {
	if !isFragment(c) && asked.problem == "" {
		to := at(c).coursePath(course)
		if asked.field != "" && asked.field != "module" {
			to += "#add-lesson-" + asked.field
		}
		return redirect(c, to)
	}
	p, err := s.newCoursePage(c, course, asked)
	if err != nil {
		return err
	}
	if asked.problem != "" {
		invalid(c)
	}
	if isFragment(c) {
		c.Vary("HX-Request", "HX-Request-Type")
		return write(c, "courses/_outline", p.Outline)
	}
	return render(c, views.FrameAdmin, "courses/show", "", p)
}
