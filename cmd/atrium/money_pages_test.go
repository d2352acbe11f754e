package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/internal/browsertest"
	"atrium/queries"
)

// moneyPages are the pages of what is bought and owed: their routes' names, and where they are for staff and for the client. The
// demo has no Stripe, so they are looked at here, in a shop with hard content.
var moneyPages = []struct{ name, path string }{
	{"admin-account-invoices", "/acme/invoices"}, {"admin-account-invoices-new", "/acme/invoices/new?contact=CONTACT"}, {"admin-account-invoices-id", "/acme/invoices/OPEN"},
	{"admin-account-invoices-id.paid", "/acme/invoices/PAID"}, {"admin-account-invoices-id-refund", "/acme/invoices/PAID/refund"},
	{"admin-account-orders", "/acme/orders"}, {"admin-account-orders-id", "/acme/orders/ORDER"}, {"admin-account-orders-id-refund", "/acme/orders/ORDER/refund"},
	{"admin-account-subscriptions", "/acme/subscriptions"}, {"admin-account-subscriptions-id", "/acme/subscriptions/FAILED"}, {"admin-account-subscriptions-id-cancel", "/acme/subscriptions/PLAN/cancel"},
	{"admin-account-subscriptions-id-plan", "/acme/subscriptions/PLAN/plan"}, {"admin-account-subscriptions-id-extend", "/acme/subscriptions/PLAN/extend"},
	{"admin-account-invoices-reminders", "/acme/invoices/reminders"}, {"admin-account-stripe-events", "/acme/stripe/events"},
	{"admin-account-contacts-id.money", "/acme/contacts/CONTACT"},
	{"portal-invoices.hard", "/invoices"}, {"portal-invoices-id.hard", "/invoices/OPEN"}, {"portal-subscriptions.hard", "/subscriptions"}, {"portal-subscriptions-id", "/subscriptions/PLAN"}, {"portal-subscriptions-id-cancel.hard", "/subscriptions/PLAN/cancel"},
	{"portal.money", "/"}, {"portal-pay-token", "/pay/TOKEN"},
	{"admin-account-offers.hard", "/acme/offers"}, {"admin-account-offers-id.hard", "/acme/offers/OFFER"}, {"admin-account-offers-id-edit.hard", "/acme/offers/OFFER/edit"},
	{"portal-o-name.sold", "/o/clear-goals?cancelled=1&coupon=SPRING"}, {"portal-checkout-return.waits", "/checkout/return?session_id=DEBIT"},
	{"portal-checkout-return.failed", "/checkout/return?session_id=BACK"}, {"portal-subscriptions-id-cancel.waits", "/subscriptions/WAITS/cancel"}, {"admin-account-subscriptions-id.waits", "/acme/subscriptions/WAITS"},
}

