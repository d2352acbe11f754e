package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/handlers/internal/directory"
	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// isFragment says whether a part of the page was asked for and not the page: by htmx, and neither by a boosted link nor to
// restore a page from history.
func isFragment(c *fiber.Ctx) bool {
	return c.Get("HX-Request") == "true" && c.Get("HX-Boosted") != "true" && c.Get("HX-History-Restore-Request") != "true" &&
		c.Get("HX-Request-Type") != "full"
}

// render answers with the page in its frame, or with the fragment alone when that was asked for. An empty fragment means
// that the page has none.
func render(c *fiber.Ctx, frame, page, fragment string, data views.Framed) error {
	variesByPart(c)
	if fragment != "" && isFragment(c) {
		return write(c, fragment, data)
	}
	return write(c, page, data, frame)
}

// write answers with what a template makes, as Fiber's Render would. That one fills a list without a lock when there is none yet, which the
// first pages of a program, asked for at once, race for (2.52.15); and it copies each page once more.
func write(c *fiber.Ctx, name string, data any, frame ...string) error {
	r := c.Response()
	r.ResetBody()
	if err := c.App().Config().Views.Render(r.BodyWriter(), name, data, frame...); err != nil {
		return err
	}
	r.Header.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	return nil
}

// variesByPart says what else a page depends on: whether it was asked for, or a part of it.
func variesByPart(c *fiber.Ctx) { c.Vary("HX-Request", "HX-Request-Type") }

// invalid marks an answer as the form sent back with its messages.
func invalid(c *fiber.Ctx) { c.Status(fiber.StatusUnprocessableEntity) }

// page fills what every page has. It gives the browser its cookie, since every frame holds a form or may.
func (s *Site) page(c *fiber.Ctx, title string) views.Page {
	v := at(c)
	p := views.Page{Title: title, Token: s.formToken(c), Flash: s.takeFlash(c), Now: v.now}
	if v.account != nil {
		p.Account = v.account.Shown()
		p.Description = "The client portal of " + v.account.Name + "."
	}
	switch {
	case v.staff != nil && !v.staff.WaitsForCode: // who is half signed in is nobody yet
		s.fillAdmin(c, &p)
	case v.client != nil:
		p.Person = views.Person{Name: v.client.Name, Email: v.client.Email, Href: "/profile", Photo: avatarPath("", v.client.AvatarHash)}
		p.Zone, p.Locale = v.client.TimeZone, v.client.Locale
		p.Nav = v.portalNav(c.Path())
		if v.visiting() {
			p.Visit = v.visitBanner()
			allowFormTo(c, s.Addresses.Admin()) // where its end leads
		}
	case v.account == nil && s.host(c.Context()) == s.Addresses.AppHost:
		p.Account.Name = "Atrium"
	}
	return p
}

// secretPage is a page behind a link with a token: search engines are to leave it out.
func (s *Site) secretPage(c *fiber.Ctx, title string) views.Page {
	p := s.page(c, title)
	p.NoIndex = true
	return p
}

// fillAdmin is the admin side's own: it wears no brand but the account's name, since staff look at it all day.
func (s *Site) fillAdmin(c *fiber.Ctx, p *views.Page) {
	v := at(c)
	p.Account = views.Account{Name: "Atrium"}
	p.Person = views.Person{Name: v.staff.Name, Email: v.staff.Email, Href: "/sessions"}
	for i, id := range v.staff.AccountIds {
		account := s.accounts.ByID(id)
		if account == nil {
			continue
		}
		p.Accounts = append(p.Accounts, views.AccountChoice{ID: account.ID, Name: account.Name, Href: "/" + strings.ToLower(account.Slug),
			Role: roleWords(queries.StaffRole(v.staff.Roles[i])), Current: v.account == account})
	}
	if v.account == nil {
		return
	}
	p.Account.Name, p.Base, p.Person.Role = v.account.Name, v.base(), roleWords(v.role)
	p.Nav = v.adminNav(c)
}

func roleWords(r queries.StaffRole) string {
	return map[queries.StaffRole]string{queries.StaffRoleOwner: "Owner", queries.StaffRoleAdmin: "Admin", queries.StaffRoleSupport: "Support"}[r]
}

// portalURL is the root of the account's portal as its clients reach it.
func (s *Site) portalURL(a *directory.Account) string { return s.Addresses.Portal(a.Slug, a.Domain) }

func (s *Site) linkURL(a *directory.Account, token string) string {
	return s.portalURL(a) + jobs.LinkPath(token)
}

// templateGaveUp tells that html/template wrote a page or fragment because its compiled template could not: the log once for each
// template, as it is slower and nothing worse, and the figures each time.
func (s *Site) templateGaveUp(template string, why error) {
	if s.GaveUp != nil {
		s.GaveUp(template)
	}
	if _, logged := s.gaveUp.LoadOrStore(template, true); !logged {
		s.Log.Warn("a compiled template gave up, so html/template writes what it should", "template", template, "error", why)
	}
}
