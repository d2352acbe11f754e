package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// adminPlaces is the menu of the admin side, in order, with the role each place takes.
var adminPlaces = []struct {
	label, path, icon, group string
	role                     queries.StaffRole
}{
	{"Dashboard", "", "layout-dashboard", "", queries.StaffRoleSupport},
	{"Contacts", "/contacts", "users", "", queries.StaffRoleSupport},
	{"Forms", "/forms", "file-text", "", queries.StaffRoleSupport},
	{"Tasks", "/tasks", "list-checks", "", queries.StaffRoleSupport},
	{"Courses", "/courses", "graduation-cap", "Apps", queries.StaffRoleSupport},
	{"Offers", "/offers", "tag", "Apps", queries.StaffRoleSupport},
	{"Invoices", "/invoices", "receipt", "Apps", queries.StaffRoleSupport},
	{"Orders", "/orders", "credit-card", "Apps", queries.StaffRoleSupport},
	{"Subscriptions", "/subscriptions", "repeat", "Apps", queries.StaffRoleSupport},
	{"Brand", "/brand", "palette", "Portal", queries.StaffRoleAdmin},
	{"Apps", "/apps", "layout-grid", "Portal", queries.StaffRoleAdmin},
	{"Mail texts", "/mail-texts", "pencil", "Portal", queries.StaffRoleAdmin},
	{"Reminders", "/reminders", "clock", "Portal", queries.StaffRoleAdmin},
	{"People", "/people", "user-round", "Business", queries.StaffRoleAdmin},
	{"Stripe", "/stripe", "credit-card", "Business", queries.StaffRoleAdmin},
	{"Mail log", "/mail-log", "mail", "Business", queries.StaffRoleSupport},
	{"Audit log", "/audit-log", "book-open", "Business", queries.StaffRoleAdmin},
	{"Settings", "/settings", "settings", "Business", queries.StaffRoleOwner},
}

// adminNav is the menu as the role sees it.
func (v *visit) adminNav(c *fiber.Ctx) (nav []views.NavItem) {
	for _, p := range adminPlaces {
		if href := v.base() + p.path; v.role.Includes(p.role) {
			nav = append(nav, views.NavItem{Label: p.label, Href: href, Icon: p.icon, Group: p.group,
				Current: c.Path() == href || p.path != "" && strings.HasPrefix(c.Path(), href+"/")})
		}
	}
	return nav
}
