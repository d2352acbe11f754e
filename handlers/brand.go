package handlers

import (
	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// brandPage is how the account looks to its clients: what can be chosen, and what comes of it.
type brandPage struct {
	views.Page
	Name, Support views.Field
	Colors        brandColorFields
	Corners       views.Choice
	Scheme        views.Choice
	SignInTitle   views.Field
	SignInText    views.Field
	Footer, Menu  brandLinks
	ShowProduct   views.Check
	Logo, Picture brandPicture
	Preview       brandPreview
}

func (s *Site) brandShow(c *fiber.Ctx) error {
	p, err := s.savedBrandPage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "brand/show", "", p)
}

func (s *Site) savedBrandPage(c *fiber.Ctx) (*brandPage, error) {
	form, err := s.savedBrand(c)
	if err != nil {
		return nil, err
	}
	return s.newBrandPage(c, form)
}

func (s *Site) newBrandPage(c *fiber.Ctx, form brandForm) (*brandPage, error) {
	p := &brandPage{Page: s.page(c, "Brand"),
		Name: form.field("name", "Name of the business", form.Name, 60, "organization", "On every page, and the sender of mails."),
		Support: form.field("support_email", "Support address", form.SupportEmail, queries.EmailMax, "off",
			"Clients see it at the foot of every page, and their replies go there."),
		SignInTitle: form.field("sign_in_title", "Heading", form.SignInTitle, queries.SignInTitleMax, "off", "Without one it is “Sign in to "+form.Name+"”."),
		SignInText:  form.field("sign_in_text", "Text", form.SignInText, queries.SignInTextMax, "off", "One or two sentences below the heading."),
		Corners: views.Choice{Name: "corners", Label: "Corners", Value: string(form.Corners), Options: []views.Option{
			{Value: views.RadiusSharp, Label: "Sharp"}, {Value: views.RadiusSoft, Label: "Soft"}, {Value: views.RadiusRound, Label: "Round"}}},
		Scheme: views.Choice{Name: "scheme", Label: "Light or dark", Value: string(form.Scheme), Options: []views.Option{
			{Value: views.SchemeAuto, Label: "As each client's device says"}, {Value: views.SchemeLight, Label: "Always light"}, {Value: views.SchemeDark, Label: "Always dark"}}},
		ShowProduct: views.Check{Name: "show_product", Label: "Show Atrium's name", Checked: form.ShowProduct, Hint: "A small “Made with Atrium” at the foot."},
		Footer:      form.linkFields("footer", "Links at the foot", "Such as your imprint and your privacy notice."),
		Menu:        form.linkFields("menu", "Links in the menu", "Below the portal's own places, such as your website or your calendar."),
	}
	p.SignInText.Type, p.SignInText.Rows = "textarea", 3
	p.Colors = form.colors(p.Base)
	p.Logo, p.Picture = p.logo(form), p.picture(form)
	var err error
	p.Preview, err = s.previewOf(c, form, p)
	return p, err
}
