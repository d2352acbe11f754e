package handlers

import (
	"fmt"

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

// brandColorFields are the two colours, each with how well it reads.
type brandColorFields struct {
	Base            string // as views.Page.Base
	Accent, Accent2 brandColor
}

// brandColor is one colour.
type brandColor struct {
	views.Field
	Reads  bool
	Ratio  string // of the contrast, such as 3.2:1
	Better string // the nearest colour that reads; empty when this one does
}

// brandLinks is a list of links to be filled in.
type brandLinks struct {
	Legend, Hint string
	Rows         []brandLink
}

// brandLink is one link's two fields.
type brandLink struct{ Label, URL views.Field }

// brandPicture is a picture of the account, with the ways to another one.
type brandPicture struct {
	Kind   string // logo or picture
	Path   string // where its forms go
	Title  string
	Text   string // what it is for
	Accept string // the media types a file dialog offers
	URL    string // empty: there is none
	Before string // that of the one before; empty: there was none
	Error  string
	Token  string
	Remove views.Confirm
}

func (s *Site) brandShow(c *fiber.Ctx) error {
	form, err := s.savedBrand(c)
	if err != nil {
		return err
	}
	return s.renderBrand(c, form, "")
}

// renderBrand shows the page, or the fragment of it.
func (s *Site) renderBrand(c *fiber.Ctx, form brandForm, fragment string) error {
	p, err := s.newBrandPage(c, form)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "brand/show", fragment, p)
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

func (form brandForm) field(name, label, value string, most int, autocomplete, hint string) views.Field {
	f := views.Field{Name: name, Label: label, Value: value, MaxLength: most, Autocomplete: autocomplete, Hint: hint,
		Required: name == "name" || name == "support_email"}
	if name == "support_email" {
		f.Type = "email"
	}
	f.Refuse(form.problems[name])
	return f
}

func (form brandForm) colors(base string) brandColorFields {
	color := func(name, label, value, hint string) brandColor {
		ratio, nearest := views.Readable(value, string(form.Scheme))
		c := brandColor{Field: form.field(name, label, value, 0, "off", hint), Ratio: fmt.Sprintf("%.1f:1", ratio), Reads: ratio >= 4.5}
		if c.Type = "color"; !c.Reads {
			c.Better = nearest
		}
		return c
	}
	return brandColorFields{base, color("accent", "First colour", form.Accent, "Buttons, links, and where somebody is."),
		color("accent_2", "Second colour", form.Accent2, "Now and then beside the first.")}
}

func (form brandForm) linkFields(kind, legend, hint string) brandLinks {
	links := brandLinks{Legend: legend, Hint: hint}
	for i, link := range form.links[kind] {
		n := fmt.Sprint(i + 1)
		row := brandLink{form.field(kind+"_label_"+n, legend+", "+n+": words", link.Label, queries.LinkLabelMax, "off", ""),
			form.field(kind+"_url_"+n, legend+", "+n+": address", link.URL, queries.LinkURLMax, "off", "")}
		row.Label.LabelHidden, row.URL.LabelHidden = true, true
		row.Label.Placeholder, row.URL.Placeholder, row.URL.InputMode = "Words", "https://", "url"
		links.Rows = append(links.Rows, row)
	}
	return links
}

func (p *brandPage) logo(form brandForm) brandPicture {
	b := brandPicture{Kind: "logo", Path: p.Base + "/brand/logo", Title: "Logo", Token: p.Token, Accept: "image/png,image/jpeg,image/webp,image/svg+xml",
		Text: "Stands at the top of every page and of mails; the small icon of browser tabs is made from it. PNG, JPEG, WebP or SVG, up to 2 MB and 4096 pixels.",
		Remove: views.Confirm{ID: "logo-remove", Title: "Remove the logo?", Text: "Pages show the name of the business instead, and the icon of browser tabs is its first letter.",
			Verb: "Remove logo", Action: p.Base + "/brand/logo/remove", Token: p.Token}}
	b.show(p.Base, "logo-", form.LogoHash, form.LogoBefore)
	return b
}

func (p *brandPage) picture(form brandForm) brandPicture {
	b := brandPicture{Kind: "picture", Path: p.Base + "/brand/picture", Title: "Picture", Token: p.Token, Accept: "image/png,image/jpeg,image/webp",
		Text: "Stands beside the form on wide screens; phones leave it out. PNG, JPEG or WebP, up to 2 MB and 4096 pixels.",
		Remove: views.Confirm{ID: "picture-remove", Title: "Remove the picture?", Text: "The sign-in page then shows its form alone.",
			Verb: "Remove picture", Action: p.Base + "/brand/picture/remove", Token: p.Token}}
	b.show(p.Base, "picture-", form.PictureHash, form.PictureBefore)
	return b
}

// show sets the picture there is, and the one before where it is another.
func (b *brandPicture) show(base, kind, hash, before string) {
	if hash != "" {
		b.URL = base + "/brand/files/" + kind + hash
	}
	if before != "" && before != hash {
		b.Before = base + "/brand/files/" + kind + before
	}
}
