package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stripe/stripe-go/v76"
	stripeapi "github.com/stripe/stripe-go/v76/client"

	"atrium/cmd/stripesim"
	"atrium/jobs"
	"atrium/jobs/mailbox"
	"atrium/queries"
)

// shop is the program with a stand-in for Stripe, and a course of Acme's that is sold.
type shop struct {
	*site
	sim           *stripesim.Server
	api           *stripeapi.API // as Acme's staff see their Stripe account
	course, offer uuid.UUID
}

const stripeKey = "sk_test_of_the_tests"

// startShop starts both; events come by a forwarder, since the program's address is known only once it has its secret.
func startShop(t *testing.T, charged queries.PriceInterval, options ...func(*stripesim.Options)) *shop {
	t.Helper()
	s, with := &shop{}, stripesim.Options{Now: time.Now(), WebhookPause: 20 * time.Millisecond}
	for _, option := range options {
		option(&with)
	}
	s.sim, s.api = standIn(t, with)
	to, secrets := events(t, s.api)
	s.site = startSite(t, nil, "STRIPE_SECRET_KEY="+stripeKey, "STRIPE_WEBHOOK_SECRETS="+strings.Join(secrets, ","), "STRIPE_URL="+s.sim.URL)
	root := "http://" + s.listener.Addr().String()
	to.Store(&root)
	until(t, 20*time.Second, "the walk of the start is over, which is to find nothing", func() bool {
		return s.count("river.river_job WHERE kind = 'stripe_reconcile_all' AND state = 'completed'") == 1
	})
	s.createAccount("acme", "Acme Coaching", "maya@acme.example")
	until(t, 20*time.Second, "the portal", func() bool { return newVisitor(t).open(s.portal("acme", "/sign-in")).status == 200 })
	s.course, s.offer = s.stock("acme", charged)
	return s
}

// standIn starts a stand-in for Stripe that knows one key, and the API as that key's holder has it.
func standIn(t *testing.T, options stripesim.Options) (*stripesim.Server, *stripeapi.API) {
	t.Helper()
	options.SecretKey = stripeKey
	sim, err := stripesim.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Errorf("the stand-in: %v", err)
		}
		if unknown := sim.Unknown(); len(unknown) > 0 {
			t.Errorf("Stripe was asked what the stand-in does not know: %v", unknown)
		}
	})
	api := &stripeapi.API{}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{URL: stripe.String(sim.URL), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}})
	api.Init(stripeKey, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
	return sim, api
}

// events has Stripe's events delivered, from when the address of a program is put into what is returned, signed with the secrets.
func events(t *testing.T, api *stripeapi.API) (to *atomic.Pointer[string], secrets []string) {
	t.Helper()
	to = &atomic.Pointer[string]{}
	forward := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		root := to.Load()
		if root == nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body) // what is cut off has a wrong signature
		request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, *root+"/webhooks/stripe", bytes.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		request.Host, request.Header = "app.localhost", r.Header.Clone()
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
	}))
	t.Cleanup(forward.Close)
	for _, connect := range []bool{false, true} {
		endpoint, err := api.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: &forward.URL, EnabledEvents: stripe.StringSlice([]string{"*"}), APIVersion: stripe.String(stripe.APIVersion), Connect: &connect})
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, endpoint.Secret)
	}
	return to, secrets
}

// stock writes an account's course and its offer for 49 €.
func (s *shop) stock(slug string, charged queries.PriceInterval) (course, offer uuid.UUID) {
	s.t.Helper()
	return stock(s.t, s.database.pool, s.account(slug), charged)
}

