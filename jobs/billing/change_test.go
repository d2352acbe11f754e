package billing_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
	"atrium/jobs/billing"
)

var monday = time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)

// desk is a door to a stand-in, and a look behind it.
type desk struct {
	*billing.Door
	sim     *stripesim.Server
	api     *client.API
	account uuid.UUID
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	sim := simtest.Start(t, stripesim.Options{Now: monday})
	return &desk{billing.New(billing.Config{Key: simtest.Key, URL: sim.URL}), sim, simtest.API(sim), uuid.New()}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// invoice is what staff typed: 3 × 40.00 and 1 × 15.50.
func (d *desk) invoice(t *testing.T, once string) billing.NewInvoice {
	t.Helper()
	customer, err := d.MakeCustomer(t.Context(), "", d.account, uuid.MustParse("0190a8b0-0000-7000-8000-000000000001"), "nia@example.com", "Nia Okafor")
	check(t, err)
	return billing.NewInvoice{AccountID: d.account, Once: once, Customer: customer, Currency: "eur", Due: monday.AddDate(0, 0, 14), Memo: "Coaching in March",
		Lines: []billing.NewInvoiceLine{{"Session", 3, 4000}, {"Workbook", 1, 1550}}}
}

func (d *desk) is(t *testing.T, id, state string, total, left int64) billing.Invoice {
	t.Helper()
	i, err := d.Invoice(t.Context(), "", id)
	check(t, err)
	if i.State != state || i.TotalMinor != total || i.LeftMinor != left || !i.Ours || i.AccountID != d.account {
		t.Fatalf("it is %+v, want %s, %d and %d left", i, state, total, left)
	}
	return i
}

// Stripe tells ten lines of an invoice along with it; the others are asked for.
func TestLongInvoiceHasAllItsLines(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n, total := d.invoice(t, "long"), int64(0)
	n.Lines = nil
	for i := range int64(30) {
		n.Lines = append(n.Lines, billing.NewInvoiceLine{Text: fmt.Sprintf("Session %d", i+1), Quantity: 1, UnitMinor: 1000 + i})
		total += 1000 + i
	}
	id, err := d.DraftInvoice(t.Context(), n)
	check(t, err)
	inside := d.is(t, id, "draft", total, total)
	if len(inside.Lines) != 30 {
		t.Fatalf("%d lines", len(inside.Lines))
	}
	sum, seen := int64(0), map[string]bool{}
	for _, line := range inside.Lines {
		sum, seen[line.Text] = sum+line.AmountMinor, true
	}
	if sum != total || len(seen) != 30 {
		t.Errorf("%d different lines of %d in all, want 30 of %d", len(seen), sum, total)
	}
}

// An invoice is drafted, sent, reminded of and paid; asked twice each step is done once.
func TestInvoiceIsMadeOnce(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id, err := d.DraftInvoice(ctx, d.invoice(t, "a"))
	check(t, err)
	again, err := d.DraftInvoice(ctx, d.invoice(t, "a"))
	check(t, err)
	other, err := d.DraftInvoice(ctx, d.invoice(t, "b"))
	check(t, err)
	if again != id || other == id {
		t.Errorf("invoices %s, %s and %s", id, again, other)
	}
	draft := d.is(t, id, "draft", 13550, 13550)
	if len(draft.Lines) != 2 || draft.Lines[0] != (billing.InvoiceLine{Text: "Session", Quantity: 3, AmountMinor: 12000}) || draft.Memo != "Coaching in March" || draft.HostedURL != "" {
		t.Errorf("the draft is %+v", draft)
	}
	for _, once := range []string{"1", "1", "2"} {
		check(t, d.SendInvoice(ctx, "", id, once))
	}
	sent := 0
	for list := d.api.Events.List(&stripe.EventListParams{Type: stripe.String("invoice.sent")}); list.Next(); {
		sent++
	}
	if sent != 2 {
		t.Errorf("mailed %d times", sent)
	}
	if open := d.is(t, id, "open", 13550, 13550); open.HostedURL == "" || open.Number == "" || open.Due == nil || !open.Due.Equal(monday.AddDate(0, 0, 14)) || open.ReceiptURL != "" {
		t.Errorf("it is %+v", open)
	}
	check(t, d.PaidOutside(ctx, "", id, "1"))
	if paid := d.is(t, id, "paid", 13550, 0); !paid.Outside {
		t.Error("paid, and not past Stripe")
	}
	check(t, d.DiscardInvoice(ctx, "", other, "1"))
	check(t, d.DiscardInvoice(ctx, "", other, "2")) // it is gone
	if _, err := d.Invoice(ctx, "", other); !errors.Is(err, billing.ErrNotThere) {
		t.Errorf("a discarded draft: %v", err)
	}
	void, err := d.DraftInvoice(ctx, d.invoice(t, "c"))
	check(t, err)
	check(t, d.SendInvoice(ctx, "", void, "1"))
	check(t, d.VoidInvoice(ctx, "", void, "1"))
	d.is(t, void, "void", 13550, 13550)
	var refused billing.Refused
	if err := d.PaidOutside(ctx, "", void, "1"); !errors.As(err, &refused) || refused.Message == "" {
		t.Errorf("paying what is void: %v", err)
	}
}

// Where a call is lost in the middle, asking again goes on.
func TestInvoiceIsNeverHalf(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	n := d.invoice(t, "a")
	for _, fault := range []stripesim.Fault{{Path: "/v1/invoices", Method: "POST", Kind: stripesim.LostReply}, {Path: "/v1/invoiceitems", Method: "POST", Kind: stripesim.LostReply}, {Path: "/v1/invoiceitems", Method: "POST", Kind: stripesim.RateLimited}} {
		d.sim.Fail(fault)
		var busy billing.Busy
		if _, err := d.DraftInvoice(ctx, n); !errors.As(err, &busy) {
			t.Fatalf("%+v: %v", fault, err)
		}
		d.Door = billing.New(billing.Config{Key: simtest.Key, URL: d.sim.URL}) // another program, which does not know that it should wait
	}
	id, err := d.DraftInvoice(ctx, n)
	check(t, err)
	d.is(t, id, "draft", 13550, 13550)
}

// Money is given back once for each time it is asked for, never more than there is.
func TestRefundOnce(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id, err := d.DraftInvoice(ctx, d.invoice(t, "a"))
	check(t, err)
	check(t, d.SendInvoice(ctx, "", id, "1"))
	payment := d.is(t, id, "open", 13550, 13550).Payment
	method, err := d.api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: stripe.String(d.invoice(t, "a").Customer)})
	check(t, err)
	_, err = d.api.Invoices.Pay(id, &stripe.InvoicePayParams{PaymentMethod: &method.ID})
	check(t, err)
	if paid := d.is(t, id, "paid", 13550, 0); paid.ReceiptURL == "" || paid.Outside {
		t.Errorf("it is %+v", paid)
	}
	part := billing.NewRefund{Once: "1", Payment: payment, AmountMinor: 550, Reason: billing.RefundRequested}
	first, err := d.Refund(ctx, part)
	check(t, err)
	again, err := d.Refund(ctx, part)
	check(t, err)
	if again != first {
		t.Error("asked again it gave back twice")
	}
	part.Once, part.AmountMinor = "2", 13001
	var refused billing.Refused
	if _, err := d.Refund(ctx, part); !errors.As(err, &refused) {
		t.Errorf("more than there is: %v", err)
	}
	part.AmountMinor = 13000
	rest, err := d.Refund(ctx, part)
	check(t, err)
	charge, err := d.ChargeOfRefund(ctx, "", rest)
	check(t, err)
	c, err := d.Charge(ctx, "", charge)
	check(t, err)
	if c.Back.RefundedMinor != 13550 || c.AmountMinor != 13550 {
		t.Errorf("the charge is %+v", c)
	}
}

