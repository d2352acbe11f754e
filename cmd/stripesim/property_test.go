package stripesim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

// history is a random sequence of what people, businesses and banks do.
type history struct {
	*sim
	*rand.Rand
	customers, subscriptions, invoices, intents, charges, disputes []string
	monthly, yearly, once                                          *stripe.Price
}

// TestMoneyAddsUp does hundreds of random things and then counts: whatever happened, each invoice agrees with itself, and what was
// charged, given back and disputed is what moved on the account.
func TestMoneyAddsUp(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := start(t, stripesim.Options{})
			h := &history{sim: s, Rand: rand.New(rand.NewPCG(seed, 7)), monthly: s.price(1900, "month"), yearly: s.price(20000, "year"), once: s.price(4999, "")}
			for range 3 {
				h.customers = append(h.customers, h.customer([]string{"pm_card_visa", "pm_card_chargeCustomerFail", ""}[h.IntN(3)]).ID)
			}
			for range 250 {
				h.step()
			}
			h.look()
			h.count()
		})
	}
}

// one picks one of many; empty: there is none.
func (h *history) one(of []string) *string {
	if len(of) == 0 {
		return stripe.String("none")
	}
	return stripe.String(of[h.IntN(len(of))])
}

// step does something, which may well be refused.
func (h *history) step() {
	customer := h.one(h.customers)
	switch h.IntN(17) {
	case 0:
		_, _ = h.PaymentIntents.New(&stripe.PaymentIntentParams{Amount: stripe.Int64(1 + h.Int64N(9000)), Currency: stripe.String("eur"), Customer: customer, Confirm: stripe.Bool(true),
			PaymentMethod: h.one([]string{"pm_card_visa", "pm_sepaDebit", "pm_card_chargeDeclined"})})
	case 1:
		_, _ = h.Subscriptions.New(&stripe.SubscriptionParams{Customer: customer, Items: []*stripe.SubscriptionItemsParams{{Price: h.one([]string{h.monthly.ID, h.yearly.ID})}}})
	case 2:
		h.draftSomething(customer)
	case 3:
		_, _ = h.Invoices.Pay(*h.one(h.invoices), &stripe.InvoicePayParams{PaymentMethod: h.one([]string{"pm_card_visa", "pm_sepaDebit", "pm_card_chargeDeclined"})})
	case 4:
		_, _ = h.Invoices.VoidInvoice(*h.one(h.invoices), nil)
	case 5:
		_, _ = h.Invoices.Pay(*h.one(h.invoices), &stripe.InvoicePayParams{PaidOutOfBand: stripe.Bool(true)})
	case 6:
		_, _ = h.Refunds.New(&stripe.RefundParams{Charge: h.one(h.charges), Amount: stripe.Int64(1 + h.Int64N(3000))})
	case 7:
		if id, err := h.server.Dispute(*h.one(h.charges), "fraudulent"); err == nil {
			h.disputes = append(h.disputes, id)
		}
	case 8:
		_ = h.server.CloseDispute(*h.one(h.disputes), h.IntN(2) == 0)
	case 9:
		_ = h.server.Settle(*h.one(h.intents), h.IntN(3) > 0)
	case 10:
		h.changePlan()
	case 11:
		_, _ = h.Subscriptions.Cancel(*h.one(h.subscriptions), &stripe.SubscriptionCancelParams{Prorate: stripe.Bool(h.IntN(2) == 0), InvoiceNow: stripe.Bool(h.IntN(2) == 0)})
	case 12:
		h.buy()
	case 13:
		_ = h.server.FailRefund(fmt.Sprintf("re_%014d", 1+h.IntN(9)))
	case 14:
		_, _ = h.Subscriptions.Update(*h.one(h.subscriptions), &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(h.IntN(2) == 0)})
	case 15:
		h.look()
	default:
		h.advance(time.Duration(h.IntN(20*24)) * time.Hour)
	}
}

func (h *history) draftSomething(customer *string) {
	invoice := h.draft(*customer, func(p *stripe.InvoiceParams) {
		p.CollectionMethod, p.DaysUntilDue, p.AutoAdvance = stripe.String("send_invoice"), stripe.Int64(3), stripe.Bool(h.IntN(2) == 0)
	})
	h.invoices = append(h.invoices, invoice.ID)
}

func (h *history) changePlan() {
	id := *h.one(h.subscriptions)
	sub, err := h.Subscriptions.Get(id, nil)
	if err != nil {
		return
	}
	_, _ = h.Subscriptions.Update(id, &stripe.SubscriptionParams{ProrationBehavior: h.one([]string{"create_prorations", "always_invoice", "none"}),
		Items: []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: h.one([]string{h.monthly.ID, h.yearly.ID}), Quantity: stripe.Int64(1 + h.Int64N(3))}}})
}

