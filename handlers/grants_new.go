package handlers

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// courseEnrolPage enrols people in a course by hand: typed, or found among the contacts.
type courseEnrolPage struct {
	views.Page
	enrolForm
	CourseTitle string
	Path        string // of the course's people
	People      views.Field
	Search      views.Field
	Found       []contactRow
	None        bool // the search found nobody
	Done        []enrolResult
	Enrolled    int // how many of Done are new to it
}

// enrolMost is how many people one form can enrol; more are chosen in the list of contacts.
const enrolMost = 100

func (s *Site) newCourseEnrolPage(c *fiber.Ctx) (*courseEnrolPage, queries.GrantCourseRow, error) {
	v := at(c)
	id, err := courseOf(c)
	if err != nil {
		return nil, queries.GrantCourseRow{}, err
	}
	var course queries.GrantCourseRow
	var found []contactRow
	search := searchText(c.Query("q"))
	if course, found, err = s.courseAndFound(c, id, search); err != nil {
		return nil, course, err
	}
	p := &courseEnrolPage{Page: s.page(c, "Enrol people"), enrolForm: newEnrolForm(c), CourseTitle: course.Title, Path: v.coursePath(id) + "/people",
		People: views.Field{Name: "people", Label: "Who gets it", Type: "textarea", Value: c.FormValue("people"), Autofocus: search == "", Rows: 4, Placeholder: "Ana Souza <ana@example.com>",
			Hint: fmt.Sprintf("One person a line, with or without a name. Whoever you do not know yet becomes a contact. Up to %d at once.", enrolMost)},
		Search: views.Field{Name: "q", Label: "Or choose somebody you know", Type: "search", Value: c.Query("q"), Placeholder: "Search name or address"},
		Found:  found, None: search != "" && len(found) == 0}
	p.about(course)
	return p, course, nil
}

// courseAndFound is a course, and the first few contacts of a search beside it.
func (s *Site) courseAndFound(c *fiber.Ctx, id uuid.UUID, search string) (queries.GrantCourseRow, []contactRow, error) {
	v := at(c)
	course, rows, err := queries.LoadCourseToEnrol(c.UserContext(), s.DB, v.account.ID, id, search, 8, v.now)
	var found []contactRow
	for _, row := range rows {
		found = append(found, s.newContactRow(c, row))
	}
	return course, found, err
}

func (s *Site) grantsNew(c *fiber.Ctx) error {
	p, _, err := s.newCourseEnrolPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "grants/new", "grants/_found", p)
}

// grantsCreate enrols everybody who was typed or chosen, each in a transaction of their own with a result of their own. When no line
// can be taken nothing is done and the text stays to be corrected.
func (s *Site) grantsCreate(c *fiber.Ctx) error {
	v := at(c)
	p, course, err := s.newCourseEnrolPage(c)
	if err != nil {
		return err
	}
	lines := parseLines(p.People.Value)
	chosen, err := s.chosenContact(c)
	if err != nil {
		return err
	}
	lines = append(chosen, lines...)
	switch good := goodLines(lines); {
	case len(lines) == 0:
		p.People.Refuse("Enter at least one e-mail address.")
	case len(lines) > enrolMost:
		p.People.Refuse(fmt.Sprintf("These are %d lines. Up to %d can be enrolled at once; for more, choose them in the list of contacts. Nobody was enrolled.", len(lines), enrolMost))
	case good == 0:
		p.People.Refuse(lines[0].Problem + " Nobody was enrolled.")
	}
	starts, ends, right := p.span(v)
	if p.People.Error != "" || !right {
		invalid(c)
		return render(c, views.FrameAdmin, "grants/new", "grants/_new", p)
	}
	// Each line is a transaction; many of them to a distant database take longer than other requests may.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), 25*time.Second)
	defer cancel()
	c.SetUserContext(ctx)
	var wrong []string
	for _, l := range lines {
		r, err := s.enrolLine(c, l, enrolment{course, starts, ends, p.Mail.Checked && p.Silent == ""})
		if err != nil { // what was done is done: say so, and keep this line for another try
			s.Log.Error("an enrolment failed", "id", v.id, "account", v.account.ID, "error", err)
			r = enrolResult{Text: l.Typed, State: contactState{"Not enrolled", "error", "circle-alert"}, Note: "Something went wrong on our side. Please try this line again."}
		}
		if l.Problem != "" || err != nil {
			wrong = append(wrong, l.Typed)
		}
		if r.State.Badge == "success" {
			p.Enrolled++
		}
		p.Done = append(p.Done, r)
	}
	p.People.Value = strings.Join(wrong, "\n") // what could not be taken stays to be corrected
	return render(c, views.FrameAdmin, "grants/new", "grants/_new", p)
}

// chosenContact is the contact whose button was pressed, as a line.
func (s *Site) chosenContact(c *fiber.Ctx) ([]line, error) {
	if c.FormValue("contact") == "" {
		return nil, nil
	}
	row, err := s.q.ContactByID(c.UserContext(), queries.ContactByIDParams{AccountID: at(c).account.ID, ID: uuidOr(c.FormValue("contact"), uuid.Nil)})
	if err != nil {
		return nil, queries.Kind(err)
	}
	return []line{{Name: row.Name, Email: row.Email, Typed: row.Email}}, nil
}
