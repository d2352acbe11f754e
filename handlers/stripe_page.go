package handlers

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// stripePage is how an account sells: through which Stripe account, whether what happens there is reported, and what of it could
// not be taken. It shows what is about this account; several can sell through one Stripe account.
type stripePage struct {
	views.Page
	Open      bool // the installation has a key
	Owner     bool // may change it
	Seller    stripeSeller
	Endpoint  stripeEndpoint
	Events    stripeEvents
	Walks     stripeWalks
	Grace     views.Field
	GraceDays int32
	Invoices  views.Check
	Path      string
}

// stripeTime is how long the page waits for Stripe: what it shows of our own is worth more than a complete page.
const stripeTime = 4 * time.Second

// stripeEventsShown is how many events that wait or have failed are shown.
const stripeEventsShown = 20

// ignoredFor is how far back events of nothing of ours are counted.
const ignoredFor = 30 * 24 * time.Hour

// newStripePage reads what is known here and asks Stripe for the rest, both questions at once.
func (s *Site) newStripePage(c *fiber.Ctx) (*stripePage, error) {
	v := at(c)
	is, err := queries.LoadStripePage(c.UserContext(), s.DB, v.account.ID, v.now.Add(-ignoredFor), stripeEventsShown)
	if err != nil {
		return nil, err
	}
	p := &stripePage{Page: s.page(c, "Stripe"), Open: s.Stripe.Open(), Owner: v.role.Includes(queries.StaffRoleOwner), Path: v.base() + "/stripe"}
	p.GraceDays = is.Settings.GraceDays
	p.Grace = views.Field{Name: "grace_days", Label: "Days of access after a failed charge", Value: strconv.Itoa(int(is.Settings.GraceDays)), InputMode: "numeric",
		Autocomplete: "off", MaxLength: 3, Hint: "0 to 60. Stripe tries the charge again meanwhile. Clients see the same date."}
	p.Invoices = views.Check{Name: "invoices", Label: "An invoice for each purchase", Checked: is.Settings.PurchaseInvoices, Hint: "Stripe charges you for each of them, beside its fee for the payment. Without one, buyers have the order in your records and Stripe’s receipt by mail, if you switched that on there."}
	p.Events = v.stripeEvents(is, p.Token)
	if p.Walks, err = v.stripeWalks(is.Walks, lookingSince(c)); err != nil {
		return nil, err
	}
	if p.Open {
		s.askStripe(c, is.Settings, p)
	}
	p.Seller.Disconnect = views.Confirm{ID: "disconnect", Title: "Disconnect " + orElse(p.Seller.Name, "this Stripe account") + "?", Verb: "Disconnect", Action: p.Path + "/disconnect",
		Token: p.Token, Text: "From now on you sell through the Stripe account of this installation. The account itself stays yours, with its money and history, and refunds you make there are no longer seen here."}
	return p, nil
}

// askStripe fills in what only Stripe knows. Each question that is not answered says so where its answer would stand.
func (s *Site) askStripe(c *fiber.Ctx, is queries.StripeSettingsRow, p *stripePage) {
	ctx, cancel := context.WithTimeout(c.UserContext(), stripeTime)
	defer cancel()
	var seller billing.Seller
	var endpoints []billing.Endpoint
	var sellerErr, endpointsErr error
	var both sync.WaitGroup
	both.Go(func() { seller, sellerErr = s.Stripe.Seller(ctx, is.StripeAccount) })
	both.Go(func() { endpoints, endpointsErr = s.Stripe.Endpoints(ctx, s.stripeAddress()) })
	both.Wait()
	for _, err := range []error{sellerErr, endpointsErr} {
		if err != nil {
			s.Log.Warn("Stripe did not answer for its page", "id", at(c).id, "error", err)
		}
	}
	p.Seller = newStripeSeller(is, seller, sellerErr)
	p.Endpoint = s.newStripeEndpoint(is.StripeAccount != "", endpoints, endpointsErr)
}

// stripeFault says why Stripe did not answer, for staff.
func stripeFault(err error) string {
	var refused billing.Refused
	switch {
	case errors.As(err, &refused):
		return "Stripe refuses to answer: " + refused.Message
	case errors.Is(err, billing.ErrNotThere):
		return "Stripe does not know it any more."
	}
	return "Stripe cannot be reached right now."
}

func (s *Site) stripeShow(c *fiber.Ctx) error {
	p, err := s.newStripePage(c)
	if err != nil {
		return err
	}
	return render(c, views.FrameAdmin, "stripe/show", "", p)
}

// stripeBack returns to the page with a message.
func (s *Site) stripeBack(c *fiber.Ctx, kind, text string) error {
	s.flash(c, kind, text)
	return redirect(c, at(c).base()+"/stripe")
}

// stripeFailed returns to the page when Stripe did not do what was asked; anything else is a fault of ours.
func (s *Site) stripeFailed(c *fiber.Ctx, err error) error {
	var busy billing.Busy
	var refused billing.Refused
	if !errors.As(err, &busy) && !errors.As(err, &refused) && !errors.Is(err, billing.ErrNotThere) {
		return err
	}
	s.Log.Warn("Stripe did not do what was asked", "id", at(c).id, "error", err)
	return s.stripeBack(c, views.FlashError, stripeFault(err)+" Nothing was changed.")
}

const stripeClosed = "This installation has no key of Stripe’s yet, so nothing can be set up."
