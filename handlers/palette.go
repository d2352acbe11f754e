package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// palettePage is the answer of the Ctrl-K search: contacts, courses with their lessons, and pages, each a link.
type palettePage struct {
	views.Page
	Search views.Field
	Places []views.NavItem
	Found  []contactRow
	Taught []paletteCourse
}

// paletteCourse is a course or a lesson.
type paletteCourse struct{ Title, Href, Icon, Note string }

func (s *Site) paletteSearch(c *fiber.Ctx) error {
	v := at(c)
	text := strings.TrimSpace(c.Query("q"))
	p := &palettePage{Page: s.page(c, "Search"), Search: views.Field{Name: "q", Label: "Search contacts, courses and pages", Type: "search", Value: text, Autofocus: true}}
	places := append(p.Nav, views.NavItem{Label: "Invite to Client Portal", Href: v.base() + "/invitations/new", Icon: "mail-plus"})
	if v.role.Includes(queries.StaffRoleAdmin) {
		places = append(places, views.NavItem{Label: "Generate Magic Link", Href: v.base() + "/magic-links/new", Icon: "wand-sparkles"},
			views.NavItem{Label: "Add contact", Href: v.base() + "/contacts/new", Icon: "user-plus"})
	}
	for _, place := range places {
		if strings.Contains(strings.ToLower(place.Label), strings.ToLower(text)) {
			p.Places = append(p.Places, place)
		}
	}
	found, err := queries.SearchAll(c.UserContext(), s.DB, v.account.ID, searchText(text), v.now)
	if err != nil {
		return err
	}
	for _, row := range found.Contacts {
		p.Found = append(p.Found, s.newContactRow(c, row))
	}
	p.Taught = v.paletteCourses(found)
	return render(c, views.FrameAdmin, "search/index", "search/_results", p)
}

// paletteCourses leads to where the role can do something with them: whoever cannot edit a lesson sees it as clients do.
func (v *visit) paletteCourses(found queries.Palette) (taught []paletteCourse) {
	note := func(words string, draft bool) string {
		if draft {
			return words + " · Draft"
		}
		return words
	}
	for _, row := range found.Courses {
		taught = append(taught, paletteCourse{row.Title, v.coursePath(row.ID), "graduation-cap", note("Course", row.Draft)})
	}
	between := "/preview/lessons/"
	if v.role.Includes(queries.StaffRoleAdmin) {
		between = "/lessons/"
	}
	for _, row := range found.Lessons {
		taught = append(taught, paletteCourse{row.Title, v.coursePath(row.CourseID) + between + row.ID.String(), "book-open", note("Lesson of “"+row.CourseTitle+"”", row.Draft)})
	}
	return taught
}
