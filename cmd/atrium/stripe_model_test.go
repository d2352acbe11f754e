package main

import (
	"flag"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
	stripeapi "github.com/stripe/stripe-go/v76/client"

	"atrium/cmd/internal/config"
	"atrium/cmd/stripesim"
	"atrium/queries"
	"atrium/queries/dbtest"
)

// Longer histories, or one again that went wrong: go test ./cmd/atrium -run TestStripeModel -args -stripe.steps 5000 -stripe.seed 42
var (
	modelSteps = flag.Int("stripe.steps", 200, "how many steps each history of TestStripeModel has")
	modelSeed  = flag.Uint64("stripe.seed", 0, "the one history of TestStripeModel that is made; 0: the usual ones, and one that is new each time")
)

// modelBegins is when each history begins: so long ago that no job of it is one for later.
var modelBegins = time.Date(2023, 1, 31, 9, 0, 0, 0, time.UTC) // on a 31st, which not every month has

const modelSecret = "whsec_of_the_model"

// history is what happens to a business that sells: people buy, cards fail, banks decide, staff give back, while events are lost,
// doubled, late and out of order, calls fail, and programs die. What should stand in the books is kept in a plain model beside.
type history struct {
	*shop
	*rand.Rand
	seed uint64
	step int
	now  func() time.Time

	callTime time.Duration
	c        config.Config // of the program that works

	worker *program
	events struct {
		sync.Mutex
		made []modelEvent
	}
	pending []modelEvent // sent and not there yet
	walked  time.Time    // the last time everything was looked at

	lossless bool // every event comes, once and in order

	after        string        // what becomes of a subscription after the last attempt
	receiptPause time.Duration // between the steps in which Stripe makes the invoice of what is bought once
	offers       []*modelOffer
	buyers       []*modelBuyer
	sales        []*modelSale
	bills        []*modelInvoice // of staff, without a subscription
}

// modelOffer is something sold.
type modelOffer struct {
	name, currency string
	minor          int64
	charged        queries.PriceInterval
	trialDays      int
	accessDays     int // 0: without an end
	course         uuid.UUID
}

// Whatever happened, after one walk of reconciliation the orders, invoices and subscriptions, what clients can use, and the money of
// each currency are what a plain model says, and the money is what moved on the Stripe account.
func TestStripeModel(t *testing.T) {
	t.Parallel()
	seeds := []uint64{3, 4, uint64(time.Now().UnixNano())}
	if *modelSeed != 0 {
		seeds = []uint64{*modelSeed}
	}
	for n, seed := range seeds {
		after := []string{"canceled", "past_due", "unpaid"}[seed%3]
		t.Run([]string{"one", "two", "new"}[n], func(t *testing.T) {
			t.Parallel()
			h := startHistory(t, seed, after, 15*time.Second)
			for h.step = range *modelSteps {
				h.happens()
				if h.step%25 == 24 || h.step == *modelSteps-1 {
					h.agrees()
				}
				if t.Failed() {
					t.Fatalf("at step %d of seed %d; again: -args -stripe.seed %d", h.step, seed, seed)
				}
			}
			h.late()
			h.agrees()
			t.Logf("seed %d: %d sales, %d events in all, %s", seed, len(h.sales), h.count("stripe_event"), h.money())
		})
	}
}

