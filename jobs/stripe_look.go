package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/billing"
	"atrium/queries"
)

type stripeLookArgs struct {
	StripeAccount string `json:"stripe_account"`
	ObjectID      string `json:"object_id"`
}

func (stripeLookArgs) Kind() string { return "stripe_look" }

// InsertOpts: as those of an event.
func (stripeLookArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: queueStripe, MaxAttempts: 20}
}

// stripeLookWorker looks at an object because something of ours happened to it, without an event of Stripe's.
type stripeLookWorker struct {
	river.WorkerDefaults[stripeLookArgs]
	db   queries.DB
	c    Config
	look stripeLook
}

// NextRetry is as that of an event.
func (w *stripeLookWorker) NextRetry(job *river.Job[stripeLookArgs]) time.Time {
	return w.c.in(billing.Pause(job.Attempt))
}

// Work writes how the object is now.
func (w *stripeLookWorker) Work(ctx context.Context, job *river.Job[stripeLookArgs]) error {
	return later(queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		_, err := w.look.object(ctx, q, tx, job.Args.StripeAccount, job.Args.ObjectID)
		return err
	}))
}

// StripeLook writes how an object of Stripe's is now.
func (q *Queue) StripeLook(ctx context.Context, tx pgx.Tx, account, object string) error {
	return q.insert(ctx, tx, stripeLookArgs{account, object})
}

// LookNow is as StripeLook, within the request that needs to know.
func (q *Queue) LookNow(ctx context.Context, db *queries.Queries, tx pgx.Tx, door *billing.Door, account, object string, now time.Time) error {
	_, err := stripeLook{door: door, queue: q, now: func() time.Time { return now }}.object(ctx, db, tx, account, object)
	return err
}

// stripeLook asks Stripe how an object is and writes that, with what follows from it, in one transaction. While it does, nobody
// else writes about the same object, so what was asked last is what stays.
type stripeLook struct {
	door  *billing.Door
	queue *Queue
	now   func() time.Time
	found func(account uuid.UUID) // told whose an object is as soon as Stripe has said it, also when nothing can be written; nil: nobody asks
}

// object looks at one, and says whether it is ours. What the account has no use for is not ours.
func (l stripeLook) object(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	kind, _, _ := strings.Cut(id, "_")
	look := map[string]func(context.Context, *queries.Queries, pgx.Tx, string, string) (bool, error){
		"cs": l.checkout, "sub": l.subscription, "in": l.invoice, "pi": l.payment,
		"ch": l.charge, "py": l.charge, "re": l.refund, "pyr": l.refund, "dp": l.dispute, "du": l.dispute}[kind] // py and pyr: of money that came by a bank
	if look == nil {
		return false, nil
	}
	if err := q.StripeLock(ctx, queries.StripeLockParams{StripeAccount: account, ObjectID: id}); err != nil {
		return false, err
	}
	return look(ctx, q, tx, account, id)
}

