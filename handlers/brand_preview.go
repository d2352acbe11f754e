package handlers

import (
	"bytes"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/handlers/internal/directory"
	"atrium/queries"
	"atrium/views"
)

// brandPreview is what clients would see. Two are whole pages, shown without scripts inside the page; the mail is a file,
// since mails have their looks inline, which no page may.
type brandPreview struct {
	SignIn, Home string // documents
	Mail         string // path
}

// brandPreviewPart is the answer to typing: the previews, and the colours with how well they read.
type brandPreviewPart struct {
	Preview brandPreview
	Colors  brandColorFields
}

// brandPreview answers with what would come of the form. Without scripts it shows the whole page again, unsaved.
func (s *Site) brandPreview(c *fiber.Ctx) error {
	form, err := s.typedBrand(c)
	if err != nil {
		return err
	}
	if field, color, _ := strings.Cut(c.FormValue("use"), ":"); field == "accent" {
		form.Accent = color
	} else if field == "accent_2" {
		form.Accent2 = color
	}
	p, err := s.newBrandPage(c, form)
	if err != nil {
		return err
	}
	if isFragment(c) {
		return write(c, "brand/_previewed", brandPreviewPart{p.Preview, p.Colors})
	}
	return render(c, views.FrameAdmin, "brand/show", "", p)
}

// previewOf renders what clients would see of the brand as typed.
func (s *Site) previewOf(c *fiber.Ctx, form brandForm, p *brandPage) (brandPreview, error) {
	v, root := at(c), p.Base+"/brand/files/"
	typed := v.account.AccountListRow
	typed.Name, typed.SupportEmail, typed.Accent, typed.Accent2, typed.Corners, typed.Scheme = form.Name, form.SupportEmail, form.Accent, form.Accent2, form.Corners, form.Scheme
	typed.ShowProduct, typed.SignInTitle, typed.SignInText, typed.FooterLinks = form.ShowProduct, form.SignInTitle, form.SignInText, form.FooterLinks
	typed.LogoHash, typed.IconHash, typed.PictureHash = form.LogoHash, form.IconHash, form.PictureHash
	frame := views.Page{Account: directory.Shown(typed, root), Now: v.now, Still: true}
	signIn := &signInPage{Page: frame, Email: views.Field{Name: "email", Label: "E-mail address", Type: "email"},
		Password: views.Field{Name: "password", Label: "Password", Type: "password"}}
	home := &homePage{Page: frame, Greeting: greeting(v.now.Hour(), "Ana"), Apps: appCards(v.apps())}
	home.Person = views.Person{Name: "Ana Souza", Email: "ana@example.com"}
	home.Nav = append(v.portalNav("/")[:len(v.apps())], menuNav(queries.Links(form.MenuLinks))...)
	home.Waiting = []waitingItem{{"key-round", "Sign in faster next time", "With a password it takes one step less.", "Choose a password", "/"}}
	preview := brandPreview{Mail: root + "mail.html?" + url.Values{"name": {form.Name}, "accent": {form.Accent}, "support_email": {form.SupportEmail}}.Encode()}
	var err error
	if preview.SignIn, err = s.document("signin/index", views.FrameCard, signIn); err != nil {
		return preview, err
	}
	preview.Home, err = s.document("home/index", views.FramePortal, home)
	return preview, err
}

// document is a whole page as text.
func (s *Site) document(page, frame string, data views.Framed) (string, error) {
	var out bytes.Buffer
	err := s.engine.Render(&out, page, data, frame)
	return out.String(), err
}

// brandFileForStaff serves the admin side what the previews show: the same files as on the portal, and a mail.
func (s *Site) brandFileForStaff(c *fiber.Ctx) error {
	if c.Params("file") == "mail.html" {
		return s.brandMail(c)
	}
	return s.brandFile(c)
}

// brandMail is an invitation as it would look. What is no name, colour or address yet is as it is saved.
func (s *Site) brandMail(c *fiber.Ctx) error {
	v := at(c)
	portal := s.portalURL(v.account)
	m := views.Mail{Kind: views.MailInvitation, To: views.MailPerson{Name: "Ana Souza", Email: "ana@example.com"}, Link: portal + "/l/preview",
		ExpiresAt: v.now.Add(14 * 24 * time.Hour), Location: v.now.Location(), InvitedBy: v.staff.Name,
		Account: views.MailAccount{Name: v.account.Name, Accent: v.account.Accent, SupportEmail: v.account.SupportEmail, PortalURL: portal}}
	if a := v.account; a.LogoHash != "" && !isDrawing(a.LogoHash, a.IconHash) {
		m.Account.LogoURL = s.Addresses.Admin() + v.base() + "/brand/files/logo-" + a.LogoHash
	}
	if name, err := queries.ParseAccountName(c.Query("name")); err == nil {
		m.Account.Name = name
	}
	if accent, err := queries.ParseColor(c.Query("accent")); err == nil {
		m.Account.Accent = accent
	}
	if support, err := queries.ParseEmail(c.Query("support_email")); err == nil {
		m.Account.SupportEmail = support
	}
	mail, err := views.RenderMail(m)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, views.MailContentSecurityPolicy("'self' data:"))
	return c.Type("html", "utf-8").SendString(mail.HTML)
}
