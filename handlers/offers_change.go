package handlers

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// offerEditPage words an offer, a new one or one there is.
type offerEditPage struct {
	views.Page
	Heading    string
	Action     string // what the form posts to
	Back       string
	New        bool
	OfferTitle views.Field
	Name       views.Field
	Text       views.Field
	Courses    []views.Check
	Problem    string // about the courses; empty: none
	NoCourses  views.Empty
	Days       views.Field
	Until      views.Field
	Most       views.Field
	Price      views.Field
	Currency   views.Select
	Charged    views.Select
	Trial      views.Field
	Landing    landingFields
	Picture    *offerPicture // nil: of a new offer, which can have one once it is saved
}

// typedOffer is an offer as it was typed.
type typedOffer struct {
	queries.OfferDraft
	days, until, most               string
	price, currency, charged, trial string
	elsewhere                       string // the page that was typed and cannot be where buyers arrive
	wrong                           map[string]string
}

func (s *Site) offersNew(c *fiber.Ctx) error {
	courses, err := s.coursesToGive(c)
	if err != nil {
		return err
	}
	return s.newOfferEditPage(c, typedOffer{}, uuid.Nil, courses).render(c)
}

func (s *Site) offersEdit(c *fiber.Ctx) error {
	loaded, err := s.loadOffer(c, queries.LastID, 1)
	if err != nil {
		return err
	}
	p := s.newOfferEditPage(c, typedOf(loaded.Offer.Draft()), loaded.Offer.ID, loaded.Courses)
	p.showPicture(c, loaded.Offer.PictureHash)
	return p.render(c)
}

// typedOf is an offer as somebody would type it.
func typedOf(d queries.OfferDraft) typedOffer {
	t := typedOffer{OfferDraft: d}
	if d.Days != nil {
		t.days = strconv.Itoa(int(*d.Days))
	}
	if d.Until != nil {
		t.until = d.Until.Format(time.DateOnly)
	}
	if d.Most != nil {
		t.most = strconv.Itoa(int(*d.Most))
	}
	t.typedPrice()
	return t
}

func (s *Site) offersCreate(c *fiber.Ctx) error { return s.saveOffer(c, uuid.Nil, "") }

func (s *Site) offersSave(c *fiber.Ctx) error {
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	is, err := s.q.OfferByID(c.UserContext(), queries.OfferByIDParams{AccountID: at(c).account.ID, ID: id})
	if err != nil {
		return queries.Kind(err)
	}
	return s.saveOffer(c, id, is.PictureHash)
}

// saveOffer stores the offer that was sent, a new one without an id; its picture has a form of its own.
func (s *Site) saveOffer(c *fiber.Ctx, id uuid.UUID, picture string) error {
	courses, err := s.coursesToGive(c)
	if err != nil {
		return err
	}
	t := readOffer(c, courses)
	if len(t.wrong) == 0 {
		saved, err := s.storeOffer(c, t.OfferDraft, id)
		if err == nil {
			s.flash(c, views.FlashSuccess, "“"+t.Title+"” is saved.")
			return redirect(c, at(c).base()+"/offers/"+saved.String())
		} else if !errors.Is(err, queries.ErrConflict) {
			return err
		}
		t.wrong["name"] = "Another offer has this address already."
	}
	invalid(c)
	p := s.newOfferEditPage(c, t, id, courses)
	if id != uuid.Nil {
		p.showPicture(c, picture)
	}
	return p.render(c)
}