func stock(t *testing.T, db *pgxpool.Pool, account uuid.UUID, charged queries.PriceInterval) (course, offer uuid.UUID) {
	t.Helper()
	course, offer = queries.NewID(), queries.NewID()
	module, lesson := queries.NewID(), queries.NewID()
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"INSERT INTO course (account_id, id, title, position, published_at, created_at, changed_at) VALUES ($1, $2, 'Clear goals', 1, now() - interval '1 day', now(), now())", []any{course}},
		{"INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $3, 'Beginning', 1, now())", []any{module, course}},
		{"INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, published_at, created_at, changed_at) VALUES ($1, $2, $3, $4, 'What matters', 1, 'Write it down.', now() - interval '1 day', now(), now())", []any{lesson, course, module}},
		{"INSERT INTO offer (account_id, id, name, title, created_at, changed_at) VALUES ($1, $2, 'clear-goals', 'Clear goals', now(), now())", []any{offer}},
		{"INSERT INTO offer_course VALUES ($1, $2, $3)", []any{offer, course}},
	} {
		if _, err := db.Exec(t.Context(), step.sql, append([]any{account}, step.args...)...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := queries.SetPrice(t.Context(), queries.New(db), account, offer, &queries.Price{AmountMinor: 4900, Currency: "eur", Charged: charged}, time.Now()); err != nil {
		t.Fatal(err)
	}
	return course, offer
}

// buys goes to Stripe's page for the offer.
func (s *shop) buys(v *visitor) *visitor {
	s.t.Helper()
	return s.buysOf("acme", v)
}

func (s *shop) buysOf(slug string, v *visitor) *visitor {
	s.t.Helper()
	return v.open(s.portal(slug, "/o/clear-goals")).send("/o/clear-goals/buy")
}

// pays presses a button of the stand-in's page and follows where it leads.
func (v *visitor) pays(do, email string) *visitor {
	v.t.Helper()
	request, err := v.paying(do, email)
	if err != nil {
		v.t.Fatal(err)
	}
	v.read(request)
	return v
}

// paying is what that button sends.
func (v *visitor) paying(do, email string) (*http.Request, error) {
	values := url.Values{"do": {do}, "email": {email}, "name": {"Nia Okafor"}}
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.at.String(), strings.NewReader(values.Encode()))
	if err == nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return request, err
}

func (s *shop) count(from string, args ...any) (n int) {
	s.t.Helper()
	if err := s.database.pool.QueryRow(s.t.Context(), "SELECT count(*) FROM "+from, args...).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// settled waits until every event has come and every job is done.
func (s *shop) settled() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	if err := s.sim.WaitDelivered(ctx); err != nil {
		s.t.Fatal(err)
	}
	until(s.t, 20*time.Second, "every job is done", func() bool {
		return s.count("river.river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled') AND queue = 'stripe'") == 0
	})
}

// sees says whether a client can use the course now.
func (s *shop) sees(email string) bool {
	s.t.Helper()
	return s.count("contact c, courses_of(c.account_id, c.id, $2) AS o WHERE c.email = $1 AND o.course_id = $3", email, s.now(), s.course) == 1
}

// Somebody new pays, and is in: in the same browser, at once, without waiting for the event, which then finds it done.
func TestBuyerIsTakenIn(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	s.sim.Hold() // the event comes later
	nia := s.buys(newVisitor(t)).pays("pay", "nia@example.com").arrivesAt("/welcome")
	if !s.sees("nia@example.com") {
		t.Fatal("paid, and the course is not there")
	}
	nia.send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours").arrivesAt("/courses/" + s.course.String())
	if err := s.sim.Release(); err != nil {
		t.Fatal(err)
	}
	s.settled()
	if n := s.count("sales_order WHERE amount_minor = 4900 AND currency = 'eur' AND made_contact"); n != 1 {
		t.Errorf("%d orders", n)
	}
	if n := s.count("stripe_event WHERE type = 'checkout.session.completed' AND state = 'done'"); n != 1 {
		t.Errorf("%d events of the checkout are done", n)
	}
	if n := s.count("access_grant"); n != 1 {
		t.Errorf("%d grants", n)
	}
}

// Who closes the window after paying has the course all the same, by the event; who pays and whose event never comes, by coming back.
func TestBuyerNeedsNeitherWindowNorEvent(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	away := s.buys(newVisitor(t))
	away.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	away.pays("pay", "away@example.com")
	s.settled()
	if !s.sees("away@example.com") {
		t.Error("the window was closed, and the course is not there")
	}
	s.sim.Misdeliver(stripesim.Mischief{Drop: true, Count: -1})
	s.buys(newVisitor(t)).pays("pay", "lost@example.com").arrivesAt("/welcome")
	if !s.sees("lost@example.com") {
		t.Error("the event was lost, and the course is not there")
	}
}

var typedCode = regexp.MustCompile(`\b\d{6}\b`)

