package handlers

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// formsPage is the list of the account's public forms.
type formsPage struct {
	views.Page
	Rows      []formRow
	More      string // the next page; empty: there is none
	CanChange bool
	None      views.Empty
}

// formRow is one line of the list.
type formRow struct {
	Title       string
	Href        string // of the form's page on the admin side
	Path        string // on the portal: /f/NAME
	URL         string // the same, whole
	Submissions string
	State       contactState
	Does        string // what happens with an answer, in a few words
	Created     views.Moment
}

const (
	// formsPerPage is how many forms the list shows at a time.
	formsPerPage = 50
	// formsCountedTo is as far as answers are counted in it.
	formsCountedTo = 1000
)

func (s *Site) formsIndex(c *fiber.Ctx) error {
	v := at(c)
	before := uuidOr(c.Query("before"), queries.LastID)
	rows, err := s.q.FormList(c.UserContext(), queries.FormListParams{AccountID: v.account.ID, Before: before, PageSize: formsPerPage + 1})
	if err != nil {
		return err
	}
	p := &formsPage{Page: s.page(c, "Forms"), CanChange: v.role.Includes(queries.StaffRoleAdmin)}
	if len(rows) > formsPerPage {
		rows = rows[:formsPerPage]
		p.More = v.base() + "/forms?before=" + rows[formsPerPage-1].ID.String()
	}
	for _, row := range rows {
		r := formRow{Title: row.Title, Href: v.base() + "/forms/" + row.ID.String(), Path: jobs.FormPath(row.Name), URL: s.formURL(c, row.Name),
			Submissions: strconv.FormatInt(row.Submissions, 10), State: formState(row.SwitchedOn), Does: formDoes(row.Confirm, row.Invite, row.Enrols),
			Created: v.moment(&row.CreatedAt)}
		if row.Submissions > formsCountedTo {
			r.Submissions = "over 1,000"
		}
		p.Rows = append(p.Rows, r)
	}
	p.None = views.Empty{Icon: "inbox", Title: "No forms yet", Text: "A form stands on your portal or inside your own site. Whoever fills it in becomes a contact."}
	if p.CanChange {
		p.None.Action, p.None.Href = "New form", v.base()+"/forms/new"
	}
	if before != queries.LastID && isFragment(c) {
		return render(c, views.FrameAdmin, "forms/index", "forms/_older", p)
	}
	return render(c, views.FrameAdmin, "forms/index", "", p)
}

// formURL is a form's whole address.
func (s *Site) formURL(c *fiber.Ctx, name string) string {
	return s.portalURL(at(c).account) + jobs.FormPath(name)
}

func formState(on bool) contactState {
	if on {
		return contactState{"On", "success", "circle-check"}
	}
	return contactState{"Off", "", "ban"}
}

// formDoes says what becomes of whoever fills a form in.
func formDoes(confirm, invite, enrols bool) string {
	var does []string
	if confirm {
		does = append(does, "Confirms by mail")
	}
	does = append(does, "becomes a contact")
	if enrols {
		does = append(does, "is given a course")
	}
	if invite {
		does = append(does, "is invited")
	}
	words := strings.Join(does, ", ")
	return strings.ToUpper(words[:1]) + words[1:]
}