func (h *history) buy() {
	session := h.checkout([]*stripe.Price{h.once, h.monthly}[h.IntN(2)], func(p *stripe.CheckoutSessionParams) { p.Customer = h.one(h.customers) })
	b := h.browser()
	b.open(session.URL)
	b.press(*h.one([]string{"pay", "debit", "decline", "expire"}), "email", "ada@example.com")
}

// look learns what there is by now.
func (h *history) look() {
	h.subscriptions, h.invoices, h.intents, h.charges = nil, nil, nil, nil
	hundred := stripe.ListParams{Limit: stripe.Int64(100)}
	for list := h.Subscriptions.List(&stripe.SubscriptionListParams{ListParams: hundred, Status: stripe.String("all")}); list.Next(); {
		h.subscriptions = append(h.subscriptions, list.Subscription().ID)
	}
	for list := h.Invoices.List(&stripe.InvoiceListParams{ListParams: hundred}); list.Next(); {
		h.invoices = append(h.invoices, list.Invoice().ID)
	}
	for list := h.PaymentIntents.List(&stripe.PaymentIntentListParams{ListParams: hundred}); list.Next(); {
		h.intents = append(h.intents, list.PaymentIntent().ID)
	}
	for list := h.Charges.List(&stripe.ChargeListParams{ListParams: hundred}); list.Next(); {
		h.charges = append(h.charges, list.Charge().ID)
	}
}

// count compares everything with everything.
func (h *history) count() {
	h.Helper()
	hundred := stripe.ListParams{Limit: stripe.Int64(100)}
	byInvoice := map[string]int64{}
	var charged, refunded, lost int64
	for list := h.Charges.List(&stripe.ChargeListParams{ListParams: hundred}); list.Next(); {
		if c := list.Charge(); c.Status == stripe.ChargeStatusSucceeded {
			charged += c.AmountCaptured
			refunded += c.AmountRefunded
			if c.Invoice != nil {
				byInvoice[c.Invoice.ID] += c.AmountCaptured
			}
		}
	}
	for list := h.Disputes.List(&stripe.DisputeListParams{ListParams: hundred}); list.Next(); {
		if list.Dispute().Status != stripe.DisputeStatusWon {
			lost += list.Dispute().Amount
		}
	}
	var moved, gone int64
	for list := h.BalanceTransactions.List(&stripe.BalanceTransactionListParams{ListParams: hundred}); list.Next(); {
		moved += list.BalanceTransaction().Amount
	}
	for list := h.Refunds.List(&stripe.RefundListParams{ListParams: hundred}); list.Next(); {
		if list.Refund().Status == stripe.RefundStatusSucceeded {
			gone += list.Refund().Amount
		}
	}
	is(h, "refunds and what charges say of them", gone, refunded)
	is(h, "the money that moved", moved, charged-refunded-lost)
	if charged == 0 {
		h.Error("nothing was ever paid, so nothing is proved")
	}
	invoices := 0
	for list := h.Invoices.List(&stripe.InvoiceListParams{ListParams: hundred}); list.Next(); invoices++ {
		h.agrees(list.Invoice(), byInvoice[list.Invoice().ID])
	}
	h.Logf("%d invoices, %d charged, %d refunded, %d lost", invoices, charged, refunded, lost)
}

// agrees checks one invoice against itself and against its charges.
func (h *history) agrees(invoice *stripe.Invoice, charged int64) {
	h.Helper()
	is(h, invoice.ID+": paid and remaining", invoice.AmountPaid+invoice.AmountRemaining, invoice.AmountDue)
	if invoice.StatusTransitions.FinalizedAt != 0 {
		is(h, invoice.ID+": what is due", invoice.AmountDue, invoice.Total+invoice.StartingBalance-invoice.EndingBalance)
	}
	lines := int64(0)
	for list := h.Invoices.ListLines(&stripe.InvoiceListLinesParams{Invoice: stripe.String(invoice.ID), ListParams: stripe.ListParams{Limit: stripe.Int64(100)}}); list.Next(); {
		lines += list.InvoiceLineItem().Amount
	}
	is(h, invoice.ID+": its lines", lines, invoice.Subtotal)
	switch {
	case invoice.Paid && !invoice.PaidOutOfBand:
		is(h, invoice.ID+": its charges", charged, invoice.AmountPaid)
	default:
		is(h, invoice.ID+": charges although it is "+string(invoice.Status), charged, 0)
	}
}
