package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestMetrics reads the figures of a program that was visited and has sent a mail: requests by route, queries by name, and what
// the database tells of jobs and mails; nothing in them names a person or an account.
func TestMetrics(t *testing.T) {
	t.Parallel()
	figures := freeAddr(t)
	s := startSite(t, nil, "METRICS_ADDR="+figures, "SLOW_QUERY=1ns")
	s.createAccount("acme", "Acme Coaching", "maya@acme.example")
	s.mail("maya@acme.example")
	until(t, 20*time.Second, "the portal", func() bool { return newVisitor(t).open(s.portal("acme", "/sign-in")).status == http.StatusOK })
	newVisitor(t).open(s.portal("acme", "/no-such-page"))
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := newVisitor(t).open(s.admin(path)).status; got != http.StatusOK {
			t.Errorf("%s: %d", path, got)
		}
	}

	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/": 404} { // for programs that have no other address
		if got := newVisitor(t).open("http://" + figures + path).status; got != want {
			t.Errorf("%s beside the figures: %d, want %d", path, got, want)
		}
	}
	s.stopping.Store(true)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503} {
		if got := newVisitor(t).open("http://" + figures + path).status; got != want {
			t.Errorf("%s of one that is about to stop: %d, want %d", path, got, want)
		}
	}

	s.metrics.GaveUp("contacts/index")
	var said string
	wanted := []string{`atrium_request_seconds_count{method="GET",route="/sign-in",side="portal",status="200"}`, `side="portal",status="404"`,
		`atrium_query_seconds_count{query="AccountList"}`, `atrium_query_seconds_count{query="river"}`, `atrium_requests_turned_away_total{signed_in="false"} 0`, `atrium_mails_day{state="sent"} 1`, "atrium_mail_oldest_seconds 0", "atrium_stripe_event_oldest_seconds 0", "atrium_stripe_events_failed 0",
		`atrium_database_connections_most`, "atrium_clock_ahead_seconds ", `atrium_templates_gave_up_total{template="contacts/index"} 1`, `atrium_build{version=`, "go_goroutines", "process_resident_memory_bytes"}
	for _, part := range wanted {
		until(t, 10*time.Second, part, func() bool {
			said = newVisitor(t).open("http://" + figures + "/metrics").page
			return strings.Contains(said, part)
		})
	}
	for _, private := range []string{"acme", "maya"} {
		if strings.Contains(said, private) {
			t.Errorf("the figures hold %q", private)
		}
	}
	if !strings.Contains(s.said.String(), `msg="slow query" query=AccountList`) {
		t.Errorf("no slow query was logged by its name: %s", s.said.String())
	}
}
