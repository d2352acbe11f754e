package handlers

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// formEditPage words a form, a new one or one there is.
type formEditPage struct {
	views.Page
	Heading   string
	Action    string // what the form posts to
	Back      string
	New       bool
	FormTitle views.Field
	Name      views.Field
	Intro     views.Field
	Button    views.Field
	Thanks    views.Field
	Tags      views.Field
	Confirm   views.Check
	Invite    views.Check
	Course    views.Select // without options: there is no course
	Questions []formEditQuestion
	Problem   string // about the questions as a whole; empty: none
	Add       views.Select
	FocusAdd  bool // the button that adds takes the focus
}

// newForm is what a form is before staff change anything in it.
func newForm() queries.FormDraft {
	return queries.FormDraft{Button: "Send", Thanks: "We have received it and will be in touch soon.",
		Fields: []queries.FormField{formFieldOf(queries.FormName), formFieldOf(queries.FormEmail)}}
}

func (s *Site) formsNew(c *fiber.Ctx) error {
	courses, err := s.coursesToGive(c)
	if err != nil {
		return err
	}
	return s.newFormEditPage(c, newForm(), uuid.Nil, courses, nil, "").render(c)
}

// coursesToGive are the account's courses.
func (s *Site) coursesToGive(c *fiber.Ctx) ([]queries.GrantCoursesRow, error) {
	return s.q.GrantCourses(c.UserContext(), queries.GrantCoursesParams{AccountID: at(c).account.ID, Now: at(c).now})
}

func (s *Site) formsEdit(c *fiber.Ctx) error {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	f, courses, err := queries.LoadFormToEdit(c.UserContext(), s.DB, at(c).account.ID, id, at(c).now)
	if err != nil {
		return err
	}
	return s.newFormEditPage(c, f.Draft(), id, courses, nil, "").render(c)
}

// formsCreate makes a form, or rearranges its questions before it is made.
func (s *Site) formsCreate(c *fiber.Ctx) error { return s.saveForm(c, uuid.Nil) }

// formsSave changes a form, or rearranges its questions before they are saved.
func (s *Site) formsSave(c *fiber.Ctx) error {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	return s.saveForm(c, id)
}

// saveForm stores the form that was sent, a new one without an id. A button beside a question rearranges them instead, and stores
// nothing.
func (s *Site) saveForm(c *fiber.Ctx, id uuid.UUID) error {
	v := at(c)
	d := draftOf(c)
	courses, err := s.coursesToGive(c)
	if err != nil {
		return err
	}
	if do := c.FormValue("do"); do != "" {
		focus := arrange(&d, do, queries.FormKind(c.FormValue("add")))
		return s.newFormEditPage(c, d, id, courses, nil, focus).render(c)
	}
	wrong := d.Check()
	if _, known := chosenCourse(courses, c.FormValue("course")); !known && c.FormValue("course") != "" {
		wrong["course"] = "Choose one of these courses, or none."
	}
	if len(wrong) == 0 {
		saved, err := s.storeForm(c, d, id)
		if err == nil {
			s.flash(c, views.FlashSuccess, "“"+d.Title+"” is saved.")
			return redirect(c, v.base()+"/forms/"+saved.String())
		} else if !errors.Is(err, queries.ErrConflict) {
			return err
		}
		wrong["name"] = "Another form has this address already."
	}
	invalid(c)
	return s.newFormEditPage(c, d, id, courses, wrong, "").render(c)
}

func (s *Site) storeForm(c *fiber.Ctx, d queries.FormDraft, id uuid.UUID) (uuid.UUID, error) {
	v, ctx := at(c), c.UserContext()
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if id == uuid.Nil {
			id = queries.NewID()
			if err := d.Insert(ctx, q, v.account.ID, id, v.now); err != nil {
				return err
			}
			return v.did(ctx, q, "form.create", queries.AuditSubject{Kind: "form", ID: &id, Name: d.Title})
		}
		before, err := q.FormByID(ctx, queries.FormByIDParams{AccountID: v.account.ID, ID: id})
		if err != nil {
			return err
		}
		if err := d.Update(ctx, q, v.account.ID, id, v.now); err != nil {
			return err
		}
		return v.changed(ctx, q, "form.change", queries.AuditSubject{Kind: "form", ID: &id, Name: d.Title}, before.Draft(), d)
	})
	return id, err
}

