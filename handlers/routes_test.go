package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/queries"
)

// things are one of everything that a path can name, all of one account.
type things struct {
	account                     account
	contact                     contact
	session, link, staffSession uuid.UUID // of other browsers than the one that asks
	token                       string    // the link's path
}

// things makes them: a contact with a session and a link, and a staff person's session that is not for the asking.
func (s *testSite) things(t testing.TB, a account, p staff) things {
	t.Helper()
	c := s.arrived(t, a, queries.NewID().String()+"@example.com", "Ana Souza")
	w := things{account: a, contact: c, session: s.session(t, c), staffSession: s.staffSession(t, p)}
	w.token, w.link = s.magicLink(t, c, queries.AppHome, queries.MagicLinkDefault)
	return w
}

// path is the path of a route with the names in it filled in.
func (w things) path(pattern string) string {
	session := w.session.String()
	if strings.HasPrefix(pattern, "/sessions/") {
		session = w.staffSession.String()
	}
	return strings.NewReplacer("/contacts/:id", "/contacts/"+w.contact.id.String(), ":id", session, ":session", session, ":link", w.link.String(),
		":account", w.account.slug, "/l/:token", w.token).Replace(pattern)
}

// hosted is the list of a kind of host, with who may use all of it.
type hosted struct {
	name     string
	routes   []route
	nobody   func() *browser
	somebody func() *browser // a client, or the owner of acme
}

func (s *testSite) hosted(t testing.TB, w *things, maya staff) []hosted {
	t.Helper()
	return []hosted{
		{"portal", portalRoutes, func() *browser { return s.portal(t, s.acme) }, func() *browser { return s.client(t, w.contact) }},
		{"admin", adminRoutes, func() *browser { return s.admin(t) }, func() *browser { return s.staff(t, maya) }},
	}
}

// Whoever is not signed in sees nothing of a route that is not public, changes nothing by it, and comes back to the page
// after signing in.
func TestRoutesAreClosed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	for _, host := range s.hosted(t, &w, maya) {
		nobody, stale := host.nobody(), host.nobody()
		stale = stale.with("Cookie", sessionCookie+"="+queries.NewToken())
		token := nobody.token()
		for _, r := range host.routes {
			if r.guard == public || r.guard == visitor {
				continue
			}
			path, to := w.path(r.path), "/sign-in"
			if r.method != get {
				before := s.everything(t)
				nobody.send(r.method, path, url.Values{"_token": {token}}).leadsTo(to)
				if s.everything(t) != before {
					t.Errorf("%s %s of nobody changed something", r.method, r.path)
				}
				continue
			}
			if path += "?q=a%26b"; r.path != "/" {
				to += "?next=" + url.QueryEscape(path)
			}
			nobody.get(path).leadsTo(to)
			nobody.send(http.MethodHead, path, nil).leadsTo(to)
			stale.get(path).leadsTo(to)
			if p := nobody.htmx().get(path).is(http.StatusOK); !strings.HasPrefix(p.header.Get("HX-Redirect"), "/sign-in") || p.body != "OK" {
				t.Errorf("%s for a part: HX-Redirect %q, body %q", r.path, p.header.Get("HX-Redirect"), p.body)
			}
		}
	}
}

// A client who has not finished the first arrival is brought there from every page, and then on to where they wanted.
func TestRoutesBringNewcomersToWelcome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "")
	link, _ := s.magicLink(t, ana, queries.AppHome, queries.MagicLinkDefault)
	b := s.portal(t, s.acme)
	b.fill(b.get(link), "form[action='"+link+"']").leadsTo("/")
	token := b.token()
	w := things{account: s.acme, contact: ana, session: s.session(t, ana)}
	before := s.everything(t)
	for _, r := range portalRoutes {
		switch {
		case r.guard != arrived:
		case r.method != get:
			b.send(r.method, w.path(r.path), url.Values{"_token": {token}, "name": {"Ana"}, "password": {rightPassword}}).leadsTo("/welcome")
		case r.path == "/":
			b.get("/").leadsTo("/welcome")
		default:
			b.get(w.path(r.path)).leadsTo("/welcome?next=" + url.QueryEscape(w.path(r.path)))
		}
	}
	if s.everything(t) != before {
		t.Error("somebody who has not arrived changed something")
	}
}

// An account's slug stands first in the paths of the admin host; whatever else stands there has to be reserved.
func TestRoutesReserveTheirFirstWords(t *testing.T) {
	t.Parallel()
	reserved := 0
	for _, r := range append(sharedRoutes, adminRoutes...) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
		if first == "" || first == ":account" {
			continue
		}
		reserved++
		if slug, err := queries.ParseSlug(first); err == nil {
			t.Errorf("%s: an account can have the slug %s", r.path, slug)
		}
	}
	if reserved == 0 {
		t.Error("no route begins with a word")
	}
}

// Every route names its guard, and only those of accounts have a role.
func TestRoutesHaveGuards(t *testing.T) {
	t.Parallel()
	for _, list := range [][]route{sharedRoutes, portalRoutes, adminRoutes} {
		for _, r := range list {
			if r.guard < public || r.guard > owner {
				t.Errorf("%s has no guard", r.path)
			}
			if ofAccount := strings.HasPrefix(r.path, "/:account"); ofAccount != (r.guard.role() != "") {
				t.Errorf("%s: guard %d", r.path, r.guard)
			}
		}
	}
}

// Whoever looks at all pages finds every GET route once, under a name of its own.
func TestPagesAreAllPages(t *testing.T) {
	t.Parallel()
	names, gets := map[string]bool{}, 0
	for _, p := range Pages() {
		if names[p.Name()] || strings.ContainsAny(p.Name(), "/:") {
			t.Errorf("%s is called %s", p.Path, p.Name())
		}
		names[p.Name()] = true
	}
	for _, r := range append(portalRoutes, adminRoutes...) {
		if r.method == get {
			gets++
		}
	}
	if len(names)+len(notPages) != gets {
		t.Errorf("%d pages and %d routes that are none, of %d", len(names), len(notPages), gets)
	}
}
