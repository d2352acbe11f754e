package handlers

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// staffPlanPage asks which plan a subscription changes to, and says before what that comes to.
type staffPlanPage struct {
	views.Page
	Path       string // of the subscription's page
	Title, Who string
	Minor      int64 // the plan as it is
	Currency   string
	Every      string
	None       bool          // there is no other plan
	Plans      views.Choice  // its values are prices
	Difference *views.Choice // nil on a trial, where nothing is paid for yet
	Preview    *planPreview  // nil: none is chosen yet
	Problem    string        // why there is no preview of what was chosen; empty: there is, or nothing was

	row    queries.PlansLoaded
	chosen *queries.SubscriptionPlansRow
}

// planPreview is what another plan comes to, as Stripe counts it at a moment.
type planPreview struct {
	Title     string
	Minor     int64
	Every     string
	DueMinor  int64 // of the charge that changes
	Due       time.Time
	AtOnce    bool // it is asked for when the plan is changed
	Credit    bool // at once, and nothing is to be paid
	Lines     []billing.InvoiceLine
	Then      time.Time // the charge after it, of the price alone
	Comes     []cancelledCourse
	Goes      []cancelledCourse
	Price     string // what the form sends
	From      string
	Asked     string
	As        int64 // as of when it was counted, in seconds
	Once      string
	ToAnother bool // with another interval, a new period begins
}

// differences are when what is left of a period is asked for.
var differences = []views.Option{{Value: string(billing.DifferenceNext), Label: "With the next charge", Hint: "What is left of the old plan is credited then, and the new one charged for the same days."},
	{Value: string(billing.DifferenceNow), Label: "Now", Hint: "A charge is taken at once. A credit counts against the next charges."},
	{Value: string(billing.DifferenceNone), Label: "Not at all", Hint: "The new price counts from the next charge on."}}

// planAge is how old a preview may be that is agreed to: its sums are those of its moment.
const planAge = time.Hour

func (s *Site) newStaffPlanPage(c *fiber.Ctx, price string) (*staffPlanPage, error) {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return nil, queries.ErrNotFound
	}
	chosen, _ := uuid.Parse(price) // what is none is not among the plans
	row, err := queries.LoadPlans(c.UserContext(), s.DB, v.account.ID, id, chosen, v.now)
	if err != nil {
		return nil, err
	}
	p := &staffPlanPage{Page: s.page(c, "Change the plan of "+row.Title), Path: v.base() + "/subscriptions/" + id.String(), Title: row.Title, Who: orElse(row.Name, row.Email), Minor: row.AmountMinor,
		Currency: row.Currency, Every: everyWords(row.Charged, row.Every), None: len(row.Plans) == 0, Plans: views.Choice{Name: "price", Label: "The new plan", Value: price}, row: row}
	for i, plan := range row.Plans {
		p.Plans.Options = append(p.Plans.Options, views.Option{Value: plan.ID.String(), Label: plan.Title, Hint: views.MoneyIn("", plan.AmountMinor, plan.Currency) + " " + everyWords(plan.Charged, 1)})
		if plan.ID == chosen {
			p.chosen = &row.Plans[i]
		}
	}
	if row.State == queries.SubscriptionStateActive {
		p.Difference = &views.Choice{Name: "difference", Label: "When is the rest of this period settled?", Value: orElse(choiceOf(c.FormValue("difference"), differences), differences[0].Value),
			Options: differences}
	}
	return p, nil
}

// asked is what is asked of Stripe for the plan that was chosen. Refused when it is charged by several prices.
func (s *Site) planAsked(c *fiber.Ctx, p *staffPlanPage, as time.Time) (change billing.PlanChange, err error) {
	is, err := s.Stripe.Subscription(c.UserContext(), p.row.StripeAccount, p.row.StripeID)
	if err != nil {
		return change, err
	}
	if is.Item == "" {
		return change, billing.Refused{Message: "it is charged by several prices there. Change it at Stripe.", Cause: errors.New("several items")}
	}
	change = billing.PlanChange{Account: p.row.StripeAccount, Subscription: p.row.StripeID, Item: is.Item, Price: p.chosen.StripePriceID, Difference: billing.DifferenceNext, At: as}
	if p.Difference != nil {
		change.Difference = billing.Difference(p.Difference.Value)
	}
	return change, nil
}

// staffPlansShow offers the plans, and once one is chosen says what it comes to. Nothing is changed by looking.
func (s *Site) staffPlansShow(c *fiber.Ctx) error {
	p, err := s.newStaffPlanPage(c, c.Query("price"))
	switch {
	case err != nil:
		return err
	case !changesPlan(p.row.SubscriptionOfAccountRow):
		return goTo{p.Path}
	case p.chosen != nil:
		if err := s.previewPlan(c, p); err != nil {
			return err
		}
	case p.Plans.Value != "":
		p.Plans.Error = "Choose one of these."
	}
	return render(c, views.FrameAdmin, "staffsubscriptions/plan", "staffsubscriptions/_plan", p)
}

