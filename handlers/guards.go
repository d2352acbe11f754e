package handlers

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// guarded puts a route's guard in front of its handler: first whether the form is ours, then whether there is a place, then who is asking,
// then whether it is really the client. A form is read before it takes a place, so that one that never comes whole holds none.
func (s *Site) guarded(r route) fiber.Handler {
	places := s.placesOf(r)
	return func(c *fiber.Ctx) error {
		if framedPage[r.path] {
			at(c).framed = true
			c.Set(fiber.HeaderContentSecurityPolicy, views.EmbeddedPolicy)
		}
		if r.method != get {
			end, err := s.takeForm(c, r)
			defer end()
			if err != nil {
				s.leave(c)
				return err
			}
		}
		leave, err := places.take(c.UserContext(), s.regulars.has(at(c).session))
		if err != nil {
			s.turnedAway(c)
			return err
		}
		defer leave()
		if err := s.check(c, r.guard); err != nil {
			return err
		}
		if err := checkVisit(at(c), r); err != nil {
			return err
		}
		return r.handle(s, c)
	}
}

// placesOf is where a route's requests are worked on. What costs nothing, and what probes ask, has no bound; neither have files that are
// sent to us, which wait for their sender. What asks Stripe has places of its own, half as many as there are connections to the database,
// since some of it holds one meanwhile: while Stripe does not answer, everything else goes on. So have the files of a brand, of which a
// quarter is enough: every page wears them, also the one that says that there is no place.
func (s *Site) placesOf(r route) *places {
	switch {
	case slices.ContainsFunc(sharedRoutes, func(o route) bool { return o.path == r.path }), uploadMost[r.path] > 0:
		return nil
	case asksStripe[r.method+" "+r.path]:
		return s.withStripe
	case r.path == brandFilePath:
		return s.withBrand
	}
	return s.atWork
}

func (s *Site) turnedAway(c *fiber.Ctx) {
	if s.TurnedAway != nil {
		s.TurnedAway(s.regulars.has(at(c).session))
	}
}

// takeForm reads what was sent and refuses what no page of ours sent. What it returns is to be called at the end.
func (s *Site) takeForm(c *fiber.Ctx, r route) (end func(), err error) {
	end = func() {}
	if strangersForm[r.path] {
		return end, readForm(c)
	}
	if err := s.checkOrigin(c); err != nil {
		return end, err
	}
	if most := uploadMost[r.path]; most > 0 {
		return s.readUpload(c, most)
	}
	if err := readForm(c); err != nil {
		return end, err
	}
	return end, checkToken(c)
}

func (s *Site) check(c *fiber.Ctx, g guard) error {
	switch g {
	case public:
		return nil
	case visitor, client, arrived:
		return s.checkClient(c, g)
	case halfway, person, support, admin, owner:
		return s.checkStaff(c, g)
	}
	return errors.New("a route without a guard")
}

func (s *Site) checkClient(c *fiber.Ctx, g guard) error {
	v := at(c)
	if v.session != "" {
		row, err := s.q.SessionByToken(c.UserContext(), queries.SessionByTokenParams{AccountID: v.account.ID,
			TokenHash: queries.TokenHash(v.session), Now: v.now, IdleSince: v.now.Add(-queries.SessionIdle)})
		switch {
		case err == nil:
			v.client = &row
			s.regulars.add(v.session)
			v.now = v.now.In(views.Zone(row.TimeZone, v.account.TimeZone))
		case !errors.Is(queries.Kind(err), queries.ErrNotFound):
			return err
		}
	}
	switch {
	case g == visitor:
		return nil
	case v.client == nil:
		return s.askSignInAgain(c)
	case g == arrived && v.client.AcceptedAt == nil && !v.visiting():
		return goTo{"/welcome" + withNext(c)}
	case g == arrived:
		return v.checkApp(c.Path())
	}
	return nil
}

