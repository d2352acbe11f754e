package handlers

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// checkoutsStart sends somebody who buys an offer to Stripe's page, or shows what the coupon they typed makes of its price. What is
// bought is written down first, with the browser that buys, so that whoever comes back is known; while Stripe cannot be reached, the
// choice stays where it was.
func (s *Site) checkoutsStart(c *fiber.Ctx) error {
	v := at(c)
	o, err := s.offerOf(c)
	switch {
	case err != nil:
		return err
	case v.client != nil && hasOffer(o.Courses):
		return s.offerHad(c, o)
	case o.Offer.GoesOn:
		return s.offerGoesOn(c)
	}
	if problem := o.Offer.Problem(o.Courses, v.now, v.account.Location); problem != nil {
		return s.offerClosed(c, o.Offer.Title, problem)
	}
	contact := uuid.Nil
	if v.client != nil {
		contact = v.client.ContactID
	}
	price, err := s.q.OfferPriceByName(c.UserContext(), queries.OfferPriceByNameParams{AccountID: v.account.ID, Name: o.Offer.Name, ContactID: contact})
	if err != nil {
		return queries.Kind(err)
	}
	coupon, problem, err := s.couponOf(c, price, sentCoupon(c))
	switch {
	case err != nil:
		return err
	case problem != "":
		return s.couponRefused(c, o, problem)
	case sentValue(c, "apply") != "":
		p := s.newOfferPage(c, o)
		if coupon != nil {
			p.Price.Off = couponShown(*coupon, price)
		}
		return p.render(c)
	}
	paid, err := s.leavePlaces(c, price)
	var busy billing.Busy
	switch {
	case errors.As(err, &busy):
		return s.checkoutsUnreachable(c, o.Offer.Name, coupon, err)
	case err != nil:
		return err
	case paid != "":
		return redirect(c, returnPath(paid)) // this browser has paid already, in another window
	}
	return s.checkoutsGo(c, o, price, coupon)
}

// checkoutsAgain leads to the offer whoever opens anew the address that a form which was sent back stands at.
func (s *Site) checkoutsAgain(c *fiber.Ctx) error {
	return goTo{jobs.OfferPath(c.Params("name"))}
}

// checkoutsUnreachable goes back to the offer, with the choice that was made there: nobody can pay now.
func (s *Site) checkoutsUnreachable(c *fiber.Ctx, name string, coupon *billing.Coupon, err error) error {
	s.Log.Warn("a checkout could not be started", "id", at(c).id, "error", err)
	s.flash(c, views.FlashError, "The payment page cannot be reached right now. Nothing was charged. Please try again in a few minutes.")
	if coupon == nil {
		return redirect(c, jobs.OfferPath(name))
	}
	return redirect(c, jobs.OfferPath(name)+"?"+url.Values{"coupon": {coupon.Code}}.Encode())
}

// couponRefused sends the form back with what is wrong with the coupon.
func (s *Site) couponRefused(c *fiber.Ctx, o queries.OfferPage, problem string) error {
	p := s.newOfferPage(c, o)
	p.Price.Coupon.Refuse(problem)
	p.Price.Coupon.Autofocus = true
	if invalid(c); len(c.Response().Header.Peek(fiber.HeaderRetryAfter)) > 0 {
		c.Status(fiber.StatusTooManyRequests)
	}
	return p.render(c)
}

// checkoutsGo writes down what is bought and leads to Stripe.
func (s *Site) checkoutsGo(c *fiber.Ctx, o queries.OfferPage, price queries.OfferPriceByNameRow, coupon *billing.Coupon) error {
	v, ctx := at(c), c.UserContext()
	back := url.Values{"cancelled": {"1"}}
	n := billing.NewCheckout{Account: price.StripeAccount, AccountID: v.account.ID, ID: queries.NewID(), Price: price.StripePriceID,
		Subscribes: price.Charged != queries.PriceIntervalOnce, Invoiced: price.PurchaseInvoices, TrialDays: int(o.Offer.TrialDays), Customer: price.Customer,
		Success: s.portalURL(v.account) + "/checkout/return?session_id={CHECKOUT_SESSION_ID}"}
	row := queries.CheckoutInsertParams{AccountID: v.account.ID, ID: n.ID, OfferID: price.OfferID, PriceID: price.ID, BrowserHash: queries.TokenHash(v.browser), Now: v.now}
	if v.client != nil {
		n.Email, row.ContactID = v.client.Email, &v.client.ContactID
	}
	if coupon != nil {
		n.Coupon = coupon.ID
		back.Set("coupon", coupon.Code)
	}
	if o.Offer.Most != nil {
		n.Ends = v.now.Add(queries.PlaceHeld)
	}
	n.Cancel = s.portalURL(v.account) + jobs.OfferPath(o.Offer.Name) + "?" + back.Encode()
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		return queries.HoldPlace(ctx, q, queries.Going{CheckoutInsertParams: row, Zone: v.account.Location})
	})
	if isOfferProblem(err) {
		return s.offerClosed(c, o.Offer.Title, err)
	} else if err != nil {
		return err
	}
	to, err := s.startCheckout(c, n, price.ID)
	var refused billing.Refused
	switch {
	case coupon != nil && errors.As(err, &refused): // what only Stripe knows of it, such as that it is for first purchases
		s.Log.Warn("a checkout with a coupon was refused", "id", v.id, "error", err)
		return s.couponRefused(c, o, "This coupon cannot be used here. Go on without it, or try another one.")
	case errors.As(err, &refused), errors.Is(err, billing.ErrNotThere): // trying again does not help
		s.Log.Warn("a checkout was refused", "id", v.id, "error", err)
		s.flash(c, views.FlashError, "This cannot be bought right now: "+v.account.Name+" has something to put right first. Nothing was charged.")
		return redirect(c, jobs.OfferPath(o.Offer.Name))
	case err != nil:
		return s.checkoutsUnreachable(c, o.Offer.Name, coupon, err)
	}
	return redirect(c, to)
}

