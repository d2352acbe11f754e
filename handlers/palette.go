package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// palettePage is the answer of the Ctrl-K search: pages and contacts, each a link.
type palettePage struct {
	views.Page
	Search views.Field
	Places []views.NavItem
	Found  []contactRow
}

func (s *Site) paletteSearch(c *fiber.Ctx) error {
	v := at(c)
	text := strings.TrimSpace(c.Query("q"))
	p := &palettePage{Page: s.page(c, "Search"), Search: views.Field{Name: "q", Label: "Search contacts and pages", Type: "search", Value: text, Autofocus: true}}
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
	var err error
	if p.Found, err = s.findContacts(c, text); err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "search/index", "search/_results", p)
}
