package handlers

import (
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// grantsPerPage is how many people a page shows at a time.
const grantsPerPage = 50

// coursePeoplePage is who was given a course, and why.
type coursePeoplePage struct {
	views.Page
	CourseTitle string
	Path        string // of this page
	Tabs        courseTabs
	Draft, Off  bool  // what hides the course from all of them
	Holders     int64 // contacts who can use it now, were it not hidden
	CanChange   bool
	Search      views.Field
	State       views.Select
	Narrow      bool // only some are looked for
	List        coursePeople
	None        views.Empty
}

// coursePeople is one page of them and the way to the next one.
type coursePeople struct {
	Rows []coursePerson
	More string // empty: there is no more
}

// coursePeopleMore is the next page, sent alone.
type coursePeopleMore struct {
	views.Page
	List coursePeople
}

// coursePerson is one person: whether they may use the course, and every reason why they may, will or could.
type coursePerson struct {
	ID uuid.UUID // of the contact
	views.Person
	State   contactState
	Since   time.Time // when the last of what they had was over; zero unless all of it is
	Reasons []grantSpan
	Others  int64 // reasons that are left out
}

var grantStates = []views.Option{{Value: "", Label: "Any state"}, {Value: "open", Label: "Has access"}, {Value: "upcoming", Label: "Starts later"}, {Value: "ended", Label: "No access"}}

// grantLost is the state of a person who had access.
var grantLost = contactState{"No access", "", "circle-minus"}

// courseOf is the id in the path.
func courseOf(c *fiber.Ctx) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return id, queries.ErrNotFound
	}
	return id, nil
}

func (s *Site) grantsIndex(c *fiber.Ctx) error {
	v := at(c)
	course, err := courseOf(c)
	if err != nil {
		return err
	}
	asked := queries.CoursePeopleAsked{AccountID: v.account.ID, CourseID: course, Search: searchText(c.Query("q")), State: oneOf(c.Query("state"), "open", "upcoming", "ended"),
		BeforeStart: time.UnixMicro(cursorEnd), Before: queries.LastID, Size: grantsPerPage, Now: v.now}
	start, next := cursorTime(c.Query("at"))
	if next {
		asked.BeforeStart, asked.Before = start, uuidOr(c.Query("before"), queries.LastID)
	}
	loaded, err := queries.LoadCoursePeople(c.UserContext(), s.DB, asked)
	if err != nil {
		return err
	}
	p := s.newCoursePeoplePage(c, loaded, asked)
	if next && isFragment(c) {
		return render(c, views.FrameAdmin, "grants/index", "grants/_more", &coursePeopleMore{p.Page, p.List})
	}
	return render(c, views.FrameAdmin, "grants/index", "grants/_list", p)
}

func (s *Site) newCoursePeoplePage(c *fiber.Ctx, loaded queries.CoursePeople, asked queries.CoursePeopleAsked) *coursePeoplePage {
	v, k := at(c), loaded.Course
	p := &coursePeoplePage{Page: s.page(c, "People of "+k.Title), CourseTitle: k.Title, Tabs: v.courseTabs(k.ID, "/people"), Path: v.coursePath(k.ID) + "/people",
		Draft: !k.Published, Off: !k.AppOn, Holders: loaded.Holders, CanChange: v.role.Includes(queries.StaffRoleAdmin), Narrow: asked.Search != "" || asked.State != "",
		Search: views.Field{Name: "q", Label: "Search name or address", LabelHidden: true, Type: "search", Value: asked.Search, Placeholder: "Search name or address"},
		State:  views.Select{Name: "state", Label: "State", LabelHidden: true, Value: asked.State, Options: grantStates}}
	for _, row := range loaded.Rows {
		p.List.Rows = append(p.List.Rows, v.coursePerson(k.ID, row))
	}
	if loaded.More {
		last := loaded.Rows[len(loaded.Rows)-1][0]
		p.List.More = p.Path + "?" + url.Values{"q": {asked.Search}, "state": {asked.State}, "before": {last.LatestID.String()}, "at": {cursorText(last.LatestStart)}}.Encode()
	}
	p.None = views.Empty{Icon: "users", Title: "Nobody has this course yet", Text: "Enrol people by hand, choose many in the list of contacts, or give it by a form, an import or a free offer."}
	if p.CanChange {
		p.None.Action, p.None.Href = "Enrol people", p.Path+"/new"
	}
	if p.Narrow {
		p.None = views.Empty{Icon: "search", Title: "Nobody fits this", Text: "Try another state, or a shorter part of the name or address."}
	}
	return p
}

func (v *visit) coursePerson(course uuid.UUID, reasons queries.CoursePerson) coursePerson {
	who := reasons[0]
	p := coursePerson{ID: who.ContactID, Others: who.Reasons - int64(len(reasons)),
		Person: views.Person{Name: who.Name, Email: who.Email, Photo: avatarPath(v.base(), who.AvatarHash), Href: v.base() + "/contacts/" + who.ContactID.String()},
		State:  map[string]contactState{"open": grantOpen, "upcoming": grantUpcoming, "ended": grantLost}[who.State]}
	if who.State == "ended" {
		p.Since = v.local(who.OverAt)
	}
	for _, g := range reasons {
		p.Reasons = append(p.Reasons, v.newGrantSpan(queries.GrantListOfContactRow{ID: g.ID, CourseID: course, Source: g.Source, StartsAt: g.StartsAt, EndsAt: g.EndsAt, EndedAt: g.EndedAt,
			EndedBecause: g.EndedBecause, EndedNote: g.EndedNote, CreatedAt: g.CreatedAt, Nth: g.Nth, GivenByName: g.GivenByName, EndedByName: g.EndedByName, Origin: g.Origin}))
	}
	return p
}
