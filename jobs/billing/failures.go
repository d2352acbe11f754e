package billing

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// ErrPaidMeanwhile says that what was to be ended for want of money has it, or that it is on its way.
var ErrPaidMeanwhile = errors.New("it is paid, or about to be")

// ErrNotThere says that Stripe knows no such thing.
var ErrNotThere = errors.New("Stripe does not know it")

// ErrNoCustomer says that a customer was deleted at Stripe, for good: whoever it was can be another one there.
var ErrNoCustomer = errors.New("Stripe has this customer no more")

// ErrNotForSale says that somebody archived or deleted at Stripe what is to be sold.
var ErrNotForSale = errors.New("Stripe sells this no more")

// ErrOnItsWay says that somebody else's call with the same key has not been answered yet; it is a cause of Busy
// (https://docs.stripe.com/api/errors, idempotency_key_in_use).
var ErrOnItsWay = errors.New("the same call is on its way")

// Busy says that Stripe cannot answer now: too many calls, a fault of its own, or the line. The same call may go through
// later, and because of its key it does nothing twice.
type Busy struct {
	Cause error
	After time.Duration // how long Stripe asks to wait; 0: it does not say
}

func (b Busy) Error() string { return "Stripe cannot answer now: " + b.Cause.Error() }

// Unwrap is the cause.
func (b Busy) Unwrap() error { return b.Cause }

// Refused says that Stripe will not do it, and asking again does not help.
type Refused struct {
	Message string // Stripe's words, in English, for staff
	Cause   error
}

func (r Refused) Error() string { return "Stripe refused: " + r.Message }

// Unwrap is the cause.
func (r Refused) Unwrap() error { return r.Cause }

// kind turns what the library says into the door's kinds. What is no answer of Stripe's API, such as a proxy's page, a
// time-out or a reset, is a line that failed.
func kind(err error) error {
	var answer *stripe.Error
	var wait held
	var ready, busy = Refused{}, Busy{}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotThere), errors.As(err, &busy), errors.As(err, &ready):
		return err // it was one of these before
	case errors.As(err, &wait):
		return Busy{err, wait.after}
	case !errors.As(err, &answer):
		return Busy{Cause: err}
	case answer.HTTPStatusCode == http.StatusTooManyRequests && answer.LastResponse != nil:
		return Busy{err, retryAfter(answer.LastResponse.Header)}
	case answer.Code == stripe.ErrorCodeResourceMissing && answer.Param == "customer":
		return errors.Join(ErrNoCustomer, ErrNotThere, err)
	case notForSale(answer):
		return errors.Join(ErrNotForSale, Refused{answer.Msg, err})
	case answer.HTTPStatusCode == http.StatusNotFound || answer.Code == stripe.ErrorCodeResourceMissing:
		return errors.Join(ErrNotThere, err)
	case answer.HTTPStatusCode == http.StatusConflict:
		return Busy{Cause: errors.Join(ErrOnItsWay, err)}
	case answer.HTTPStatusCode == http.StatusTooManyRequests, answer.HTTPStatusCode >= 500:
		return Busy{Cause: err}
	}
	return Refused{answer.Msg, err}
}

// notForSale says whether something was not begun because of what it is to be for. Stripe has no code for it.
func notForSale(answer *stripe.Error) bool {
	gone := answer.Code == stripe.ErrorCodeResourceMissing || strings.Contains(answer.Msg, "active")
	return strings.HasPrefix(answer.Param, "line_items") && gone || strings.Contains(answer.Msg, "product is not active")
}

// Pause is how long to wait before the nth try, n from 1 on: doubling from two seconds, at most an hour.
func Pause(n int) time.Duration {
	return min(2*time.Second<<min(n-1, 12), time.Hour)
}
