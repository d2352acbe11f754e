package handlers

import (
	"github.com/gofiber/fiber/v2"

	"atrium/views"
)

// accountsPage lets a staff person of several accounts choose one, and tells one of none what to do.
type accountsPage struct {
	views.Page
}

// accountsIndex goes straight to the account when there is one to go to.
func (s *Site) accountsIndex(c *fiber.Ctx) error {
	p := &accountsPage{Page: s.page(c, "Your accounts")}
	if len(p.Accounts) == 1 {
		return goTo{p.Accounts[0].Href}
	}
	return render(c, views.FrameAdmin, "accounts/index", "", p)
}