// mine says whether an object at that Stripe account can be an account's of this installation: it sells there, or the object, or the
// checkout it comes from (the nil id for none), is known from when it did.
func (l stripeLook) mine(ctx context.Context, q *queries.Queries, account uuid.UUID, stripe, object string, checkout uuid.UUID) (bool, error) {
	ours, err := q.StripeIsOurs(ctx, queries.StripeIsOursParams{ID: account, StripeAccount: stripe, ObjectID: object, CheckoutID: checkout})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return false, nil
	}
	if err != nil || !ours {
		return false, err
	}
	if l.found != nil {
		l.found(account)
	}
	return true, nil
}

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
	for _, object := range []string{c.Subscription, cmp.Or(c.Invoice, c.Payment)} { // the payment: some of it may have gone back before it was known here
		if object == "" {
			continue
		}
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

func (l stripeLook) subscription(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	s, err := l.door.Subscription(ctx, account, id)
	if err != nil || !s.Ours {
		return false, err
	}
	if mine, err := l.mine(ctx, q, s.AccountID, account, id, uuid.Nil); err != nil || !mine {
		return false, err
	}
	given, err := queries.MirrorSubscription(ctx, q, queries.MirroredSubscription{AccountID: s.AccountID, StripeID: s.ID, Customer: s.Customer, Title: s.Title, Price: s.Price, Given: s.Given, NextMinor: s.NextMinor, OffMinor: s.OffMinor, OffUntil: s.OffUntil,
		State: queries.SubscriptionState(s.State), AmountMinor: s.AmountMinor, Currency: s.Currency, Charged: queries.PriceInterval(s.Interval), Every: s.Every, Card: s.Card,
		Started: s.Started, PeriodEnds: s.PeriodEnds, TrialEnds: s.TrialEnds, CancelsAt: s.CancelsAt, PastDueSince: s.UnpaidSince, Ended: s.Ended,
		CollectionPaused: s.CollectionPaused, Now: l.now()})
	if errors.Is(err, queries.ErrNoOwner) {
		return true, l.unlessBought(ctx, q, s.AccountID, s.CheckoutID, err)
	}
	if err == nil && len(given) > 0 { // of another plan; one mail for all of it
		err = l.queue.CourseReady(ctx, tx, s.AccountID, given[0], time.Time{}, false)
	}
	if err != nil || s.LatestInvoice == "" {
		return true, err
	}
	return true, l.queue.StripeLook(ctx, tx, account, s.LatestInvoice)
}

// unlessBought is the error that something belongs to nobody known here, unless it is bought by a checkout that is not paid: a debit
// takes days. Once it is paid everything it made is looked at again, and otherwise it never is anybody's.
func (l stripeLook) unlessBought(ctx context.Context, q *queries.Queries, account, checkout uuid.UUID, err error) error {
	waits, failed := q.CheckoutUnpaid(ctx, queries.CheckoutUnpaidParams{AccountID: account, ID: checkout})
	if failed != nil || waits {
		return failed
	}
	return err
}

func (l stripeLook) invoice(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	i, err := l.door.Invoice(ctx, account, id)
	if errors.Is(err, billing.ErrNotThere) {
		return l.deletedInvoice(ctx, q, account, id, err)
	} else if err != nil || !i.Ours {
		return false, err
	}
	if mine, err := l.mine(ctx, q, i.AccountID, account, id, i.CheckoutID); err != nil || !mine {
		return false, err
	}
	if err := l.ofSubscription(ctx, q, tx, account, i); err != nil {
		return true, err
	}
	order, err := l.ofOrder(ctx, q, tx, account, i)
	if err != nil || order == nil && i.IsPurchase() {
		return true, err
	}
	lines, err := json.Marshal(i.Lines)
	if err != nil {
		return true, err
	}
	returned, err := queries.MirrorInvoice(ctx, q, queries.MirroredInvoice{Customer: i.Customer, Subscription: i.Subscription, Order: order, InvoiceUpsertParams: queries.InvoiceUpsertParams{
		AccountID: i.AccountID, StripeID: i.ID, Number: i.Number, State: queries.InvoiceState(i.State), Payment: paymentOf(i), TotalMinor: i.TotalMinor, TaxMinor: i.TaxMinor,
		PaidMinor: i.PaidMinor, RemainingMinor: i.LeftMinor, RefundedMinor: i.Back.RefundedMinor, DisputedMinor: i.Back.DisputedMinor, LostMinor: i.Back.LostMinor,
		Currency: i.Currency, PaidOutside: i.Outside, Memo: i.Memo, Lines: lines, HostedUrl: i.HostedURL, PdfUrl: i.PDFURL, ReceiptUrl: i.ReceiptURL,
		StripeAccount: account, StripePaymentID: i.Payment, IssuedAt: i.Issued, DueAt: i.Due, PaidAt: i.Paid, CreatedAt: i.Created, Now: l.now()}})
	switch {
	case errors.Is(err, queries.ErrNoOwner):
		err = l.unlessBought(ctx, q, i.AccountID, i.CheckoutID, err)
	case err == nil && returned != nil:
		err = l.invoiceReturned(ctx, q, tx, i, *returned)
	}
	return true, err
}

// invoiceReturned has a client told that the payment of their invoice came back. When nothing of what it is for was ever paid, they are
// told so by the checkout.
func (l stripeLook) invoiceReturned(ctx context.Context, q *queries.Queries, tx pgx.Tx, i billing.Invoice, id uuid.UUID) error {
	first, err := q.CheckoutUnpaid(ctx, queries.CheckoutUnpaidParams{AccountID: i.AccountID, ID: i.CheckoutID})
	if err != nil || first {
		return err
	}
	return l.queue.insert(ctx, tx, paymentReturnedArgs{AccountID: i.AccountID, InvoiceID: &id})
}

// ofSubscription has the subscription there that an invoice is of, where the invoice was heard of first.
func (l stripeLook) ofSubscription(ctx context.Context, q *queries.Queries, tx pgx.Tx, account string, i billing.Invoice) error {
	if i.Subscription == "" {
		return nil
	}
	_, err := q.SubscriptionByStripe(ctx, queries.SubscriptionByStripeParams{AccountID: i.AccountID, StripeID: i.Subscription})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		_, err = l.object(ctx, q, tx, account, i.Subscription)
	}
	return err
}

