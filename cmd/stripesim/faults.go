package stripesim

import (
	"context"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// Kind is what goes wrong with a call.
type Kind string

// The kinds. "Nothing is done" means that the call had no effect and its idempotency key is still unused.
const (
	RateLimited Kind = "429"        // with Retry-After; nothing is done
	ServerError Kind = "500"        // nothing is done, but the idempotency key answers 500 for a day, as Stripe documents it
	Unavailable Kind = "503"        // nothing is done
	Conflict    Kind = "409"        // the idempotency key is in use by another call; nothing is done
	BadGateway  Kind = "502"        // a page of HTML from something in between; nothing is done
	Slow        Kind = "delay"      // done and answered, Delay later
	Hang        Kind = "hang"       // never answered; nothing is done
	Broken      Kind = "reset"      // the connection breaks; nothing is done
	Truncated   Kind = "truncated"  // done, but only half of the answer arrives
	LostReply   Kind = "lost_reply" // done, but the connection breaks instead of an answer
)

// Fault makes calls of the API go wrong. The first that fits is used up by a call.
type Fault struct {
	Method string        `json:"method"`   // empty: any
	Path   string        `json:"path"`     // a pattern: /v1/invoices/*/pay, /v1/customers; empty: any. A * is one part of the path
	Count  int           `json:"count"`    // for how many calls; 0: one, negative: all
	Kind   Kind          `json:"kind"`     // one of the above
	After  int           `json:"after"`    // so many calls that fit go well first
	Delay  time.Duration `json:"delay_ns"` // for Slow, and as Retry-After of RateLimited in whole seconds
}

// Fail has calls go wrong from now on.
func (s *Server) Fail(fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fault.Count == 0 {
		fault.Count = 1
	}
	s.faults = append(s.faults, &fault)
}

// Mend takes all faults away that were not used up, and says how many there were.
func (s *Server) Mend() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := len(s.faults)
	s.faults = nil
	return left
}

// fault is what goes wrong with a call; nil: nothing.
func (s *Server) fault(r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, f := range s.faults {
		if f.Method != "" && f.Method != r.Method {
			continue
		}
		if fits, err := path.Match(f.Path, r.URL.Path); f.Path != "" && (err != nil || !fits) {
			continue
		}
		if f.After > 0 {
			f.After--
			return nil
		}
		chosen := *f
		if f.Count--; f.Count == 0 {
			s.faults = append(s.faults[:n:n], s.faults[n+1:]...)
		}
		return &chosen
	}
	return nil
}

func (f *Fault) is(kind Kind) bool { return f != nil && f.Kind == kind }

// before does what a fault does instead of the call, and says whether it was one of those.
func (f *Fault) before(ctx context.Context, w http.ResponseWriter, r *http.Request) bool {
	if f == nil {
		return false
	}
	refused := &Error{Type: "api_error", Message: "This is a fault that was asked for."}
	switch f.Kind {
	case RateLimited:
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(f.Delay/time.Second))))
		refused.Status, refused.Type, refused.Code = http.StatusTooManyRequests, "invalid_request_error", "rate_limit"
	case Unavailable:
		refused.Status = http.StatusServiceUnavailable
	case Conflict:
		refused.Status, refused.Type, refused.Code = http.StatusConflict, "idempotency_error", "idempotency_key_in_use"
	case BadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		w.Write([]byte("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"))
		return true
	case Hang:
		wait(ctx, r, time.Hour)
		return true
	case Broken:
		cut(w)
		return true
	case Slow:
		wait(ctx, r, f.Delay)
		return false
	default:
		return false
	}
	status, answer, _ := encode(nil, refused)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(answer)
	return true
}

// wait ends early when the caller goes or the server is closed.
func wait(ctx context.Context, r *http.Request, most time.Duration) {
	select {
	case <-time.After(most):
	case <-r.Context().Done():
	case <-ctx.Done():
	}
}

// write sends an answer, or what the fault leaves of it.
func (f *Fault) write(w http.ResponseWriter, status int, answer []byte) {
	switch {
	case f.is(LostReply):
		cut(w)
	case f.is(Truncated):
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		w.WriteHeader(status)
		w.Write(answer[:len(answer)/2])
		_ = http.NewResponseController(w).Flush() // the caller may be gone
		panic(http.ErrAbortHandler)               // the rest never comes
	default:
		w.WriteHeader(status)
		w.Write(answer)
	}
}

// cut breaks the connection in the middle of the first line of an answer. Not before it: Go's transport sends a request that has an
// idempotency key again by itself when nothing at all has come back, and nobody would see the fault.
func cut(w http.ResponseWriter) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = buffered.WriteString("HTTP/1.1 20") // the caller may be gone
	_ = buffered.Flush()
	_ = conn.Close()
}

// kinds are all there are, for the control API.
var kinds = strings.Fields("429 500 503 409 502 delay hang reset truncated lost_reply")
