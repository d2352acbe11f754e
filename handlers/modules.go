package handlers

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// modulePage is one module: its title and when its lessons unlock.
type modulePage struct {
	views.Page
	Back        views.Link
	Path        string
	Heading     string
	ModuleTitle views.Field
	Drip        dripFields
}

// dripFields are when something unlocks.
type dripFields struct {
	When views.Choice
	Days views.Field
	Date views.Field
}

// newDripFields shows a drip with what is wrong with it; clock says from when days count.
func newDripFields(c *fiber.Ctx, d queries.Drip, clock queries.DripClock, wrong map[string]string) dripFields {
	from := map[queries.DripClock]string{queries.DripClockGrant: "after somebody gets access", queries.DripClockFirstOpen: "after they first open the course", queries.DripClockDate: "after the course's first day"}[clock]
	f := dripFields{When: views.Choice{Name: "drip", Label: "Unlocks", Value: "at_once", Options: []views.Option{
		{Value: "at_once", Label: "At once"}, {Value: "days", Label: "Some days " + from}, {Value: "date", Label: "On a date"}}},
		Days: views.Field{Name: "drip_days", Label: "Days", InputMode: "numeric", Autocomplete: "off"},
		Date: views.Field{Name: "drip_date", Label: "Date", Type: "date", Value: dateTyped(d.Date)}}
	switch {
	case d.Days != nil:
		f.When.Value, f.Days.Value = "days", strconv.Itoa(int(*d.Days))
		if *d.Days < 0 {
			f.Days.Value = c.FormValue("drip_days")
		}
	case d.Date != nil:
		f.When.Value = "date"
		if d.Date.IsZero() {
			f.Date.Value = c.FormValue("drip_date")
		}
	}
	f.Days.Refuse(wrong["drip_days"])
	f.Date.Refuse(wrong["drip_date"])
	return f
}

// dripOf reads when something unlocks. What cannot be read is a value that no check lets pass.
func dripOf(c *fiber.Ctx) (d queries.Drip) {
	switch c.FormValue("drip") {
	case "days":
		n := typedNumber(c.FormValue("drip_days"), -1)
		d.Days = &n
	case "date":
		day, _ := time.Parse(time.DateOnly, c.FormValue("drip_date")) // the zero day for what is none
		d.Date = &day
	}
	return d
}

// modulesCreate adds a module to the outline. The next thing typed is its first lesson.
func (s *Site) modulesCreate(c *fiber.Ctx) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	title, wrong := queries.ParseTitle(c.FormValue("title"))
	if wrong != nil {
		return s.outlineChanged(c, p.CourseID, outlineAsked{field: "module", typed: c.FormValue("title"), problem: messageOf(wrong)})
	}
	var id uuid.UUID
	err = s.changeCourse(c, "module.create", func(ctx context.Context, q *queries.Queries) (on queries.AuditSubject, changed bool, err error) {
		id, err = queries.AddModule(ctx, q, p.AccountID, p.CourseID, queries.ModuleDraft{Title: title}, at(c).now)
		return moduleSubject(id, title), true, err
	})
	if err != nil {
		return err
	}
	return s.outlineChanged(c, p.CourseID, outlineAsked{field: id.String()})
}

// moduleInPath is the module that the path names.
func (s *Site) moduleInPath(c *fiber.Ctx) (p queries.Part, m queries.ModuleByIDRow, err error) {
	if p, err = partOf(c); err != nil {
		return p, m, err
	}
	id, err := pathID(c, "module")
	if err != nil {
		return p, m, err
	}
	m, err = s.q.ModuleByID(c.UserContext(), queries.ModuleByIDParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: id})
	return p, m, queries.Kind(err)
}

func (s *Site) modulesShow(c *fiber.Ctx) error {
	_, m, err := s.moduleInPath(c)
	if err != nil {
		return err
	}
	return s.newModulePage(c, m, queries.ModuleDraft{Title: m.Title, Drip: queries.Drip{Days: m.DripDays, Date: m.DripDate}}, nil).render(c)
}

func (s *Site) newModulePage(c *fiber.Ctx, m queries.ModuleByIDRow, d queries.ModuleDraft, wrong map[string]string) *modulePage {
	back := at(c).base() + "/courses/" + c.Params("id")
	p := &modulePage{Page: s.page(c, m.Title), Back: views.Link{Label: m.CourseTitle, URL: back}, Path: back + "/modules/" + m.ID.String(), Heading: m.Title,
		ModuleTitle: views.Field{Name: "title", Label: "Title", Value: d.Title, Required: true, MaxLength: queries.CourseTitleMost, Autocomplete: "off"},
		Drip:        newDripFields(c, d.Drip, m.Clock, wrong)}
	p.ModuleTitle.Refuse(wrong["title"])
	return p
}

