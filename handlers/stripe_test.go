package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const stripeSecret = "whsec_of_the_tests"

// report sends an event to the webhook as Stripe does, signed for a time.
func (s *testSite) report(t testing.TB, event, secret string, at time.Time) int {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), event)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.dial+"/webhooks/stripe", strings.NewReader(event))
	if err != nil {
		t.Fatal(err)
	}
	request.Host = s.Addresses.AppHost
	request.Header.Set("Stripe-Signature", fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil))))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = response.Body.Close() // only its status counts
	return response.StatusCode
}

func stripeEvent(id string) string {
	return fmt.Sprintf(`{"id": %q, "object": "event", "type": "checkout.session.completed", "created": 1773144000, "data": {"object": {"id": "cs_test_1"}}}`, id)
}

func withStripe(c *Config) { c.StripeSecrets = []string{stripeSecret} }

// An event is kept once, with one job, however often and however much at once it is reported.
func TestStripeWebhookTakesEventsOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, withStripe)
	var reports sync.WaitGroup
	for range 8 {
		reports.Go(func() {
			if status := s.report(t, stripeEvent("evt_1"), stripeSecret, noon); status != http.StatusOK {
				t.Errorf("status %d", status)
			}
		})
	}
	reports.Wait()
	s.rows(t, 1, "stripe_event WHERE id = 'evt_1' AND stripe_account = '' AND object_id = 'cs_test_1' AND state = 'waiting' AND created_at = '2026-03-10 12:00Z'")
	s.inserted(t, "stripe_event")
	if status := s.report(t, stripeEvent("evt_2"), stripeSecret, noon); status != http.StatusOK {
		t.Errorf("the next one: status %d", status)
	}
	s.rows(t, 2, "stripe_event")
}

// What is not signed, or not for now, or not an event, leaves nothing behind.
func TestStripeWebhookRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t, withStripe)
	for name, c := range map[string]struct {
		event, secret string
		at            time.Time
		status        int
	}{
		"another secret":  {stripeEvent("evt_1"), "whsec_x", noon, http.StatusBadRequest},
		"too old":         {stripeEvent("evt_1"), stripeSecret, noon.Add(-time.Hour), http.StatusBadRequest},
		"from the future": {stripeEvent("evt_1"), stripeSecret, noon.Add(time.Hour), http.StatusBadRequest},
		"no event":        {`{"id": "x"}`, stripeSecret, noon, http.StatusBadRequest},
		"over 1 MB":       {stripeEvent("evt_" + strings.Repeat("1", formMost)), stripeSecret, noon, http.StatusRequestEntityTooLarge},
	} {
		if status := s.report(t, c.event, c.secret, c.at); status != c.status {
			t.Errorf("%s: status %d", name, status)
		}
	}
	s.rows(t, 0, "stripe_event")
	if len(s.jobs(t)) != 0 {
		t.Error("jobs were inserted")
	}
}

// Without a secret nothing is signed, also not by the empty one.
func TestStripeWebhookWithoutSecret(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if status := s.report(t, stripeEvent("evt_1"), "", noon); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
	s.rows(t, 0, "stripe_event")
}
