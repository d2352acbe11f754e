package handlers

import (
	"errors"
	"html/template"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
	"atrium/views"
)

// offerPage is an offer, free or sold, as anybody sees it.
type offerPage struct {
	views.Page
	Heading string
	Text    template.HTML // empty: none
	Courses []string
	Lasts   string // how long the access lasts, a sentence
	Action  string // what its form posts to
	Known   string // name or address of whoever is signed in; empty: nobody, and they are asked
	SignIn  string // where whoever has been here signs in and comes back
	Name    views.Field
	Email   views.Field
	Problem string      // about the form as a whole; empty: none
	Price   *offerPrice // nil: it is free
	Picture string      // its address; empty: none
	Places  string      // how many are left of a few, a sentence; empty: of any number
	Back    bool        // they come back from Stripe's page without having paid
}

// offerPrice is what an offer costs.
type offerPrice struct {
	Minor    int64
	Currency string
	Every    string // every month; empty: once
	Trial    string // how long it is tried for nothing; empty: it is not
	Buy      string // what the form posts to that leads to Stripe
	Coupon   views.Field
	Off      *offerCoupon // what a coupon makes of it; nil: none was applied
}

// offerDonePage says what became of an offer, or why it cannot be taken.
type offerDonePage struct {
	views.Page
	Heading string
	Text    string
	Links   []views.Link // where to go on; the first is the button
	Again   string       // the form once more, for who mistyped their address; empty: no mail is waited for
}

// offerOf reads the offer in the path for whoever asks. ErrNotFound when this host has none of that name.
func (s *Site) offerOf(c *fiber.Ctx) (queries.OfferPage, error) {
	v, contact := at(c), uuid.Nil
	name := strings.ToLower(c.Params("name"))
	if !queries.IsFormName(name) {
		return queries.OfferPage{}, queries.ErrNotFound
	}
	if v.client != nil {
		contact = v.client.ContactID
	}
	return queries.LoadOfferPage(c.UserContext(), s.DB, v.account.ID, name, contact, v.now)
}

func (s *Site) offerShow(c *fiber.Ctx) error {
	v := at(c)
	o, err := s.offerOf(c)
	switch {
	case errors.Is(err, queries.ErrNotFound):
		return s.offerUnknown(c)
	case err != nil:
		return err
	case v.client != nil && hasOffer(o.Courses):
		return s.offerHad(c, o)
	case o.Offer.GoesOn:
		return s.offerGoesOn(c)
	}
	if problem := s.offerProblem(c, o); problem != nil {
		return s.offerClosed(c, o.Offer.Title, problem)
	}
	if c.Query("sent") != "" && v.client == nil {
		return s.offerSent(c, o)
	}
	return s.newOfferPage(c, o).render(c)
}

// offerProblem is why the offer cannot be taken by whoever asks; nil when it can. What costs money can be bought again once the access
// by it has ended.
func (s *Site) offerProblem(c *fiber.Ctx, o queries.OfferPage) error {
	v := at(c)
	for _, course := range o.Courses {
		if v.client != nil && course.Taken && !course.HasIt && o.Offer.PriceMinor == 0 {
			return queries.ErrOfferEnded
		}
	}
	return o.Offer.Problem(o.Courses, v.now, v.account.Location)
}

// hasOffer says whether somebody can use all that an offer gives and clients see.
func hasOffer(courses []queries.OfferCoursesByNameRow) bool {
	visible := 0
	for _, course := range courses {
		if course.Visible && !course.HasIt {
			return false
		}
		if course.Visible {
			visible++
		}
	}
	return visible > 0
}

