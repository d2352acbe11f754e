package stripesim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// bodyLimit is more than any call of the API sends.
const bodyLimit = 1 << 20

// request is one call of the API.
type request struct {
	id, key string // its own id, and the idempotency key if it has one
}

// call is what an endpoint works with: the books of the account that is meant, and the id in the path.
type call struct {
	*books
	id     string
	params *form
	expand []string
	url    string // the path, which lists repeat
}

// endpoint answers one method and path, with an object or an error.
type endpoint func(c *call) (any, error)

// take makes an endpoint of a function with typed parameters; see form.read.
func take[P any](do func(*call, *P) (any, error)) endpoint {
	return func(c *call) (any, error) {
		var params P
		if err := c.params.read(&params); err != nil {
			return nil, early(err)
		}
		return do(c, &params)
	}
}

// early marks an error as found before anything was tried.
func early(err error) error {
	if refused := (*Error)(nil); errors.As(err, &refused) {
		refused.early = true
	}
	return err
}

// none are the parameters of endpoints without any.
type none struct{}

// serve answers a call of the API: faults come first, then the key, the account, the idempotency key, and the endpoint.
func (s *Server) serve(pattern string, do endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
		if err != nil {
			return // the caller is gone
		}
		exchange := Exchange{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body), Header: r.Header, Pattern: pattern}
		fault := s.fault(r)
		if fault.before(s.ctx, w, r) {
			return
		}
		status, answer, header := s.answer(r, &exchange, do, fault)
		exchange.Status, exchange.Answer = status, answer
		if s.options.Observe != nil {
			s.mu.Lock()
			s.options.Observe(exchange)
			s.mu.Unlock()
		}
		for name, values := range header {
			w.Header()[name] = values
		}
		fault.write(w, status, answer)
	}
}

// answer works under the lock and returns what is to be sent.
func (s *Server) answer(r *http.Request, exchange *Exchange, do endpoint, fault *Fault) (int, []byte, http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	s.current = &request{id: s.newID("req"), key: r.Header.Get("Idempotency-Key")}
	defer func() { s.current = nil }()
	header := http.Header{"Content-Type": {"application/json"}, "Request-Id": {s.current.id}, "Stripe-Version": {Version}}
	if s.current.key != "" {
		header.Set("Idempotency-Key", s.current.key)
	}
	if account := r.Header.Get("Stripe-Account"); account != "" {
		header.Set("Stripe-Account", account)
	}
	status, answer := s.once(r, exchange, header, func() (any, error) {
		if fault.is(ServerError) {
			return nil, &Error{Status: http.StatusInternalServerError, Type: "api_error", Message: "An unknown error occurred (a fault that was asked for)."}
		}
		c, err := s.understand(r, exchange)
		if err != nil {
			return nil, err
		}
		if do == nil {
			s.doesNotKnow(r.Method + " " + r.URL.Path)
			return nil, early(&Error{Status: http.StatusNotFound, Type: "invalid_request_error", Message: fmt.Sprintf("Unrecognized request URL (%s: %s). This stand-in knows only a part of Stripe.", r.Method, r.URL.Path)})
		}
		object, err := do(c)
		if unknown := (gap{}); errors.As(err, &unknown) {
			s.doesNotKnow(exchange.Pattern + ": " + unknown.refused.Param)
		}
		if err != nil {
			return nil, err
		}
		return c.expanded(object)
	})
	return status, answer, header
}

func (s *Server) doesNotKnow(what string) { s.unknown = append(s.unknown, what) }

// understand checks who asks and for which account, and reads the parameters.
func (s *Server) understand(r *http.Request, exchange *Exchange) (*call, error) {
	if err := s.checkKey(r); err != nil {
		return nil, early(err)
	}
	if version := r.Header.Get("Stripe-Version"); version != "" && version != Version {
		return nil, early(refuse("", "", "This stand-in speaks only version %s, not %s.", Version, version))
	}
	b, err := s.booksOf(r.Header.Get("Stripe-Account"))
	if err != nil {
		return nil, early(err)
	}
	params, err := parseForm(exchange.Query + "&" + exchange.Body)
	if err != nil {
		return nil, early(err)
	}
	return &call{books: b, id: r.PathValue("id"), expand: params.take("expand").strings(), params: params, url: r.URL.Path}, nil
}

func (s *Server) checkKey(r *http.Request) error {
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		key, _, _ = r.BasicAuth()
	}
	if strings.HasPrefix(key, "sk_test_") && (s.options.SecretKey == "" || key == s.options.SecretKey) {
		return nil
	}
	return &Error{Status: http.StatusUnauthorized, Type: "invalid_request_error", Message: "Invalid API Key provided: " + stars(key)}
}

// stars keeps a key out of logs.
func stars(key string) string {
	if len(key) <= 12 {
		return strings.Repeat("*", len(key))
	}
	return key[:8] + strings.Repeat("*", len(key)-12) + key[len(key)-4:]
}

// booksOf are the books that the Stripe-Account header means.
func (s *Server) booksOf(account string) (*books, error) {
	if account == "" {
		return s.platform, nil
	}
	if known := s.accounts.get(account); known == nil || known.deauthorized {
		return nil, &Error{Status: http.StatusForbidden, Type: "invalid_request_error", Code: "account_invalid",
			Message: fmt.Sprintf("The provided key does not have access to account '%s' (or that account does not exist). Application access may have been revoked.", account)}
	}
	return s.books[account], nil
}

// encode writes an object or an error as Stripe does.
func encode(object any, err error) (status int, answer []byte, isEarly bool) {
	status = http.StatusOK
	if err != nil {
		refused := (*Error)(nil)
		if !errors.As(err, &refused) {
			refused = &Error{Status: http.StatusInternalServerError, Type: "api_error", Message: "The stand-in failed: " + err.Error()}
		}
		status, isEarly = refused.Status, refused.early
		object = map[string]any{"error": refused}
	}
	answer, err = json.MarshalIndent(object, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("stripesim: an object cannot be written: %v", err))
	}
	return status, answer, isEarly
}