// TestMoneyPagesAreForEverybody looks at them as TestPagesAreForEverybody does, and takes their pictures where TestScreens does.
func TestMoneyPagesAreForEverybody(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	maya := s.maya()
	s.buys(newVisitor(t)).pays("pay", "nia@example.com").arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", demoPassword)
	places := s.owes("nia@example.com")
	maya.open(s.admin("/acme/invoices/" + places["OPEN"]))
	_, token, _ := strings.Cut(maya.page, "/pay/")
	places["TOKEN"], _, _ = strings.Cut(token, `"`)
	s.buys(newVisitor(t)).pays("debit", "omar@example.com").arrivesAt("/checkout/return")
	places["DEBIT"] = s.one("SELECT stripe_session_id FROM checkout WHERE state = 'processing'")
	places["BACK"] = s.cameBack("kim@example.com")
	places["OFFER"] = s.offer.String()
	s.one("UPDATE offer SET name = 'clear-goals-before' RETURNING name::text")
	_, again := s.stock("acme", queries.PriceIntervalMonth) // that nobody has yet
	s.one("UPDATE offer SET most = 12, until = now() + interval '30 days', text = E'What you get\\n\\n- **Every** lesson\\n- A call each month' WHERE id = $1 RETURNING name::text", again)
	w := browsertest.Open(t, browsertest.Settings{})
	w.Open(s.admin("/sign-in"))
	w.Type(`input[name="email"]`, "maya@acme.example")
	w.Type(`input[name="password"]`, "seven quiet harbours")
	w.Follow(submit("/sign-in"))
	signIn(w, s.portal("acme", ""), "nia@example.com")
	for _, page := range moneyPages {
		path := page.path
		for name, id := range places {
			path = strings.ReplaceAll(path, name, id)
		}
		w.Be(browsertest.Settings{})
		if w.Open(s.portal("acme", path)); strings.HasPrefix(page.name, "admin") {
			w.Open(s.admin(path))
		}
		for _, l := range looks {
			w.Be(l.Settings)
			for _, barrier := range w.Barriers() {
				t.Errorf("%s, %s: %s", page.name, l.name, barrier)
			}
			if wide := browsertest.Get[[]int](w, `[document.documentElement.scrollWidth, document.documentElement.clientWidth]`); wide[0] > wide[1] {
				t.Errorf("%s, %s: it is %d wide, and there is room for %d", page.name, l.name, wide[0], wide[1])
			}
			if *screens != "" {
				if err := os.WriteFile(filepath.Join(*screens, page.name+"-"+l.name+".png"), w.Picture(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// owes gives a client invoices and subscriptions of all kinds, with long and foreign words, as the mirror would; and answers the
// ids by the words that stand for them.
func (s *shop) owes(email string) map[string]string {
	s.t.Helper()
	account, contact := s.account("acme").String(), s.one("SELECT id::text FROM contact WHERE email = $1", email)
	places := map[string]string{"CONTACT": contact, "ORDER": s.one("SELECT id::text FROM sales_order")}
	for i, row := range []struct{ place, number, state, payment, memo, due string }{
		{"OPEN", "ACME-0101", "open", "waiting", "A year of coaching for the whole leadership team, with workshops on site in three cities", "-3 days"},
		{"SOON", "ACME-0102", "open", "waiting", "ייעוץ אישי", "12 days"}, {"DEBIT", "ACME-0103", "open", "processing", "Workbook", "5 days"},
		{"PAID", "ACME-0104", "paid", "succeeded", "", "5 days"}, {"VOID", "ACME-0105", "void", "waiting", "By mistake", "5 days"}, {"DRAFT", "", "draft", "waiting", "April", "30 days"},
	} {
		id, paid := queries.NewID().String(), map[bool]int{true: 1234500, false: 0}[row.state == "paid"]
		places[row.place] = id
		s.one(`INSERT INTO invoice (account_id, id, contact_id, stripe_id, number, state, payment, total_minor, tax_minor, paid_minor, remaining_minor, currency, memo, lines, hosted_url, pdf_url,
			receipt_url, stripe_payment_id, issued_at, due_at, paid_at, created_at, looked_at) VALUES ($1, $2, $3, 'in_' || gen_random_uuid(), $4, $5::invoice_state, $6::payment_state, 1234500, 197110, $7::bigint, 1234500 - $7::bigint, 'eur', $8,
			'[{"text": "Three sessions of ninety minutes", "quantity": 3, "amount_minor": 1200000}, {"text": "Workbook", "quantity": 1, "amount_minor": 34500}]', 'http://127.0.0.1/i', 'http://127.0.0.1/pdf',
			CASE WHEN $7::bigint > 0 THEN 'http://127.0.0.1/receipt' ELSE '' END, 'pi_' || gen_random_uuid(), now(), now() + $9::text::interval, CASE WHEN $7::bigint > 0 THEN now() END, now() - make_interval(mins => $10::int), now()) RETURNING id::text`,
			account, id, contact, row.number, row.state, row.payment, paid, row.memo, row.due, i)
	}
	for place, row := range map[string]string{"PLAN": "'Monthly circle', 'active', NULL, NULL", "FAILED": "'The inner circle of those who write every day, and read what others wrote', 'past_due', now() - interval '1 day', NULL",
		"WAITS": "'Evening circle', 'active', NULL, NULL", "OVER": "'Last year''s circle', 'canceled', NULL, now() - interval '9 days'"} {
		id := queries.NewID().String()
		places[place] = id
		s.one(fmt.Sprintf(`INSERT INTO subscription (account_id, id, contact_id, stripe_id, amount_minor, currency, charged, card, started_at, period_ends_at, created_at, looked_at, title, state, past_due_since, ended_at)
			VALUES ($1, $2, $3, 'sub_' || gen_random_uuid(), 1900, 'eur', 'month', 'Visa ending in 4242', now() - interval '40 days', now() + interval '9 days', now(), now(), %s) RETURNING id::text`, row), account, id, contact)
	}
	s.one("UPDATE invoice SET subscription_id = $1 WHERE id = $2 RETURNING id::text", places["WAITS"], places["DEBIT"])
	return places
}

// cameBack is the session of a purchase whose debit a bank sent back, as it stands until nothing more can be charged of it.
func (s *shop) cameBack(email string) (session string) {
	s.t.Helper()
	s.buys(newVisitor(s.t)).pays("debit", email).arrivesAt("/checkout/return")
	list := s.api.PaymentIntents.List(&stripe.PaymentIntentListParams{})
	list.Next()
	if err := s.sim.Settle(list.PaymentIntent().ID, false); err != nil {
		s.t.Fatal(err)
	}
	s.settled()
	return s.one("UPDATE checkout SET over_at = NULL WHERE state = 'failed' RETURNING stripe_session_id")
}