func (s *Site) newOfferPage(c *fiber.Ctx, o queries.OfferPage) *offerPage {
	v := at(c)
	p := &offerPage{Page: s.page(c, o.Offer.Title), Heading: o.Offer.Title, Text: views.Markdown(o.Offer.Text), Lasts: "It is free, and the access has no end.",
		Action: jobs.OfferPath(o.Offer.Name), SignIn: "/sign-in?" + url.Values{"next": {jobs.OfferPath(o.Offer.Name)}}.Encode(),
		Name: views.Field{Name: "name", Label: "Your name", Value: sentValue(c, "name"), Autocomplete: "name", MaxLength: 120},
		Email: views.Field{Name: "email", Label: "E-mail address", Type: "email", Value: sentValue(c, "email"), Autocomplete: "email", InputMode: "email", Required: true,
			MaxLength: queries.EmailMax}}
	p.Description = "A free offer of " + v.account.Name + "."
	if o.Offer.PriceMinor > 0 {
		p.price(o)
		p.Price.Coupon = couponField(sentCoupon(c))
		p.Back = c.Query("cancelled") != ""
		allowFormTo(c, s.Stripe.Pages())
	}
	if o.Offer.AccessDays != nil {
		p.Lasts = "It is free, and the access lasts " + days(*o.Offer.AccessDays) + "."
	}
	p.Picture = offerPictureURL("/brand/", o.Offer.PictureHash)
	if most := o.Offer.Most; most != nil {
		p.Places = counted(int64(*most)-o.Offer.Taken, "place", "places") + " of " + strconv.Itoa(int(*most)) + " left."
	}
	for _, course := range o.Courses {
		if course.Visible {
			p.Courses = append(p.Courses, course.Title)
		}
	}
	if v.client != nil {
		p.Known = orElse(v.client.Name, v.client.Email)
	}
	return p
}

// price makes the page one that sells.
func (p *offerPage) price(o queries.OfferPage) {
	p.Price = &offerPrice{Minor: o.Offer.PriceMinor, Currency: o.Offer.Currency, Buy: jobs.OfferPath(o.Offer.Name) + "/buy"}
	p.Description, p.Lasts = o.Offer.Title+", an offer of "+p.Account.Name+".", "The access has no end."
	switch {
	case o.Offer.Charged != queries.PriceIntervalOnce:
		p.Price.Every, p.Lasts = everyWords(o.Offer.Charged, 1), "The access lasts as long as the subscription, which can be cancelled at any time."
	case o.Offer.AccessDays != nil:
		p.Lasts = "The access lasts " + days(*o.Offer.AccessDays) + "."
	}
	if o.Offer.TrialDays > 0 {
		p.Price.Trial = days(o.Offer.TrialDays)
	}
}

func (p *offerPage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "offers/public", "offers/_form", p)
}

// offerTake gives the offer to whoever is signed in, and mails a link to whoever is not.
func (s *Site) offerTake(c *fiber.Ctx) error {
	v := at(c)
	o, err := s.offerOf(c)
	switch {
	case errors.Is(err, queries.ErrNotFound):
		return s.offerUnknown(c)
	case err != nil:
		return err
	case o.Offer.PriceMinor > 0:
		return goTo{jobs.OfferPath(o.Offer.Name)}
	case v.client == nil:
		return s.offerClaim(c, o)
	}
	if hasOffer(o.Courses) {
		return s.offerHad(c, o)
	}
	var courses []queries.OfferCoursesRow
	err = queries.InTx(c.UserContext(), s.DB, func(q *queries.Queries, _ pgx.Tx) (err error) {
		courses, err = queries.TakeOffer(c.UserContext(), q, queries.Taking{AccountID: v.account.ID, OfferID: o.Offer.ID, ContactID: v.client.ContactID, Now: v.now, Zone: v.account.Location})
		if err != nil {
			return err
		}
		return v.visitChanged(c.UserContext(), q, visitChange{Note: "Took the offer “" + o.Offer.Title + "”", After: map[string]string{"offer": o.Offer.Title}})
	})
	if isOfferProblem(err) {
		return s.offerClosed(c, o.Offer.Title, err)
	} else if err != nil {
		return err
	}
	return redirect(c, offerLanding(courses))
}

// offerLanding is where somebody goes who has taken an offer.
func offerLanding(courses []queries.OfferCoursesRow) string {
	if len(courses) == 1 {
		return queries.CoursePath(courses[0].ID)
	}
	return pathOf(queries.AppCourses)
}

// offerClaim writes down what was sent, with its job, for known and unknown addresses alike: the job mails the link. So the answer is
// the same, and so is the time it takes.
func (s *Site) offerClaim(c *fiber.Ctx, o queries.OfferPage) error {
	v, ctx := at(c), c.UserContext()
	if problem := s.offerProblem(c, o); problem != nil {
		return s.offerClosed(c, o.Offer.Title, problem)
	}
	p := s.newOfferPage(c, o)
	email, wrongEmail := queries.ParseEmail(p.Email.Value)
	name, wrongName := queries.ParseName(p.Name.Value)
	p.Email.Refuse(messageOf(wrongEmail))
	p.Name.Refuse(messageOf(wrongName))
	if wrongEmail != nil || wrongName != nil {
		invalid(c)
		return p.render(c)
	}
	err := s.spend(c, queries.Spending{Limit: queries.LimitFormIP, Subject: v.network()}, queries.Spending{Limit: queries.LimitFormAddress, Subject: email})
	var many tooMany
	if errors.As(err, &many) {
		return p.refuse(c, many)
	} else if err != nil {
		return err
	}
	if sentValue(c, trapField) == "" {
		err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
			id, err := s.Mails.Claim(ctx, q, queries.OfferClaim{AccountID: v.account.ID, OfferID: o.Offer.ID, Email: email, Name: name, Now: v.now, IP: v.ip, UserAgent: v.agent})
			if err != nil {
				return err
			}
			return s.Queue.OfferClaim(ctx, tx, v.account.ID, id)
		})
	}
	if err != nil {
		return err
	}
	return redirect(c, p.Action+"?sent=1")
}