// leavePlaces closes the pages for paying that this browser, or this client in another one, opened before for the same offer, so that nobody pays twice, and looks at
// those of others that hold a place of it for longer than they may. It answers the one that they have paid on, empty for none;
// Busy while Stripe cannot close them.
func (s *Site) leavePlaces(c *fiber.Ctx, price queries.OfferPriceByNameRow) (paid string, err error) {
	v, ctx := at(c), c.UserContext()
	who := queries.OfferHoldersParams{AccountID: v.account.ID, OfferID: price.OfferID, BrowserHash: queries.TokenHash(v.browser), OverBefore: v.now.Add(-queries.PlaceHeld)}
	if v.client != nil {
		who.ContactID = &v.client.ContactID
	}
	holders, err := s.q.OfferHolders(ctx, who)
	if err != nil {
		return "", err
	}
	for _, h := range holders {
		closed := false
		if h.Own {
			err := s.Stripe.GiveUpCheckout(ctx, price.StripeAccount, h.SessionID)
			var busy billing.Busy
			if errors.As(err, &busy) {
				return "", err
			}
			closed = err == nil // else it is paid, or closed already, and the look tells
		}
		a, err := s.takeCheckout(c, h.SessionID)
		switch {
		case errors.Is(err, queries.ErrNotFound): // of a Stripe account that is sold through no more
			continue
		case err != nil:
			return "", err
		case h.Own && !closed && (a.State == queries.CheckoutStateDone || a.State == queries.CheckoutStateProcessing):
			return h.SessionID, nil
		}
	}
	return "", nil
}

// startCheckout makes the checkout at Stripe, and its price where the job has not come to that yet, and answers where its page is. What
// somebody deleted or archived at Stripe is made anew, and nobody who buys is held up by it.
func (s *Site) startCheckout(c *fiber.Ctx, n billing.NewCheckout, price uuid.UUID) (url string, err error) {
	ctx := c.UserContext()
	if n.Price == "" {
		if n.Price, err = s.makePrice(ctx, n.AccountID, price); err != nil {
			return "", err
		}
	}
	for remade := false; ; {
		started, err := s.Stripe.StartCheckout(ctx, n)
		switch {
		case err == nil:
			return started.URL, s.q.CheckoutSetSession(ctx, queries.CheckoutSetSessionParams{AccountID: n.AccountID, ID: n.ID, StripeSessionID: started.SessionID, Now: at(c).now})
		case errors.Is(err, billing.ErrNoCustomer) && n.Customer != "":
			n.Customer = "" // they become another one there, by their address
		case errors.Is(err, billing.ErrNotForSale) && !remade:
			if n.Price, err = jobs.RemakePrice(ctx, s.DB, s.Stripe, n.AccountID, price, n.Price, at(c).now); err != nil {
				return "", err
			}
			remade = true
		default:
			return "", err
		}
	}
}

// priceWait is how long a buyer waits for somebody else who makes the same price, the job or another one of the first buyers.
const priceWait = 3 * time.Second

// makePrice makes a price at Stripe, or answers the one somebody else is making.
func (s *Site) makePrice(ctx context.Context, account, price uuid.UUID) (id string, err error) {
	for until := time.Now().Add(priceWait); ; {
		if id, err = jobs.MakePrice(ctx, s.q, s.Stripe, account, price); !errors.Is(err, billing.ErrOnItsWay) || time.Now().After(until) {
			return id, err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return "", err
		}
	}
}
