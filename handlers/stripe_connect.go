package handlers

import (
	"context"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
	"atrium/views"
)

// stripeSeller is the Stripe account an account sells through.
type stripeSeller struct {
	Own        bool // it is the installation's
	Name       string
	ID         string // empty for the installation's, which is none of the account's business
	State      contactState
	Trouble    string // why Stripe does not say more; empty: it does
	Pending    bool   // one of the account's own is being set up
	Disconnect views.Confirm
}

func newStripeSeller(is queries.StripeSettingsRow, seller billing.Seller, err error) stripeSeller {
	r := stripeSeller{Own: is.StripeAccount == "", Name: seller.Name, ID: is.StripeAccount, Pending: is.StripePending != ""}
	switch {
	case err != nil:
		r.State, r.Trouble = contactState{"Not known", "warning", "triangle-alert"}, stripeFault(err)
	case !seller.Charges:
		r.State = contactState{"Cannot take money", "error", "circle-alert"}
	case !seller.Payouts:
		r.State = contactState{"Takes money, pays none out yet", "warning", "clock"}
	default:
		r.State = contactState{"Ready", "success", "circle-check"}
	}
	return r
}

// stripeSubject is what the audit log calls a change of it.
func (v *visit) stripeSubject() queries.AuditSubject {
	return queries.AuditSubject{Kind: "account", ID: &v.account.ID, Name: v.account.Name}
}

// stripeAccountIs is where an account sells as the audit log keeps it; empty: through the installation's.
type stripeAccountIs struct {
	StripeAccount string `json:"stripe_account"`
}

// stripePendingIs is the Stripe account that is being set up; empty: none.
type stripePendingIs struct {
	Prepared string `json:"prepared_stripe_account"`
}

// underWayWords says what stands in the way of selling elsewhere.
func underWayWords(u queries.UnderWay) string {
	var parts []string
	for _, part := range []struct {
		n         int
		one, many string
	}{{u.Subscriptions, "subscription", "subscriptions"}, {u.Invoices, "open invoice", "open invoices"}, {u.Checkouts, "checkout", "checkouts"}} {
		if part.n > 0 {
			parts = append(parts, counted(int64(part.n), part.one, part.many))
		}
	}
	return "This is not possible while " + strings.Join(parts, " and ") + " still run through the Stripe account you have: they would no longer be followed here. Let them end first."
}

// stillSells locks how the account sells; ErrConflict when that changed since it was read, while Stripe was asked.
func (v *visit) stillSells(ctx context.Context, q *queries.Queries, was queries.StripeSettingsRow) error {
	now, err := q.StripeSettingsLock(ctx, v.account.ID)
	if err == nil && queries.StripeSettingsRow(now) != was {
		return queries.ErrConflict
	}
	return err
}

// stripeConnect makes a Stripe account for this one, whose owner then tells Stripe about themselves. Until that is done, what is
// sold goes where it went before.
func (s *Site) stripeConnect(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	is, err := s.q.StripeSettings(ctx, v.account.ID)
	switch {
	case err != nil:
		return err
	case !s.Stripe.Open():
		return s.stripeBack(c, views.FlashWarning, stripeClosed)
	case is.StripeAccount != "" || is.StripePending != "":
		return s.stripeBack(c, views.FlashInfo, "There is one already.")
	}
	goesOn, err := queries.GoesOn(ctx, s.q, v.account.ID, v.now)
	if err != nil {
		return err
	} else if goesOn.Any() {
		return s.stripeBack(c, views.FlashWarning, underWayWords(goesOn))
	}
	made, err := s.Stripe.MakeSeller(ctx, billing.NewSeller{AccountID: v.account.ID, Name: v.account.Name, Email: v.staff.Email, URL: s.portalURL(v.account)})
	if err != nil {
		return s.stripeFailed(c, err)
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := v.stillSells(ctx, q, is); err != nil {
			return err
		}
		if err := q.StripeSetAccounts(ctx, queries.StripeSetAccountsParams{ID: v.account.ID, StripePending: made, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "stripe.prepare", v.stripeSubject(), stripePendingIs{}, stripePendingIs{made})
	})
	if err != nil {
		return err
	}
	return s.stripeBack(c, views.FlashSuccess, "Your Stripe account is prepared. Continue at Stripe to finish it.")
}

