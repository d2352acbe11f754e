package handlers

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// appsPage is what of the portal is switched on, in which order, under which names, and where clients arrive.
type appsPage struct {
	views.Page
	Rows    []appRow
	Landing views.Select
}

// appRow is one app.
type appRow struct {
	App         queries.App
	Name        string // ours
	Icon        string
	On          bool
	Always      bool // it cannot be switched off
	Label       views.Field
	State       contactState
	Note        string // what clients see of it
	First, Last bool
}

func (s *Site) appsShow(c *fiber.Ctx) error {
	apps, err := queries.LoadApps(c.UserContext(), s.DB, at(c).account.ID)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "apps/show", "", s.newAppsPage(c, apps, nil))
}

// newAppsPage shows choices, with what is wrong with them by the name of its field.
func (s *Site) newAppsPage(c *fiber.Ctx, apps queries.Apps, problems map[string]string) *appsPage {
	p := &appsPage{Page: s.page(c, "Apps")}
	p.Landing = views.Select{Name: "landing", Label: "Where clients arrive", Value: string(apps.Landing), Error: problems["landing"],
		Hint: "After signing in, unless they followed a link to something else. Whoever has nothing there arrives at the home page."}
	for i, choice := range apps.Choices {
		a := portalApps[choice.App]
		row := appRow{App: choice.App, Name: a.label, Icon: a.icon, On: choice.On, Always: choice.App.AlwaysOn(), First: i == 0, Last: i == len(apps.Choices)-1,
			Label: views.Field{Name: "label_" + string(choice.App), Label: "Your word for " + a.label, Value: choice.Label, Placeholder: a.label,
				MaxLength: queries.AppLabelMax, Autocomplete: "off", LabelHidden: true}}
		row.Label.Refuse(problems[row.Label.Name])
		row.State, row.Note = a.state(choice)
		p.Rows = append(p.Rows, row)
		if choice.On {
			p.Landing.Options = append(p.Landing.Options, views.Option{Value: string(choice.App), Label: orElse(choice.Label, a.label)})
		}
	}
	return p
}

// state says what clients see of an app, and why.
func (a portalApp) state(choice queries.AppChoice) (contactState, string) {
	switch {
	case choice.App.AlwaysOn():
		return contactState{"Always on", "success", "circle-check"}, "Every client sees it."
	case !choice.On:
		return contactState{"Off", "", "ban"}, "Clients do not see it, and its addresses do not exist for them."
	case a.has == nil:
		return contactState{"On, empty", "", "circle-check"}, "Nothing in it yet, so clients do not see it."
	}
	return contactState{"On", "success", "circle-check"}, "Clients who have something in it see it."
}

// appsSave keeps what was typed; a button that moves an app does that as well and keeps the page where it is.
func (s *Site) appsSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	if asked, err := s.appsAsk(c); asked || err != nil {
		return err
	}
	problems := map[string]string{}
	var after queries.Apps
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		before, changed, err := queries.ChangeApps(ctx, q, v.account.ID, v.now, func(apps *queries.Apps) error {
			takeApps(c, apps, problems)
			after = *apps
			return problemOf(problems)
		})
		if err != nil {
			return err
		}
		return v.changed(ctx, q, "apps.save", queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: v.account.Name}, before, changed)
	})
	switch {
	case len(problems) > 0:
		invalid(c)
		return render(c, views.FrameAdmin, "apps/show", "apps/_form", s.newAppsPage(c, after, problems))
	case err != nil:
		return err
	case c.FormValue("move") != "" && isFragment(c):
		return write(c, "apps/_form", s.newAppsPage(c, after, nil))
	}
	s.flash(c, views.FlashSuccess, "Saved. Clients see it with the next page they open.")
	return redirect(c, v.base()+"/apps")
}

// appsSurePage asks once more before apps are switched off that people have something in.
type appsSurePage struct {
	views.Page
	Off    []string     // which, in words; one at least
	Losers *losers      // of courses; nil: they stay, or nobody has one
	Missed []views.Link // what else somebody could not see any more, and where staff see it
	Sent   []hidden     // all that the form was sent with
}