func (s *Site) previewPlan(c *fiber.Ctx, p *staffPlanPage) error {
	v, as := at(c), at(c).now.Truncate(time.Second)
	var shown billing.Upcoming
	change, err := s.planAsked(c, p, as)
	if err == nil {
		shown, err = s.Stripe.PreviewPlan(c.UserContext(), change)
	}
	if p.Problem, err = s.stripeWords(c, err); p.Problem != "" || err != nil {
		return err
	}
	plan := &planPreview{Title: p.chosen.Title, Minor: p.chosen.AmountMinor, Every: everyWords(p.chosen.Charged, 1), DueMinor: shown.DueMinor, Lines: shown.Lines, Price: p.chosen.ID.String(),
		Asked: string(change.Difference), As: as.Unix(), Once: queries.NewID().String(), Due: v.local(shown.Due), Then: v.local(shown.Until), From: priceOf(p.row.PriceID)}
	if p.Difference != nil {
		plan.ToAnother = p.row.Charged != p.chosen.Charged || p.row.Every != 1
		plan.AtOnce = plan.ToAnother || change.Difference == billing.DifferenceNow
		plan.Credit = plan.AtOnce && shown.DueMinor == 0
		if plan.AtOnce && !plan.ToAnother {
			plan.Then = v.local(p.row.PeriodEndsAt)
		}
	}
	for _, course := range p.row.Courses {
		to := &plan.Goes
		if course.Comes {
			to = &plan.Comes
		}
		*to = append(*to, cancelledCourse{course.Title, course.Stays})
	}
	p.Preview = plan
	return nil
}

// priceOf is the name of a price in a form; empty for none.
func priceOf(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

// planIs is a plan as the audit log keeps it.
type planIs struct {
	Plan        string                `json:"plan"`
	AmountMinor int64                 `json:"amount_minor"`
	Currency    string                `json:"currency"`
	Charged     queries.PriceInterval `json:"charged"`
}

// staffPlansChange changes the plan as its preview said, when the subscription stands as it did then.
func (s *Site) staffPlansChange(c *fiber.Ctx) error {
	v, ctx, price := at(c), c.UserContext(), c.FormValue("price")
	p, err := s.newStaffPlanPage(c, price)
	if err != nil {
		return err
	}
	if problem, err := s.stripeWords(c, s.lookNow(c, p.row.StripeID)); problem != "" || err != nil {
		return s.toldUnless(c, err, problem, p.Path)
	}
	if p, err = s.newStaffPlanPage(c, price); err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(c.FormValue("as"), 10, 64)
	as := time.Unix(seconds, 0).UTC()
	switch is := priceOf(p.row.PriceID); {
	case is == price && is != "": // sent twice
		return s.told(c, "", "The plan is changed.", p.Path)
	case !changesPlan(p.row.SubscriptionOfAccountRow) || p.chosen == nil || is != c.FormValue("from"):
		return s.told(c, "It has changed since you opened the page, so nothing was done. This is how it stands now.", "", p.Path)
	case err != nil || v.now.Sub(as) > planAge || as.After(v.now.Add(time.Minute)):
		return s.told(c, "The preview was from a while ago, and its sums have moved on. Look at it again.", "", p.Path+"/plan?price="+price)
	}
	change, err := s.planAsked(c, p, as)
	if problem, err := s.stripeWords(c, err); problem != "" || err != nil {
		return s.toldUnless(c, err, problem, p.Path)
	}
	problem, err := s.atStripe(c, p.row.StripeID, func() error {
		if err := s.Stripe.ChangePlan(ctx, change, onceOf(c)); err != nil {
			return err
		}
		return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error { // before the look, which may fail of itself
			return v.changed(ctx, q, "subscription.plan", queries.AuditSubject{Kind: "subscription", ID: &p.row.ID, Name: p.Title + " of " + p.row.Email},
				planIs{p.Title, p.Minor, p.Currency, p.row.Charged}, planIs{p.chosen.Title, p.chosen.AmountMinor, p.chosen.Currency, p.chosen.Charged})
		})
	})
	if problem != "" || err != nil {
		return s.toldUnless(c, err, problem, p.Path)
	}
	return s.told(c, "", "The plan is changed to "+p.chosen.Title+".", p.Path)
}

// toldUnless is as told with a problem, unless there is a fault.
func (s *Site) toldUnless(c *fiber.Ctx, fault error, problem, path string) error {
	if fault != nil {
		return fault
	}
	return s.told(c, problem, "", path)
}