func (s *Site) checkStaff(c *fiber.Ctx, g guard) error {
	v := at(c)
	if v.session == "" {
		return askSignIn(c)
	}
	row, err := s.q.StaffSessionByToken(c.UserContext(), queries.StaffSessionByTokenParams{
		TokenHash: queries.TokenHash(v.session), Now: v.now, IdleSince: v.now.Add(-queries.SessionIdle)})
	if errors.Is(queries.Kind(err), queries.ErrNotFound) {
		return askSignIn(c)
	} else if err != nil {
		return err
	}
	s.regulars.add(v.session)
	switch v.staff = &row; {
	case row.WaitsForCode && g != halfway:
		return goTo{"/sign-in/code" + withNext(c)}
	case !row.WaitsForCode && g == halfway:
		return goTo{"/"}
	case g == halfway || g == person:
		return nil
	}
	return s.checkRole(c, g)
}

// checkRole finds the account in the path. Somebody without a role in it gets the same answer as for one that does not
// exist; somebody whose role is too small is told so, and somebody without the second factor the account wants sets it up first.
func (s *Site) checkRole(c *fiber.Ctx, g guard) error {
	v := at(c)
	account := s.accounts.BySlug(c.Params("account"))
	if account == nil {
		return queries.ErrNotFound
	}
	for i, id := range v.staff.AccountIds {
		if id == account.ID {
			v.account, v.role, v.needsTwoFactor = account, queries.StaffRole(v.staff.Roles[i]), v.staff.RequireTwoFactor[i]
			v.counted, v.now = v.staff.CountedAt[i], v.now.In(account.Location)
		}
	}
	switch {
	case v.account == nil:
		return queries.ErrNotFound
	case v.needsTwoFactor && !v.staff.TwoFactor:
		return goTo{"/two-factor" + withNext(c)}
	case !v.role.Includes(g.role()):
		return errRole
	}
	return nil
}

// askSignIn sends whoever is not signed in to the sign-in page, which brings them back to the page they wanted.
func askSignIn(c *fiber.Ctx) error {
	return goTo{"/sign-in" + withNext(c)}
}

// askSignInAgain is askSignIn for a portal, whose clients may have typed for long when their sign-in ends: a page that htmx sent a form
// from stays, with what was typed, and whoever sent a plain form is told that it came to nothing.
func (s *Site) askSignInAgain(c *fiber.Ctx) error {
	mode := c.Get("Sec-Fetch-Mode")
	switch {
	case c.Method() != fiber.MethodPost || c.Path() == "/sign-out":
	case !isFragment(c) && mode != "" && mode != "navigate": // a script's, such as where a video is: nobody asked for it
	case isFragment(c):
		return signedOut{"/sign-in" + nextOf(c)}
	default:
		s.flash(c, views.FlashWarning, "You are no longer signed in, so nothing was saved. Sign in, go back to the page and send it again.")
	}
	return askSignIn(c)
}

// withNext is the query that brings somebody back to the page they asked for, or for a part of a page to the page it is of;
// empty for forms and the start page.
func withNext(c *fiber.Ctx) string {
	if c.Method() != get && c.Method() != fiber.MethodHead {
		return ""
	}
	return nextOf(c)
}

// nextOf is withNext for forms too, of which the page is meant that they are on, as far as htmx tells it.
func nextOf(c *fiber.Ctx) string {
	wanted, path := c.OriginalURL(), c.Path()
	if current, err := url.Parse(c.Get("HX-Current-URL")); err == nil && isFragment(c) && current.Path != "" {
		wanted, path = current.RequestURI(), current.Path
	} else if c.Method() == fiber.MethodPost {
		return ""
	}
	if path == "/" {
		return ""
	}
	return "?next=" + url.QueryEscape(wanted)
}

// nextMost is how long a page's address can be that somebody is brought back to, in bytes.
const nextMost = 2000

// nextPath takes where to go after sign-in from a form or query. Only a path of this host counts, everything else is "/".
func nextPath(next string) string {
	target, err := url.Parse(next)
	if err != nil || target.IsAbs() || target.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || unicode.IsControl(r) }) || strings.HasPrefix(next, "/sign-") ||
		len(next) > nextMost || !utf8.ValidString(next) {
		return "/"
	}
	return next
}
