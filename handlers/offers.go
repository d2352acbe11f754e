package handlers

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

const (
	// offersPerPage is how many offers the list shows at a time.
	offersPerPage = 50
	// takersPerPage is how many of those who took an offer are shown at a time.
	takersPerPage = 25
)

// offersPage is the list of the account's offers, free and sold.
type offersPage struct {
	views.Page
	Rows      []offerRow
	More      string // the next page; empty: there is none
	CanChange bool
	None      views.Empty
	Landing   offersLanding
}

// offerRow is one line of the list.
type offerRow struct {
	Title   string
	Cover   views.Cover
	Href    string // of the offer's page on the admin side
	Path    string // on the portal: /o/NAME
	URL     string // the same, whole
	Gives   string // the courses
	Price   *offerPrice
	Taken   string // how many took it, of how many
	State   contactState
	Created views.Moment
}

func (s *Site) offersIndex(c *fiber.Ctx) error {
	p, err := s.newOffersPage(c)
	if err != nil {
		return err
	}
	if uuidOr(c.Query("before"), queries.LastID) != queries.LastID && isFragment(c) {
		return render(c, views.FrameAdmin, "offers/index", "offers/_older", p)
	}
	return render(c, views.FrameAdmin, "offers/index", "", p)
}

// offerCover is the offer's own picture; without one, what is drawn for its first course.
func (v *visit) offerCover(row queries.OfferListRow) views.Cover {
	of := row.Title
	if len(row.Courses) > 0 {
		of = row.Courses[0]
	}
	return views.Cover{URL: offerPictureURL(v.base()+"/brand/files/", row.PictureHash), Title: of, Accent: v.account.Accent, Accent2: v.account.Accent2}
}

func (s *Site) newOffersPage(c *fiber.Ctx) (*offersPage, error) {
	v := at(c)
	rows, more, landing, err := queries.LoadOffers(c.UserContext(), s.DB, v.account.ID, uuidOr(c.Query("before"), queries.LastID), offersPerPage)
	if err != nil {
		return nil, err
	}
	p := &offersPage{Page: s.page(c, "Offers"), CanChange: v.role.Includes(queries.StaffRoleAdmin)}
	for _, row := range rows {
		r := offerRow{Title: row.Title, Cover: v.offerCover(row), Href: v.base() + "/offers/" + row.ID.String(), Path: jobs.OfferPath(row.Name), URL: s.offerURL(c, row.Name),
			Gives: strings.Join(row.Courses, ", "), Taken: takenWords(row.Taken, row.Most), Created: v.moment(&row.CreatedAt)}
		if row.PriceMinor > 0 {
			r.Price = &offerPrice{Minor: row.PriceMinor, Currency: row.Currency}
			if row.Charged != queries.PriceIntervalOnce {
				r.Price.Every = everyWords(row.Charged, 1)
			}
		}
		r.State = offerState(queries.OfferProblem(row.SwitchedOn, row.Until, row.Most, row.Taken, v.now, v.account.Location))
		p.Rows = append(p.Rows, r)
	}
	if more {
		p.More = v.base() + "/offers?before=" + rows[len(rows)-1].ID.String()
	}
	p.None = views.Empty{Icon: "tag", Title: "No offers yet", Text: "An offer is a page on your portal, free or with a price. Whoever takes it is given its courses, and becomes a contact if they are new."}
	if p.CanChange {
		p.None.Action, p.None.Href = "New offer", v.base()+"/offers/new"
	}
	p.Landing = s.newOffersLanding(c, landing, p.Token)
	return p, nil
}

// offerURL is an offer's whole address.
func (s *Site) offerURL(c *fiber.Ctx, name string) string {
	return s.portalURL(at(c).account) + jobs.OfferPath(name)
}

func takenWords(taken int64, most *int32) string {
	words := strconv.FormatInt(taken, 10)
	if most != nil {
		words += " of " + strconv.Itoa(int(*most))
	}
	return words
}

// offerState says whether an offer can be taken, by why it cannot.
func offerState(problem error) contactState {
	switch {
	case problem == nil:
		return contactState{"On", "success", "circle-check"}
	case errors.Is(problem, queries.ErrOfferOver):
		return contactState{"Over", "", "clock"}
	case errors.Is(problem, queries.ErrOfferUsedUp):
		return contactState{"Used up", "warning", "circle-minus"}
	}
	return contactState{"Off", "", "ban"}
}

// offerShowPage is one offer with who took it.
type offerShowPage struct {
	views.Page
	OfferTitle string
	Picture    string // its address; empty: none
	State      contactState
	On         bool
	CanChange  bool
	Path       string // of this page
	URL        string // of the offer
	Link       views.Copy
	Facts      []offerFact
	Hidden     []string // titles of its courses that clients do not see at the moment
	Taken      int64
	Takers     offerTakers
	Delete     views.Confirm
}

