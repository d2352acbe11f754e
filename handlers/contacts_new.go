package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// contactNewPage adds one contact by hand.
type contactNewPage struct {
	views.Page
	Name   views.Field
	Email  views.Field
	Invite views.Check
	Known  string // address of the page of the contact that has this address already; empty: nobody has
}

func (s *Site) newContactNewPage(c *fiber.Ctx) *contactNewPage {
	return &contactNewPage{Page: s.page(c, "Add contact"),
		Name: views.Field{Name: "name", Label: "Name", Value: c.FormValue("name"), Autofocus: true, MaxLength: 120, Hint: "Can be left empty: clients give it when they come in."},
		Email: views.Field{Name: "email", Label: "E-mail address", Type: "email", Value: strings.TrimSpace(c.FormValue("email")), InputMode: "email",
			Autocomplete: "off", Required: true, MaxLength: queries.EmailMax},
		Invite: views.Check{Name: "invite", Label: "Send an invitation to the client portal", Checked: c.FormValue("invite") != ""}}
}

func (p *contactNewPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "contacts/new", "contacts/_new", p)
}

func (s *Site) contactsNew(c *fiber.Ctx) error { return s.newContactNewPage(c).render(c) }

func (s *Site) contactsCreate(c *fiber.Ctx) error {
	v := at(c)
	p := s.newContactNewPage(c)
	name, nameErr := queries.ParseName(p.Name.Value)
	email, emailErr := queries.ParseEmail(p.Email.Value)
	p.Name.Error, p.Email.Error = messageOf(nameErr), messageOf(emailErr)
	p.Name.Autofocus = nameErr != nil // else the address is what has to be looked at
	if nameErr != nil || emailErr != nil {
		invalid(c)
		return p.render(c)
	}
	result, err := s.addAndInvite(c, line{Name: name, Email: email}, p.Invite.Checked, false)
	if err != nil {
		return err
	}
	href := v.base() + "/contacts/" + result.ID.String()
	if result.Known {
		p.Known, p.Email.Error = href, "A contact with this address is there already."
		invalid(c)
		return p.render(c)
	}
	text := orElse(name, email) + " is added."
	if p.Invite.Checked {
		text = orElse(name, email) + " is added, and an invitation is on its way."
	}
	s.flash(c, views.FlashSuccess, text)
	return redirect(c, href)
}
