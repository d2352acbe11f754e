package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/queries"
)

// faultAct is something the program does, and the calls of it that go wrong.
type faultAct struct {
	name    string
	at      []string
	prepare func(*history) (do func())
}

// faultActs are all that the program does with Stripe. Each prepares its own people and answers what is done, with whatever goes
// wrong meanwhile, and says what has to be right in the end. Faults are tried at the calls that each names, the same call in more
// than one act where other code makes it.
var faultActs = []faultAct{
	{"somebody buys", []string{"POST /v1/prices", "POST /v1/checkout/sessions", "GET /v1/checkout/sessions/{id}"}, func(h *history) func() {
		h.newPrice("talk")
		return func() {
			s := h.sells("talk", true)
			h.comes()
			h.right(s, "", true)
		}
	}},
	{"the window is closed", []string{"GET /v1/checkout/sessions/{id}", "GET /v1/payment_intents/{id}", "GET /v1/invoices/{id}"}, func(h *history) func() {
		s := h.sells("talk", false)
		return func() {
			h.comes()
			h.right(s, "", true)
		}
	}},
	{"a debit comes back", []string{"GET /v1/checkout/sessions/{id}"}, func(h *history) func() {
		s := h.sellsBy("debit", "talk", false)
		h.comes()
		h.learns(s)
		return func() {
			h.must(h.sim.Settle(s.payment, false))
			h.comes()
			h.cameBack(s)
		}
	}},
	{"a debit of a plan comes back", []string{"GET /v1/subscriptions/{id}", "DELETE /v1/subscriptions/{id}", "GET /v1/invoices", "POST /v1/invoices/{id}/void"}, func(h *history) func() {
		s := h.sellsBy("debit", "circle", false)
		h.comes()
		return func() {
			first := h.firstCharge(s)
			h.must(h.sim.Settle(first.PaymentIntent.ID, false))
			h.comes()
			h.cameBack(s)
			if first = h.firstCharge(s); first.Status != stripe.InvoiceStatusVoid || first.Subscription.Status != stripe.SubscriptionStatusCanceled {
				h.t.Errorf("at Stripe the charge is %s and the subscription %s", first.Status, first.Subscription.Status)
			}
		}
	}},
	{"somebody subscribes", []string{"GET /v1/subscriptions/{id}", "GET /v1/invoices/{id}", "GET /v1/invoices/upcoming"}, func(h *history) func() {
		s := h.sells("circle", false)
		return func() {
			h.comes()
			h.right(s, "active", true)
		}
	}},
	{"a card fails", []string{"GET /v1/invoices"}, func(h *history) func() {
		s := h.sells("circle", false)
		h.comes()
		h.learns(s)
		h.must(h.sim.SetOutcome(s.plan.card, stripesim.Declines))
		return func() {
			h.must(h.sim.Advance(45 * 24 * time.Hour))
			h.comes()
			h.right(s, "past_due", false)
		}
	}},
	{"money is given back", []string{"POST /v1/refunds", "GET /v1/refunds", "GET /v1/refunds/{id}", "GET /v1/charges/{id}"}, func(h *history) func() {
		s := h.sells("talk", false)
		h.comes()
		h.learns(s)
		return func() {
			made := ""
			h.again("refund", func() (err error) {
				made, err = h.program.stripe().Refund(h.t.Context(), billing.NewRefund{Once: s.session, Payment: s.payment, AmountMinor: 900, Reason: billing.RefundRequested})
				return err
			})
			h.looks(made)
			h.comes()
			h.right(s, "", true)
			h.same("what was given back", []string{"900"}, h.lines("SELECT o.refunded_minor::text FROM sales_order o WHERE o.stripe_payment_id = $1", s.payment))
			h.same("what was given back of its invoice", []string{"900"}, h.lines("SELECT i.refunded_minor::text FROM invoice i WHERE i.stripe_payment_id = $1", s.payment))
			if n := h.refunded(s.payment); n != 900 {
				h.t.Errorf("Stripe gave back %d", n)
			}
		}
	}},
	{"a bank takes money back", []string{"GET /v1/disputes", "GET /v1/disputes/{id}"}, func(h *history) func() {
		s := h.sells("talk", false)
		h.comes()
		h.learns(s)
		return func() {
			dispute, err := h.sim.Dispute(s.charge, "fraudulent")
			h.must(err)
			h.comes()
			h.right(s, "", true)
			h.must(h.sim.CloseDispute(dispute, false))
			h.comes()
			h.right(s, "", false)
		}
	}},
	{"a subscription is changed", []string{"POST /v1/billing_portal/sessions", "POST /v1/subscriptions/{id}", "DELETE /v1/subscriptions/{id}"}, func(h *history) func() {
		s := h.sells("circle", false)
		h.comes()
		h.learns(s)
		return func() {
			door, ctx := h.program.stripe(), h.t.Context()
			h.again("its page", func() error {
				_, err := door.Customer(ctx, "", s.customer, h.portal("acme", "/subscriptions"))
				return err
			})
			h.again("end it later", func() error { return door.CancelAtPeriodEnd(ctx, "", s.plan.id, s.session, true) })
			h.again("pause it", func() error { return door.PauseCollection(ctx, "", s.plan.id, s.session, true) })
			h.again("let it go on", func() error { return door.PauseCollection(ctx, "", s.plan.id, s.session+"-on", false) })
			h.comes()
			h.right(s, "active", true)
			h.again("end it now", func() error {
				if err := door.CancelNow(ctx, "", s.plan.id, s.session); !errors.Is(err, billing.ErrNotThere) { // it has ended, and nobody heard
					return err
				}
				return nil
			})
			h.looks(s.plan.id)
			h.comes()
			h.right(s, "canceled", false)
		}
	}},
	{"a trial goes on that had nothing to charge", []string{"POST /v1/subscriptions/{id}/resume"}, func(h *history) func() {
		s := h.sells("circle", false)
		h.comes()
		h.learns(s)
		price, err := h.api.Subscriptions.Get(s.plan.id, nil)
		h.must(err)
		made, err := h.api.Subscriptions.New(&stripe.SubscriptionParams{Customer: &s.customer, TrialPeriodDays: stripe.Int64(2), Items: []*stripe.SubscriptionItemsParams{{Price: &price.Items.Data[0].Price.ID}},
			TrialSettings: &stripe.SubscriptionTrialSettingsParams{EndBehavior: &stripe.SubscriptionTrialSettingsEndBehaviorParams{MissingPaymentMethod: stripe.String("pause")}}})
		h.must(err)
		h.must(h.sim.Advance(3 * 24 * time.Hour))
		_, err = h.api.Subscriptions.Update(made.ID, &stripe.SubscriptionParams{DefaultPaymentMethod: &s.plan.card})
		h.must(err)
		return func() {
			h.again("start it", func() error { return h.program.stripe().Resume(h.t.Context(), "", made.ID, made.ID) })
			charges := 0
			for list := h.api.Invoices.List(&stripe.InvoiceListParams{Subscription: &made.ID}); list.Next(); {
				if list.Invoice().AmountPaid > 0 {
					charges++
				}
			}
			if charges != 1 {
				h.t.Errorf("it was charged %d times", charges)
			}
		}
	}},
	{"staff bill", []string{"POST /v1/customers", "POST /v1/invoices", "POST /v1/invoiceitems", "GET /v1/invoiceitems", "POST /v1/invoices/{id}/send", "POST /v1/invoices/{id}/void", "POST /v1/invoices/{id}/pay", "DELETE /v1/invoices/{id}"}, func(h *history) func() {
		s := h.sells("talk", false)
		h.comes()
		h.learns(s)
		return func() { h.billsAll(s) }
	}},
	{"a client has another address", []string{"POST /v1/customers/{id}"}, func(h *history) func() {
		s := h.sells("talk", false)
		h.comes()
		h.learns(s)
		return func() {
			h.movesOne(s.buyer)
			h.finishes()
			h.right(s, "", true)
			c, err := h.api.Customers.Get(s.customer, nil)
			if h.must(err); c.Email != s.buyer.email || !strings.Contains(c.Email, "@new.example") {
				h.t.Errorf("Stripe mails %s, who is %s", c.Email, s.buyer.email)
			}
		}
	}},
	{"a walk", []string{"GET /v1/events", "GET /v1/invoices", "GET /v1/subscriptions"}, func(h *history) func() {
		h.sells("circle", false)
		h.comes()
		s := h.sells("talk", false)
		h.reported()
		h.pending = nil
		return func() {
			h.again("walk", func() error {
				queue, err := jobs.NewQueue(h.database.pool, time.Now)
				if err != nil {
					return err
				}
				return queries.InTx(h.t.Context(), h.database.pool, func(_ *queries.Queries, tx pgx.Tx) error { return queue.StripeReconcile(h.t.Context(), tx, "") })
			})
			h.finishes()
			h.right(s, "", true)
		}
	}},
	{"an account is connected", []string{"POST /v1/accounts", "POST /v1/account_links", "GET /v1/accounts/{id}", "GET /v1/account", "POST /v1/webhook_endpoints", "GET /v1/webhook_endpoints"}, func(h *history) func() {
		account := uuid.New()
		return func() {
			door, ctx, made := h.program.stripe(), h.t.Context(), ""
			h.again("an account", func() (err error) {
				made, err = door.MakeSeller(ctx, billing.NewSeller{AccountID: account, Name: "Lumen Studio", URL: "https://lumen.example"})
				return err
			})
			h.again("its page", func() error {
				_, err := door.Onboard(ctx, made, h.admin("/acme/stripe"), h.admin("/acme/stripe"))
				return err
			})
			h.again("how it stands", func() error { _, err := door.Seller(ctx, made); return err })
			h.again("how the own one stands", func() error { _, err := door.Seller(ctx, ""); return err })
			url := "https://" + account.String() + ".example/webhooks/stripe"
			h.again("an endpoint", func() error { _, err := door.MakeEndpoint(ctx, url, false, account.String()); return err })
			h.again("the endpoints", func() error {
				there, err := door.Endpoints(ctx, url)
				if err == nil && (len(there) != 1 || !there[0].Fits()) {
					h.t.Errorf("endpoints %+v", there)
				}
				return err
			})
		}
	}},
}