func (s *Site) storeOffer(c *fiber.Ctx, d queries.OfferDraft, id uuid.UUID) (uuid.UUID, error) {
	v, ctx := at(c), c.UserContext()
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if id == uuid.Nil {
			id = queries.NewID()
			if err := d.Insert(ctx, q, v.account.ID, id, v.now); err != nil {
				return err
			}
			if err := s.setPrice(c, q, tx, id, d.Price); err != nil {
				return err
			}
			return v.did(ctx, q, "offer.create", queries.AuditSubject{Kind: "offer", ID: &id, Name: d.Title})
		}
		before, err := q.OfferByID(ctx, queries.OfferByIDParams{AccountID: v.account.ID, ID: id})
		if err != nil {
			return err
		}
		if err := d.Update(ctx, q, v.account.ID, id, v.now); err != nil {
			return err
		}
		if err := s.setPrice(c, q, tx, id, d.Price); err != nil {
			return err
		}
		if before.Title != d.Title {
			if err := s.Queue.OfferProduct(ctx, tx, v.account.ID, id); err != nil {
				return err
			}
		}
		return v.changed(ctx, q, "offer.change", queries.AuditSubject{Kind: "offer", ID: &id, Name: d.Title}, before.Draft(), d)
	})
	return id, err
}

// readOffer takes the form apart; what is wrong with it stands beside.
func readOffer(c *fiber.Ctx, courses []queries.GrantCoursesRow) (t typedOffer) {
	t.OfferDraft = queries.OfferDraft{Name: strings.ToLower(queries.OneLine(c.FormValue("name"))), Title: queries.OneLine(c.FormValue("title")), Text: queries.Lines(c.FormValue("text")),
		Courses: []uuid.UUID{}}
	t.days, t.until, t.most = queries.OneLine(c.FormValue("days")), queries.OneLine(c.FormValue("until")), queries.OneLine(c.FormValue("most"))
	if t.Name == "" {
		t.Name = queries.FormNameOf(t.Title)
	}
	sent := map[string]bool{}
	for _, id := range c.Request().PostArgs().PeekMulti("course") {
		sent[string(id)] = true
	}
	for _, course := range courses {
		if sent[course.ID.String()] {
			t.Courses = append(t.Courses, course.ID)
		}
	}
	t.Days, t.Most = count(t.days), count(t.most)
	t.wrong = t.Check()
	t.readPrice(c)
	if to, problem := sentLanding(c); problem != "" {
		t.Landing, t.wrong["landing"] = landElsewhere, problem
		t.elsewhere = to
	} else {
		t.Landing = to
	}
	if t.until != "" {
		day, err := time.Parse(time.DateOnly, t.until)
		if err != nil || day.Year() < 2000 || day.Year() > 2200 {
			t.wrong["until"] = "Enter a day, such as 2026-08-31, or nothing."
		} else {
			t.Until = &day
		}
	}
	return t
}

// count is a number that was typed; nil for nothing, and -1, which none of them can be, for what is none.
func count(typed string) *int32 {
	if typed == "" {
		return nil
	}
	n, err := strconv.ParseInt(typed, 10, 32)
	number := int32(n)
	if err != nil {
		number = -1
	}
	return &number
}

