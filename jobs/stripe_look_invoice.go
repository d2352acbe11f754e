package jobs

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/billing"
	"atrium/queries"
)

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
