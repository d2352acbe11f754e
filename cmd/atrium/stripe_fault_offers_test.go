package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v76"

	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/queries"
)

// offerFaultActs are those around what is offered: what it is called, what is taken off, and paying twice.
var offerFaultActs = []faultAct{
	{"an offer is new", []string{"POST /v1/products"}, func(h *history) func() {
		name := fmt.Sprintf("offer-%d", len(h.offers))
		h.offer(name, "eur", 2500, queries.PriceIntervalOnce, 0, 0)
		return func() {
			s := h.sells(name, true)
			h.comes()
			h.right(s, "", true)
		}
	}},
	{"an invoice is long", []string{"GET /v1/invoices/{id}/lines"}, func(h *history) func() {
		s := h.sells("talk", false)
		h.comes()
		h.learns(s)
		n := billing.NewInvoice{AccountID: h.account("acme"), Once: s.session, Customer: s.customer, Currency: "eur", Due: h.now().AddDate(0, 0, 14)}
		for line := range 12 {
			n.Lines = append(n.Lines, billing.NewInvoiceLine{Text: fmt.Sprintf("Session %d", line+1), Quantity: 1, UnitMinor: 100})
		}
		id, err := h.program.stripe().DraftInvoice(h.t.Context(), n)
		h.must(err)
		return func() {
			h.looks(id)
			h.comes()
			h.same("its lines", []string{"12"}, h.lines("SELECT jsonb_array_length(lines)::text FROM invoice WHERE stripe_id = $1", id))
		}
	}},
	{"an offer is called something else", []string{"POST /v1/products/{id}"}, func(h *history) func() {
		h.sells("talk", true)
		h.comes()
		title, changed := "Talk "+uuid.NewString(), h.now().Add(time.Duration(len(h.sales))*time.Microsecond) // the clock stands still
		return func() {
			queue, err := jobs.NewQueue(h.database.pool, time.Now)
			h.must(err)
			h.must(queries.InTx(h.t.Context(), h.database.pool, func(_ *queries.Queries, tx pgx.Tx) error {
				var id uuid.UUID
				if err := tx.QueryRow(h.t.Context(), "UPDATE offer SET title = $1, changed_at = $2 WHERE name = 'talk' RETURNING id", title, changed).Scan(&id); err != nil {
					return err
				}
				return queue.OfferProduct(h.t.Context(), tx, h.account("acme"), id)
			}))
			h.finishes()
			named := h.lines("SELECT stripe_product_id FROM offer_price p JOIN offer o ON o.id = p.offer_id WHERE o.name = 'talk' AND stripe_product_id <> '' LIMIT 1")
			product, err := h.api.Products.Get(named[0], nil)
			h.must(err)
			h.same("what Stripe calls it", []string{title}, []string{product.Name})
		}
	}},
	{"a coupon is typed", []string{"GET /v1/promotion_codes"}, func(h *history) func() {
		if !h.api.PromotionCodes.List(&stripe.PromotionCodeListParams{Code: stripe.String("SPRING")}).Next() {
			h.coupon(nil)
		}
		h.exec("DELETE FROM allowance") // somebody else each time, from an address of their own, who presses until it works
		v := newVisitor(h.t).open(h.portal("acme", "/o/talk"))
		return func() {
			h.again("the coupon", func() error {
				if v.send("/o/talk/buy", "coupon", "SPRING", "apply", "1"); !strings.Contains(v.page, "20% off") {
					return fmt.Errorf("%d: %s", v.status, v.page)
				}
				return nil
			})
		}
	}},
	{"the page for paying is opened twice", []string{"POST /v1/checkout/sessions/{id}/expire"}, func(h *history) func() {
		v := newVisitor(h.t)
		opens := func() string {
			h.again("the payment page", func() error {
				if v.open(h.portal("acme", "/o/talk")).send("/o/talk/buy"); !strings.HasPrefix(v.at.String(), h.sim.URL) {
					return fmt.Errorf("%s: %d", v.at, v.status)
				}
				return nil
			})
			return strings.TrimPrefix(v.at.Path, "/c/pay/")
		}
		first := opens()
		return func() {
			second := opens()
			for session, want := range map[string]stripe.CheckoutSessionStatus{first: stripe.CheckoutSessionStatusExpired, second: stripe.CheckoutSessionStatusOpen} {
				is, err := h.api.CheckoutSessions.Get(session, nil)
				h.must(err)
				h.same("session "+session, []string{string(want)}, []string{string(is.Status)})
			}
		}
	}},
}
