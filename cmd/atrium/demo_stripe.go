package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"atrium/cmd/stripesim"
	"atrium/jobs/billing"
)

// demoStripeKey is the key of the demo's stand-in, which takes no other.
const demoStripeKey = "sk_test_of_the_demo"

// demoPast is how long before the demo's first start its businesses began to sell.
const demoPast = 75 * 24 * time.Hour

// demoStripe is the stand-in for Stripe that the demo sells through. It is in this process and on loopback only; no money moves.
// What was done with it is kept beside the database, in a journal, so that both know the same after a restart. What is lost:
// reports that were on their way, and disturbances that somebody had it make by its control API.
type demoStripe struct {
	*stripesim.Server
	place string // the file that keeps its address; empty: none does
}

// startDemoStripe starts it where it was the last time, so that the addresses of its pages stay, or elsewhere when that is taken.
// An empty folder keeps nothing. Its clock stands in the past until the demo has been written, see settle.
func startDemoStripe(dir string, now time.Time) (demoStripe, error) {
	options := stripesim.Options{SecretKey: demoStripeKey, Now: now.Add(-demoPast), Business: "Atrium’s demo", AfterRetries: "past_due"}
	if dir == "" {
		s, err := stripesim.Start(options)
		return demoStripe{Server: s}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return demoStripe{}, err
	}
	place := filepath.Join(dir, "address")
	last, err := os.ReadFile(place)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return demoStripe{}, err
	}
	options.Journal, options.Addr = filepath.Join(dir, "journal"), string(last)
	s, err := stripesim.Start(options)
	if err != nil && options.Addr != "" {
		options.Addr = ""
		s, err = stripesim.Start(options)
	}
	return demoStripe{s, place}, err
}

// stay keeps the address for the next start. Not before the database is ours: a second start on the same folder is somewhere else, and
// ends.
func (d demoStripe) stay() error {
	if d.place == "" {
		return nil
	}
	return os.WriteFile(d.place, []byte(strings.TrimPrefix(d.URL, "http://")), 0o600)
}

// prepare writes the demo and what it has sold, once, has the stand-in report to this program, and lets its clock run.
func (d demoStripe) prepare(ctx context.Context, pr *program) error {
	if err := d.stay(); err != nil {
		return err
	}
	fresh, err := pr.isFresh(ctx)
	if err != nil {
		return err
	}
	if err := seedDemo(ctx, pr); err != nil {
		return err
	}
	if fresh {
		d.Reset() // of a database that is gone, perhaps
		if err := d.sell(ctx, pr); err != nil {
			return fmt.Errorf("what the demo has sold: %w", err)
		}
	}
	if err := d.settle(); err != nil {
		return err
	}
	return d.report(ctx, pr)
}

// settle has everything happen that is due by now, and lets the clock run.
func (d demoStripe) settle() error {
	if now := time.Now(); d.Now().Before(now) {
		if err := d.AdvanceTo(now); err != nil {
			return err
		}
	}
	d.Run()
	return nil
}

// report has the stand-in tell this program what happens, at the address it has this time. A secret is answered only when an
// endpoint is made, so they are made anew with each start, one for its own account and one for the connected ones.
func (d demoStripe) report(ctx context.Context, pr *program) error {
	var there struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := d.ask(ctx, http.MethodGet, "/v1/webhook_endpoints?limit=100", nil, &there); err != nil {
		return err
	}
	for _, old := range there.Data {
		if err := d.ask(ctx, http.MethodDelete, "/v1/webhook_endpoints/"+old.ID, nil, nil); err != nil {
			return err
		}
	}
	door := billing.New(billing.Config{Key: demoStripeKey, URL: d.URL})
	pr.c.StripeWebhookSecrets = nil
	for _, connect := range []bool{false, true} {
		secret, err := door.MakeEndpoint(ctx, pr.addresses.Admin()+"/webhooks/stripe", connect, "")
		if err != nil {
			return err
		}
		pr.c.StripeWebhookSecrets = append(pr.c.StripeWebhookSecrets, secret)
	}
	return nil
}

// ask makes a call of the API, or presses a button of a page, which the door has no use for.
func (d demoStripe) ask(ctx context.Context, method, path string, values url.Values, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, d.URL+strings.TrimPrefix(path, d.URL), strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+demoStripeKey)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := demoAsks.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // it is read to its end
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, body)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(body, answer)
}

// demoAsks goes where it is told and not on from there: a page of the stand-in's leads back to a portal that is not up yet.
var demoAsks = &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
