package stripesim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Step is one call of the API that a seed makes.
type Step struct {
	Method  string            `json:"method"` // empty: POST
	Path    string            `json:"path"`
	Account string            `json:"account"` // connected; empty: the platform
	Params  map[string]string `json:"params"`  // as they are sent: recurring[interval]
}

// Seed makes the calls one after the other, past all faults, and returns what each was answered. It stops at the first that is refused.
func (s *Server) Seed(steps ...Step) ([]json.RawMessage, error) {
	var answers []json.RawMessage
	for _, step := range steps {
		if step.Method == "" {
			step.Method = http.MethodPost
		}
		values := url.Values{}
		for key, value := range step.Params {
			values.Set(key, value)
		}
		answer, err := s.seedStep(step, values.Encode())
		if err != nil {
			return answers, fmt.Errorf("stripesim: %s %s: %w", step.Method, step.Path, err)
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

func (s *Server) seedStep(step Step, body string) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(s.ctx, step.Method, s.URL+step.Path, nil)
	if err != nil {
		return nil, err
	}
	_, pattern := s.mux.Handler(request)
	do, there := endpoints[pattern]
	if !there {
		return nil, errors.New("there is no such endpoint")
	}
	key := s.options.SecretKey
	if key == "" {
		key = "sk_test_seed"
	}
	request.Header.Set("Authorization", "Bearer "+key)
	if step.Account != "" {
		request.Header.Set("Stripe-Account", step.Account)
	}
	request.SetPathValue("id", idIn(pattern, request.URL.Path))
	exchange := Exchange{Method: step.Method, Path: step.Path, Body: body, Pattern: pattern}
	status, answer, _ := s.answer(request, &exchange, do, nil)
	if status != http.StatusOK {
		return nil, errors.New(string(bytes.TrimSpace(answer)))
	}
	return answer, nil
}

// idIn is the part of a path that a pattern calls {id}; empty: it has none.
func idIn(pattern, path string) string {
	names, parts := strings.Split(pattern, "/"), strings.Split(path, "/")
	if at := slices.Index(names, "{id}"); at >= 0 && at < len(parts) {
		return parts[at]
	}
	return ""
}

// control is one command of the control API: what it reads, and what it does.
func control[In any](do func(In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&in)
		if err == nil || errors.Is(err, io.EOF) {
			var out any
			if out, err = do(in); err == nil {
				w.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(w).Encode(out) // a caller that has gone
				return
			}
		}
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

// routeControl is the control API: the methods of Server as JSON below /_control/, for who is not in this process.
func (s *Server) routeControl() {
	type target struct {
		ID      string   `json:"id"`
		IDs     []string `json:"ids"`
		Good    bool     `json:"good"` // settled, won
		Outcome Outcome  `json:"outcome"`
		Reason  string   `json:"reason"`
	}
	done := map[string]bool{"done": true}
	on := func(do func(target) error) http.HandlerFunc {
		return control(func(in target) (any, error) { return done, do(in) })
	}
	for pattern, do := range map[string]http.HandlerFunc{
		"POST /_control/reset": on(func(target) error { s.Reset(); return nil }),
		"POST /_control/seed":  control(func(steps []Step) (any, error) { return s.Seed(steps...) }),
		"POST /_control/clock": control(func(in struct {
			Seconds int64 `json:"advance_seconds"`
		}) (any, error) {
			err := s.Advance(time.Duration(in.Seconds) * time.Second)
			return map[string]time.Time{"now": s.Now()}, err
		}),
		"POST /_control/faults": control(func(in Fault) (any, error) {
			if !slices.Contains(kinds, string(in.Kind)) {
				return nil, fmt.Errorf("kind is one of %v", kinds)
			}
			s.Fail(in)
			return done, nil
		}),
		"DELETE /_control/faults":          control(func(struct{}) (any, error) { return map[string]int{"left": s.Mend()}, nil }),
		"POST /_control/webhooks/mischief": control(func(in Mischief) (any, error) { s.Misdeliver(in); return done, nil }),
		"POST /_control/webhooks/hold":     on(func(target) error { s.Hold(); return nil }),
		"POST /_control/webhooks/release":  on(func(in target) error { return s.Release(in.IDs...) }),
		"POST /_control/webhooks/resend":   on(func(in target) error { return s.Resend(in.ID) }),
		"POST /_control/webhooks/rotate": control(func(in target) (any, error) {
			secret, err := s.RotateSecret(in.ID)
			return map[string]string{"secret": secret}, err
		}),
		"POST /_control/webhooks/rotated": on(func(in target) error { return s.EndRotation(in.ID) }),
		"POST /_control/webhooks/wait": on(func(target) error {
			ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
			defer cancel()
			return s.WaitDelivered(ctx)
		}),
		"GET /_control/webhooks/deliveries": control(func(struct{}) (any, error) { return s.Deliveries(), nil }),
		"GET /_control/unknown":             control(func(struct{}) (any, error) { return s.Unknown(), nil }),
		"POST /_control/settle":             on(func(in target) error { return s.Settle(in.ID, in.Good) }),
		"POST /_control/outcome":            on(func(in target) error { return s.SetOutcome(in.ID, in.Outcome) }),
		"POST /_control/dispute": control(func(in target) (any, error) {
			id, err := s.Dispute(in.ID, in.Reason)
			return map[string]string{"id": id}, err
		}),
		"POST /_control/dispute/close": on(func(in target) error { return s.CloseDispute(in.ID, in.Good) }),
		"POST /_control/refund/fail":   on(func(in target) error { return s.FailRefund(in.ID) }),
		"POST /_control/onboard":       on(func(in target) error { return s.Onboard(in.ID) }),
		"POST /_control/deauthorize":   on(func(in target) error { return s.Deauthorize(in.ID) }),
	} {
		s.mux.HandleFunc(pattern, do)
	}
}
