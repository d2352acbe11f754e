// Package simtest starts a stand-in for Stripe for a test and holds it to Stripe's own description: every request is read as
// stripe-mock reads it, and every answer and event is compared with the OpenAPI document of the same version, where invented fields are
// refused. What does not fit fails the test, and so does asking for what the stand-in does not have.
//
// Only tests may import it; it brings two heavy libraries along.
package simtest

import (
	"testing"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"atrium/cmd/stripesim"
)

// Key is the secret key that API uses.
const Key = "sk_test_simtest"

// Start starts a stand-in that ends with the test, and checks all that goes in and out of it.
func Start(t testing.TB, options stripesim.Options) *stripesim.Server {
	t.Helper()
	document, err := described()
	if err != nil {
		t.Fatal(err)
	}
	observe, emitted := options.Observe, options.Emitted
	options.Observe = func(e stripesim.Exchange) {
		for _, problem := range document.exchange(e) {
			t.Errorf("%s %s (%d): %s", e.Method, e.Path, e.Status, problem)
		}
		if observe != nil {
			observe(e)
		}
	}
	options.Emitted = func(e *stripesim.Event) {
		for _, problem := range document.event(e) {
			t.Errorf("event %s: %s", e.Type, problem)
		}
		if emitted != nil {
			emitted(e)
		}
	}
	server, err := stripesim.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close the stand-in: %v", err)
		}
		for _, what := range server.Unknown() {
			t.Errorf("the stand-in does not have: %s", what)
		}
	})
	return server
}

// API is stripe-go, talking to a stand-in with all three of its backends and without retries of its own.
func API(server *stripesim.Server) *client.API {
	config := &stripe.BackendConfig{URL: stripe.String(server.URL), MaxNetworkRetries: stripe.Int64(0), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}}
	return client.New(Key, &stripe.Backends{
		API:     stripe.GetBackendWithConfig(stripe.APIBackend, config),
		Connect: stripe.GetBackendWithConfig(stripe.ConnectBackend, config),
		Uploads: stripe.GetBackendWithConfig(stripe.UploadsBackend, config),
	})
}