// startHistory starts a business without a past. A call of Stripe may take so long.
func startHistory(t *testing.T, seed uint64, after string, callTime time.Duration, settings ...string) *history {
	t.Helper()
	h := &history{Rand: rand.New(rand.NewPCG(seed, 11)), seed: seed, after: after, walked: modelBegins, callTime: callTime}
	if seed%2 == 0 {
		h.receiptPause = 40 * time.Minute
	}
	sim, err := stripesim.Start(stripesim.Options{Now: modelBegins, AfterRetries: after, ReceiptPause: h.receiptPause, Emitted: h.emitted})
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
	h.now = sim.Now
	h.shop = &shop{site: &site{t: t, box: newMailbox(t)}, sim: sim, api: &stripeapi.API{}}
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{URL: stripe.String(sim.URL), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}})
	h.api.Init("sk_test_of_staff", &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
	values := mailVariables(t, h.box)
	values["ADDR"], values["DATABASE_URL"], values["DATA_DIR"] = "127.0.0.1:0", dbtest.URL(t), t.TempDir()
	values["STRIPE_SECRET_KEY"], values["STRIPE_URL"], values["STRIPE_WEBHOOK_SECRETS"] = stripeKey, sim.URL, modelSecret
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		values[name] = value
	}
	if h.c, err = config.From(values); err != nil {
		t.Fatal(err)
	}
	log := &logged{}
	h.program, err = start(t.Context(), h.c, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError})), parts{web: true, testOnly: true, now: h.now, callTime: callTime})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.stop(t.Context()); err != nil {
			t.Errorf("stop: %v", err)
		}
		if text := log.String(); text != "" {
			t.Errorf("the program's log:\n%s", text)
		}
	})
	h.c.Addr, h.c.DatabaseURL, h.c.StopTimeout = h.listener.Addr().String(), h.c.DatabaseURL+modelName(h.c.DatabaseURL), 2*time.Second
	h.createAccount("acme", "Acme Coaching", "maya@acme.example")
	until(t, 20*time.Second, "the portal", func() bool { return newVisitor(t).open(h.portal("acme", "/sign-in")).status == 200 })
	h.offer("talk", "eur", 4900, queries.PriceIntervalOnce, 0, 0)
	h.offer("month-in-tokyo", "jpy", 5000, queries.PriceIntervalOnce, 0, 30)
	h.offer("circle", "eur", 1900, queries.PriceIntervalMonth, 0, 0)
	h.offer("tried", "usd", 2999, queries.PriceIntervalMonth, 7, 0)
	h.work()
	t.Cleanup(func() { h.kill() })
	return h
}

// modelName is what a database's address gets so that the connections of the program that works can be told from others.
func modelName(url string) string {
	if strings.Contains(url, "?") {
		return "&application_name=worker"
	}
	return "?application_name=worker"
}

// offer sells a course of its own; the circle gives that of the talk as well.
func (h *history) offer(name, currency string, minor int64, charged queries.PriceInterval, trialDays, accessDays int) {
	h.t.Helper()
	o := &modelOffer{name: name, currency: currency, minor: minor, charged: charged, trialDays: trialDays, accessDays: accessDays, course: queries.NewID()}
	account, id, now := h.account("acme"), queries.NewID(), h.now()
	h.exec("INSERT INTO course (account_id, id, title, position, published_at, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $5, $5)", account, o.course, name, len(h.offers)+1, now)
	h.exec("INSERT INTO offer (account_id, id, name, title, access_days, created_at, changed_at) VALUES ($1, $2, $3, $6, nullif($4, 0), $5, $5)", account, id, name, accessDays, now, name)
	h.exec("INSERT INTO offer_course VALUES ($1, $2, $3)", account, id, o.course)
	if name == "circle" {
		h.exec("INSERT INTO offer_course VALUES ($1, $2, $3)", account, id, h.offers[0].course)
	}
	price := queries.Price{AmountMinor: minor, Currency: currency, Charged: charged, TrialDays: trialDays}
	if _, err := queries.SetPrice(h.t.Context(), queries.New(h.database.pool), account, id, &price, now); err != nil {
		h.t.Fatal(err)
	}
	h.offers = append(h.offers, o)
}

func (h *history) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.database.pool.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

// work starts a program that works. It is no news when one that is killed complains.
func (h *history) work() {
	h.t.Helper()
	var err error
	if h.worker, err = start(h.t.Context(), h.c, slog.New(slog.NewTextHandler(io.Discard, nil)), parts{work: true, testOnly: true, now: h.now, callTime: h.callTime}); err != nil {
		h.t.Fatal(err)
	}
}

// kill cuts all connections of the program that works, in the middle of whatever it does, and what it had begun is begun anew, as
// when five minutes have passed. Whether it can end well does not matter.
func (h *history) kill() {
	h.t.Helper()
	if h.worker == nil {
		return
	}
	ctx := h.t.Context()
	if ctx.Err() != nil { // the test is over: it may end well
		_ = h.worker.stop(ctx)
		return
	}
	h.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'worker' AND datname = current_database()")
	_ = h.worker.stop(ctx)
	h.worker = nil
	h.exec("UPDATE river.river_job SET state = 'available', attempt = attempt - 1 WHERE state = 'running'")
}