// refuse shows the form again as it was filled in, with how long to wait.
func (p *offerPage) refuse(c *fiber.Ctx, many tooMany) error {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(many.wait.Seconds()))))
	p.Problem = "This was sent several times just now. Please wait " + many.waitWords() + " and send it again; what you typed is still here."
	c.Status(fiber.StatusTooManyRequests)
	return p.render(c)
}

func (s *Site) offerSent(c *fiber.Ctx, o queries.OfferPage) error {
	p := &offerDonePage{Page: s.page(c, o.Offer.Title), Heading: "Look into your mail",
		Text: "We have sent you a mail with a link. It works for 24 hours, gives you access and signs you in. If nothing comes within a few minutes, look among your spam, or check the spelling of your address."}
	p.Again = jobs.OfferPath(o.Offer.Name)
	return p.render(c)
}

// offerHad is for whoever can use all of it already.
func (s *Site) offerHad(c *fiber.Ctx, o queries.OfferPage) error {
	p := &offerDonePage{Page: s.page(c, o.Offer.Title), Heading: "You already have access", Text: "There is nothing to do: what “" + o.Offer.Title + "” gives is yours."}
	for _, course := range o.Courses {
		if course.Visible {
			p.Links = append(p.Links, views.Link{Label: "Open “" + course.Title + "”", URL: queries.CoursePath(course.ID)})
		}
	}
	return p.render(c)
}

// offerGoesOn leads a client who has the plan, but not what it gives, to where they change how they pay for it: bought beside itself, it
// would be charged twice once Stripe's next try of the first succeeds.
func (s *Site) offerGoesOn(c *fiber.Ctx) error {
	s.flash(c, views.FlashError, "You have this plan already. If a charge of it failed, you read here what brings it back.")
	return redirect(c, "/subscriptions")
}

// offerProblems are why an offer cannot be taken, as its page says it.
var offerProblems = map[error][2]string{
	queries.ErrOfferSold:   {"This offer is not free any more", "It can be bought on its page."},
	queries.ErrOfferOff:    {"This offer is not open", "It cannot be taken at the moment."},
	queries.ErrOfferOver:   {"This offer is over", "Its last day has passed."},
	queries.ErrOfferHeld:   {"The last places are being paid for", "Whoever does not pay leaves theirs: look again in half an hour."},
	queries.ErrOfferUsedUp: {"This offer is used up", "As many people as it was for have taken it."},
	queries.ErrOfferEnded:  {"You took this offer before", "Your access by it has ended, and it can be taken only once."},
}

func isOfferProblem(err error) bool {
	for problem := range offerProblems {
		if errors.Is(err, problem) {
			return true
		}
	}
	return false
}

// offerClosed says why an offer cannot be taken.
func (s *Site) offerClosed(c *fiber.Ctx, title string, problem error) error {
	p := &offerDonePage{Page: s.page(c, title)}
	for known, words := range offerProblems {
		if errors.Is(problem, known) {
			p.Heading, p.Text = words[0], words[1]+" Questions? Write to "+at(c).account.SupportEmail+"."
		}
	}
	if p.NoIndex = true; at(c).client != nil {
		p.Links = []views.Link{{Label: "Go to the portal", URL: "/"}}
	}
	c.Status(fiber.StatusGone)
	return p.render(c)
}

// offerUnknown answers for names that this host has no offer of.
func (s *Site) offerUnknown(c *fiber.Ctx) error {
	p := &offerDonePage{Page: s.page(c, "No such offer"), Heading: "There is no offer here", Text: "The address may have a typing error, or the offer is gone."}
	p.NoIndex = true
	c.Status(fiber.StatusNotFound)
	return p.render(c)
}

func (p *offerDonePage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "offers/done", "", p)
}
