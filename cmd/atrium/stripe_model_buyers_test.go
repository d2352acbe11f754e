package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v76"

	"atrium/jobs"
	"atrium/queries"
)

func (h *history) buys() {
	h.sim.Mend()
	buyer := pick(h, h.buyers, func(*modelBuyer) bool { return true })
	if buyer == nil || h.IntN(3) == 0 {
		buyer = &modelBuyer{email: fmt.Sprintf("buyer%d@example.com", len(h.buyers))}
		h.buyers = append(h.buyers, buyer)
	}
	offer, v := h.offers[h.IntN(len(h.offers))], buyer.browser
	if v == nil || h.IntN(2) == 0 {
		v = newVisitor(h.t)
	}
	v.client.CheckRedirect = nil
	if v.open(h.portal("acme", "/o/"+offer.name)); !strings.Contains(v.page, "/o/"+offer.name+"/buy") {
		return // they have it already
	}
	tries := strings.Contains(v.page, "Start the trial")
	v.send("/o/" + offer.name + "/buy")
	before := h.paidBefore(v, offer)
	h.leaves(v, buyer, offer, before)
	if before {
		return
	}
	if !strings.HasPrefix(v.at.String(), h.sim.URL) {
		h.t.Fatalf("step %d: not led to the payment page but to %s: %d %s", h.step, v.at, v.status, v.page)
	}
	sale := &modelSale{buyer: buyer, offer: offer, browser: v, session: strings.TrimPrefix(v.at.Path, "/c/pay/"), begun: h.now(), state: queries.CheckoutStateOpen, tries: tries}
	h.sales = append(h.sales, sale)
	h.arrivesOrNot(v, sale)
}

// paidBefore says whether who wanted to buy was not asked to pay again, but led to what the same browser did before: to the payment that is
// on its way, or was made and not heard of until now, or to what it is for.
func (h *history) paidBefore(v *visitor, offer *modelOffer) bool {
	to := []string{"/courses/" + offer.course.String()}
	if offer.name == "circle" {
		to = append(to, "/courses/"+h.offers[0].course.String())
	}
	there := slices.Contains(to, v.at.Path) || v.at.Path == "/welcome" && slices.Contains(to, v.at.Query().Get("next")) // who is new chooses a password first
	return slices.ContainsFunc(h.sales, func(s *modelSale) bool {
		if s.browser != v || s.offer != offer || v.status != http.StatusOK {
			return false
		}
		back := v.at.Path == "/checkout/return" && v.at.Query().Get("session_id") == s.session
		return back && s.state == queries.CheckoutStateProcessing || s.state == queries.CheckoutStateDone && (back || there)
	})
}

// leaves takes into the model that pages for paying for an offer which somebody left open are closed when they begin anew: that of the same
// browser always, as nobody pays twice; that of another browser if both are known to be theirs, which Stripe tells. Who is led to what
// they paid before is asked for nothing, so there whatever was left open may be either.
func (h *history) leaves(v *visitor, buyer *modelBuyer, offer *modelOffer, before bool) {
	h.t.Helper()
	for _, s := range h.sales {
		if s.offer != offer || s.state != queries.CheckoutStateOpen || s.browser != v && s.buyer != buyer {
			continue
		}
		session, err := h.api.CheckoutSessions.Get(s.session, nil)
		h.must(err)
		switch {
		case session.Status == stripe.CheckoutSessionStatusExpired:
			s.state = queries.CheckoutStateExpired
		case s.browser == v && !before:
			h.t.Errorf("step %d: %s could still be paid when the same browser went to pay once more", h.step, s.session)
		}
	}
}

