package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

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
