package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// contactEnrolPage gives one contact a course.
type contactEnrolPage struct {
	views.Page
	enrolForm
	Path    string // of the contact's page
	Name    string
	Course  views.Select
	Problem string // why nothing can be given; empty: it can
}

func (s *Site) newContactEnrolPage(c *fiber.Ctx) (*contactEnrolPage, uuid.UUID, []queries.GrantCoursesRow, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, id, nil, queries.ErrNotFound
	}
	loaded, err := queries.LoadContactToEnrol(c.UserContext(), s.DB, v.account.ID, id, v.now)
	if err != nil {
		return nil, id, nil, err
	}
	p := &contactEnrolPage{Page: s.page(c, "Enrol in a course"), enrolForm: newEnrolForm(c), Path: v.base() + "/contacts/" + id.String(),
		Name: orElse(loaded.Contact.Name, loaded.Contact.Email), Course: courseSelect(loaded.Courses, c.FormValue("course"))}
	if len(loaded.Courses) == 0 {
		p.Problem = "There is no course yet. Make one first; it can be given while it is a draft."
	}
	return p, id, loaded.Courses, nil
}

// courseSelect is the choice of a course that can be given.
func courseSelect(courses []queries.GrantCoursesRow, value string) views.Select {
	choice := views.Select{Name: "course", Label: "Course", Value: value}
	for _, course := range courses {
		choice.Options = append(choice.Options, views.Option{Value: course.ID.String(), Label: courseLabel(course)})
	}
	return choice
}

func courseLabel(course queries.GrantCoursesRow) string {
	if !course.Published {
		return course.Title + " (draft)"
	}
	return course.Title
}

// chosenCourse is the course of a form's value; false when it is none of these.
func chosenCourse(courses []queries.GrantCoursesRow, value string) (queries.GrantCourseRow, bool) {
	for _, course := range courses {
		if course.ID.String() == value {
			return queries.GrantCourseRow(course), true
		}
	}
	return queries.GrantCourseRow{}, false
}

func (s *Site) contactsEnrolNew(c *fiber.Ctx) error {
	p, _, _, err := s.newContactEnrolPage(c)
	if err != nil {
		return err
	}
	return p.render(c)
}

func (p *contactEnrolPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "grants/enrol", "grants/_enrol", p)
}

func (s *Site) contactsEnrol(c *fiber.Ctx) error {
	p, contact, courses, err := s.newContactEnrolPage(c)
	if err != nil {
		return err
	}
	course, known := chosenCourse(courses, p.Course.Value)
	if !known {
		p.Course.Error = "Choose one of these courses."
	}
	starts, ends, right := p.span(at(c))
	if !known || !right {
		invalid(c)
		return p.render(c)
	}
	p.about(course)
	var r enrolResult
	err = queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, tx pgx.Tx) (err error) {
		r, err = s.enrol(c, q, tx, contact, enrolment{course, starts, ends, p.Mail.Checked && p.Silent == ""})
		return err
	})
	if err != nil {
		return err
	}
	kind := views.FlashSuccess
	if r.State.Badge == "" {
		kind = views.FlashInfo
	}
	s.flash(c, kind, strings.TrimSpace(r.State.Word+": “"+course.Title+"”. "+r.Note+" "+p.Silent))
	return redirect(c, p.Path)
}
