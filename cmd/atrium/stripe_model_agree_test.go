package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/queries"
)

// agrees walks once and compares all that stands in the books with the model.
func (h *history) agrees() {
	h.t.Helper()
	h.reported()
	h.reconciled()
	h.receipts()
	h.same("checkouts", h.wantCheckouts(), h.lines(`SELECT stripe_session_id || ' ' || state FROM checkout WHERE stripe_session_id IS NOT NULL`))
	h.same("orders", h.wantOrders(), h.lines(`SELECT concat_ws(' ', c.stripe_session_id, k.email, f.name, o.amount_minor, o.currency, o.refunded_minor, o.disputed_minor, o.lost_minor, nullif(o.stripe_subscription_id, ''))
		FROM sales_order o JOIN checkout c ON c.id = o.checkout_id JOIN contact k ON k.id = o.contact_id JOIN offer f ON f.id = o.offer_id`))
	h.same("subscriptions", h.wantPlans(), h.lines(`SELECT concat_ws(' ', s.stripe_id, k.email, s.state, s.amount_minor, s.currency, 'until', extract(epoch FROM s.period_ends_at)::bigint, 'cancels', extract(epoch FROM s.cancels_at)::bigint,
		'unpaid', extract(epoch FROM s.past_due_since)::bigint, 'ended', extract(epoch FROM s.ended_at)::bigint) FROM subscription s JOIN contact k ON k.id = s.contact_id`))
	h.same("invoices", h.wantInvoices(), h.lines(`SELECT concat_ws(' ', coalesce(s.stripe_id, i.stripe_id), k.email, extract(epoch FROM i.created_at)::bigint, i.state, i.total_minor, i.currency, i.paid_minor, i.remaining_minor, i.paid_outside, i.refunded_minor,
		i.disputed_minor, i.lost_minor) FROM invoice i JOIN contact k ON k.id = i.contact_id LEFT JOIN subscription s ON s.id = i.subscription_id`))
	h.same("invoices of what was bought once", h.wantReceipts(), h.lines(`SELECT c.stripe_session_id || ' ' || i.stripe_id FROM invoice i JOIN sales_order o ON o.account_id = i.account_id AND o.id = i.order_id AND o.contact_id = i.contact_id
		AND (o.refunded_minor, o.disputed_minor, o.lost_minor) = (i.refunded_minor, i.disputed_minor, i.lost_minor) JOIN checkout c ON c.id = o.checkout_id`))
	h.same("what clients can use", h.wantAccess(), h.lines(`SELECT DISTINCT k.email || ' ' || c.title FROM contact k, courses_of(k.account_id, k.id, $1) o JOIN course c ON c.id = o.course_id`, h.now().Add(time.Second))) // what has ended with the moment it was given has ended then
	h.same("customers, here and at Stripe", h.lines("SELECT c.stripe_id || ' ' || k.email FROM stripe_customer c JOIN contact k ON k.id = c.contact_id"), h.customers())
	h.same("money, shown and moved", h.moved(), strings.Fields(h.money()))
	h.same("events that failed", nil, h.lines(`SELECT concat_ws(' ', e.type, e.object_id, e.state, e.problem, (SELECT string_agg(concat_ws(' ', j.state, j.attempt, j.errors[array_length(j.errors, 1)]->>'error'), ', ')
		FROM river.river_job j WHERE j.args->>'event_id' = e.id)) FROM stripe_event e WHERE e.state IN ('failed', 'waiting')`))
	if h.t.Failed() {
		h.t.Logf("it is %s", h.now())
	}
}

// same compares two sets of lines.
func (h *history) same(what string, want, got []string) {
	h.t.Helper()
	slices.Sort(want)
	slices.Sort(got)
	if slices.Equal(want, got) {
		return
	}
	only := func(in, out []string) (text string) {
		for _, line := range in {
			if !slices.Contains(out, line) {
				text += "\n  " + line
			}
		}
		return text
	}
	h.t.Errorf("%s are not as they should be (step %d, seed %d); missing:%s\nthere, and should not be:%s", what, h.step, h.seed, only(want, got), only(got, want))
}

func (h *history) lines(sql string, args ...any) (lines []string) {
	h.t.Helper()
	rows, err := h.database.pool.Query(h.t.Context(), sql, args...)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			h.t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return lines
}

func (h *history) wantCheckouts() (want []string) {
	for _, s := range h.sales {
		want = append(want, s.session+" "+string(s.state))
	}
	return want
}

func (h *history) wantOrders() (want []string) {
	for _, s := range h.sales {
		if s.state != queries.CheckoutStateDone {
			continue
		}
		line, minor := "", s.offer.minor
		if s.plan != nil {
			line, minor = " "+s.plan.id, s.plan.invoices[0].minor
		}
		want = append(want, fmt.Sprintf("%s %s %s %d %s %d %d %d%s", s.session, s.buyer.email, s.offer.name, minor, s.offer.currency, s.back.refunded, s.back.disputed, s.back.lost, line))
	}
	return want
}

