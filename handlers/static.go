package handlers

import (
	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// forEver is the caching of what has its content's hash in its path.
const forEver = views.AssetCacheControl

func (s *Site) staticShow(c *fiber.Ctx) error {
	asset, found := views.Open("/static/" + c.Params("file"))
	if !found {
		return queries.ErrNotFound
	}
	return sendAsset(c, asset, forEver)
}

func (s *Site) staticFavicon(c *fiber.Ctx) error {
	asset, found := views.Open(views.AssetPath("favicon.svg"))
	if !found {
		return queries.ErrNotFound
	}
	return sendAsset(c, asset, "public, max-age=86400")
}

func sendAsset(c *fiber.Ctx, asset *views.Asset, caching string) error {
	body, encoding := asset.Encoded(c.Get(fiber.HeaderAcceptEncoding))
	if encoding != "" {
		c.Set(fiber.HeaderContentEncoding, encoding)
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	c.Set(fiber.HeaderCacheControl, caching)
	c.Set(fiber.HeaderContentType, asset.ContentType)
	return c.Send(body)
}

// sendPicture sends an account's own picture. An SVG is a document of its own when it is opened as one: in a sandbox it can
// run nothing.
func sendPicture(c *fiber.Ctx, contentType string, picture []byte) error {
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	c.Set(fiber.HeaderCacheControl, forEver)
	c.Set(fiber.HeaderContentType, contentType)
	return c.Send(picture)
}

// robotsShow keeps search engines away from links, which are nobody's business but one person's.
func (s *Site) robotsShow(c *fiber.Ctx) error {
	return c.Type("txt").SendString("User-agent: *\nDisallow: /l/\nDisallow: /email/\n")
}
