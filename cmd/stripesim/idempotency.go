package stripesim

import (
	"fmt"
	"net/http"
	"time"
)

// kept is an answer that an idempotency key remembers for a day.
type kept struct {
	asked  string
	status int
	answer []byte
	at     int64
}

const keyLifetime = int64(24 * time.Hour / time.Second)

// once answers a call, or again what its idempotency key was answered first, 500 included, as Stripe says it does.
func (s *Server) once(r *http.Request, exchange *Exchange, header http.Header, do func() (any, error)) (int, []byte) {
	if s.current.key == "" || r.Method != http.MethodPost {
		status, answer, _ := encode(do())
		return status, answer
	}
	place := r.Header.Get("Stripe-Account") + " " + s.current.key
	asked := r.Method + " " + r.URL.Path + "?" + exchange.Query + "\n" + exchange.Body
	if before := s.keys[place]; before != nil && before.at+keyLifetime > s.now() {
		if before.asked != asked {
			status, answer, _ := encode(nil, &Error{Status: http.StatusBadRequest, Type: "idempotency_error",
				Message: fmt.Sprintf("Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '%s' if you meant to execute a different request.", s.current.key)})
			return status, answer
		}
		header.Set("Idempotent-Replayed", "true")
		return before.status, before.answer
	}
	status, answer, isEarly := encode(do())
	if !isEarly {
		s.keys[place] = &kept{asked, status, answer, s.now()}
	}
	return status, answer
}