// To pay with somebody's address proves nothing: who is known confirms by the mail, also in the browser that paid, and another
// browser learns neither the address nor anything else.
func TestBuyerWhoIsKnownConfirms(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	const ana = "ana@example.com"
	if _, err := s.database.pool.Exec(t.Context(), "INSERT INTO contact (account_id, id, email, name, source, created_at, changed_at, joined_at, accepted_at) VALUES ($1, $2, $3, 'Ana Souza', 'manual', now(), now(), now(), now())",
		s.account("acme"), queries.NewID(), ana); err != nil {
		t.Fatal(err)
	}
	payer := s.buys(newVisitor(t)).pays("pay", ana).arrivesAt("/checkout/return")
	if strings.Contains(payer.page, ana) || !strings.Contains(payer.page, "Thank you") {
		t.Errorf("the page says %s", payer.page)
	}
	other := newVisitor(t).open(payer.at.String()).arrivesAt("/checkout/return")
	if strings.Contains(other.page, ana) || strings.Contains(other.page, "/checkout/confirm") {
		t.Error("another browser can have the mail sent, or sees the address")
	}
	if newVisitor(t).open(s.portal("acme", "/profile")).at.Path != "/sign-in" || payer.open(s.portal("acme", "/profile")).at.Path != "/sign-in" {
		t.Fatal("somebody is signed in by paying with an address")
	}
	payer.open(other.at.String()).send("/checkout/confirm").arrivesAt("/sign-in/code")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	mail, err := s.box.Wait(ctx, ana, func(m mailbox.Message) bool { return typedCode.MatchString(m.Code) }) // beside the one that it is paid
	if err != nil {
		t.Fatal(err)
	}
	payer.send("/sign-in/code", "code", mail.Code).arrivesAt("/courses/" + s.course.String())
}

// A bank debit takes days: the page says so, nothing is given, and the course is there once the money is; or never.
func TestBuyerByBankDebit(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	for _, good := range []bool{true, false} {
		email := map[bool]string{true: "good@example.com", false: "bad@example.com"}[good]
		buyer := s.buys(newVisitor(t)).pays("debit", email).arrivesAt("/checkout/return")
		if !strings.Contains(buyer.page, "on its way") || strings.Contains(buyer.page, "/buy") {
			t.Errorf("the page says %s", buyer.page)
		}
		s.settled()
		if s.sees(email) {
			t.Error("given before it is paid")
		}
		list := s.api.PaymentIntents.List(&stripe.PaymentIntentListParams{})
		list.Next()
		if err := s.sim.Settle(list.PaymentIntent().ID, good); err != nil {
			t.Fatal(err)
		}
		s.settled()
		if s.sees(email) != good {
			t.Errorf("settled %v: sees it %v", good, s.sees(email))
		}
		if good {
			continue
		}
		told := s.mail(email)
		if !strings.Contains(told.Subject, "Clear goals") || !strings.Contains(told.Subject, "did not go through") || !strings.Contains(told.Text, "/o/clear-goals\n") {
			t.Errorf("they are told: %s\n%s", told.Subject, told.Text)
		}
		s.reconcile()
		if n := s.count("mail WHERE to_email = $1", email); n != 1 {
			t.Errorf("%d mails", n)
		}
		if buyer.open(told.Links[0]).send("/o/clear-goals/buy").pays("pay", email).arrivesAt("/welcome"); !s.sees(email) {
			t.Error("paid again, and the course is not there")
		}
	}
}

// Money given back in part changes nothing; all of it ends what its order gave, and what another order gave stays.
func TestRefundEndsOnlyItsOrder(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	const nia = "nia@example.com"
	s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome")
	s.buys(newVisitor(t)).pays("pay", nia) // a second time, by mistake
	s.settled()
	refund := func(payment string, minor int64) {
		t.Helper()
		if _, err := s.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &payment, Amount: &minor}); err != nil {
			t.Fatal(err)
		}
		s.settled()
	}
	var payments []string
	for list := s.api.PaymentIntents.List(&stripe.PaymentIntentListParams{}); list.Next(); {
		payments = append(payments, list.PaymentIntent().ID)
	}
	if len(payments) != 2 {
		t.Fatalf("payments %v", payments)
	}
	refund(payments[0], 4900)
	if !s.sees(nia) || s.count("access_grant WHERE ended_because = 'refunded'") != 1 {
		t.Error("the double charge was given back, and took the paid access too")
	}
	refund(payments[1], 1000)
	if !s.sees(nia) {
		t.Error("a part was given back, and the access is gone")
	}
	refund(payments[1], 3900)
	if s.sees(nia) || s.count("sales_order WHERE refunded_minor = amount_minor") != 2 {
		t.Error("all was given back, and the access stays")
	}
}

