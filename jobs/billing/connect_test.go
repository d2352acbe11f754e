package billing_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/cmd/stripesim"
	"atrium/cmd/stripesim/simtest"
	"atrium/jobs/billing"
)

// door is one to a stand-in that checks what goes through it.
func door(t *testing.T) (*billing.Door, *stripesim.Server) {
	t.Helper()
	sim := simtest.Start(t, stripesim.Options{Now: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), Business: "Hosting"})
	return billing.New(billing.Config{Key: simtest.Key, URL: sim.URL, Time: 5 * time.Second}), sim
}

// A Stripe account is made once, its owner is led to Stripe, and what Stripe says of it then counts.
func TestSellerIsMadeAndAsked(t *testing.T) {
	t.Parallel()
	d, sim := door(t)
	own, err := d.Seller(t.Context(), "")
	if err != nil || own.Name != "Hosting" || !own.Platform || !own.Ready() {
		t.Errorf("the installation's own: %+v, %v", own, err)
	}
	n := billing.NewSeller{AccountID: uuid.New(), Name: "Acme", Email: "maya@acme.example", URL: "https://acme.example"}
	id, err := d.MakeSeller(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := d.MakeSeller(t.Context(), n); err != nil || again != id {
		t.Errorf("asked again it is %s and not %s: %v", again, id, err)
	}
	if s, err := d.Seller(t.Context(), id); err != nil || s.Ready() || s.Missing == 0 || s.Name != "Acme" || s.Platform {
		t.Errorf("before: %+v, %v", s, err)
	}
	to, err := d.Onboard(t.Context(), id, "https://app.example/back", "https://app.example/again")
	if err != nil || !strings.HasPrefix(to, sim.URL) {
		t.Errorf("it leads to %q: %v", to, err)
	}
	if err := sim.Onboard(id); err != nil {
		t.Fatal(err)
	}
	if s, err := d.Seller(t.Context(), id); err != nil || !s.Ready() || !s.Payouts || s.Missing != 0 {
		t.Errorf("after: %+v, %v", s, err)
	}
	if err := sim.Deauthorize(id); err != nil {
		t.Fatal(err)
	}
	var busy billing.Busy
	if _, err := d.Seller(t.Context(), id); err == nil || errors.As(err, &busy) {
		t.Errorf("whose owner took the access away: %v", err)
	}
	if _, err := d.Seller(t.Context(), "acct_nobody"); err == nil {
		t.Error("one that is not there is answered")
	}
	sim.Fail(stripesim.Fault{Kind: stripesim.BadGateway, Count: -1})
	if _, err := d.Seller(t.Context(), ""); !errors.As(err, &busy) {
		t.Errorf("Stripe is away: %v", err)
	}
}

// An endpoint is made for our version and found again by its address; others' are not ours.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	d, sim := door(t)
	const address = "https://app.example/webhooks/stripe"
	step := func(params map[string]string) {
		t.Helper()
		if _, err := sim.Seed(stripesim.Step{Path: "/v1/webhook_endpoints", Params: params}); err != nil {
			t.Fatal(err)
		}
	}
	step(map[string]string{"url": "https://elsewhere.example", "enabled_events[0]": "*"})
	if found, err := d.Endpoints(t.Context(), address); err != nil || len(found) != 0 {
		t.Errorf("before: %+v, %v", found, err)
	}
	secret, err := d.MakeEndpoint(t.Context(), address, false, "once")
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("%q, %v", secret, err)
	}
	if again, err := d.MakeEndpoint(t.Context(), address, false, "once"); err != nil || again != secret {
		t.Errorf("asked again: %v", err)
	}
	found, err := d.Endpoints(t.Context(), address)
	if err != nil || len(found) != 1 || !found[0].Fits() || found[0].Connect || found[0].Version != billing.APIVersion {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := d.MakeEndpoint(t.Context(), address, true, "connected"); err != nil {
		t.Fatal(err)
	}
	if found, err := d.Endpoints(t.Context(), address); err != nil || len(found) != 2 || !found[0].Connect || !found[0].Fits() {
		t.Errorf("with that of connected accounts: %+v, %v", found, err)
	}
	for _, wrong := range []map[string]string{
		{"api_version": "2020-08-27", "enabled_events[0]": "*"}, {"enabled_events[0]": "*"},
		{"api_version": billing.APIVersion, "enabled_events[0]": "invoice.paid"},
	} {
		wrong["url"] = "https://wrong.example"
		step(wrong)
	}
	if found, err := d.Endpoints(t.Context(), "https://wrong.example"); err != nil || len(found) != 3 || found[0].Fits() || found[1].Fits() || found[2].Fits() {
		t.Errorf("those that do not fit: %+v, %v", found, err)
	}
}
