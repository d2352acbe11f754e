package main

import (
	"maps"
	"net/http"
	"slices"

	"github.com/stripe/stripe-go/v76"

	"atrium/queries"
)

func (h *history) settlesDebit() {
	s := pick(h, h.sales, func(s *modelSale) bool { return s.state == queries.CheckoutStateProcessing })
	if s == nil {
		return
	}
	good := h.IntN(3) > 0
	h.must(h.sim.Settle(s.payment, good))
	if s.state = queries.CheckoutStateFailed; good {
		s.state, s.paidAt = queries.CheckoutStateDone, h.now()
	}
}

// taken is money that came in, of a sale or of an invoice.
type taken struct {
	payment, charge string
	minor           int64
	back            *modelBack
}

// someMoney picks some money that came in, of which something is left.
func (h *history) someMoney(fits func(taken) bool) (taken, bool) {
	h.sim.Mend()
	var all []taken
	for _, s := range h.sales {
		if s.plan == nil && s.state == queries.CheckoutStateDone {
			all = append(all, taken{s.payment, s.charge, s.offer.minor, &s.back})
		}
		if s.plan != nil {
			for _, i := range s.plan.invoices {
				h.asks(s.plan, i)
				if i.state == "paid" && i.charge != "" {
					all = append(all, taken{i.payment, i.charge, i.minor, &i.back})
				}
			}
		}
	}
	for _, i := range h.bills {
		if i.state == "paid" && i.charge != "" {
			all = append(all, taken{i.payment, i.charge, i.minor, &i.back})
		}
	}
	one := pick(h, all, fits)
	return one, one.back != nil
}

// asks learns what paid an invoice of a plan.
func (h *history) asks(p *modelPlan, i *modelInvoice) {
	if i.charge != "" || i.minor == 0 {
		return
	}
	list := h.api.Invoices.List(&stripe.InvoiceListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100)}, Subscription: &p.id})
	for list.Next() {
		if there := list.Invoice(); there.Created == i.made.Unix() {
			i.id = there.ID
			if there.Charge != nil && there.Status == stripe.InvoiceStatusPaid {
				i.payment, i.charge = there.PaymentIntent.ID, there.Charge.ID
			}
		}
	}
	h.must(list.Err())
}

func (h *history) givesBack() {
	m, found := h.someMoney(func(m taken) bool { return m.back.gone() < m.minor && m.back.disputed == 0 && m.back.lost == 0 })
	if !found {
		return
	}
	left := m.minor - m.back.gone()
	if h.IntN(2) == 0 {
		left = 1 + h.Int64N(left)
	}
	made, err := h.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &m.payment, Amount: &left})
	h.must(err)
	if m.back.refunded += left; m.back.refunds == nil {
		m.back.refunds = map[string]int64{}
	}
	m.back.refunds[made.ID] = left
}

// refundFails has a bank send back what was given back.
func (h *history) refundFails() {
	m, found := h.someMoney(func(m taken) bool { return len(m.back.refunds) > 0 })
	if !found {
		return
	}
	id := slices.Min(slices.Collect(maps.Keys(m.back.refunds)))
	h.must(h.sim.FailRefund(id))
	m.back.refunded -= m.back.refunds[id]
	delete(m.back.refunds, id)
}

func (h *history) disputes() {
	m, found := h.someMoney(func(m taken) bool { return m.back.gone() < m.minor && m.back.dispute == "" })
	if !found {
		return
	}
	id, err := h.sim.Dispute(m.charge, "fraudulent")
	h.must(err)
	m.back.dispute, m.back.disputed = id, m.minor-m.back.refunded
}

func (h *history) decides() {
	m, found := h.someMoney(func(m taken) bool { return m.back.disputed > 0 })
	if !found {
		return
	}
	won := h.IntN(2) == 0
	h.must(h.sim.CloseDispute(m.back.dispute, won))
	if !won {
		m.back.lost = m.back.disputed
	}
	m.back.disputed = 0
}

// bill is staff's: an invoice for somebody who has bought before.
func (h *history) bill() {
	h.sim.Mend()
	s := pick(h, h.sales, func(s *modelSale) bool { return s.state == queries.CheckoutStateDone })
	if s == nil {
		return
	}
	i := &modelInvoice{made: h.now(), issued: h.now(), state: "open", currency: s.offer.currency, minor: 1 + h.Int64N(90000), customer: s.customer, buyer: s.buyer}
	p := &stripe.InvoiceParams{Customer: &s.customer, CollectionMethod: stripe.String("send_invoice"), DaysUntilDue: stripe.Int64(14), Currency: &s.offer.currency, AutoAdvance: stripe.Bool(false)}
	p.Metadata = map[string]string{"atrium_account": h.account("acme").String()}
	made, err := h.api.Invoices.New(p)
	h.must(err)
	i.id = made.ID
	_, err = h.api.InvoiceItems.New(&stripe.InvoiceItemParams{Customer: &s.customer, Invoice: &i.id, Amount: &i.minor, Currency: &s.offer.currency})
	h.must(err)
	_, err = h.api.Invoices.SendInvoice(i.id, nil)
	h.must(err)
	h.bills = append(h.bills, i)
}

// paysBill pays an open invoice, or staff end it another way.
func (h *history) paysBill() {
	h.sim.Mend()
	var plan *modelPlan
	i := pick(h, h.bills, func(i *modelInvoice) bool { return i.state == "open" })
	if i == nil || h.IntN(2) == 0 {
		s := pick(h, h.sales, func(s *modelSale) bool { return s.plan != nil && s.plan.latest().state == "open" })
		if s == nil {
			return
		}
		plan, i = s.plan, s.plan.latest()
		h.asks(plan, i)
	}
	n := h.IntN(6)
	if plan != nil {
		n = 5 // what staff do about a charge that failed is another matter
	}
	var err error
	switch n {
	case 0:
		_, err = h.api.Invoices.VoidInvoice(i.id, nil)
		i.state = "void"
	case 1:
		_, err = h.api.Invoices.MarkUncollectible(i.id, nil)
		i.state = "uncollectible"
	case 2:
		_, err = h.api.Invoices.Pay(i.id, &stripe.InvoicePayParams{PaidOutOfBand: stripe.Bool(true)})
		i.state, i.outside = "paid", true
	default:
		h.paysAt(i)
		if i.state = "paid"; plan != nil {
			plan.paid(i)
			h.asks(plan, i)
		}
	}
	h.must(err)
}

// paysAt pays an invoice on Stripe's page.
func (h *history) paysAt(i *modelInvoice) {
	v := newVisitor(h.t).open(h.sim.URL+"/i/"+i.id).pays("pay", "")
	if v.status != http.StatusOK {
		h.t.Fatalf("the invoice's page: %d %s", v.status, v.page)
	}
	there, err := h.api.Invoices.Get(i.id, nil)
	h.must(err)
	i.payment, i.charge = there.PaymentIntent.ID, there.Charge.ID
}
