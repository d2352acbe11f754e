package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// staffCancelPage says what ends, now or when what is paid for is over.
type staffCancelPage struct {
	views.Page
	Path   string // of the subscription's page
	Title  string
	Who    string
	Ends   time.Time // when what is paid for is over
	Later  bool      // whether to end it then is still a choice
	Open   bool      // a charge of it is open that failed, and is taken back with it
	Access endingAccess
	When   views.Choice
}

func (s *Site) staffSubscriptionsCancelShow(c *fiber.Ctx) error {
	p, row, err := s.newStaffSubscriptionPage(c)
	switch {
	case err != nil:
		return err
	case p.CancelPath == "":
		return goTo{p.Path}
	}
	return render(c, views.FrameAdmin, "staffsubscriptions/cancel", "", s.newStaffCancelPage(c, p, row))
}

func (s *Site) newStaffCancelPage(c *fiber.Ctx, p *staffSubscriptionPage, row queries.SubscriptionLoaded) *staffCancelPage {
	v := at(c)
	page := &staffCancelPage{Page: s.page(c, "Cancel "+row.Title), Path: p.Path, Title: row.Title, Who: p.Who, Ends: row.PeriodEndsAt.In(v.now.Location()), Later: row.CancelsAt == nil && !endsAtOnce(row.State), Open: p.Card.Unpaid}
	hint := "Access ends at once. What was paid is not given back by this."
	if page.Open {
		hint = "It ends at once, and the charge that failed is taken back: Stripe does not try it again. What was paid before is not given back by this."
	}
	page.When = views.Choice{Name: "when", Label: "When does it end?", Value: "now", Options: []views.Option{{Value: "now", Label: "Now", Hint: hint}}}
	if page.Later {
		page.When.Value = "end"
		page.When.Options = append([]views.Option{{Value: "end", Label: "On " + v.dateWords(v.local(row.PeriodEndsAt)), Hint: "When what is paid for is over. It can be undone until then."}}, page.When.Options...)
	}
	when := "now"
	if page.Later {
		when = ""
	}
	page.Access = endingAccess{Ending: endingWords(p.Card, when), Keeping: "What they keep", KeepsBeside: "They have it by something else as well.",
		KeepsAll: "No course ends with this plan: they have all of them by something else as well."}
	for _, g := range row.Ends {
		page.Access.course(g.Title, g.Stays)
	}
	return page
}

// notCancelled is what staff read who would end what is being paid.
const notCancelled = "Nothing was cancelled: a payment of it is on its way, or has come. Look again once it is there."

// staffSubscriptionsCancel ends a subscription as its page said: later, at once, or, when a charge of it is open that failed, at once and
// with that charge, which Stripe would go on trying. It does that or nothing, so Stripe is asked first how it stands.
func (s *Site) staffSubscriptionsCancel(c *fiber.Ctx) error {
	p, row, err := s.newStaffSubscriptionPage(c)
	if err != nil {
		return err
	}
	when := c.FormValue("when")
	if when != "now" && when != "end" {
		page := s.newStaffCancelPage(c, p, row)
		page.When.Error = "Choose when it ends."
		invalid(c)
		return render(c, views.FrameAdmin, "staffsubscriptions/cancel", "", page)
	}
	if problem, err := s.stripeWords(c, s.lookNow(c, row.StripeID)); err != nil {
		return err
	} else if problem != "" {
		return s.told(c, problem, "", p.Path)
	}
	if p, row, err = s.newStaffSubscriptionPage(c); err != nil {
		return err
	}
	switch open := c.FormValue("open") != ""; {
	case p.Card.Coming:
		return s.told(c, notCancelled, "", p.Path)
	case p.CancelPath == "": // sent twice, or it ended meanwhile
		return s.told(c, "", "It has ended.", p.Path)
	case open != p.Card.Unpaid:
		return s.told(c, "Nothing was cancelled: its payment stands differently now. Please read again what would happen.", "", p.Path+"/cancel")
	case when == "now" && open:
		return s.changeAtStripe(c, row, "subscription.cancel_unpaid", "It has ended, and the charge that failed is taken back.", func() error {
			return s.Stripe.EndUnpaid(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c))
		})
	case when == "now":
		return s.changeAtStripe(c, row, "subscription.cancel_now", "It has ended.", func() error { return s.Stripe.CancelNow(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c)) })
	}
	return s.changeAtStripe(c, row, "subscription.cancel", "It ends when what is paid for is over. You can undo that until then.", s.endsLater(c, row, true))
}

func (s *Site) staffSubscriptionsKeep(c *fiber.Ctx) error {
	_, row, err := s.newStaffSubscriptionPage(c)
	if err != nil {
		return err
	}
	return s.changeAtStripe(c, row, "subscription.keep", "It goes on as before.", s.endsLater(c, row, false))
}

func (s *Site) staffSubscriptionsPause(c *fiber.Ctx) error {
	p, row, err := s.newStaffSubscriptionPage(c)
	if err != nil {
		return err
	} else if p.Card.Unpaid {
		return s.told(c, "It is not paused: a charge of it failed, and Stripe may try that again whether it is paused or not. Have that charge paid or void it first, or cancel the subscription.", "", p.Path)
	}
	return s.changeAtStripe(c, row, "subscription.pause", "It is not charged until you resume it.", s.pauses(c, row, true))
}

func (s *Site) staffSubscriptionsResume(c *fiber.Ctx) error {
	_, row, err := s.newStaffSubscriptionPage(c)
	if err != nil {
		return err
	}
	if row.State == queries.SubscriptionStatePaused {
		return s.changeAtStripe(c, row, "subscription.start", "It is started. Whether the first charge went through stands below.", func() error {
			return s.Stripe.Resume(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c))
		})
	}
	return s.changeAtStripe(c, row, "subscription.resume", "It is charged again from the next time on.", s.pauses(c, row, false))
}

func (s *Site) endsLater(c *fiber.Ctx, row queries.SubscriptionLoaded, ends bool) func() error {
	return func() error {
		return s.Stripe.CancelAtPeriodEnd(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c), ends)
	}
}

func (s *Site) pauses(c *fiber.Ctx, row queries.SubscriptionLoaded, paused bool) func() error {
	return func() error {
		return s.Stripe.PauseCollection(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c), paused)
	}
}

// changeAtStripe has a subscription changed at Stripe, writes that into the trail, and looks at it.
func (s *Site) changeAtStripe(c *fiber.Ctx, row queries.SubscriptionLoaded, action, done string, do func() error) error {
	v, ctx := at(c), c.UserContext()
	problem, err := s.atStripe(c, row.StripeID, func() error {
		if err := do(); err != nil {
			return err
		}
		return queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error { // before the look, which may fail of itself
			return v.did(ctx, q, action, queries.AuditSubject{Kind: "subscription", ID: &row.ID, Name: row.Title + " of " + row.Email})
		})
	})
	if err != nil {
		return err
	}
	return s.told(c, problem, done, v.base()+"/subscriptions/"+row.ID.String())
}