// A subscription is paused, let go on, ended later, kept, and ended now.
func TestSubscriptionChanges(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	customer := d.invoice(t, "a").Customer
	method, err := d.api.PaymentMethods.Attach("pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: &customer})
	check(t, err)
	_, price, err := d.MakePrice(ctx, billing.NewPrice{AccountID: d.account, ID: uuid.New(), Title: "Circle", AmountMinor: 1900, Currency: "eur", Interval: "month"})
	check(t, err)
	made, err := d.api.Subscriptions.New(&stripe.SubscriptionParams{Customer: &customer, DefaultPaymentMethod: &method.ID, Items: []*stripe.SubscriptionItemsParams{{Price: &price}}})
	check(t, err)
	is := func(what string, fits func(s billing.Subscription) bool) {
		t.Helper()
		s, err := d.Subscription(ctx, "", made.ID)
		check(t, err)
		if !fits(s) {
			t.Errorf("%s: it is %+v", what, s)
		}
	}
	check(t, d.PauseCollection(ctx, "", made.ID, "1", true))
	is("paused", func(s billing.Subscription) bool { return s.CollectionPaused && s.State == "active" })
	check(t, d.PauseCollection(ctx, "", made.ID, "2", false))
	is("let go on", func(s billing.Subscription) bool { return !s.CollectionPaused })
	check(t, d.CancelAtPeriodEnd(ctx, "", made.ID, "3", true))
	is("ends later", func(s billing.Subscription) bool { return s.CancelsAt != nil && s.CancelsAt.Equal(s.PeriodEnds) })
	check(t, d.CancelAtPeriodEnd(ctx, "", made.ID, "4", false))
	is("kept", func(s billing.Subscription) bool { return s.CancelsAt == nil })
	check(t, d.CancelNow(ctx, "", made.ID, "5"))
	is("ended", func(s billing.Subscription) bool { return s.State == "canceled" && s.Ended != nil })
	if err := d.CancelNow(ctx, "", made.ID, "6"); !errors.Is(err, billing.ErrNotThere) {
		t.Errorf("ended twice: %v", err)
	}
}

// A subscription that nobody pays ends with its open charges taken back, once; one whose money is on its way or there is left alone.
func TestEndUnpaid(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	id, card := d.subscribed(t)
	end := func(attempt string, want error, state string, open int) {
		t.Helper()
		if err := d.EndUnpaid(ctx, "", id, attempt); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", attempt, err, want)
		}
		s, err := d.Subscription(ctx, "", id)
		check(t, err)
		left := 0
		for list := d.api.Invoices.List(&stripe.InvoiceListParams{Subscription: &id, Status: stripe.String("open")}); list.Next(); {
			left++
		}
		if s.State != state || left != open {
			t.Errorf("%s: it is %s with %d open charges, want %s with %d", attempt, s.State, left, state, open)
		}
	}
	end("paid", billing.ErrPaidMeanwhile, "active", 0)
	check(t, d.sim.SetOutcome(card, stripesim.Declines))
	check(t, d.sim.Advance(17*24*time.Hour))
	s, err := d.Subscription(ctx, "", id)
	check(t, err)
	paying, err := d.api.Invoices.Pay(s.LatestInvoice, &stripe.InvoicePayParams{PaymentMethod: stripe.String("pm_sepaDebit")})
	check(t, err)
	end("on its way", billing.ErrPaidMeanwhile, "past_due", 1)
	check(t, d.sim.Settle(paying.PaymentIntent.ID, false))
	end("not paid", nil, "canceled", 0)
	end("not paid", nil, "canceled", 0)
	end("later", nil, "canceled", 0)
	if err := d.EndUnpaid(ctx, "", "sub_unknown", "x"); !errors.Is(err, billing.ErrNotThere) {
		t.Errorf("of an unknown one: %v", err)
	}
}