// A card that is declined leaves a charge of the same payment. Whenever that one is looked at, what went back of the one that paid stays as it
// is: with an invoice, and without one.
func TestFailedTryTellsNothingOfTheOrder(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"with an invoice", "without one"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := startShop(t, queries.PriceIntervalOnce)
			if kind == "without one" {
				s.maya().open(s.admin("/acme/stripe")).send("/acme/stripe/invoices").arrivesAt("/acme/stripe")
			}
			const nia = "nia@example.com"
			v := s.buys(newVisitor(t))
			if v.pays("decline", nia); v.status != http.StatusUnprocessableEntity {
				t.Fatalf("declined: %d %s", v.status, v.page)
			}
			v.pays("secure", nia).pays("approve", "").arrivesAt("/welcome")
			s.settled()
			payment, failed := s.one("SELECT stripe_payment_id FROM sales_order"), ""
			for list := s.api.Charges.List(&stripe.ChargeListParams{PaymentIntent: &payment}); list.Next(); {
				if !list.Charge().Paid {
					failed = list.Charge().ID
				}
			}
			if failed == "" {
				t.Fatal("the declined card left no charge")
			}
			if s.look(failed); !s.sees(nia) {
				t.Error("a try that failed took the course away")
			}
			if _, err := s.api.Refunds.New(&stripe.RefundParams{PaymentIntent: &payment}); err != nil {
				t.Fatal(err)
			}
			s.settled()
			for _, object := range []string{failed, payment, failed} {
				if s.look(object); s.sees(nia) || s.count("sales_order WHERE refunded_minor = 4900") != 1 || s.count("access_grant") != 1 {
					t.Errorf("after %s is looked at: sees the course %v, %s given back, %d grants", object, s.sees(nia), s.one("SELECT refunded_minor::text FROM sales_order"), s.count("access_grant"))
				}
			}
			if kind == "without one" {
				return
			}
			if _, err := s.database.pool.Exec(t.Context(), "UPDATE sales_order SET refunded_minor = 0"); err != nil { // as it was written before
				t.Fatal(err)
			}
			if s.reconcile(); s.count("sales_order WHERE refunded_minor = 4900") != 1 {
				t.Error("a walk leaves an order that knows of no refund as it is")
			}
		})
	}
}

