package handlers

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// portalApp is one section of the portal.
type portalApp struct {
	label, icon, path string
	text              string            // what is in it, for its card on the home page
	has               func(*visit) bool // whether the client has something in it; nil: nothing can be put into it yet
}

func always(*visit) bool { return true }

// hasCourses is true of nobody in particular, too: the client that previews show has everything.
func hasCourses(v *visit) bool { return v.client == nil || v.client.HasCourses }

func hasInvoices(v *visit) bool { return v.client == nil || v.client.HasInvoices }

func hasSubscriptions(v *visit) bool { return v.client == nil || v.client.HasSubscriptions }

// portalApps is the one place that knows what an app of the portal is and who has something in it.
var portalApps = map[queries.App]portalApp{
	queries.AppHome:          {"Home", "house", "/", "What waits for you, and all your apps.", always},
	queries.AppCourses:       {"Courses", "book-open", "/courses", "What you learn, and where you left off.", hasCourses},
	queries.AppCommunities:   {"Communities", "message-circle", "/communities", "Talk with others.", nil},
	queries.AppInvoices:      {"Invoices", "receipt", "/invoices", "What is open, and what you have paid.", hasInvoices},
	queries.AppDocuments:     {"Documents", "file-text", "/documents", "What waits for your signature, and what is signed.", nil},
	queries.AppSubscriptions: {"Subscriptions", "repeat", "/subscriptions", "Your plans and the next charge.", hasSubscriptions},
	queries.AppAffiliate:     {"Affiliate", "megaphone", "/affiliate", "Your referral links and what they earned.", nil},
	queries.AppProfile:       {"Profile", "user", "/profile", "Your name, your password, and where you are signed in.", always},
}

// shown says whether the client sees an app: it is on and has something for them.
func (a portalApp) shown(v *visit, choice queries.AppChoice) bool {
	return choice.On && a.has != nil && a.has(v)
}

// apps are those the client sees, in the account's order and under the account's words.
func (v *visit) apps() (apps []portalApp) {
	for _, choice := range v.account.Apps {
		if a := portalApps[choice.App]; a.shown(v, choice) {
			a.label = orElse(choice.Label, a.label)
			apps = append(apps, a)
		}
	}
	return apps
}

// labelOf is what the account calls an app.
func (v *visit) labelOf(app queries.App) string {
	for _, choice := range v.account.Apps {
		if choice.App == app && choice.Label != "" {
			return choice.Label
		}
	}
	return portalApps[app].label
}

// portalNav is the portal's navigation: the client's apps, and the account's own links.
func (v *visit) portalNav(path string) (nav []views.NavItem) {
	for _, a := range v.apps() {
		nav = append(nav, views.NavItem{Label: a.label, Href: a.path, Icon: a.icon, Current: a.isAt(path)})
	}
	return append(nav, menuNav(v.account.Menu)...)
}

// menuNav are an account's own links in the menu.
func menuNav(links []queries.Link) (nav []views.NavItem) {
	for _, link := range links {
		item := views.NavItem{Label: link.Label, Href: link.URL, Icon: "external-link", Away: true}
		if !item.NewTab() {
			item.Icon = "mail"
		}
		nav = append(nav, item)
	}
	return nav
}

// isAt says whether a path is the app's or below it.
func (a portalApp) isAt(path string) bool {
	return path == a.path || a.path != "/" && strings.HasPrefix(path, a.path+"/")
}

// checkApp has an app that the client does not see answer as one that does not exist.
func (v *visit) checkApp(path string) error {
	for _, choice := range v.account.Apps {
		if a := portalApps[choice.App]; a.isAt(path) && !a.shown(v, choice) {
			return queries.ErrNotFound
		}
	}
	return nil
}

// arrival is where somebody who has just signed in goes: to the page they wanted, or to where the account has its clients
// arrive, which arriveShow finds out once it is known who they are.
func (v *visit) arrival(next string) string {
	if next == "/" && v.account.Landing != queries.AppHome {
		return "/arrive"
	}
	return next
}

// arriveShow leads to the app the account chose, or home when the client has nothing there.
func (s *Site) arriveShow(c *fiber.Ctx) error {
	v := at(c)
	for _, choice := range v.account.Apps {
		if a := portalApps[choice.App]; choice.App == v.account.Landing && a.shown(v, choice) {
			return goTo{a.path}
		}
	}
	return goTo{"/"}
}
