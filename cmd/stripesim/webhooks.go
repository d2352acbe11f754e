package stripesim

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Mischief is what goes wrong on the way of events. The first one that fits an event is used up by it.
type Mischief struct {
	Type      string        `json:"type"`       // of the events: invoice.paid, invoice.*; empty: any
	Count     int           `json:"count"`      // for how many deliveries; 0: one, negative: all
	Drop      bool          `json:"drop"`       // they never arrive
	Duplicate int           `json:"duplicate"`  // so many times more than once
	Delay     time.Duration `json:"delay_ns"`   // they arrive later, behind what comes meanwhile
	BadSecret bool          `json:"bad_secret"` // they are signed with a secret of nobody's
	Age       time.Duration `json:"age_ns"`     // their signature is so old; negative: from the future
}

func newWebhooks() *webhooks {
	return &webhooks{queues: map[string][]*Delivery{}, pumping: map[string]bool{}}
}

// next is the mischief for an event; the zero value: none.
func (hooks *webhooks) next(kind string) Mischief {
	for n, m := range hooks.mischief {
		if m.Type != "" && !matches(m.Type, kind) {
			continue
		}
		chosen := *m
		if m.Count--; m.Count == 0 {
			hooks.mischief = slices.Delete(hooks.mischief, n, n+1)
		}
		return chosen
	}
	return Mischief{}
}

// Misdeliver has something go wrong with the events that come from now on.
func (s *Server) Misdeliver(m Mischief) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Count == 0 {
		m.Count = 1
	}
	s.webhooks.mischief = append(s.webhooks.mischief, &m)
}

// Hold keeps events back from now on, until Release.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhooks.holding = true
}

// Release sends held events in the order of these event ids, and goes on holding the others. Without ids it sends all in the order
// they happened and ends the holding.
func (s *Server) Release(events ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(events) == 0 {
		s.webhooks.holding = false
		for _, d := range s.webhooks.held {
			s.send(d, d.mischief.Delay)
		}
		s.webhooks.held = nil
		return nil
	}
	for _, event := range events {
		found := false
		s.webhooks.held = slices.DeleteFunc(s.webhooks.held, func(d *Delivery) bool {
			if d.Event != event {
				return false
			}
			found = true
			s.send(d, d.mischief.Delay)
			return true
		})
		if !found {
			return fmt.Errorf("stripesim: no event %s is held", event)
		}
	}
	return nil
}

// Resend delivers an event once more, to all who listen to it today.
func (s *Server) Resend(event string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.everyBooks() {
		if e := b.events.get(event); e != nil {
			b.deliver(e)
			return nil
		}
	}
	return fmt.Errorf("stripesim: there is no event %s", event)
}

// RotateSecret gives an endpoint a new secret. Until EndRotation its events carry two signatures, of the new one and the old.
func (s *Server) RotateSecret(endpoint string) (secret string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.endpoint(endpoint)
	if err != nil {
		return "", err
	}
	secret = secretOf(e.ID, byte(s.newNumber("rotation")))
	e.secrets = []string{secret, e.secrets[0]}
	return secret, nil
}

// EndRotation lets the old secret of an endpoint go.
func (s *Server) EndRotation(endpoint string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.endpoint(endpoint)
	if err == nil {
		e.secrets = e.secrets[:1]
	}
	return err
}

func (s *Server) newNumber(of string) int {
	s.counters[of]++
	return s.counters[of]
}

func (s *Server) endpoint(id string) (*WebhookEndpoint, error) {
	for _, b := range s.everyBooks() {
		if e := b.webhookEndpoints.get(id); e != nil {
			return e, nil
		}
	}
	return nil, fmt.Errorf("stripesim: there is no webhook endpoint %s", id)
}

// Deliveries are all that were begun, oldest first, as they are now.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Delivery, 0, len(s.webhooks.log))
	for _, d := range s.webhooks.log {
		copied := *d
		copied.Attempts = slices.Clone(d.Attempts)
		all = append(all, copied)
	}
	return all
}

// WaitDelivered returns when no delivery is on its way any more, retries included. Held ones are not on their way.
func (s *Server) WaitDelivered(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.webhooks.waiting > 0 && ctx.Err() == nil && s.ctx.Err() == nil {
		s.changed.Wait()
	}
	return ctx.Err()
}
