package handlers

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// paidPage is what a buyer comes back to when they do not go straight in.
type paidPage struct {
	views.Page
	Offer    string
	OnItsWay bool   // the money; the page asks again by itself
	Failed   bool   // the money did not come, but some still may; the page asks again, too
	Address  string // itself
	Masked   string // where a mail went or goes; empty: not known yet
	Mine     bool   // this is the browser that paid
	Confirm  string // what its form posts to; empty: nothing to confirm
	Session  string // sent along with it
	SignIn   string // for those who have a password
}

// checkoutsReturn is where Stripe leads buyers back to. It asks Stripe how the checkout is and gives what is paid, at once and
// without waiting for the event; then it takes the buyer in. Only the browser that paid, for a contact that this purchase made,
// goes on without proof: to pay with somebody's address proves nothing about who one is.
func (s *Site) checkoutsReturn(c *fiber.Ctx) error {
	v := at(c)
	session := c.Query("session_id")
	arrival, err := s.takeCheckout(c, session)
	if err != nil {
		return err
	}
	p := &paidPage{Page: s.page(c, "Thank you"), Offer: arrival.Title, Session: session, Address: returnPath(session),
		Mine: v.browser != "" && bytes.Equal(arrival.BrowserHash, queries.TokenHash(v.browser))}
	p.NoIndex = true
	landing := v.arrivalPath(arrival)
	switch {
	case arrival.State == queries.CheckoutStateFailed && !arrival.Over:
		p.Title, p.Failed = "Your payment", true
		return render(c, views.FrameCard, "checkouts/paid", "checkouts/_paid", p)
	case arrival.State == queries.CheckoutStateFailed:
		s.flash(c, views.FlashError, "The payment did not go through, and nothing was charged. You can try again, or pay in another way.")
		return goTo{"/o/" + arrival.Name}
	case arrival.State == queries.CheckoutStateOpen || arrival.State == queries.CheckoutStateExpired:
		return goTo{"/o/" + arrival.Name + "?cancelled=1"} // nothing was paid: the choice is where it was
	case arrival.State == queries.CheckoutStateProcessing:
		p.OnItsWay = true
		return render(c, views.FrameCard, "checkouts/paid", "checkouts/_paid", p)
	case v.client != nil && v.client.ContactID == arrival.ContactID:
		s.bought(c, arrival)
		return goTo{landing}
	case p.Mine && arrival.MadeContact && !arrival.Joined:
		return s.checkoutsEnter(c, arrival, landing)
	}
	p.Masked, p.SignIn = queries.MaskEmail(views.Address(arrival.Email)), "/sign-in?"+url.Values{"next": {landing}}.Encode()
	return render(c, views.FrameCard, "checkouts/paid", "checkouts/_paid", p)
}

// boughtNews is for how long after a purchase it is news to its buyer.
const boughtNews = time.Hour

// bought says what was paid to a buyer who goes straight in, and has the plan and the invoice of it written, without which their menu would
// lack both until Stripe's reports come. While Stripe cannot be reached, these bring them.
func (s *Site) bought(c *fiber.Ctx, a queries.CheckoutArrivalRow) {
	v := at(c)
	for _, object := range a.Unseen {
		if err := s.lookNow(c, object); err != nil {
			s.Log.Warn("what a buyer bought could not be looked at", "id", v.id, "error", err)
			break
		}
	}
	locale := ""
	if v.client != nil {
		locale = v.client.Locale
	}
	switch {
	case v.now.Sub(a.BoughtAt) > boughtNews:
	case a.AmountMinor > 0:
		s.flash(c, views.FlashSuccess, "Paid: "+views.MoneyIn(locale, a.AmountMinor, a.Currency)+" for "+a.Title+".")
	default:
		s.flash(c, views.FlashSuccess, a.Title+" is yours. Nothing was charged.")
	}
}

// takeCheckout writes what Stripe says of a checkout of this account, and answers how it stands here. While Stripe cannot be
// reached, what is known already counts. ErrNotFound for a checkout of anybody else.
func (s *Site) takeCheckout(c *fiber.Ctx, session string) (a queries.CheckoutArrivalRow, err error) {
	v, ctx := at(c), c.UserContext()
	if !strings.HasPrefix(session, "cs_") || len(session) > 255 || strings.ContainsAny(session, "/?#%\x00") || !utf8.ValidString(session) {
		return a, queries.ErrNotFound
	}
	var made []string
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		account, err := q.StripeIsAt(ctx, queries.StripeIsAtParams{ID: v.account.ID, ObjectID: session})
		if err != nil {
			return err
		}
		if err := q.StripeLock(ctx, queries.StripeLockParams{StripeAccount: account, ObjectID: session}); err != nil {
			return err
		}
		found, err := s.Stripe.Checkout(ctx, account, session)
		if err != nil {
			return err
		}
		if !found.Ours || found.AccountID != v.account.ID {
			return queries.ErrNotFound
		}
		made = []string{found.Subscription, found.Invoice}
		return s.Queue.TakeCheckout(ctx, q, tx, account, found, v.now)
	})
	var busy billing.Busy
	switch {
	case errors.Is(err, billing.ErrNotThere):
		return a, queries.ErrNotFound
	case errors.As(err, &busy):
		s.Log.Warn("a buyer came back while Stripe cannot be reached", "id", v.id, "error", err)
	case err != nil:
		return a, err
	}
	a, err = s.q.CheckoutArrival(ctx, queries.CheckoutArrivalParams{AccountID: v.account.ID, StripeSessionID: session, Made: made})
	if a.State == queries.CheckoutStateOpen && busy.Cause != nil {
		a.State = queries.CheckoutStateProcessing // the page asks again
	}
	return a, queries.Kind(err)
}

// returnPath is the page that a buyer comes back to.
func returnPath(session string) string {
	return "/checkout/return?" + url.Values{"session_id": {session}}.Encode()
}

// arrivalPath is where a buyer lands: where the offer or the account says, or in the first course it gives. What was switched off
// since it was chosen is no place to land at.
func (v *visit) arrivalPath(a queries.CheckoutArrivalRow) string {
	switch {
	case v.isLanding(a.Landing):
		return a.Landing
	case a.CourseID != uuid.Nil:
		return "/courses/" + a.CourseID.String()
	}
	return "/"
}

// checkoutsEnter signs in the new client in the browser that paid. They choose name and password next.
func (s *Site) checkoutsEnter(c *fiber.Ctx, a queries.CheckoutArrivalRow, landing string) error {
	in := s.signInOf(c, queries.SignInMethodCheckout)
	in.ContactID = a.ContactID
	if err := s.signedIn(c, in, func(q *queries.Queries) (bool, error) { return queries.SignInClient(c.UserContext(), q, in) }); err != nil {
		return err
	}
	s.bought(c, a)
	return goTo{"/welcome?" + url.Values{"next": {landing}}.Encode()}
}

// checkoutsConfirm mails link and code to the buyer's own address, as signing in does, for the page they bought. Only from the
// browser that paid: the page that waits for the code shows the address.
func (s *Site) checkoutsConfirm(c *fiber.Ctx) error {
	arrival, err := s.takeCheckout(c, c.FormValue("session_id"))
	if err != nil {
		return err
	}
	if arrival.Email == "" || !bytes.Equal(arrival.BrowserHash, queries.TokenHash(at(c).browser)) {
		return queries.ErrNotFound
	}
	return s.mailSignIn(c, arrival.Email, at(c).arrivalPath(arrival))
}
