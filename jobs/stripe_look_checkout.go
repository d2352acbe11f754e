package jobs

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
)

func (l stripeLook) checkout(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, session string) (ours bool, err error) {
	found, err := l.door.Checkout(ctx, account, session)
	if err != nil || !found.Ours {
		return false, err
	}
	if mine, err := l.mine(ctx, q, found.AccountID, account, session, found.ID); err != nil || !mine {
		return false, err
	}
	return true, l.queue.TakeCheckout(ctx, q, tx, account, found, l.now())
}

// TakeCheckout writes how far a checkout is, and fulfils it once it is paid. Both the page a buyer comes back to and the job
// of the event call it, each with what Stripe says at that moment; stripe is the connected account, empty the installation's own.
func (q *Queue) TakeCheckout(ctx context.Context, db *queries.Queries, tx pgx.Tx, stripe string, c billing.Checkout, now time.Time) error {
	state, closing := map[billing.CheckoutState]queries.CheckoutState{billing.CheckoutProcessing: queries.CheckoutStateProcessing, billing.CheckoutExpired: queries.CheckoutStateExpired}[c.State]
	switch {
	case c.State == billing.CheckoutFailed:
		return q.checkoutReturned(ctx, db, tx, c, now)
	case closing:
		return db.CheckoutSetState(ctx, queries.CheckoutSetStateParams{AccountID: c.AccountID, ID: c.ID, State: state, StripeSessionID: c.SessionID, Now: now})
	case c.State != billing.CheckoutPaid:
		return nil
	}
	email, err := queries.ParseEmail(c.Email)
	if err != nil {
		return err
	}
	done, err := queries.Fulfil(ctx, db, queries.Paid{AccountID: c.AccountID, CheckoutID: c.ID, SessionID: c.SessionID, Email: email, Name: c.Name,
		AmountMinor: c.AmountMinor, Currency: c.Currency, Customer: c.Customer, Payment: c.Payment, Subscription: c.Subscription, Now: now})
	if err != nil || !done.IsNew {
		return err
	}
	// A subscription's look has its invoice looked at. The payment: some of it may have gone back before it was known here.
	if object := cmp.Or(c.Subscription, c.Invoice, c.Payment); object != "" {
		if err := q.StripeLook(ctx, tx, stripe, object); err != nil {
			return err
		}
	}
	if done.OtherEmail { // theirs changed while they paid: what Stripe mails goes to the one they have
		if err := q.StripeCustomers(ctx, db, tx, c.AccountID, done.ContactID); err != nil {
			return err
		}
	}
	if len(done.Grants) > 0 { // the way in, also for who has closed the window; one mail for what was bought together
		if err := q.CourseReady(ctx, tx, c.AccountID, done.Grants[0], time.Time{}, false); err != nil {
			return err
		}
	}
	return q.Metrics(ctx, tx, c.AccountID)
}

// checkoutReturned writes that the money of a checkout did not come, and has it told to who paid, once. Of a single payment nothing can come
// after it; for a subscription Stripe goes on trying, until the job that tells them has ended it.
func (q *Queue) checkoutReturned(ctx context.Context, db *queries.Queries, tx pgx.Tx, c billing.Checkout, now time.Time) error {
	email, err := queries.ParseEmail(c.Email)
	if err != nil {
		email = "" // nobody to tell
	}
	news, err := db.CheckoutSetReturned(ctx, queries.CheckoutSetReturnedParams{AccountID: c.AccountID, ID: c.ID, StripeSessionID: c.SessionID, Email: email, Over: c.Subscription == "", Now: now})
	if err != nil || news == 0 {
		return err
	}
	return q.insert(ctx, tx, paymentReturnedArgs{AccountID: c.AccountID, CheckoutID: &c.ID})
}