// arrivesOrNot presses a button of the payment page, and comes back or closes the window.
func (h *history) arrivesOrNot(v *visitor, sale *modelSale) {
	away := h.IntN(3) == 0
	if away {
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	page := v.at.String()
	do := []string{"pay", "pay", "pay", "pay", "pay", "pay", "decline", "expire", "debit", ""}[h.IntN(10)]
	if do == "debit" && sale.offer.charged != queries.PriceIntervalOnce {
		do = "pay"
	}
	switch do {
	case "":
		return // they go away
	case "expire":
		v.pays(do, sale.buyer.email)
		sale.state = queries.CheckoutStateExpired
		return
	case "decline":
		if v.pays(do, sale.buyer.email); v.status != http.StatusUnprocessableEntity {
			h.t.Fatalf("declined: %d %s", v.status, v.at)
		}
		v.at, _ = url.Parse(page)
		do = "pay"
	}
	v.pays(do, sale.buyer.email)
	if !away && v.status != http.StatusOK {
		h.t.Fatalf("step %d: %s after paying: %d %s", h.step, v.at, v.status, v.page)
	}
	if v.at.Path == "/welcome" {
		sale.buyer.browser = v
	}
	h.learns(sale)
	if do == "debit" {
		sale.state = queries.CheckoutStateProcessing
		return
	}
	sale.state, sale.paidAt = queries.CheckoutStateDone, h.now()
}

// moves gives a buyer another address, or one they had before, once all that they bought is theirs.
func (h *history) moves() {
	buyer := pick(h, h.buyers, func(b *modelBuyer) bool {
		done := 0
		for _, s := range h.sales {
			if s.buyer != b {
				continue
			}
			if s.state == queries.CheckoutStateOpen || s.state == queries.CheckoutStateProcessing {
				return false
			}
			if s.state == queries.CheckoutStateDone {
				done++
			}
		}
		return done > 0 && done == h.count("sales_order o JOIN contact k ON k.id = o.contact_id WHERE k.email = $1", b.email)
	})
	if buyer != nil {
		h.movesOne(buyer)
	}
}

func (h *history) movesOne(buyer *modelBuyer) {
	h.t.Helper()
	was := buyer.email
	if buyer.email = strings.Replace(was, "@example", "@new.example", 1); strings.Contains(was, "@new.example") {
		buyer.email = strings.Replace(was, "@new.example", "@example", 1)
	}
	queue, err := jobs.NewQueue(h.database.pool, time.Now)
	h.must(err)
	account, ctx := h.account("acme"), h.t.Context()
	h.must(queries.InTx(ctx, h.database.pool, func(q *queries.Queries, tx pgx.Tx) error {
		contact, err := q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: account, Email: was})
		if err != nil {
			return err
		}
		if err := q.ContactMoveEmail(ctx, queries.ContactMoveEmailParams{AccountID: account, ID: contact.ID, Email: buyer.email, Now: h.now()}); err != nil {
			return err
		}
		return queue.StripeCustomers(ctx, q, tx, account, contact.ID)
	}))
}

// receipts asks for the invoices of what was bought once, each of which is ready after three pauses and not before.
func (h *history) receipts() {
	h.t.Helper()
	for _, s := range h.sales {
		ready := s.paidAt.Add(3 * h.receiptPause)
		if s.plan != nil || s.receipt != nil || s.state != queries.CheckoutStateDone || ready.After(h.now()) {
			continue
		}
		session, err := h.api.CheckoutSessions.Get(s.session, nil)
		h.must(err)
		s.receipt = &modelInvoice{id: session.Invoice.ID, made: s.paidAt.Add(h.receiptPause), state: "paid", currency: s.offer.currency, minor: s.offer.minor}
	}
}

// learns asks for the ids of what a checkout made.
func (h *history) learns(s *modelSale) {
	p := &stripe.CheckoutSessionParams{}
	p.AddExpand("payment_intent")
	p.AddExpand("subscription")
	session, err := h.api.CheckoutSessions.Get(s.session, p)
	h.must(err)
	s.customer = session.Customer.ID
	if session.PaymentIntent != nil {
		s.payment, s.charge = session.PaymentIntent.ID, session.PaymentIntent.LatestCharge.ID
	}
	if session.Subscription != nil && s.plan == nil {
		s.plan = newPlan(s.offer, s.tries, h.after, h.now())
		s.plan.id, s.plan.card = session.Subscription.ID, session.Subscription.DefaultPaymentMethod.ID
	}
}
