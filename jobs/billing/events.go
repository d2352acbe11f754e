package billing

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"
)

// EventTolerance is how far the clock of an event's signature may be from ours, either way.
const EventTolerance = 5 * time.Minute

// ErrSignature says that an event does not come from Stripe, or not from now.
var ErrSignature = errors.New("the signature does not fit")

// Event is what a webhook reports: a hint to look at an object.
type Event struct {
	Account string // the connected account it is about; empty: the installation's own
	ID      string
	Type    string
	Object  string // its id
	Created time.Time
}

// ReadEvent takes an event from a webhook's raw body when one of the secrets signed it within the tolerance of now. While a
// secret is being changed there are two. The library takes times of the future, so the time is looked at here.
// ErrSignature otherwise; a body that is signed and cannot be read is ErrSignature as well, since Stripe sends none.
func ReadEvent(body []byte, signature string, secrets []string, now time.Time) (Event, error) {
	if at, found := signedAt(signature); !found || at.Sub(now).Abs() > EventTolerance {
		return Event{}, ErrSignature
	}
	for _, secret := range secrets {
		if secret != "" && webhook.ValidatePayloadIgnoringTolerance(body, signature, secret) == nil {
			return readEvent(body)
		}
	}
	return Event{}, ErrSignature
}

// signedAt is the time in a signature: t=1492774577,v1=…
func signedAt(signature string) (at time.Time, found bool) {
	for part := range strings.SplitSeq(signature, ",") {
		if text, is := strings.CutPrefix(strings.TrimSpace(part), "t="); is {
			seconds, err := strconv.ParseInt(text, 10, 64)
			return time.Unix(seconds, 0), err == nil
		}
	}
	return at, false
}

func readEvent(body []byte) (Event, error) {
	var sent struct {
		ID      string `json:"id"`
		Account string `json:"account"`
		Type    string `json:"type"`
		Created int64  `json:"created"`
		Data    struct {
			Object struct {
				ID string `json:"id"`
			} `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &sent); err != nil || !strings.HasPrefix(sent.ID, "evt_") {
		return Event{}, errors.Join(ErrSignature, err)
	}
	event := Event{Account: sent.Account, ID: sent.ID, Type: sent.Type, Object: sent.Data.Object.ID, Created: time.Unix(sent.Created, 0).UTC()}
	if year := event.Created.Year(); strings.Contains(event.Account+event.ID+event.Type+event.Object, "\x00") || year < 1970 || year > 9999 {
		return Event{}, ErrSignature // Postgres would not take it
	}
	return event, nil
}
