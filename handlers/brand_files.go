package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// brandShown is what a page shows of an account; root stands before its files.
func brandShown(a queries.AccountListRow, root string) views.Account {
	shown := views.Account{Name: a.Name, SupportEmail: a.SupportEmail, ShowProduct: a.ShowProduct, SignInTitle: a.SignInTitle, SignInText: a.SignInText,
		Stylesheet: root + views.BrandFile(brandColors(a)), FaviconURL: root + views.BrandIconFile(a.Name, a.Accent)}
	if a.Scheme != queries.ColorSchemeAuto {
		shown.Scheme = string(a.Scheme)
	}
	if a.LogoHash != "" {
		shown.LogoURL = root + "logo-" + a.LogoHash
	}
	switch icon := root + "picture-" + a.IconHash; a.IconHash {
	case "":
	case a.LogoHash: // a drawing, which has every size
		shown.FaviconURL, shown.TouchIconURL = icon, icon
	default:
		shown.FaviconURL, shown.TouchIconURL, shown.LargeIconURL = icon+"-32", icon+"-180", icon+"-512"
	}
	if a.PictureHash != "" {
		shown.PictureURL = root + "picture-" + a.PictureHash
	}
	for _, link := range queries.Links(a.FooterLinks) {
		shown.Footer = append(shown.Footer, views.Link(link))
	}
	return shown
}

func brandColors(a queries.AccountListRow) views.Brand {
	return views.Brand{Accent: a.Accent, Accent2: a.Accent2, Radius: string(a.Corners), Scheme: string(a.Scheme)}
}

// brandFile serves what an account looks like. Every name tells its content, so what pages have found once stays where it was
// while they are open, whatever the account has chosen since.
func (s *Site) brandFile(c *fiber.Ctx) error {
	account, file := at(c).account, c.Params("file")
	if brand, exact, isSheet := views.BrandOfFile(file); isSheet {
		caching := forEver
		if !exact { // made by another version of the program that runs beside this one
			caching = "public, max-age=60"
		}
		c.Set(fiber.HeaderCacheControl, caching)
		c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
		return c.Send(views.BrandStylesheet(brand))
	}
	if icon, isIcon := views.BrandIconOfFile(file); isIcon {
		return sendPicture(c, "image/svg+xml", icon)
	}
	kind, hash, _ := strings.Cut(file, "-")
	switch kind {
	case "logo", "picture":
	case "cover", "offer": // which its hash begins with
		hash = file
	default:
		return queries.ErrNotFound
	}
	picture, err := s.q.PictureOfBrand(c.UserContext(), queries.PictureOfBrandParams{AccountID: account.ID, Hash: hash})
	if err != nil {
		return queries.Kind(err)
	}
	return sendPicture(c, picture.MediaType, picture.Content)
}