// What somebody else sells on the same Stripe account is none of ours.
func TestForeignObjectsMakeNothing(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	customer, err := s.api.Customers.New(&stripe.CustomerParams{Email: stripe.String("foreign@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.api.InvoiceItems.New(&stripe.InvoiceItemParams{Customer: &customer.ID, Amount: stripe.Int64(900), Currency: stripe.String("eur")}); err != nil {
		t.Fatal(err)
	}
	invoice, err := s.api.Invoices.New(&stripe.InvoiceParams{Customer: &customer.ID, CollectionMethod: stripe.String("send_invoice"), DaysUntilDue: stripe.Int64(7)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.api.Invoices.FinalizeInvoice(invoice.ID, nil); err != nil {
		t.Fatal(err)
	}
	s.settled()
	if n := s.count("invoice") + s.count("stripe_customer") + s.count("contact"); n != 0 {
		t.Errorf("%d rows came of it", n)
	}
	if s.count("stripe_event WHERE state = 'ignored'") == 0 || s.count("stripe_event WHERE state <> 'ignored'") != 0 {
		t.Error("its events are not ignored")
	}
}

// A subscription is bought, cancelled, kept, lapses and is paid: access lasts exactly as long as the page says.
func TestSubscriptionLife(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalMonth)
	const nia = "nia@example.com"
	client := s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
	s.settled()
	client.open(s.portal("acme", "/subscriptions"))
	if !strings.Contains(client.page, "Active") || !strings.Contains(client.page, "€49.00 every month") {
		t.Fatalf("the page says %s", client.page)
	}
	if client.open(s.portal("acme", "/invoices")); !strings.Contains(client.page, "Paid") {
		t.Errorf("the invoices are %s", client.page)
	}
	id := s.one("SELECT id::text FROM subscription")
	client.open(s.portal("acme", "/subscriptions/"+id+"/cancel"))
	if !strings.Contains(client.page, "Clear goals") {
		t.Errorf("the page before it says %s", client.page)
	}
	client.send("/subscriptions/" + id + "/cancel").arrivesAt("/subscriptions")
	if s.count("access_grant WHERE ends_at IS NOT NULL AND ended_at IS NULL") != 1 || !strings.Contains(client.page, "Ends ") {
		t.Errorf("cancelled: %s", client.page)
	}
	client.send("/subscriptions/" + id + "/keep").arrivesAt("/subscriptions")
	if s.count("access_grant WHERE ends_at IS NULL AND ended_at IS NULL") != 1 || !strings.Contains(client.page, "Active") {
		t.Errorf("kept: %s", client.page)
	}
}

func (s *shop) one(sql string, args ...any) (text string) {
	s.t.Helper()
	if err := s.database.pool.QueryRow(s.t.Context(), sql, args...).Scan(&text); err != nil {
		s.t.Fatal(err)
	}
	return text
}

// After events lost, doubled and out of order, one walk makes what stands here what stands at Stripe, and says what differed.
func TestReconciliationMendsWhatEventsDidNot(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalMonth)
	const nia = "nia@example.com"
	s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome")
	s.settled()
	s.sim.Misdeliver(stripesim.Mischief{Drop: true, Count: -1})
	subscription := s.one("SELECT stripe_id FROM subscription")
	if _, err := s.api.Subscriptions.Cancel(subscription, nil); err != nil {
		t.Fatal(err)
	}
	s.settled()
	if !s.sees(nia) {
		t.Fatal("the event was lost, and yet it counts")
	}
	s.reconcile()
	if s.sees(nia) || s.one("SELECT state::text FROM subscription") != "canceled" {
		t.Error("a walk did not find the cancelled subscription")
	}
	if n := s.count("stripe_reconciliation WHERE differed >= 1 AND report @> $1", `[{"object": "`+subscription+`"}]`); n != 1 {
		t.Errorf("it is told %s", s.one("SELECT string_agg(r::text, ' ') FROM stripe_reconciliation r"))
	}
	s.reconcile()
	if n := s.count("stripe_reconciliation WHERE differed = 0"); n < 1 {
		t.Error("a second walk still finds something")
	}
}

// The first walk may come late, as when no program worked for days: it finds what was lost since something was sold.
func TestFirstWalkGoesBackToTheFirstSale(t *testing.T) {
	t.Parallel()
	h := startHistory(t, 3, "canceled", 15*time.Second)
	newVisitor(t).open(h.portal("acme", "/o/talk")).send("/o/talk/buy").pays("pay", "nia@example.com").arrivesAt("/welcome")
	h.settles(1)
	h.kill()
	h.exec("DELETE FROM stripe_reconciliation")
	charges := h.api.Charges.List(nil)
	if !charges.Next() {
		t.Fatal("nothing is paid")
	}
	if _, err := h.sim.Dispute(charges.Charge().ID, "fraudulent"); err != nil {
		t.Fatal(err)
	}
	h.passes(10 * day)
	if h.reconciled(); h.count("sales_order WHERE disputed_minor = 4900") != 1 {
		t.Errorf("the order: %v", h.lines("SELECT o::text FROM sales_order o"))
	}
}

// reconcile has the installation's Stripe account walked now.
func (s *shop) reconcile() {
	s.t.Helper()
	walked := s.count("stripe_reconciliation")
	queue, err := jobs.NewQueue(s.database.pool, time.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	err = queries.InTx(s.t.Context(), s.database.pool, func(_ *queries.Queries, tx pgx.Tx) error { return queue.StripeReconcile(s.t.Context(), tx, "") })
	if err != nil {
		s.t.Fatal(err)
	}
	until(s.t, 20*time.Second, "a walk is over", func() bool { return s.count("stripe_reconciliation") > walked })
	s.settled()
}
