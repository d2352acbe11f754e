package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"atrium/cmd/stripesim"
	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/queries"
)

// modelEvent is an event on its way.
type modelEvent struct {
	kind string
	body []byte
}

// emitted keeps an event; it is called in the middle of whatever makes it happen.
func (h *history) emitted(e *stripesim.Event) {
	body, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	h.events.Lock()
	defer h.events.Unlock()
	h.events.made = append(h.events.made, modelEvent{e.Type, body})
}

// reported sends what has happened on its way, and loses some of it, and doubles some.
func (h *history) reported() {
	h.events.Lock()
	made := h.events.made
	h.events.made = nil
	h.events.Unlock()
	for _, e := range made {
		if !slices.Contains(billing.EventTypes, e.kind) {
			continue
		}
		if h.lossless {
			h.pending = append(h.pending, e)
			continue
		}
		for range []int{0, 0, 1, 1, 1, 1, 1, 1, 2, 2}[h.IntN(10)] {
			h.pending = append(h.pending, e)
		}
	}
}

// arrive has so many of the events that are on their way come, whichever they are.
func (h *history) arrive(n int) {
	h.t.Helper()
	for ; n > 0 && len(h.pending) > 0; n-- {
		at := 0
		if !h.lossless {
			at = h.IntN(len(h.pending))
		}
		e := h.pending[at]
		h.pending = slices.Delete(h.pending, at, at+1)
		request, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, "http://"+h.listener.Addr().String()+"/webhooks/stripe", bytes.NewReader(e.body))
		if err != nil {
			h.t.Fatal(err)
		}
		request.Host = "app.localhost"
		request.Header.Set("Stripe-Signature", stripesim.Sign(h.now(), e.body, modelSecret))
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			h.t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			h.t.Fatalf("an event is answered %s", answer.Status)
		}
	}
}

// late has all come that is still on its way, long after it counted.
func (h *history) late() {
	h.reported()
	h.arrive(len(h.pending))
}

// settles waits until every job about Stripe is done. What is to be tried again later is tried so often now, and then left.
func (h *history) settles(tries int) {
	h.t.Helper()
	until(h.t, 30*time.Second, "every job is done", func() bool {
		if h.count("river.river_job WHERE state IN ('available', 'running') AND queue = 'stripe'") > 0 {
			return false
		}
		if tries--; tries < 0 {
			return true
		}
		return len(h.lines(`WITH soon AS (UPDATE river.river_job SET state = 'available', scheduled_at = now() WHERE state IN ('retryable', 'scheduled', 'pending') AND queue = 'stripe' RETURNING id)
			SELECT pg_notify('river.river_insert', '{"queue": "stripe"}')::text FROM soon`)) == 0
	})
}

// reconciled walks over the Stripe account once, with a program that works and a Stripe that answers.
func (h *history) reconciled() {
	h.t.Helper()
	h.sim.Mend()
	if h.worker == nil {
		h.work()
	}
	h.settles(1)
	queue, err := jobs.NewQueue(h.database.pool, time.Now)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := queries.InTx(h.t.Context(), h.database.pool, func(_ *queries.Queries, tx pgx.Tx) error { return queue.StripeReconcile(h.t.Context(), tx, "") }); err != nil {
		h.t.Fatal(err)
	}
	h.settles(18)
	h.walked = h.now()
}
