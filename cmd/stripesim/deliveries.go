package stripesim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Account  string    `json:"account,omitempty"` // whose event it is; empty: the platform's
	Endpoint string    `json:"endpoint"`
	URL      string    `json:"url"`
	State    string    `json:"state"` // held, pending, delivered, failed (given up), dropped
	Attempts []Attempt `json:"attempts"`

	body     []byte
	secrets  []string
	mischief Mischief
	event    *Event
}

// Attempt is one request of a delivery.
type Attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"` // 0: there was no answer
	Error  string    `json:"error,omitempty"`
}

// The states of a delivery.
const (
	Held      = "held"
	Pending   = "pending"
	Delivered = "delivered"
	Failed    = "failed"
	Dropped   = "dropped"
)

// webhooks are the deliveries and what is to be done with them. An endpoint gets its events one after the other, in order.
type webhooks struct {
	log      []*Delivery
	holding  bool
	held     []*Delivery
	mischief []*Mischief
	queues   map[string][]*Delivery // by endpoint
	pumping  map[string]bool
	waiting  int // deliveries that are pending
}

// deliver hands an event to every endpoint that wants it.
func (b *books) deliver(event *Event) {
	places := []*books{b}
	if b.account != "" {
		places = append(places, b.s.platform)
	}
	for _, place := range places {
		for endpoint := range place.webhookEndpoints.all() {
			wants := endpoint.Status == "enabled" && endpoint.connect == (place != b) && matchesAny(endpoint.EnabledEvents, event.Type)
			if wants {
				b.s.post(event, endpoint)
			}
		}
	}
}

// post begins a delivery, as the first mischief that fits wants it.
func (s *Server) post(event *Event, endpoint *WebhookEndpoint) {
	shown := *event
	if endpoint.APIVersion != "" {
		shown.APIVersion = string(endpoint.APIVersion)
	}
	shown.PendingWebhooks = 1
	body, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		panic("stripesim: an event cannot be written: " + err.Error())
	}
	mischief := s.webhooks.next(event.Type)
	for range 1 + mischief.Duplicate {
		d := &Delivery{Event: event.ID, Type: event.Type, Account: event.Account, Endpoint: endpoint.ID, URL: endpoint.URL, body: body,
			secrets: slices.Clone(endpoint.secrets), mischief: mischief, event: event, Attempts: []Attempt{}}
		s.webhooks.log = append(s.webhooks.log, d)
		switch {
		case mischief.Drop:
			d.State = Dropped
		case s.webhooks.holding:
			d.State = Held
			s.webhooks.held = append(s.webhooks.held, d)
		default:
			s.send(d, mischief.Delay)
		}
	}
}

// send puts a delivery into its endpoint's queue, at once or later.
func (s *Server) send(d *Delivery, after time.Duration) {
	hooks := s.webhooks
	d.State = Pending
	d.event.PendingWebhooks++
	hooks.waiting++
	if after <= 0 {
		s.enqueue(hooks, d)
		return
	}
	s.later(after, func() { s.enqueue(hooks, d) })
}

// later does something under the lock after a pause, unless the server is closed before.
func (s *Server) later(after time.Duration, do func()) {
	s.begin(func() {
		select {
		case <-time.After(after):
			s.mu.Lock()
			defer s.mu.Unlock()
			do()
		case <-s.ctx.Done():
		}
	})
}

// begin starts something that Close waits for; after Close it starts nothing.
func (s *Server) begin(work func()) {
	if s.ctx.Err() == nil {
		s.running.Go(work)
	}
}

func (s *Server) enqueue(hooks *webhooks, d *Delivery) {
	hooks.queues[d.Endpoint] = append(hooks.queues[d.Endpoint], d)
	if !hooks.pumping[d.Endpoint] {
		hooks.pumping[d.Endpoint] = true
		s.begin(func() { s.pump(hooks, d.Endpoint) })
	}
}

// pump sends what waits for one endpoint until nothing does.
func (s *Server) pump(hooks *webhooks, endpoint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(hooks.queues[endpoint]) > 0 && s.ctx.Err() == nil {
		d := hooks.queues[endpoint][0]
		hooks.queues[endpoint] = hooks.queues[endpoint][1:]
		s.mu.Unlock()
		attempt := s.attempt(d)
		s.mu.Lock()
		s.attempted(hooks, d, attempt)
	}
	hooks.pumping[endpoint] = false
}

// attempted notes how an attempt went and plans the next one where it failed.
func (s *Server) attempted(hooks *webhooks, d *Delivery, attempt Attempt) {
	d.Attempts = append(d.Attempts, attempt)
	tries := len(d.Attempts)
	switch {
	case attempt.Status/100 == 2:
		d.State = Delivered
		d.event.PendingWebhooks--
	case tries <= s.options.WebhookRetries && s.ctx.Err() == nil:
		s.later(s.options.WebhookPause<<(tries-1), func() { s.enqueue(hooks, d) })
		return
	default:
		d.State = Failed
	}
	hooks.waiting--
	s.changed.Broadcast()
}

// webhookClient reaches this machine only, and follows no redirect, as Stripe does not.
var webhookClient = &http.Client{
	Timeout:       10 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{DialContext: dialLoopback, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Second},
}

// dialLoopback connects to this machine, under any name below localhost, and to nothing else.
func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%s is not on this machine, and the stand-in does not leave it", address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(host, port))
}

// attempt sends a delivery once. The signature tells the real time, because whoever checks it looks at a real clock.
func (s *Server) attempt(d *Delivery) Attempt {
	attempt := Attempt{At: time.Now()}
	request, err := http.NewRequestWithContext(s.ctx, http.MethodPost, d.URL, bytes.NewReader(d.body))
	if err != nil {
		attempt.Error = err.Error()
		return attempt
	}
	secrets := d.secrets
	if d.mischief.BadSecret {
		secrets = []string{"whsec_not_the_one"}
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	request.Header.Set("Stripe-Signature", Sign(attempt.At.Add(-d.mischief.Age), d.body, secrets...))
	answer, err := webhookClient.Do(request)
	if err != nil {
		attempt.Error = err.Error()
		return attempt
	}
	defer func() { _ = answer.Body.Close() }() // only its status counts
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10)
	attempt.Status = answer.StatusCode
	return attempt
}

// Sign is the Stripe-Signature of a body: t=…,v1=…, with one v1 for each secret.
func Sign(at time.Time, body []byte, secrets ...string) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	header := "t=" + seconds
	for _, secret := range secrets {
		sum := hmac.New(sha256.New, []byte(secret))
		sum.Write([]byte(seconds + "."))
		sum.Write(body)
		header += ",v1=" + hex.EncodeToString(sum.Sum(nil))
	}
	return header
}