// draftOf reads the form that was sent.
func draftOf(c *fiber.Ctx) queries.FormDraft {
	d := queries.FormDraft{Name: strings.ToLower(queries.OneLine(c.FormValue("name"))), Title: queries.OneLine(c.FormValue("title")),
		Intro: queries.Lines(c.FormValue("intro")), Button: queries.OneLine(c.FormValue("button")), Thanks: queries.Lines(c.FormValue("thanks")),
		Tags: tagNames(c.FormValue("tags")), Confirm: c.FormValue("confirm") != "", Invite: c.FormValue("invite") != "", Fields: formFieldsOf(c),
		Course: idOrNil(uuidOr(c.FormValue("course"), uuid.Nil))}
	if d.Name == "" {
		d.Name = queries.FormNameOf(d.Title)
	}
	return d
}

// tagNames are the tags of a list with commas, each once.
func tagNames(typed string) []string {
	names, seen := []string{}, map[string]bool{}
	for _, name := range strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if name = queries.OneLine(name); name != "" && !seen[strings.ToLower(name)] {
			names, seen[strings.ToLower(name)] = append(names, name), true
		}
	}
	return names
}

func (s *Site) newFormEditPage(c *fiber.Ctx, d queries.FormDraft, id uuid.UUID, courses []queries.GrantCoursesRow, wrong map[string]string, focus string) *formEditPage {
	v := at(c)
	p := &formEditPage{Page: s.page(c, "Edit form"), Heading: "Edit form", Action: v.base() + "/forms/" + id.String(), Problem: wrong["fields"], FocusAdd: focus == "add"}
	p.Back = p.Action
	if id == uuid.Nil {
		p.Title, p.Heading, p.Action, p.Back, p.New = "New form", "New form", v.base()+"/forms", v.base()+"/forms", true
	}
	p.FormTitle = views.Field{Name: "title", Label: "Title", Value: d.Title, Required: true, MaxLength: queries.FormTitleMost, Autofocus: p.New && focus == ""}
	p.Name = views.Field{Name: "name", Label: "Address", Value: d.Name, MaxLength: 40, Hint: "What stands after " + s.formURL(c, "") + ". Left empty, it is made of the title."}
	if !p.New {
		p.Name.Hint = "What stands after " + s.formURL(c, "") + ". Once it is another one, links and codes that are out there lead nowhere."
	}
	p.Intro = views.Field{Name: "intro", Label: "Text above the questions", Value: d.Intro, Type: "textarea", Rows: 3, MaxLength: queries.FormIntroMost}
	p.Button = views.Field{Name: "button", Label: "Words on the button", Value: d.Button, Required: true, MaxLength: queries.FormButtonMost}
	p.Thanks = views.Field{Name: "thanks", Label: "What they read afterwards", Value: d.Thanks, Type: "textarea", Rows: 3, Required: true, MaxLength: queries.FormThanksMost}
	p.Tags = views.Field{Name: "tags", Label: "Tags", Value: strings.Join(d.Tags, ", "), Hint: "Given to whoever fills the form in; commas between them."}
	p.Confirm = views.Check{Name: "confirm", Label: "Have the address confirmed by mail", Checked: d.Confirm,
		Hint: "It counts only once the link in the mail was followed, so nobody is signed up by somebody else."}
	p.Invite = views.Check{Name: "invite", Label: "Invite to the client portal", Checked: d.Invite, Hint: "Those who have joined already are left alone."}
	if len(courses) > 0 {
		p.Course = courseSelect(courses, "")
		p.Course.Label, p.Course.Error, p.Course.Hint = "Give them a course", wrong["course"], "Once each, however often they fill it in."
		p.Course.Options = append([]views.Option{{Label: "None"}}, p.Course.Options...)
		if d.Course != nil {
			p.Course.Value = d.Course.String()
		}
	}
	for name, field := range map[string]*views.Field{"title": &p.FormTitle, "name": &p.Name, "intro": &p.Intro, "button": &p.Button, "thanks": &p.Thanks, "tags": &p.Tags} {
		field.Refuse(wrong[name])
	}
	for i := range d.Fields {
		p.Questions = append(p.Questions, newFormEditQuestion(d.Fields, i, wrong, focus))
	}
	p.Add = addable(d.Fields)
	return p
}

func (p *formEditPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "forms/edit", "forms/_edit", p)
}
