package billing

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/stripe/stripe-go/v76"
)

// keysMost is how many keys a call is tried with at once: each has to have met a fault of Stripe's own.
const keysMost = 4

// once makes a call that its key has happen only once. Stripe answers a key for a day as it did first, also with a fault of its own
// (https://docs.stripe.com/error-low-level#idempotency), so asking again would get that for a day. The call then goes on with another key,
// unless found says that it was done in spite of the fault; a nil found is for what may be done twice.
func once[T any](key string, found func() (done T, is bool, err error), call func(key string) (T, error)) (T, error) {
	for n := 1; ; n++ {
		with := key
		if n > 1 {
			with = fmt.Sprintf("%s-%d", key, n)
		}
		done, err := call(with)
		if key == "" || n == keysMost || !replayed(err) {
			return done, kind(err)
		}
		if found == nil {
			continue
		}
		if done, is, err := found(); err != nil || is {
			return done, kind(err)
		}
	}
}

// replayed says whether an answer is a fault of Stripe's that its key gets again.
func replayed(err error) bool {
	var answer *stripe.Error
	return errors.As(err, &answer) && answer.HTTPStatusCode >= http.StatusInternalServerError && answer.LastResponse != nil &&
		answer.LastResponse.Header.Get("Idempotent-Replayed") == "true"
}
