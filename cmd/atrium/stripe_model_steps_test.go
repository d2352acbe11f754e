package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
	"atrium/jobs"
	"atrium/queries"
)

// happens does one thing, which may well be nothing.
func (h *history) happens() {
	h.t.Helper()
	switch n := h.IntN(100); {
	case n < 22:
		h.buys()
	case n < 26:
		h.settlesDebit()
	case n < 30:
		h.givesBack()
	case n < 31:
		h.refundFails()
	case n < 35:
		h.disputes()
	case n < 39:
		h.decides()
	case n < 45:
		h.cancels()
	case n < 52:
		h.changesCard()
	case n < 58:
		h.bill()
	case n < 63:
		h.paysBill()
	case n < 65:
		h.dies()
	case n < 67:
		h.moves()
	case n < 70:
		h.breaks()
	case n < 81:
		h.passes(time.Duration(1+h.IntN(20*24)) * time.Hour)
	default:
		h.arrive(1 + h.IntN(8))
	}
	h.reported()
}

// pick is one of them that fits; the zero value: there is none.
func pick[T any](h *history, of []T, fits func(T) bool) (one T) {
	var fitting []T
	for _, x := range of {
		if fits(x) {
			fitting = append(fitting, x)
		}
	}
	if len(fitting) == 0 {
		return one
	}
	return fitting[h.IntN(len(fitting))]
}

// must stops where the test itself could not ask the stand-in.
func (h *history) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatalf("step %d of seed %d: %v", h.step, h.seed, err)
	}
}

// passes lets time go by. A walk comes before Stripe forgets its events, which it does after 30 days.
func (h *history) passes(by time.Duration) {
	if h.now().Add(by).Sub(h.walked) > 24*day {
		h.reconciled()
	}
	h.must(h.sim.Advance(by))
	now := h.now()
	for _, s := range h.sales {
		if s.plan != nil {
			s.plan.pass(now)
		}
		if s.state == queries.CheckoutStateOpen && !s.begun.Add(day).After(now) {
			s.state = queries.CheckoutStateExpired
		}
	}
}

// breaks has some of the next calls of the program go wrong.
func (h *history) breaks() {
	kinds := []stripesim.Kind{stripesim.ServerError, stripesim.Unavailable, stripesim.BadGateway, stripesim.Broken, stripesim.Truncated, stripesim.LostReply}
	h.sim.Fail(stripesim.Fault{Method: http.MethodGet, Kind: kinds[h.IntN(len(kinds))], Count: 1 + h.IntN(4), After: h.IntN(3)})
}

// dies kills the program that works, or starts the next one.
func (h *history) dies() {
	if h.worker == nil {
		h.work()
		return
	}
	h.arrive(1 + h.IntN(8)) // so that it is in the middle of something
	h.kill()
}

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
	return slices.ContainsFunc(h.sales, func(s *modelSale) bool {
		if s.browser != v || s.offer != offer || v.status != http.StatusOK {
			return false
		}
		back := v.at.Path == "/checkout/return" && v.at.Query().Get("session_id") == s.session
		return back && s.state == queries.CheckoutStateProcessing || s.state == queries.CheckoutStateDone && (back || v.at.Path == "/courses/"+offer.course.String())
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

// somePlan picks a subscription that goes on.
func (h *history) somePlan() *modelPlan {
	h.sim.Mend()
	s := pick(h, h.sales, func(s *modelSale) bool { return s.plan != nil && s.plan.state != "canceled" })
	if s == nil {
		return nil
	}
	return s.plan
}

func (h *history) cancels() {
	p := h.somePlan()
	if p == nil {
		return
	}
	if h.IntN(4) == 0 {
		_, err := h.api.Subscriptions.Cancel(p.id, nil)
		h.must(err)
		p.end(h.now())
		return
	}
	ends := p.cancels == nil
	_, err := h.api.Subscriptions.Update(p.id, &stripe.SubscriptionParams{CancelAtPeriodEnd: &ends})
	h.must(err)
	if p.cancels = nil; ends {
		at := p.periodEnd
		p.cancels = &at
	}
}

func (h *history) changesCard() {
	p := h.somePlan()
	if p == nil {
		return
	}
	p.good = h.IntN(3) == 0 || !p.good
	outcome := map[bool]stripesim.Outcome{true: stripesim.Pays, false: stripesim.Declines}[p.good]
	h.must(h.sim.SetOutcome(p.card, outcome))
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
