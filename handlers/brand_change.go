package handlers

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// brandForm is what the account looks like, as it is saved or as somebody typed it.
type brandForm struct {
	queries.BrandByAccountRow
	links    map[string][]queries.Link // "footer" and "menu", each LinksMost long
	problems map[string]string         // what is wrong, by the name of its field
}

// savedBrand is the brand as it is.
func (s *Site) savedBrand(c *fiber.Ctx) (brandForm, error) {
	row, err := s.q.BrandByAccount(c.UserContext(), at(c).account.ID)
	if err != nil {
		return brandForm{}, queries.Kind(err)
	}
	form := brandForm{BrandByAccountRow: row, problems: map[string]string{}, links: map[string][]queries.Link{
		"footer": make([]queries.Link, queries.LinksMost), "menu": make([]queries.Link, queries.LinksMost)}}
	copy(form.links["footer"], queries.Links(row.FooterLinks))
	copy(form.links["menu"], queries.Links(row.MenuLinks))
	return form, nil
}

// typedBrand is the brand as it is with what was typed in it, and what is wrong with that. The pictures are those there are.
func (s *Site) typedBrand(c *fiber.Ctx) (brandForm, error) {
	form, err := s.savedBrand(c)
	if err != nil {
		return form, err
	}
	take := func(field string, into *string, parse func(string) (string, error)) {
		*into = strings.TrimSpace(c.FormValue(field))
		value, err := parse(*into)
		if err != nil {
			form.problems[field] = messageOf(err)
			return
		}
		*into = value
	}
	text := func(most int) func(string) (string, error) {
		return func(typed string) (string, error) { return queries.ParseText(typed, most) }
	}
	take("name", &form.Name, queries.ParseAccountName)
	take("support_email", &form.SupportEmail, queries.ParseEmail)
	take("accent", &form.Accent, queries.ParseColor)
	take("accent_2", &form.Accent2, queries.ParseColor)
	take("sign_in_title", &form.SignInTitle, text(queries.SignInTitleMax))
	take("sign_in_text", &form.SignInText, text(queries.SignInTextMax))
	form.Corners, form.Scheme = queries.CornerStyle(c.FormValue("corners")), queries.ColorScheme(c.FormValue("scheme"))
	if !form.Corners.Valid() {
		form.Corners = queries.CornerStyleSoft
	}
	if !form.Scheme.Valid() {
		form.Scheme = queries.ColorSchemeAuto
	}
	form.ShowProduct = c.FormValue("show_product") != ""
	form.FooterLinks, err = form.takeLinks(c, "footer")
	if err != nil {
		return form, err
	}
	form.MenuLinks, err = form.takeLinks(c, "menu")
	return form, err
}

// takeLinks reads the links of a kind; those that are right are returned as the column they go into.
func (form brandForm) takeLinks(c *fiber.Ctx, kind string) (column []byte, err error) {
	links := []queries.Link{}
	for i := range form.links[kind] {
		label, address := fmt.Sprintf("%s_label_%d", kind, i+1), fmt.Sprintf("%s_url_%d", kind, i+1)
		typed := queries.Link{Label: c.FormValue(label), URL: c.FormValue(address)}
		link, err := queries.ParseLink(typed.Label, typed.URL)
		switch {
		case err != nil && fieldOf(err) == "label":
			form.problems[label], link = messageOf(err), typed
		case err != nil:
			form.problems[address], link = messageOf(err), typed
		case link != queries.Link{}:
			links = append(links, link)
		}
		form.links[kind][i] = link
	}
	return json.Marshal(links)
}

func (s *Site) brandSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	form, err := s.typedBrand(c)
	if err != nil {
		return err
	}
	if len(form.problems) > 0 {
		p, err := s.newBrandPage(c, form)
		if err != nil {
			return err
		}
		invalid(c)
		return render(c, views.FrameAdmin, "brand/show", "brand/_form", p)
	}
	save := queries.BrandSaveParams{AccountID: v.account.ID, Name: form.Name, SupportEmail: form.SupportEmail, Accent: form.Accent, Accent2: form.Accent2,
		Corners: form.Corners, Scheme: form.Scheme, ShowProduct: form.ShowProduct, FooterLinks: form.FooterLinks, MenuLinks: form.MenuLinks,
		SignInTitle: form.SignInTitle, SignInText: form.SignInText, Now: v.now}
	err = s.changeBrand(c, "brand.save", brandOfTrail, func(q *queries.Queries, _ queries.BrandByAccountRow) error { return q.BrandSave(ctx, save) })
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Saved. Clients see it with the next page they open.")
	return redirect(c, v.base()+"/brand")
}

// changeBrand changes the brand in one transaction and writes into the trail what it was and what it is, each as told by tell.
func (s *Site) changeBrand(c *fiber.Ctx, action string, tell func(queries.BrandByAccountRow) any,
	change func(*queries.Queries, queries.BrandByAccountRow) error) error {
	v, ctx := at(c), c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := q.BrandLock(ctx, v.account.ID); err != nil {
			return err
		}
		before, err := q.BrandByAccount(ctx, v.account.ID)
		if err != nil {
			return queries.Kind(err)
		}
		if err := change(q, before); err != nil {
			return err
		}
		after, err := q.BrandByAccount(ctx, v.account.ID)
		if err != nil {
			return err
		}
		return v.changed(ctx, q, action, queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: after.Name}, tell(before), tell(after))
	})
}

// brandOfTrail is the brand without its pictures, as the trail tells it. The names are stored for good.
func brandOfTrail(row queries.BrandByAccountRow) any {
	return struct {
		Name        string         `json:"name"`
		Support     string         `json:"support_email"`
		Accent      string         `json:"accent"`
		Accent2     string         `json:"accent_2"`
		Corners     string         `json:"corners"`
		Scheme      string         `json:"scheme"`
		ShowProduct bool           `json:"show_product"`
		SignInTitle string         `json:"sign_in_title"`
		SignInText  string         `json:"sign_in_text"`
		Footer      []queries.Link `json:"footer_links"`
		Menu        []queries.Link `json:"menu_links"`
	}{row.Name, row.SupportEmail, row.Accent, row.Accent2, string(row.Corners), string(row.Scheme), row.ShowProduct, row.SignInTitle, row.SignInText,
		queries.Links(row.FooterLinks), queries.Links(row.MenuLinks)}
}
