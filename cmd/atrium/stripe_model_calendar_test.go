package main

import (
	"slices"
	"time"

	"atrium/queries"
)

// modelBuyer is a person with one address.
type modelBuyer struct {
	email   string
	browser *visitor // that is signed in; nil: none
}

// modelSale is one checkout, and what came of it.
type modelSale struct {
	buyer                     *modelBuyer
	offer                     *modelOffer
	browser                   *visitor // that went to pay
	session                   string
	begun                     time.Time
	state                     queries.CheckoutState
	customer, payment, charge string // Stripe's ids, once it is paid
	back                      modelBack
	tries                     bool          // for nothing at first: they never bought it before, as far as the page knew
	plan                      *modelPlan    // nil: paid once
	paidAt                    time.Time     // of what is paid once
	receipt                   *modelInvoice // of the same money; nil until it is ready
}

// modelBack is money that went back.
type modelBack struct {
	refunded, disputed, lost int64
	dispute                  string // the open one
	refunds                  map[string]int64
}

func (b modelBack) gone() int64 { return b.refunded + b.lost }

// modelPlan is a subscription, by the calendar: it renews with the day of the month it began on, an invoice is charged an hour
// after it is made, and a charge that fails is tried again after 3, 5 and 7 days.
type modelPlan struct {
	id, card, currency, state string
	minor                     int64
	good                      bool // the card pays
	anchor, periodEnd         time.Time
	period                    int // how many months after the anchor it ends
	cancels, ended            *time.Time
	invoices                  []*modelInvoice // oldest first
	after                     string
}

// modelInvoice is one invoice.
type modelInvoice struct {
	id                string // as far as anybody asked
	made, issued      time.Time
	state, currency   string
	minor             int64
	tries             int
	next              time.Time // zero: it is not tried again
	outside, advances bool
	customer          string // of staff's, as is the buyer
	buyer             *modelBuyer
	payment, charge   string
	back              modelBack
}

// monthsAfter is the anchor's day so many months later, or the last one of a month that does not have it.
func monthsAfter(anchor time.Time, months int) time.Time {
	first := time.Date(anchor.Year(), anchor.Month()+time.Month(months), 1, anchor.Hour(), anchor.Minute(), anchor.Second(), 0, time.UTC)
	return first.AddDate(0, 0, min(anchor.Day(), first.AddDate(0, 1, -1).Day())-1)
}

// newPlan begins at a time, with a trial or with a paid invoice.
func newPlan(o *modelOffer, tries bool, after string, at time.Time) *modelPlan {
	p := &modelPlan{currency: o.currency, minor: o.minor, good: true, anchor: at, after: after, state: "active", period: 1}
	first := &modelInvoice{made: at, issued: at, state: "paid", currency: o.currency, minor: o.minor}
	if tries {
		p.state, p.anchor, p.period, first.minor = "trialing", at.Add(time.Duration(o.trialDays)*day), 0, 0
	}
	p.periodEnd, p.invoices = monthsAfter(p.anchor, p.period), []*modelInvoice{first}
	return p
}

// pass has everything happen that is due until then.
func (p *modelPlan) pass(until time.Time) {
	for p.state != "canceled" {
		at, do := p.cancelsAt(), func(at time.Time) { p.end(at) }
		if at.IsZero() || p.periodEnd.Before(at) {
			at, do = p.periodEnd, p.renew
		}
		for _, i := range p.invoices {
			switch {
			case i.state == "draft" && i.advances && i.made.Add(time.Hour).Before(at):
				at, do = i.made.Add(time.Hour), func(at time.Time) { i.state, i.issued = "open", at; p.try(i, at) }
			case i.state == "open" && !i.next.IsZero() && i.next.Before(at):
				at, do = i.next, func(at time.Time) { p.try(i, at) }
			}
		}
		if at.After(until) {
			return
		}
		do(at)
	}
}

func (p *modelPlan) cancelsAt() time.Time {
	if p.cancels == nil {
		return time.Time{}
	}
	return *p.cancels
}

func (p *modelPlan) latest() *modelInvoice { return p.invoices[len(p.invoices)-1] }

func (p *modelPlan) renew(at time.Time) {
	if p.state == "trialing" {
		p.state = "active"
	}
	p.period++
	p.periodEnd = monthsAfter(p.anchor, p.period)
	p.invoices = append(p.invoices, &modelInvoice{made: at, state: "draft", currency: p.currency, minor: p.minor, advances: p.state != "unpaid"})
}

// try charges the card.
func (p *modelPlan) try(i *modelInvoice, at time.Time) {
	i.tries++
	i.next = time.Time{}
	if p.good {
		p.paid(i)
		return
	}
	if pauses := []time.Duration{3 * day, 5 * day, 7 * day}; i.tries <= len(pauses) {
		i.next = at.Add(pauses[i.tries-1])
		if p.state == "active" || p.state == "trialing" {
			p.state = "past_due"
		}
		return
	}
	switch {
	case p.state == "unpaid":
	case p.after == "canceled":
		p.end(at)
	default:
		p.state = p.after
	}
}

// paid is told of an invoice whose money has come. Only the newest one mends the subscription.
func (p *modelPlan) paid(i *modelInvoice) {
	i.state, i.next = "paid", time.Time{}
	if i == p.latest() && (p.state == "past_due" || p.state == "unpaid") {
		p.state = "active"
	}
}

func (p *modelPlan) end(at time.Time) {
	p.state, p.ended = "canceled", &at
	for _, i := range p.invoices {
		i.advances, i.next = false, time.Time{}
	}
}

// unpaidSince is when the oldest charge was issued that nobody has paid since the last that was; of an unpaid plan also when one was made
// that is charged to nobody.
func (p *modelPlan) unpaidSince() (since *time.Time) {
	if p.state != "past_due" && p.state != "unpaid" {
		return nil
	}
	for _, i := range slices.Backward(p.invoices) {
		if i.state == "paid" {
			break
		}
		switch {
		case i.state == "open":
			since = &i.issued
		case i.state == "draft" && p.state == "unpaid":
			since = &i.made
		}
	}
	return since
}

// gives says whether the plan lets its client use anything at a time: while it is paid or tried, and for seven days after a charge
// failed, but not beyond its end.
func (p *modelPlan) gives(at time.Time) bool {
	if p.state == "canceled" || p.cancels != nil && !p.cancels.After(at) {
		return false
	}
	since := p.unpaidSince()
	return since == nil || since.Add(7*day).After(at)
}
