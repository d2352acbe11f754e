package main

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"atrium/cmd/stripesim"
)

// make bench-webhooks measures for longer, and demands what is promised.
var rateTime = flag.Duration("stripe.rate", time.Second, "how long TestWebhookRate sends events; longer than a second: p99 has to be under 20 ms")

const eventsASecond = 200

// Events come at 200 a second, whether the ones before are answered or not, to a program that works them off and is looked at
// meanwhile. Each is answered, kept, and worked off in the end.
func TestWebhookRate(t *testing.T) {
	t.Parallel()
	h := startHistory(t, 1, "past_due", 15*time.Second, "REQUESTS_AT_ONCE=256") // on a slow machine all may wait at once, and none is to be turned away
	h.lossless = true
	var objects []string // ours, of all kinds
	for n := range 6 {
		s := h.sells([]string{"talk", "circle"}[n%2], false)
		objects = append(objects, s.session)
	}
	h.comes()
	objects = append(objects, h.lines("SELECT stripe_id FROM subscription UNION ALL SELECT stripe_id FROM invoice UNION ALL SELECT stripe_payment_id FROM sales_order WHERE stripe_payment_id <> ''")...)
	known := h.count("stripe_event WHERE state = 'done'")

	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, int(rateTime.Seconds()*eventsASecond))
	var all sync.WaitGroup
	looked := make(chan int)
	gone := make(chan struct{})
	go func() { // people who look at twenty pages a second
		pages, v := 0, newVisitor(t)
		next := time.NewTicker(50 * time.Millisecond)
		defer next.Stop()
		for {
			select {
			case <-gone:
				looked <- pages
				return
			case <-next.C:
				v.open(h.portal("acme", "/o/talk"))
				pages++
			}
		}
	}()
	tick := time.NewTicker(time.Second / eventsASecond)
	defer tick.Stop()
	for n := range took {
		<-tick.C
		all.Go(func() {
			body := fmt.Appendf(nil, `{"id": "evt_rate%d", "object": "event", "type": "invoice.updated", "created": %d, "data": {"object": {"id": %q}}}`, n, h.now().Unix(), objects[n%len(objects)])
			began := time.Now()
			took[n] = time.Hour
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+h.listener.Addr().String()+"/webhooks/stripe", bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			request.Host = "app.localhost"
			request.Header.Set("Stripe-Signature", stripesim.Sign(h.now(), body, modelSecret))
			answer, err := client.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			_ = answer.Body.Close()
			if took[n] = time.Since(began); answer.StatusCode != http.StatusOK {
				t.Errorf("answered %s", answer.Status)
			}
		})
	}
	all.Wait()
	close(gone)
	pages := <-looked
	left := h.count("river.river_job WHERE state IN ('available', 'running', 'retryable') AND queue = 'stripe'")
	h.finishes()
	if n := h.count("stripe_event WHERE state = 'done'"); n != known+len(took) {
		t.Errorf("%d events are done, want %d", n, known+len(took))
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	t.Logf("%d events at %d a second on %d cores, beside %d pages: p50 %s, p99 %s, the slowest %s; %d were still to be looked at", len(took), eventsASecond, runtime.NumCPU(), pages, p50, p99, took[len(took)-1], left)
	if *rateTime > time.Second && p99 >= 20*time.Millisecond {
		t.Errorf("p99 is %s", p99)
	}
}
