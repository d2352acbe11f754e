package billing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// sign is what Stripe documents: HMAC-SHA256 over the time, a point and the body.
// https://docs.stripe.com/webhooks#verify-manually
func sign(secret string, at time.Time, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

const body = `{"id": "evt_1", "object": "event", "account": "acct_1", "type": "checkout.session.completed", "created": 1764417600, "data": {"object": {"id": "cs_1"}}}`

func TestReadEvent(t *testing.T) {
	t.Parallel()
	secrets := []string{"whsec_new", "whsec_old"}
	stamped := func(at time.Time, signatures ...string) string {
		header := fmt.Sprintf("t=%d", at.Unix())
		for _, s := range signatures {
			header += "," + s
		}
		return header
	}
	for name, c := range map[string]struct {
		body, signature string
		fits            bool
	}{
		"the new secret":           {body, stamped(now, sign("whsec_new", now, body)), true},
		"the old one":              {body, stamped(now, sign("whsec_old", now, body)), true},
		"both":                     {body, stamped(now, sign("whsec_x", now, body), sign("whsec_old", now, body)), true},
		"a little late":            {body, stamped(now.Add(-4*time.Minute), sign("whsec_new", now.Add(-4*time.Minute), body)), true},
		"another secret":           {body, stamped(now, sign("whsec_x", now, body)), false},
		"the empty secret":         {body, stamped(now, sign("", now, body)), false},
		"another body":             {body + " ", stamped(now, sign("whsec_new", now, body)), false},
		"another time":             {body, stamped(now.Add(time.Second), sign("whsec_new", now, body)), false},
		"too old":                  {body, stamped(now.Add(-6*time.Minute), sign("whsec_new", now.Add(-6*time.Minute), body)), false},
		"from the future":          {body, stamped(now.Add(6*time.Minute), sign("whsec_new", now.Add(6*time.Minute), body)), false},
		"no signature":             {body, stamped(now), false},
		"no header":                {body, "", false},
		"a time that is none":      {body, "t=x," + sign("whsec_new", now, body), false},
		"signed, and no event":     {"{}", stamped(now, sign("whsec_new", now, "{}")), false},
		"signed, and not readable": {"<", stamped(now, sign("whsec_new", now, "<")), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			event, err := ReadEvent([]byte(c.body), c.signature, append(secrets, ""), now)
			if c.fits && (err != nil || event != Event{"acct_1", "evt_1", "checkout.session.completed", "cs_1", time.Unix(1764417600, 0).UTC()}) {
				t.Errorf("%+v, %v", event, err)
			}
			if !c.fits && !errors.Is(err, ErrSignature) {
				t.Errorf("%+v, %v", event, err)
			}
		})
	}
}