// ofOrder is the order that an invoice was made of, with what went back of its payment, which is the order's too. It is there before
// its invoice: an invoice that is heard of first has its checkout looked at. nil for other invoices, while Stripe has not made it ready
// (its event comes when it is paid), while the checkout does not say that it is paid (everything it made is looked at then), and when
// the buyer is gone from here.
func (l stripeLook) ofOrder(ctx context.Context, q *queries.Queries, tx pgx.Tx, account string, i billing.Invoice) (*queries.OrderOfCheckoutRow, error) {
	if !i.IsPurchase() || i.State != string(queries.InvoiceStatePaid) {
		return nil, nil
	}
	asked := queries.OrderOfCheckoutParams{AccountID: i.AccountID, CheckoutID: i.CheckoutID}
	order, err := q.OrderOfCheckout(ctx, asked)
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		if err = l.checkoutOf(ctx, q, tx, account, i); err == nil {
			order, err = q.OrderOfCheckout(ctx, asked)
			err = queries.Kind(err)
		}
	}
	if errors.Is(err, queries.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return &order, queries.TakeBack(ctx, q, i.AccountID, account, i.Payment, queries.MoneyBack(i.Back), l.now())
}

// checkoutOf looks at the checkout that an invoice was made of. ErrNotFound without it.
func (l stripeLook) checkoutOf(ctx context.Context, q *queries.Queries, tx pgx.Tx, account string, i billing.Invoice) error {
	checkout, err := q.CheckoutSession(ctx, queries.CheckoutSessionParams{AccountID: i.AccountID, ID: i.CheckoutID})
	if err != nil {
		return queries.Kind(err)
	}
	_, err = l.object(ctx, q, tx, account, checkout.SessionID)
	return err
}

// deletedInvoice takes away a draft that Stripe does not have any more and reported as deleted; without such a report what
// Stripe said stays a fault.
func (l stripeLook) deletedInvoice(ctx context.Context, q *queries.Queries, account, id string, notThere error) (ours bool, err error) {
	reported, err := q.InvoiceReportedDeleted(ctx, queries.InvoiceReportedDeletedParams{StripeAccount: account, ObjectID: id})
	if err != nil {
		return false, err
	} else if !reported {
		return false, notThere
	}
	owner, err := q.InvoiceDeletedAtStripe(ctx, queries.InvoiceDeletedAtStripeParams{StripeAccount: account, ObjectID: id})
	if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
		return false, nil
	}
	if err == nil && l.found != nil {
		l.found(owner)
	}
	return err == nil, err
}

// paymentOf says where an invoice's money is: what is paid or on its way is not asked for again.
func paymentOf(i billing.Invoice) queries.PaymentState {
	switch {
	case i.State == "paid":
		return queries.PaymentStateSucceeded
	case i.Processing:
		return queries.PaymentStateProcessing
	}
	return queries.PaymentStateWaiting
}

// payment looks at what a payment intent is to pay: an invoice, which Stripe does not report when its money is on its way, or an
// order, of which some may have gone back.
func (l stripeLook) payment(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	p, err := l.door.Payment(ctx, account, id)
	switch {
	case err != nil:
		return false, err
	case p.Invoice != "":
		return l.object(ctx, q, tx, account, p.Invoice)
	case p.Charge != "":
		return l.object(ctx, q, tx, account, p.Charge)
	}
	return false, nil
}

// charge looks at money that was taken, and of which some may have gone back. An invoice's says the invoice.
func (l stripeLook) charge(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	c, err := l.door.Charge(ctx, account, id)
	switch {
	case err != nil:
		return false, err
	case c.Invoice != "":
		return l.object(ctx, q, tx, account, c.Invoice)
	case !c.Ours:
		return false, nil
	}
	if mine, err := l.mine(ctx, q, c.AccountID, account, c.Payment, uuid.Nil); err != nil || !mine {
		return false, err
	}
	return true, queries.TakeBack(ctx, q, c.AccountID, account, c.Payment, queries.MoneyBack(c.Back), l.now())
}

func (l stripeLook) refund(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	charge, err := l.door.ChargeOfRefund(ctx, account, id)
	if err != nil {
		return false, err
	}
	return l.object(ctx, q, tx, account, charge)
}

func (l stripeLook) dispute(ctx context.Context, q *queries.Queries, tx pgx.Tx, account, id string) (ours bool, err error) {
	charge, err := l.door.ChargeOfDispute(ctx, account, id)
	if err != nil {
		return false, err
	}
	return l.object(ctx, q, tx, account, charge)
}