func (h *history) wantPlans() (want []string) {
	for _, s := range h.sales {
		p := s.plan
		if p == nil {
			continue
		}
		line := fmt.Sprintf("%s %s %s %d %s until %d cancels", p.id, s.buyer.email, p.state, p.minor, p.currency, p.periodEnd.Unix())
		for _, at := range []struct {
			time *time.Time
			next string
		}{{p.cancels, " unpaid"}, {p.unpaidSince(), " ended"}, {p.ended, ""}} {
			if at.time != nil {
				line += fmt.Sprintf(" %d", at.time.Unix())
			}
			line += at.next
		}
		want = append(want, line)
	}
	return want
}

func (h *history) wantInvoices() (want []string) {
	for _, s := range h.sales {
		if s.plan != nil {
			for _, i := range s.plan.invoices {
				want = append(want, i.line(s.plan.id, s.buyer.email))
			}
		}
	}
	for _, s := range h.sales {
		if s.receipt != nil {
			s.receipt.back = s.back
			want = append(want, s.receipt.line(s.receipt.id, s.buyer.email))
		}
	}
	for _, i := range h.bills {
		want = append(want, i.line(i.id, i.buyer.email))
	}
	return want
}

// wantReceipts is one invoice for each sale that is paid once, as soon as Stripe has it ready.
func (h *history) wantReceipts() (want []string) {
	for _, s := range h.sales {
		if s.receipt != nil {
			want = append(want, s.session+" "+s.receipt.id)
		}
	}
	return want
}

func (i *modelInvoice) line(of, email string) string {
	paid, left := int64(0), i.minor
	if i.state == "paid" {
		paid, left = i.minor, 0
	}
	return fmt.Sprintf("%s %s %d %s %d %s %d %d %s %d %d %d", of, email, i.made.Unix(), i.state, i.minor, i.currency, paid, left, map[bool]string{true: "t", false: "f"}[i.outside], i.back.refunded, i.back.disputed, i.back.lost)
}

// wantAccess is what each buyer can use now. What was bought for some days counts from when the order was there.
func (h *history) wantAccess() []string {
	want := map[string]bool{}
	for _, s := range h.sales {
		if s.state != queries.CheckoutStateDone || !h.gives(s) {
			continue
		}
		want[s.buyer.email+" "+s.offer.name] = true
		if s.offer.name == "circle" {
			want[s.buyer.email+" "+h.offers[0].name] = true
		}
	}
	return slices.Collect(maps.Keys(want))
}

func (h *history) gives(s *modelSale) bool {
	switch {
	case s.plan != nil:
		return s.plan.gives(h.now().Add(time.Second))
	case s.back.gone() == s.offer.minor:
		return false
	case s.offer.accessDays == 0:
		return true
	}
	var began time.Time
	if err := h.database.pool.QueryRow(h.t.Context(), "SELECT o.created_at FROM sales_order o JOIN checkout c ON c.id = o.checkout_id WHERE c.stripe_session_id = $1", s.session).Scan(&began); err != nil {
		return false // an order is missing, which is told elsewhere
	}
	if began.Before(s.begun) || began.After(h.now()) {
		h.t.Errorf("order of %s is of %s, begun %s", s.session, began, s.begun)
	}
	return began.AddDate(0, 0, s.offer.accessDays).After(h.now())
}

// money is what the rows say came in and stayed, in each currency. What was bought once is an order with its invoice, and one sum.
func (h *history) money() string {
	return strings.Join(h.lines(`SELECT currency || '=' || sum(minor) FROM (
		SELECT currency, amount_minor - refunded_minor - disputed_minor - lost_minor AS minor FROM sales_order WHERE stripe_subscription_id = ''
		UNION ALL SELECT currency, paid_minor - refunded_minor - disputed_minor - lost_minor FROM invoice WHERE NOT paid_outside AND order_id IS NULL) m GROUP BY currency HAVING sum(minor) <> 0 ORDER BY currency`), " ")
}

// customers are those at Stripe who bought something, with where Stripe mails them.
func (h *history) customers() (there []string) {
	h.t.Helper()
	list := h.api.Customers.List(&stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100)}})
	for list.Next() {
		if c := list.Customer(); h.count("stripe_customer WHERE stripe_id = $1", c.ID) == 1 {
			there = append(there, c.ID+" "+c.Email)
		}
	}
	h.must(list.Err())
	return there
}

// moved is what moved on the Stripe account, where a dispute takes its money until it is won.
func (h *history) moved() (want []string) {
	h.t.Helper()
	sums := map[string]int64{}
	list := h.api.BalanceTransactions.List(&stripe.BalanceTransactionListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100)}})
	for list.Next() {
		sums[string(list.BalanceTransaction().Currency)] += list.BalanceTransaction().Amount
	}
	if err := list.Err(); err != nil {
		h.t.Fatal(err)
	}
	for currency, minor := range sums {
		if minor != 0 {
			want = append(want, fmt.Sprintf("%s=%d", currency, minor))
		}
	}
	return want
}