// newPrice has an offer cost one more, so that it is made at Stripe anew.
func (h *history) newPrice(name string) {
	h.t.Helper()
	o := h.offers[0]
	o.minor++
	var id uuid.UUID
	h.must(h.database.pool.QueryRow(h.t.Context(), "SELECT id FROM offer WHERE name = $1", name).Scan(&id))
	_, err := queries.SetPrice(h.t.Context(), queries.New(h.database.pool), h.account("acme"), id, &queries.Price{AmountMinor: o.minor, Currency: o.currency, Charged: o.charged}, h.now())
	h.must(err)
}

// sells has somebody new buy, pressing again while the payment page cannot be reached, and come back or not.
func (h *history) sells(name string, back bool) *modelSale {
	h.t.Helper()
	return h.sellsBy("pay", name, back)
}

// sellsBy is as sells, by another button of the payment page.
func (h *history) sellsBy(button, name string, back bool) *modelSale {
	h.t.Helper()
	buyer := &modelBuyer{email: fmt.Sprintf("buyer%d@example.com", len(h.buyers))}
	h.buyers = append(h.buyers, buyer)
	offer := h.offers[0]
	for _, o := range h.offers {
		if o.name == name {
			offer = o
		}
	}
	v := newVisitor(h.t).open(h.portal("acme", "/o/"+name))
	h.again("the payment page", func() error {
		if v.send("/o/" + name + "/buy"); !strings.HasPrefix(v.at.String(), h.sim.URL) {
			return fmt.Errorf("%s: %d", v.at, v.status)
		}
		return nil
	})
	if !back {
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	s := &modelSale{buyer: buyer, offer: offer, session: strings.TrimPrefix(v.at.Path, "/c/pay/"), begun: h.now(), state: queries.CheckoutStateDone, tries: offer.trialDays > 0}
	if v.pays(button, buyer.email); back && v.status != http.StatusOK {
		h.t.Errorf("who comes back finds %d: %s", v.status, v.page)
	}
	h.sales = append(h.sales, s)
	return s
}

// comes has all events come, and what they are for be done.
func (h *history) comes() {
	h.t.Helper()
	h.reported()
	h.arrive(len(h.pending))
	h.finishes()
}

// finishes waits until everything is done that was begun, with what is to be tried again later.
func (h *history) finishes() {
	h.t.Helper()
	h.again("every job is done", func() error {
		h.settles(1)
		if n := h.count("river.river_job WHERE state NOT IN ('completed', 'discarded', 'cancelled') AND (queue = 'stripe' OR kind IN ('course_ready', 'payment_returned'))"); n > 0 {
			return fmt.Errorf("%d are not done", n)
		}
		return nil
	})
}

// looks is what the program's pages do after each change.
func (h *history) looks(object string) {
	h.t.Helper()
	queue, err := jobs.NewQueue(h.database.pool, time.Now)
	h.must(err)
	h.must(queries.InTx(h.t.Context(), h.database.pool, func(_ *queries.Queries, tx pgx.Tx) error { return queue.StripeLook(h.t.Context(), tx, "", object) }))
}

// right demands one order with its one invoice, one mail of the way in, no job and no event given up, and what stands of the plan and
// the access.
func (h *history) right(s *modelSale, plan string, access bool) {
	h.t.Helper()
	h.same("orders of "+s.buyer.email, []string{fmt.Sprintf("%d %s", s.offer.minor, s.session)}, h.lines(`SELECT o.amount_minor || ' ' || c.stripe_session_id FROM sales_order o JOIN contact k ON k.id = o.contact_id
		JOIN checkout c ON c.id = o.checkout_id WHERE k.email = $1`, s.buyer.email))
	receipts := []string{fmt.Sprintf("paid %d %s", s.offer.minor, s.session)}
	if plan != "" {
		receipts = nil
	}
	h.same("its invoice", receipts, h.lines(`SELECT concat_ws(' ', i.state, i.paid_minor, c.stripe_session_id) FROM invoice i JOIN sales_order o ON o.id = i.order_id JOIN checkout c ON c.id = o.checkout_id
		JOIN contact k ON k.id = i.contact_id WHERE k.email = $1`, s.buyer.email))
	h.same("mails of the way in", []string{"course_ready"}, h.lines("SELECT m.kind::text FROM mail m JOIN contact k ON k.id = m.contact_id WHERE k.email = $1 AND m.kind = 'course_ready'", s.buyer.email))
	h.same("given up", nil, h.lines("SELECT kind || ' ' || args FROM river.river_job WHERE state IN ('discarded', 'cancelled') UNION ALL SELECT type || ' ' || object_id FROM stripe_event WHERE state IN ('failed', 'waiting')"))
	if plan != "" {
		h.same("the plan", []string{plan}, h.lines("SELECT s.state::text FROM subscription s JOIN contact k ON k.id = s.contact_id WHERE k.email = $1", s.buyer.email))
	}
	if n := h.count("contact k, courses_of(k.account_id, k.id, $1) o WHERE k.email = $2 AND o.course_id = $3", h.now().Add(time.Second), s.buyer.email, s.offer.course); (n == 1) != access {
		h.t.Errorf("%s has access: %v", s.buyer.email, n == 1)
	}
}

// cameBack is what a purchase has to be whose debit came back.
func (h *history) cameBack(s *modelSale) {
	h.t.Helper()
	h.same("what came of it", []string{"failed 0 orders, payment_returned"}, h.lines(`SELECT c.state || ' ' || (SELECT count(*) FROM sales_order o WHERE o.checkout_id = c.id) || ' orders, ' ||
		(SELECT string_agg(m.kind::text, ' ') FROM mail m WHERE m.to_email = $2) FROM checkout c WHERE c.stripe_session_id = $1`, s.session, s.buyer.email))
	h.same("given up", nil, h.lines("SELECT kind || ' ' || args FROM river.river_job WHERE state IN ('discarded', 'cancelled') UNION ALL SELECT type || ' ' || object_id FROM stripe_event WHERE state IN ('failed', 'waiting')"))
}

// firstCharge is the invoice at Stripe that a subscription began with.
func (h *history) firstCharge(s *modelSale) *stripe.Invoice {
	h.t.Helper()
	p := &stripe.CheckoutSessionParams{}
	p.AddExpand("invoice.payment_intent")
	p.AddExpand("invoice.subscription")
	session, err := h.api.CheckoutSessions.Get(s.session, p)
	h.must(err)
	return session.Invoice
}

// refunded is what went back of a payment at Stripe.
func (h *history) refunded(payment string) (minor int64) {
	h.t.Helper()
	list := h.api.Refunds.List(&stripe.RefundListParams{PaymentIntent: &payment})
	for list.Next() {
		minor += list.Refund().Amount
	}
	h.must(list.Err())
	return minor
}

// billsAll makes four invoices, each once: one is sent and mailed, one taken back, one paid outside, one thrown away.
func (h *history) billsAll(s *modelSale) {
	h.t.Helper()
	door, ctx, account := h.program.stripe(), h.t.Context(), h.account("acme")
	h.again("a customer", func() error {
		_, err := door.MakeCustomer(ctx, "", account, uuid.MustParse(strings.Repeat("0", 24)+fmt.Sprintf("%08d", len(h.sales))), s.buyer.email, "")
		return err
	})
	made := map[string]string{}
	for _, what := range []string{"open", "void", "paid", "gone"} {
		n := billing.NewInvoice{AccountID: account, Once: s.session + what, Customer: s.customer, Currency: "eur", Due: h.now().AddDate(0, 0, 14),
			Lines: []billing.NewInvoiceLine{{Text: "Session", Quantity: 3, UnitMinor: 4000}, {Text: "Workbook", Quantity: 1, UnitMinor: 1550}}}
		h.again("a draft", func() (err error) { made[what], err = door.DraftInvoice(ctx, n); return err })
		if what == "gone" {
			h.again("throw away", func() error { return door.DiscardInvoice(ctx, "", made[what], n.Once) })
			continue
		}
		h.again("send", func() error { return door.SendInvoice(ctx, "", made[what], n.Once) })
	}
	done := func(what string, do func() error) { // what was done though nobody heard is refused the second time
		h.again(what, func() error {
			var refused billing.Refused
			if err := do(); !errors.As(err, &refused) {
				return err
			}
			return nil
		})
	}
	done("take back", func() error { return door.VoidInvoice(ctx, "", made["void"], s.session) })
	done("paid outside", func() error { return door.PaidOutside(ctx, "", made["paid"], s.session) })
	h.comes()
	h.right(s, "", true)
	h.same("invoices", []string{"open 13550 0", "void 13550 0", "paid 13550 13550"}, h.lines(`SELECT concat_ws(' ', i.state, i.total_minor, i.paid_minor) FROM invoice i JOIN contact k ON k.id = i.contact_id
		WHERE k.email = $1 AND i.state <> 'draft' AND i.order_id IS NULL`, s.buyer.email))
	list := h.api.Invoices.List(&stripe.InvoiceListParams{Customer: &s.customer})
	for list.Next() {
		if i := list.Invoice(); i.Metadata["atrium_checkout"] == "" && (i.Status != stripe.InvoiceStatusDraft && i.Total != 13550 || i.Status == stripe.InvoiceStatusDraft && i.Total != 0) {
			h.t.Errorf("Stripe has an invoice that is %s over %d", i.Status, i.Total)
		}
	}
	h.must(list.Err())
}