func (s *Site) newOfferEditPage(c *fiber.Ctx, t typedOffer, id uuid.UUID, courses []queries.GrantCoursesRow) *offerEditPage {
	v := at(c)
	p := &offerEditPage{Page: s.page(c, "Edit offer"), Heading: "Edit offer", Action: v.base() + "/offers/" + id.String(), Problem: t.wrong["courses"]}
	p.Back = p.Action
	if id == uuid.Nil {
		p.Title, p.Heading, p.Action, p.Back, p.New = "New offer", "New offer", v.base()+"/offers", v.base()+"/offers", true
	}
	p.OfferTitle = views.Field{Name: "title", Label: "Title", Value: t.Title, Required: true, MaxLength: queries.OfferTitleMost, Autofocus: p.New}
	p.Text = views.Field{Name: "text", Label: "What it is about", Value: t.Text, Type: "textarea", Rows: 6, MaxLength: queries.OfferTextMost,
		Hint: "Markdown: **bold**, lists with a hyphen, links as [words](https://…)."}
	p.Name = views.Field{Name: "name", Label: "Address", Value: t.Name, MaxLength: 40, Hint: "What stands after " + s.offerURL(c, "") + ". Left empty, it is made of the title."}
	if !p.New {
		p.Name.Hint = "What stands after " + s.offerURL(c, "") + ". Once it is another one, links that are out there lead nowhere."
	}
	p.Days = views.Field{Name: "days", Label: "Access lasts, in days", Value: t.days, InputMode: "numeric", Autocomplete: "off", Hint: "Counted from when somebody takes it. Left empty, it has no end."}
	p.Until = views.Field{Name: "until", Label: "Last day", Type: "date", Value: t.until, Autocomplete: "off", Hint: "On which it can be taken. Left empty, there is none."}
	p.Most = views.Field{Name: "most", Label: "For how many people", Value: t.most, InputMode: "numeric", Autocomplete: "off", Hint: "Left empty, for any number."}
	p.priceFields(t, s.Stripe.Open())
	p.Landing = s.newLandingFields(c, t.Landing, views.Option{Label: "As for all offers"})
	if t.wrong["landing"] != "" {
		p.Landing.Landing.Value, p.Landing.Path.Value = landElsewhere, t.elsewhere
	}
	for name, field := range map[string]*views.Field{"title": &p.OfferTitle, "name": &p.Name, "text": &p.Text, "days": &p.Days, "until": &p.Until, "most": &p.Most,
		"price": &p.Price, "trial": &p.Trial, "landing": &p.Landing.Path} {
		field.Refuse(t.wrong[name])
	}
	for _, course := range courses {
		p.Courses = append(p.Courses, views.Check{Name: "course", ID: "course-" + course.ID.String(), Label: courseLabel(course), Value: course.ID.String(),
			Checked: slices.Contains(t.Courses, course.ID)})
	}
	if p.Problem != "" && len(p.Courses) > 0 {
		p.Courses[0].ErrorAt = "courses-error" // so that the focus comes here
	}
	p.NoCourses = views.Empty{Icon: "book-open", Title: "There is no course to offer", Text: "An offer gives courses. Make one first; the offer can be made while it is a draft."}
	return p
}

func (p *offerEditPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameAdmin, "offers/edit", "offers/_edit", p)
}

// offersSwitch opens an offer to everybody, or closes it.
func (s *Site) offersSwitch(c *fiber.Ctx) error {
	v, on := at(c), c.FormValue("on") != ""
	action, said := "offer.switch_off", " is off. Who took it keeps what they have."
	if on {
		action, said = "offer.switch_on", " is on."
	}
	title, err := s.changeOffer(c, action, func(ctx context.Context, q *queries.Queries, id uuid.UUID) (string, error) {
		return q.OfferSwitch(ctx, queries.OfferSwitchParams{AccountID: v.account.ID, ID: id, SwitchedOn: on, Now: v.now})
	})
	if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+title+"”"+said)
	return redirect(c, v.base()+"/offers/"+c.Params("id"))
}

// offersDelete removes an offer; what it gave stays.
func (s *Site) offersDelete(c *fiber.Ctx) error {
	v := at(c)
	title, err := s.changeOffer(c, "offer.delete", func(ctx context.Context, q *queries.Queries, id uuid.UUID) (string, error) {
		return queries.DeleteOffer(ctx, q, v.account.ID, id, v.now)
	})
	if problem := messageOf(err); problem != "" {
		s.flash(c, views.FlashError, problem)
		return redirect(c, v.base()+"/offers/"+c.Params("id"))
	} else if err != nil {
		return err
	}
	s.flash(c, views.FlashSuccess, "“"+title+"” is deleted. Who took it keeps their courses.")
	return redirect(c, v.base()+"/offers")
}

// changeOffer does something to the offer in the path and writes it into the trail; the change tells the offer's title.
func (s *Site) changeOffer(c *fiber.Ctx, action string, change func(context.Context, *queries.Queries, uuid.UUID) (string, error)) (title string, err error) {
	ctx := c.UserContext()
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return "", queries.ErrNotFound
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		if title, err = change(ctx, q, id); err != nil {
			return err
		}
		return at(c).did(ctx, q, action, queries.AuditSubject{Kind: "offer", ID: &id, Name: title})
	})
	return title, err
}