// stripeOnboard leads to Stripe's page for the account that is being set up, by a new link each time, since one lives for minutes.
// It is a link's target and not a form's: the browser would not let a form lead to another site.
func (s *Site) stripeOnboard(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	is, err := s.q.StripeSettings(ctx, v.account.ID)
	if err != nil {
		return err
	} else if is.StripePending == "" {
		return goTo{v.base() + "/stripe"}
	}
	here := s.Addresses.Admin() + v.base() + "/stripe"
	url, err := s.Stripe.Onboard(ctx, is.StripePending, here+"/return", here+"/onboard")
	if err != nil {
		return s.stripeFailed(c, err)
	}
	return goTo{url}
}

// stripeReturn is where Stripe leads back to, whether all was told or not: only Stripe knows. Once it says that money can be
// taken, the account sells through its own from then on.
func (s *Site) stripeReturn(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	is, err := s.q.StripeSettings(ctx, v.account.ID)
	if err != nil {
		return err
	} else if is.StripePending == "" {
		return goTo{v.base() + "/stripe"}
	}
	seller, err := s.Stripe.Seller(ctx, is.StripePending)
	switch {
	case err != nil:
		return s.stripeFailed(c, err)
	case !seller.Told:
		return s.stripeBack(c, views.FlashInfo, "Stripe still needs to know more before money can be taken. You can continue at any time.")
	case !seller.Charges:
		return s.stripeBack(c, views.FlashInfo, "Stripe is checking what you told it. Look again later; until then nothing changes.")
	}
	err = s.sellThrough(c, is, is.StripePending, "stripe.connect")
	return s.stripeMoved(c, err, "Connected. From now on you sell through your own Stripe account.")
}

// stripeDisconnect goes back to the installation's own Stripe account, or gives up one that was being set up.
func (s *Site) stripeDisconnect(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	is, err := s.q.StripeSettings(ctx, v.account.ID)
	switch {
	case err != nil:
		return err
	case is.StripeAccount != "":
		return s.stripeMoved(c, s.sellThrough(c, is, "", "stripe.disconnect"), "Disconnected. You sell through the Stripe account of this installation.")
	case is.StripePending == "":
		return s.stripeBack(c, views.FlashInfo, "No Stripe account of your own is connected.")
	}
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := v.stillSells(ctx, q, is); err != nil {
			return err
		}
		if err := q.StripeSetAccounts(ctx, queries.StripeSetAccountsParams{ID: v.account.ID, Now: v.now}); err != nil {
			return err
		}
		return v.changed(ctx, q, "stripe.give_up", v.stripeSubject(), stripePendingIs{is.StripePending}, stripePendingIs{})
	})
	if err != nil {
		return err
	}
	return s.stripeBack(c, views.FlashSuccess, "Given up. Nothing has changed for what you sell.")
}

// sellThrough has the account sell through another Stripe account, unless that changed meanwhile, with its prices made there.
func (s *Site) sellThrough(c *fiber.Ctx, was queries.StripeSettingsRow, stripe, action string) error {
	v, ctx := at(c), c.UserContext()
	return queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		if err := v.stillSells(ctx, q, was); err != nil {
			return err
		}
		prices, err := queries.SellThrough(ctx, q, v.account.ID, stripe, v.now)
		if err != nil {
			return err
		}
		if err := s.makePrices(c, tx, prices); err != nil {
			return err
		}
		return v.changed(ctx, q, action, v.stripeSubject(), stripeAccountIs{was.StripeAccount}, stripeAccountIs{stripe})
	})
}

func (s *Site) makePrices(c *fiber.Ctx, tx pgx.Tx, prices []uuid.UUID) error {
	for _, price := range prices {
		if err := s.Queue.OfferPrice(c.UserContext(), tx, at(c).account.ID, price); err != nil {
			return err
		}
	}
	return nil
}

// stripeMoved tells how it went.
func (s *Site) stripeMoved(c *fiber.Ctx, err error, told string) error {
	var goesOn queries.UnderWay
	switch {
	case errors.As(err, &goesOn):
		return s.stripeBack(c, views.FlashWarning, underWayWords(goesOn))
	case err != nil:
		return err
	}
	return s.stripeBack(c, views.FlashSuccess, told)
}
