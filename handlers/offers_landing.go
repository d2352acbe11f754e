package handlers

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

const (
	// landElsewhere is the choice of a page that is typed beside it.
	landElsewhere = "path"
	// landMost is how long its path can be, in bytes.
	landMost = 200
)

// landingFields are where buyers arrive, as staff choose it.
type landingFields struct {
	Landing views.Select
	Path    views.Field // of another page
}

// newLandingFields shows what was chosen; first is the choice before all others, with an empty label for none.
func (s *Site) newLandingFields(c *fiber.Ctx, chosen string, first views.Option) landingFields {
	v := at(c)
	f := landingFields{Landing: views.Select{Name: "landing", Label: "Buyers arrive at", Value: chosen},
		Path: views.Field{Name: "landing_path", Label: "Address of that page", Autocomplete: "off", MaxLength: landMost,
			Hint: "What stands after " + s.portalURL(v.account) + ", such as /courses."}}
	if first.Label != "" {
		f.Landing.Options = append(f.Landing.Options, first)
	}
	f.Landing.Options = append(f.Landing.Options, views.Option{Value: queries.LandCourse, Label: "The first course that is bought"}, views.Option{Value: "/", Label: v.labelOf(queries.AppHome)},
		views.Option{Value: "/courses", Label: "All their " + strings.ToLower(v.labelOf(queries.AppCourses))}, views.Option{Value: landElsewhere, Label: "Another page of the portal"})
	if !slices.ContainsFunc(f.Landing.Options, func(o views.Option) bool { return o.Value == chosen }) {
		f.Landing.Value, f.Path.Value = landElsewhere, chosen
	}
	return f
}

// sentLanding is where buyers are to arrive, as it was sent, with what is wrong with the page that was typed; empty: nothing.
func sentLanding(c *fiber.Ctx) (to, problem string) {
	switch to = c.FormValue("landing"); to {
	case "", queries.LandCourse, "/", "/courses":
		return to, ""
	}
	if to = strings.TrimSpace(strings.ToValidUTF8(c.FormValue("landing_path"), "")); !at(c).isLanding(to) {
		return to, "Enter the address of a page that every buyer has, such as /courses or /profile. It begins with a slash."
	}
	return to, ""
}

// isLanding says whether buyers can be brought to a page: one of this portal, in an app that is on and has something for everybody
// who bought. Nobody is to pay and then be told that there is nothing.
func (v *visit) isLanding(path string) bool {
	if path == "" || len(path) > landMost || nextPath(path) != path {
		return false
	}
	app := targetOf(path)
	if app == queries.AppHome {
		return path == "/"
	}
	return slices.Contains([]queries.App{queries.AppCourses, queries.AppCommunities, queries.AppProfile}, app) &&
		slices.ContainsFunc(v.account.Apps, func(choice queries.AppChoice) bool {
			return choice.App == app && choice.On && portalApps[app].has != nil
		})
}

// landingWords says where buyers arrive.
func (v *visit) landingWords(landing string) string {
	switch landing {
	case "":
		return "As for all offers"
	case queries.LandCourse:
		return "The first course that is bought"
	case "/":
		return v.labelOf(queries.AppHome)
	}
	return landing
}

// offersLanding is what the page of offers says about all of them.
type offersLanding struct {
	landingFields
	Action, Token string
}

func (s *Site) newOffersLanding(c *fiber.Ctx, chosen, token string) offersLanding {
	f := offersLanding{s.newLandingFields(c, chosen, views.Option{}), at(c).base() + "/offers/landing", token}
	return f
}

// offersSaveLanding sets where buyers arrive whose offer says nothing of it.
func (s *Site) offersSaveLanding(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	to, problem := sentLanding(c)
	if to == "" && problem == "" {
		to = queries.LandCourse
	}
	if problem != "" {
		p, err := s.newOffersPage(c)
		if err != nil {
			return err
		}
		p.Landing.Landing.Value, p.Landing.Path.Value = landElsewhere, to
		p.Landing.Path.Refuse(problem)
		invalid(c)
		return render(c, views.FrameAdmin, "offers/index", "offers/_landing", p)
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		was, err := q.CheckoutLanding(ctx, v.account.ID)
		if err != nil || was == to {
			return err
		}
		if err := q.CheckoutSetLanding(ctx, queries.CheckoutSetLandingParams{ID: v.account.ID, Landing: to, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "offer.landing", queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: v.account.Name}, landingIs{was}, landingIs{to})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "Where buyers arrive is saved.")
	return redirect(c, v.base()+"/offers")
}

// landingIs is the setting as the audit log keeps it.
type landingIs struct {
	Landing string `json:"landing"`
}
