package billing_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
	"atrium/jobs/billing"
)

// After a 429 nothing is asked of that Stripe account before the time that Stripe named, and of others all the same.
func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	other, err := d.MakeSeller(ctx, billing.NewSeller{AccountID: d.account, Name: "Lumen Studio", URL: "https://lumen.example"})
	check(t, err)
	d.sim.Fail(stripesim.Fault{Path: "/v1/invoices", Kind: stripesim.RateLimited, Delay: 40 * time.Second})
	var busy billing.Busy
	if _, err := d.Unsettled(ctx, ""); !errors.As(err, &busy) || busy.After != 40*time.Second {
		t.Fatalf("too many calls: %v", err)
	}
	if _, err := d.Unsettled(ctx, ""); !errors.As(err, &busy) || busy.After <= 30*time.Second || busy.After > 40*time.Second || !strings.Contains(err.Error(), "nothing is asked") {
		t.Errorf("asked at once: %v, to wait %s", err, busy.After)
	}
	if _, err := d.Unsettled(ctx, other); err != nil {
		t.Errorf("another account has to wait: %v", err)
	}
}

// A fault of Stripe's own, which the same key gets for a day, is got over: what was not done is done, and what was done though is found.
func TestFaultKeptByKeyIsGotOver(t *testing.T) {
	t.Parallel()
	d, ctx := newDesk(t), t.Context()
	n := d.invoice(t, "a")
	var busy billing.Busy
	for _, path := range []string{"/v1/invoices", "/v1/invoiceitems"} {
		d.sim.Fail(stripesim.Fault{Path: path, Method: http.MethodPost, Kind: stripesim.ServerError})
		if _, err := d.DraftInvoice(ctx, n); !errors.As(err, &busy) {
			t.Fatalf("%s: %v", path, err)
		}
	}
	id, err := d.DraftInvoice(ctx, n)
	check(t, err)
	d.is(t, id, "draft", 13550, 13550)
}

// However many want to, only so many ask one Stripe account at once, and those who ask another do not wait for them.
func TestCallsAtOnce(t *testing.T) {
	t.Parallel()
	var under, most atomic.Int32
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Stripe-Account") == "" {
			n := under.Add(1)
			defer under.Add(-1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			<-gone
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such invoice"}}`))
	}))
	defer server.Close()
	door := billing.New(billing.Config{Key: simtest.Key, URL: server.URL})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := door.Invoice(t.Context(), "", "in_1"); !errors.Is(err, billing.ErrNotThere) {
				t.Error(err)
			}
		})
	}
	for under.Load() < 4 && t.Context().Err() == nil {
		if _, err := door.Invoice(t.Context(), "acct_2", "in_1"); !errors.Is(err, billing.ErrNotThere) {
			t.Fatal(err)
		}
	}
	close(gone)
	all.Wait()
	if n := most.Load(); n != 4 {
		t.Errorf("%d calls at once", n)
	}
}

// Without a key nobody is asked, and what waits for Stripe goes on waiting.
func TestNoKeyAsksNobody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("somebody was asked") }))
	t.Cleanup(server.Close)
	door := billing.New(billing.Config{URL: server.URL})
	var busy billing.Busy
	if _, err := door.Invoice(t.Context(), "", "in_1"); !errors.As(err, &busy) || door.Open() {
		t.Errorf("open %v; %v", door.Open(), err)
	}
}