// offerFact is something to know of an offer.
type offerFact struct{ Label, Value string }

// offerTakers is one page of those who took an offer.
type offerTakers struct {
	Rows []offerTaker
	More string // empty: there is no more
}

// offerTakersMore is the next page, sent alone.
type offerTakersMore struct {
	views.Page
	Takers offerTakers
}

// offerTaker is one who took it.
type offerTaker struct {
	views.Person
	At views.Moment
}

// loadOffer reads the offer in the path.
func (s *Site) loadOffer(c *fiber.Ctx, before uuid.UUID, size int32) (queries.OfferForStaff, error) {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.OfferForStaff{}, queries.ErrNotFound
	}
	return queries.LoadOffer(c.UserContext(), s.DB, at(c).account.ID, id, before, size, at(c).now)
}

func (s *Site) offersShow(c *fiber.Ctx) error {
	v, before := at(c), uuidOr(c.Query("before"), queries.LastID)
	loaded, err := s.loadOffer(c, before, takersPerPage)
	if err != nil {
		return err
	}
	o := loaded.Offer
	p := &offerShowPage{Page: s.page(c, o.Title), OfferTitle: o.Title, Picture: offerPictureURL(v.base()+"/brand/files/", o.PictureHash), On: o.SwitchedOn, CanChange: v.role.Includes(queries.StaffRoleAdmin), Path: v.base() + "/offers/" + o.ID.String(),
		URL: s.offerURL(c, o.Name), Taken: o.Taken, State: offerState(queries.OfferProblem(o.SwitchedOn, o.Until, o.Most, o.Taken, v.now, v.account.Location))}
	p.Link = views.Copy{Value: p.URL, Name: "address of the offer"}
	p.facts(v, loaded)
	p.Delete = views.Confirm{ID: "delete", Title: "Delete “" + o.Title + "”?", Verb: "Delete offer", Action: p.Path + "/delete", Token: p.Token,
		Text: "At its address there will be nothing. Who took it keeps the courses; their access then says “A free offer”, without its name."}
	rows := loaded.Takers
	if len(rows) > takersPerPage {
		rows = rows[:takersPerPage]
		p.Takers.More = p.Path + "?before=" + rows[takersPerPage-1].ID.String()
	}
	for _, row := range rows {
		p.Takers.Rows = append(p.Takers.Rows, offerTaker{views.Person{Name: row.Name, Email: row.Email, Photo: avatarPath(v.base(), row.AvatarHash),
			Href: v.base() + "/contacts/" + row.ContactID.String()}, v.moment(&row.CreatedAt)})
	}
	if before != queries.LastID && isFragment(c) {
		return render(c, views.FrameAdmin, "offers/show", "offers/_more", &offerTakersMore{p.Page, p.Takers})
	}
	return render(c, views.FrameAdmin, "offers/show", "", p)
}

// facts tells what the offer gives and until when.
func (p *offerShowPage) facts(v *visit, loaded queries.OfferForStaff) {
	o := loaded.Offer
	var gives []string
	for _, course := range loaded.Courses {
		for _, id := range o.Courses {
			if id != course.ID {
				continue
			}
			gives = append(gives, course.Title)
			if !course.Published || !course.AppOn {
				p.Hidden = append(p.Hidden, course.Title)
			}
		}
	}
	lasts, until := "Without end", "No last day"
	if o.AccessDays != nil {
		lasts = days(*o.AccessDays)
	}
	if o.Until != nil {
		until = "Until " + o.Until.Format("2 January 2006")
	}
	price := "Free"
	if o.PriceMinor > 0 {
		price = views.MoneyWords(o.PriceMinor, o.Currency)
		if o.Charged != queries.PriceIntervalOnce {
			price += " " + everyWords(o.Charged, 1)
		}
		if o.TrialDays > 0 {
			price += ", after " + days(o.TrialDays) + " for nothing"
		}
	}
	p.Facts = []offerFact{{"Price", price}, {"Gives", orElse(strings.Join(gives, ", "), "Nothing: its courses are deleted")}, {"Access lasts", lasts}, {"Can be taken", until}, {"Taken by", takenWords(o.Taken, o.Most)}}
	if o.PriceMinor > 0 {
		p.Facts = append(p.Facts, offerFact{"Buyers arrive at", v.landingWords(o.Landing)})
	}
	if len(gives) == 0 || len(p.Hidden) == len(gives) { // there is nothing to take
		p.State = offerState(queries.OfferProblem(false, nil, nil, 0, v.now, v.account.Location))
	}
}

func days(n int32) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(int(n)) + " days"
}
