package handlers

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// endsAtOnce says whether a subscription is paid for no more, so that it has no end that it could be cancelled to.
func endsAtOnce(state queries.SubscriptionState) bool {
	return unpaid(state) || state == queries.SubscriptionStatePaused
}

// cancelPage says what ends and when, before anything does. An unpaid one ends at once: what is paid for is over.
type cancelPage struct {
	views.Page
	Card   subscriptionCard
	Ends   time.Time // of one that is paid
	Access endingAccess
}

// endingAccess is what becomes of the courses of a subscription that ends, in words to its client or to staff.
type endingAccess struct {
	Goes, Keeps           []string // the courses that end with it, and those that something else gives, too
	Ending, Keeping       string   // headings
	KeepsAll, KeepsBeside string   // why those stay: where none ends, and beside one that does
}

func (a *endingAccess) course(title string, stays bool) {
	if stays {
		a.Keeps = append(a.Keeps, title)
	} else {
		a.Goes = append(a.Goes, title)
	}
}

// cancelledCourse is a course that a subscription gives, as staff read it.
type cancelledCourse struct {
	Title string
	Stays bool // something else gives it, too
}

func (s *Site) subscriptionsCancelShow(c *fiber.Ctx) error {
	v := at(c)
	id, err := uuid.Parse(c.Params("id"))
	if err != nil {
		return queries.ErrNotFound
	}
	row, gives, err := queries.LoadSubscriptionOfContact(c.UserContext(), s.DB, v.account.ID, v.client.ContactID, id, v.now)
	if err != nil {
		return err
	}
	p := &cancelPage{Page: s.page(c, "Cancel "+row.Title), Card: v.subscriptionCard(row), Ends: row.PeriodEndsAt.In(v.now.Location())}
	if p.Card.CancelPath == "" {
		return goTo{"/subscriptions"}
	}
	p.Access = endingAccess{Ending: endingWords(p.Card, "on "+v.dateWords(p.Ends)), Keeping: "What you keep", KeepsBeside: "You have it by something else as well.",
		KeepsAll: "No course ends with this plan: you have all of them by something else as well."}
	for _, g := range gives {
		p.Access.course(g.Title, g.Stays)
	}
	return render(c, views.FramePortal, "subscriptions/cancel", "", p)
}

// endingWords head the courses that end with a subscription; when says when one does that is paid for, empty where that is still a choice.
func endingWords(card subscriptionCard, when string) string {
	switch {
	case card.Lapsed || card.Waits:
		return "What does not come back"
	case card.Unpaid:
		return "What ends now"
	}
	return strings.TrimSpace("What ends " + when)
}

// subscriptionsCancel ends a subscription when what is paid for is over, or at once when that is unpaid, whose open charge is taken back. It
// does what its page said or nothing, so Stripe is asked first how it stands: the charge may have come meanwhile, or failed.
func (s *Site) subscriptionsCancel(c *fiber.Ctx) error {
	row, err := s.subscriptionAsked(c)
	if err != nil {
		return err
	}
	if err := s.lookNow(c, row.StripeID); err != nil {
		return s.changedSubscription(c, err, "")
	}
	if row, err = s.subscriptionAsked(c); err != nil {
		return err
	}
	now := c.FormValue("when") == "now"
	switch {
	case row.EndedAt != nil: // sent twice, or ended by staff
		return s.changedSubscription(c, nil, "It has ended.")
	case now != endsAtOnce(row.State):
		s.flash(c, views.FlashError, "Nothing was cancelled: its payment stands differently now. Please read again what would happen.")
		return redirect(c, "/subscriptions/"+row.ID.String()+"/cancel")
	case now:
		done := "It has ended."
		if unpaid(row.State) {
			done += " The charge that failed is taken back."
		}
		return s.changeSubscription(c, row, done, func() error {
			return s.Stripe.EndUnpaid(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c))
		})
	}
	return s.changeSubscription(c, row, "It is cancelled. You keep what it gives until then, and can change your mind.", s.cancelsLater(c, row, true))
}

// subscriptionsKeep lets a subscription go on that was cancelled, or that waited for a way to pay.
func (s *Site) subscriptionsKeep(c *fiber.Ctx) error {
	row, err := s.subscriptionAsked(c)
	if err != nil {
		return err
	}
	if row.State == queries.SubscriptionStatePaused {
		return s.subscriptionsStart(c, row)
	}
	return s.changeSubscription(c, row, "It goes on as before.", s.cancelsLater(c, row, false))
}

// subscriptionsStart has the first charge made of a subscription that waited for a way to pay. Where there still is none, or it fails, the
// page says so.
func (s *Site) subscriptionsStart(c *fiber.Ctx, row queries.SubscriptionOfContactRow) error {
	err := s.Stripe.Resume(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c))
	var refused billing.Refused
	asked := errors.As(err, &refused)
	if asked { // also when it goes on already
		s.Log.Warn("a subscription could not be resumed", "id", at(c).id, "error", err)
		err = nil
	}
	if err == nil {
		err = s.lookNow(c, row.StripeID)
	}
	if err == nil {
		row, err = s.subscriptionAsked(c)
	}
	switch {
	case err != nil:
		return s.changedSubscription(c, err, "")
	case endsAtOnce(row.State):
		s.flash(c, views.FlashError, "It was not started, because nothing could be charged. Please look at how you pay, and try again.")
		return redirect(c, "/subscriptions")
	}
	return s.changedSubscription(c, nil, "It is started, and what it gives is there again.")
}

func (s *Site) cancelsLater(c *fiber.Ctx, row queries.SubscriptionOfContactRow, ends bool) func() error {
	return func() error {
		return s.Stripe.CancelAtPeriodEnd(c.UserContext(), row.StripeAccount, row.StripeID, onceOf(c), ends)
	}
}