// appsAsk shows who loses something by what was sent, and says whether it did; it asks nothing when nobody does, or it was answered
// already.
func (s *Site) appsAsk(c *fiber.Ctx) (asked bool, err error) {
	v := at(c)
	off := func(app queries.App) bool { return c.FormValue("on_"+string(app)) == "" }
	if c.FormValue("sure") != "" || !off(queries.AppCourses) && !off(queries.AppInvoices) && !off(queries.AppSubscriptions) {
		return false, nil
	}
	used, err := queries.LoadAppsUsed(c.UserContext(), s.DB, v.account.ID, v.now, losersShown)
	if err != nil {
		return false, err
	}
	goes := func(app queries.App) bool {
		return off(app) && slices.ContainsFunc(used.Choices, func(choice queries.AppChoice) bool { return choice.App == app && choice.On })
	}
	p := &appsSurePage{Page: s.page(c, "Switch off apps?")}
	if goes(queries.AppCourses) && len(used.Holders) > 0 {
		l := newLosers("all their courses", v.base(), used.Holders, func(h queries.GrantHoldersOfAnyRow) (uuid.UUID, string, string, int64) {
			return h.ID, h.Name, h.Email, h.Holders
		})
		l.Rest = views.Link{Label: "each course has a list of its people", URL: v.base() + "/courses"}
		p.Losers, p.Off = &l, append(p.Off, "courses")
	}
	if n := used.Money.Unpaid; goes(queries.AppInvoices) && n > 0 {
		p.Missed = append(p.Missed, views.Link{Label: counted(n, "client has an unpaid invoice", "clients have unpaid invoices"), URL: v.base() + "/invoices?state=open"})
		p.Off = append(p.Off, "invoices")
	}
	if n := used.Money.Running; goes(queries.AppSubscriptions) && n > 0 {
		p.Missed = append(p.Missed, views.Link{Label: counted(n, "client has a running subscription", "clients have a running subscription"), URL: v.base() + "/subscriptions"})
		p.Off = append(p.Off, "subscriptions")
	}
	if len(p.Off) == 0 {
		return false, nil
	}
	c.Request().PostArgs().VisitAll(func(name, value []byte) {
		if string(name) != "_token" {
			p.Sent = append(p.Sent, hidden{string(name), string(value)})
		}
	})
	return true, render(c, views.FrameAdmin, "apps/sure", "apps/_sure", p)
}

// Words are the apps that go off, as they stand in a sentence.
func (p *appsSurePage) Words() string {
	if n := len(p.Off) - 1; n > 0 {
		return strings.Join(p.Off[:n], ", ") + " and " + p.Off[n]
	}
	return p.Off[0]
}

// takeApps reads the form into the choices.
func takeApps(c *fiber.Ctx, apps *queries.Apps, problems map[string]string) {
	for i := range apps.Choices {
		choice := &apps.Choices[i]
		choice.On = choice.App.AlwaysOn() || c.FormValue("on_"+string(choice.App)) != ""
		label, err := queries.ParseName(c.FormValue("label_" + string(choice.App)))
		switch {
		case err != nil:
			problems["label_"+string(choice.App)] = messageOf(err)
		case utf8.RuneCountInString(label) > queries.AppLabelMax:
			problems["label_"+string(choice.App)] = "A name in the menu has at most 30 characters."
		}
		choice.Label = label
	}
	app, way, _ := strings.Cut(c.FormValue("move"), ":")
	if i := slices.IndexFunc(apps.Choices, func(choice queries.AppChoice) bool { return string(choice.App) == app }); i >= 0 {
		if other := i + map[string]int{"up": -1, "down": 1}[way]; other >= 0 && other < len(apps.Choices) {
			apps.Choices[i], apps.Choices[other] = apps.Choices[other], apps.Choices[i]
		}
	}
	apps.Landing = queries.App(c.FormValue("landing"))
	if !slices.ContainsFunc(apps.Choices, func(choice queries.AppChoice) bool { return choice.App == apps.Landing && choice.On }) {
		problems["landing"] = "Clients cannot arrive at what is switched off. Choose another place."
	}
}

// problemOf ends a transaction when there is a problem.
func problemOf(problems map[string]string) error {
	for field, problem := range problems {
		return queries.Invalid{Field: field, Message: problem}
	}
	return nil
}
