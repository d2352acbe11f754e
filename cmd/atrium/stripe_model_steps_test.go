package main

import (
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
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
