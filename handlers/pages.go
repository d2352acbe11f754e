package handlers

import "strings"

// PageRoute is a route that answers with a page: something a person looks at.
type PageRoute struct {
	Side string // "portal" or "admin"
	Path string // the route's pattern, such as /:account/contacts/:id
}

// Name is the route as a file can be called: admin-account-contacts-id.
func (p PageRoute) Name() string {
	return strings.TrimSuffix(p.Side+strings.NewReplacer("/:", "-", "/", "-").Replace(p.Path), "-")
}

// notPages are the GET routes that answer with something else.
var notPages = map[string]bool{
	"/brand/:file":                                  true,
	"/:account/figures":                             true,
	"/:account/forms/:id/export":                    true,
	"/:account/tasks/:id/progress":                  true,
	"/:account/tasks/:id/file.csv":                  true,
	"/:account/tasks/:id/results.csv":               true,
	"/:account/courses/:id/cover":                   true,
	"/two-factor/picture.png":                       true,
	"/:account/audit-log/export":                    true,
	"/:account/mail-texts/:kind/frame":              true,
	"/:account/mail-log/:id/copy":                   true,
	"/arrive":                                       true,
	"/:account/brand/files/:file":                   true,
	"/avatars/:hash":                                true,
	"/:account/avatars/:hash":                       true,
	"/invoices/:id/pay":                             true,
	"/invoices/:id/pdf":                             true,
	"/invoices/:id/receipt":                         true,
	"/pay/:token/go":                                true,
	"/pay/:token/pdf":                               true,
	"/subscriptions/:id/payment":                    true,
	"/subscriptions/:id/payment/back":               true,
	"/o/:name/buy":                                  true,
	"/courses/:id/cover/:cover":                     true,
	"/:account/stripe/onboard":                      true,
	"/:account/stripe/return":                       true,
	"/:account/stripe/walks":                        true,
	"/profile/export":                               true,
	"/:account/contacts/import/:import/outcome.csv": true,

	"/courses/:id/lessons/:lesson/files/:attachment":          true,
	"/courses/:id/lessons/:lesson/video":                      true,
	"/courses/:id/certificate":                                true,
	"/:account/courses/:id/lessons/:lesson/files/:attachment": true,
	"/:account/courses/:id/lessons/:lesson/video":             true,
	"/:account/courses/:id/certificates/:certificate":         true,
}

// Pages is every page there is, for tests that look at all of them. A new GET route is one unless notPages names it.
func Pages() (pages []PageRoute) {
	collect := func(side string, routes []route) {
		for _, r := range routes {
			if r.method == get && !notPages[r.path] {
				pages = append(pages, PageRoute{side, r.path})
			}
		}
	}
	collect("portal", portalRoutes)
	collect("admin", adminRoutes)
	return pages
}
