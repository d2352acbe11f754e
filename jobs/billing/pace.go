package billing

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// callsAtOnce is how many calls one program has under way at one Stripe account. Stripe counts calls by account; what goes to
// one must neither use up all of its number nor all who could call.
const callsAtOnce = 4

// pace has calls of one Stripe account wait for each other, and makes none before the time that Stripe named when it had too many.
type pace struct {
	next  http.RoundTripper
	mutex sync.Mutex
	lanes map[string]*lane // by Stripe account
}

type lane struct {
	slots chan struct{}
	until time.Time // nothing is asked before; under the mutex of the pace
}

// held says that nothing was asked, because Stripe wants to be left alone for a while.
type held struct{ after time.Duration }

func (h held) Error() string {
	return fmt.Sprintf("Stripe had too many calls; nothing is asked for %s", h.after.Round(time.Second))
}

// RoundTrip is http.RoundTripper's.
func (p *pace) RoundTrip(r *http.Request) (*http.Response, error) {
	l, wait := p.lane(r.Header.Get("Stripe-Account"))
	if wait > 0 {
		return nil, refuse(r, held{wait})
	}
	select {
	case l.slots <- struct{}{}:
	case <-r.Context().Done():
		return nil, refuse(r, r.Context().Err())
	}
	defer func() { <-l.slots }()
	answer, err := p.next.RoundTrip(r)
	if err == nil && answer.StatusCode == http.StatusTooManyRequests {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if until := time.Now().Add(retryAfter(answer.Header)); until.After(l.until) {
			l.until = until
		}
	}
	return answer, err
}

// refuse closes the body, as a RoundTripper has to.
func refuse(r *http.Request, err error) error {
	if r.Body != nil {
		_ = r.Body.Close() // nothing was read of it
	}
	return err
}

func (p *pace) lane(account string) (l *lane, wait time.Duration) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if l = p.lanes[account]; l == nil {
		l = &lane{slots: make(chan struct{}, callsAtOnce)}
		p.lanes[account] = l
	}
	return l, time.Until(l.until)
}

// retryMost is the longest that is waited for because Stripe said so.
const retryMost = 10 * time.Minute

// retryAfter is how long Stripe asks to wait; 0: it does not say.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, retryMost)
}