func (p *modulePage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "modules/show", "modules/_form", p)
}

func (s *Site) modulesSave(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	p, m, err := s.moduleInPath(c)
	if err != nil {
		return err
	}
	d := queries.ModuleDraft{Title: queries.OneLine(c.FormValue("title")), Drip: dripOf(c)}
	if wrong := d.Check(); len(wrong) > 0 {
		invalid(c)
		return s.newModulePage(c, m, d, wrong).render(c)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		before, err := d.Update(ctx, q, p, m.ID)
		if err != nil {
			return err
		}
		return v.changed(ctx, q, "module.change", moduleSubject(m.ID, d.Title), before, d)
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "The module is saved.")
	return redirect(c, v.coursePath(p.CourseID))
}

// renamed is what a title was and is, for the trail.
type renamed struct {
	Title string `json:"title"`
}

// modulesRename gives a module another title, where it stands in the outline.
func (s *Site) modulesRename(c *fiber.Ctx) error {
	p, m, err := s.moduleInPath(c)
	if err != nil {
		return err
	}
	return s.rename(c, p.CourseID, "module.change", func(ctx context.Context, q *queries.Queries, title string) (queries.AuditSubject, string, error) {
		was, err := q.ModuleRename(ctx, queries.ModuleRenameParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: m.ID, Title: title})
		return moduleSubject(m.ID, title), was, err
	})
}

// rename stores a title that was typed into the outline; one that cannot be a title changes nothing and is said above it.
func (s *Site) rename(c *fiber.Ctx, course uuid.UUID, action string, set func(context.Context, *queries.Queries, string) (on queries.AuditSubject, was string, err error)) error {
	v, ctx := at(c), c.UserContext()
	title, wrong := queries.ParseTitle(c.FormValue("title"))
	if wrong != nil {
		return s.outlineChanged(c, course, outlineAsked{problem: messageOf(wrong) + " It keeps the one it has."})
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		on, was, err := set(ctx, q, title)
		if err != nil || was == title {
			return err
		}
		return v.changed(ctx, q, action, on, renamed{was}, renamed{title})
	})
	if err != nil {
		return err
	}
	return s.outlineChanged(c, course, outlineAsked{})
}

// modulesAskDelete shows what goes with a module, and who loses it.
func (s *Site) modulesAskDelete(c *fiber.Ctx) error {
	p, err := partOf(c)
	if err != nil {
		return err
	}
	id, err := pathID(c, "module")
	if err != nil {
		return err
	}
	m, holders, err := queries.LoadModule(c.UserContext(), s.DB, p, id, at(c).now, losersShown)
	if err != nil {
		return err
	}
	back := at(c).coursePath(p.CourseID)
	ask := &courseAskPage{Page: s.page(c, "Delete "+m.Title), Back: views.Link{Label: m.CourseTitle, URL: back}, Heading: "Delete “" + m.Title + "”?",
		Text:   "It goes with its " + counted(m.Lessons, "lesson", "lessons") + ". For 30 days it can be restored with them. What clients did in it is kept in any case.",
		Action: back + "/modules/" + id.String() + "/delete", Verb: "Delete module", Danger: true}
	l := newLosers("“"+m.Title+"”", at(c).base(), holders, func(r queries.GrantHoldersRow) (uuid.UUID, string, string, int64) {
		return r.ID, r.Name, r.Email, r.Holders
	})
	l.Rest = holdersOf(back)
	ask.Losers = &l
	return ask.render(c)
}

func (s *Site) modulesDelete(c *fiber.Ctx) error {
	p, m, err := s.moduleInPath(c)
	if err != nil {
		return err
	}
	err = s.changeCourse(c, "module.delete", func(ctx context.Context, q *queries.Queries) (queries.AuditSubject, bool, error) {
		title, err := queries.DeleteModule(ctx, q, p.AccountID, p.CourseID, m.ID, at(c).now)
		return moduleSubject(m.ID, title), true, err
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+m.Title+"” is deleted with its lessons. For 30 days you can restore it here, below.")
	return redirect(c, at(c).coursePath(p.CourseID))
}

// modulesRestore brings a deleted module back with its lessons.
func (s *Site) modulesRestore(c *fiber.Ctx) error {
	id, err := pathID(c, "module")
	if err != nil {
		return err
	}
	return s.restore(c, "module.restore", func(ctx context.Context, q *queries.Queries, p queries.Part) (queries.AuditSubject, bool, error) {
		title, was, err := queries.RestoreModule(ctx, q, p.AccountID, p.CourseID, id, queries.Finishers(c.FormValue("finishers")), at(c).now)
		return moduleSubject(id, title), was, err
	})
}
