package handlers

import (
	"github.com/gofiber/fiber/v2"

	"atrium/queries"
)

// guard says who may use a route. There is no default: a route without one does not compile into the list.
type guard int

const (
	public  guard = iota + 1 // anybody
	visitor                  // anybody; who is signed in is looked up, so that the page can send them on
	client                   // a signed-in client of the portal's account
	arrived                  // as client, once their first arrival is finished
	person                   // a signed-in staff person, of whatever account
	support                  // staff of the account in the path, by role; each includes the ones before it
	admin
	owner
)

// role is what a guard asks of staff; empty for the others.
func (g guard) role() queries.StaffRole {
	return map[guard]queries.StaffRole{support: queries.StaffRoleSupport, admin: queries.StaffRoleAdmin, owner: queries.StaffRoleOwner}[g]
}

// route is one line of the site.
type route struct {
	method string // GET also answers HEAD
	path   string // :account is an account's slug, :id a row's id, :token a link's
	guard  guard
	handle func(*Site, *fiber.Ctx) error
}

func (r route) methods() []string {
	if r.method == fiber.MethodGet {
		return []string{fiber.MethodGet, fiber.MethodHead}
	}
	return []string{r.method}
}

const (
	get  = fiber.MethodGet
	post = fiber.MethodPost
)

// sharedRoutes are on every host, also on those of nobody.
var sharedRoutes = []route{
	{get, "/static/:file", public, (*Site).staticShow},
	{get, "/favicon.ico", public, (*Site).staticFavicon},
	{get, "/robots.txt", public, (*Site).robotsShow},
	{get, "/healthz", public, (*Site).healthShow},
}

// portalRoutes is the whole portal.
var portalRoutes = []route{
	{get, "/brand/:file", public, (*Site).brandShow},

	{get, "/sign-in", visitor, (*Site).signInShow},
	{post, "/sign-in", public, (*Site).signInByPassword},
	{post, "/sign-in/link", public, (*Site).signInAskLink},
	{get, "/sign-in/code", public, (*Site).signInCodeShow},
	{post, "/sign-in/code", public, (*Site).signInByCode},
	{get, "/l/:token", public, (*Site).linkShow},
	{post, "/l/:token", public, (*Site).linkConfirm},
	{post, "/l/:token/renew", public, (*Site).linkRenew},

	{get, "/welcome", client, (*Site).welcomeShow},
	{post, "/welcome", client, (*Site).welcomeSave},
	{post, "/sign-out", client, (*Site).signOut},

	{get, "/", arrived, (*Site).homeShow},
	{get, "/profile", arrived, (*Site).profileShow},
	{post, "/profile/name", arrived, (*Site).profileSaveName},
	{post, "/profile/password", arrived, (*Site).profileSavePassword},
	{post, "/profile/devices/end-others", arrived, (*Site).profileEndOthers},
	{post, "/profile/devices/:id/end", arrived, (*Site).profileEndDevice},
}

// adminRoutes is the whole admin side. First segments that are not an account's must be reserved slugs.
var adminRoutes = []route{
	{get, "/sign-in", public, (*Site).staffSignInShow},
	{post, "/sign-in", public, (*Site).staffSignIn},
	{get, "/password-reset", public, (*Site).staffResetShow},
	{post, "/password-reset", public, (*Site).staffResetAsk},
	{get, "/l/:token", public, (*Site).staffLinkShow},
	{post, "/l/:token", public, (*Site).staffLinkUse},

	{get, "/", person, (*Site).accountsIndex},
	{post, "/sign-out", person, (*Site).staffSignOut},
	{get, "/sessions", person, (*Site).staffSessionsIndex},
	{post, "/sessions/end-all", person, (*Site).staffSessionsEndAll},
	{post, "/sessions/:id/end", person, (*Site).staffSessionsEnd},

	{get, "/:account", support, (*Site).dashboardShow},
	{get, "/:account/figures", support, (*Site).dashboardFigures},
	{get, "/:account/search", support, (*Site).paletteSearch},

	{get, "/:account/contacts", support, (*Site).contactsIndex},
	{get, "/:account/contacts/new", admin, (*Site).contactsNew},
	{post, "/:account/contacts", admin, (*Site).contactsCreate},
	{get, "/:account/contacts/:id", support, (*Site).contactsShow},
	{post, "/:account/contacts/:id/email", admin, (*Site).contactsSaveEmail},
	{post, "/:account/contacts/:id/invite", support, (*Site).contactsInvite},
	{post, "/:account/contacts/:id/sessions/:session/end", admin, (*Site).contactsEndSession},
	{post, "/:account/contacts/:id/links/:link/revoke", admin, (*Site).contactsRevokeLink},

	{get, "/:account/invitations/new", support, (*Site).invitationsNew},
	{post, "/:account/invitations", support, (*Site).invitationsCreate},
	{get, "/:account/magic-links/new", admin, (*Site).magicLinksNew},
	{post, "/:account/magic-links", admin, (*Site).magicLinksCreate},
}
