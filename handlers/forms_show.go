package handlers

import (
	"fmt"
	"html"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// submissionsPerPage is how many answers are shown at a time.
const submissionsPerPage = 25

// formShowPage is one form with what was sent by it.
type formShowPage struct {
	views.Page
	ID        uuid.UUID
	FormTitle string
	State     contactState
	On        bool
	Does      string
	CanChange bool
	Path      string // of this page
	URL       string // of the form
	Link      views.Copy
	Embed     views.Copy
	Tags      []string
	Sent      submissionsMore
}

// submissionsMore is one page of answers, and the link to the one after it.
type submissionsMore struct {
	Href string // empty: there is no more
	Rows []submissionRow
}

// submissionsMorePage is the next page of answers, sent alone.
type submissionsMorePage struct {
	views.Page
	Sent submissionsMore
}

// submissionRow is what one person sent.
type submissionRow struct {
	ID      uuid.UUID
	Name    string // or the address
	Email   string // empty when it stands as the name
	Href    string // of the contact; empty while there is none
	State   contactState
	At      views.Moment
	Answers []queries.FormAnswer // those that were given
}

func (v *visit) submissionRow(row queries.FormSubmissionListRow) submissionRow {
	r := submissionRow{ID: row.ID, Name: orElse(row.Name, row.Email), State: submissionState(row, v), At: v.moment(&row.CreatedAt)}
	if row.Name != "" {
		r.Email = row.Email
	}
	if row.ContactID != nil {
		r.Href = v.base() + "/contacts/" + row.ContactID.String()
	}
	for _, a := range row.Answers {
		if a.Value != "" {
			r.Answers = append(r.Answers, a)
		}
	}
	return r
}

func submissionState(row queries.FormSubmissionListRow, v *visit) contactState {
	switch {
	case row.ConfirmedAt != nil:
		return contactState{"Counts", "success", "circle-check"}
	case row.ExpiresAt.After(v.now):
		return contactState{"Waits for confirmation", "warning", "clock"}
	}
	return contactState{"Expired, not confirmed", "", "ban"}
}

// formsShow shows a form, and as a fragment the next page of what was sent by it.
func (s *Site) formsShow(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	before := queries.LastID
	if asked, err := uuid.Parse(c.Query("before")); err == nil {
		before = asked
	}
	f, rows, more, err := queries.FormSubmissions(c.UserContext(), s.DB, v.account.ID, id, before, submissionsPerPage)
	if err != nil {
		return err
	}
	p := &formShowPage{Page: s.page(c, f.Title), ID: id, FormTitle: f.Title, State: formState(f.SwitchedOn), On: f.SwitchedOn, Does: formDoes(f.Confirm, f.Invite, f.CourseID != nil),
		CanChange: v.role.Includes(queries.StaffRoleAdmin), Path: v.base() + "/forms/" + id.String(), URL: s.formURL(c, f.Name), Tags: f.Tags}
	p.Link = views.Copy{Value: p.URL, Name: "address of the form"}
	p.Embed = views.Copy{Value: embedCode(p.URL, f), Name: "embed code"}
	for _, row := range rows {
		p.Sent.Rows = append(p.Sent.Rows, v.submissionRow(row))
	}
	if more {
		p.Sent.Href = p.Path + "?before=" + rows[len(rows)-1].ID.String()
	}
	if before != queries.LastID && isFragment(c) {
		return render(c, views.FrameAdmin, "forms/show", "forms/_more", &submissionsMorePage{p.Page, p.Sent})
	}
	return render(c, views.FrameAdmin, "forms/show", "", p)
}

// embedCode is what somebody puts into their own site to have the form there. The height is a guess from what is asked.
func embedCode(url string, f queries.FormByIDRow) string {
	height := 240
	for _, field := range f.Fields {
		switch {
		case field.Kind == queries.FormText:
			height += 160
		case field.Kind == queries.FormChoice && len(field.Options) <= choiceMost:
			height += 50 + 30*len(field.Options)
		default:
			height += 90
		}
	}
	if f.Intro != "" {
		height += 24 * (1 + len(f.Intro)/60)
	}
	return fmt.Sprintf(`<iframe src="%s?embed=1" title="%s" width="100%%" height="%d" style="border:0" loading="lazy"></iframe>`, url, html.EscapeString(f.Title), height)
}
