package billing

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// FuzzReadEvent: an event that nobody signed with a secret of ours is refused, whatever its header says; one that is signed is read as
// it is or refused, and holds only what the database takes.
func FuzzReadEvent(f *testing.F) {
	signed := fmt.Sprintf("t=%d,%s", now.Unix(), sign("whsec_right", now, body))
	for _, text := range []string{body, "", "{}", "null", "[]", `{"id":"evt_\u0000"}`, `{"id":1}`, `{"id":"evt_1","created":-9223372036854775808}`, `{"id":"evt_1","created":1e300}`, strings.Repeat("[", 10000), "\xff"} {
		for _, signature := range []string{signed, "", "t=,v1=", "t=99999999999999999999,v1=00", fmt.Sprintf("t=%d,v1=zz,v0=00", now.Unix()), fmt.Sprintf("t=%d", now.Unix()), strings.Repeat("v1=00,", 1000) + fmt.Sprintf("t=%d", now.Unix())} {
			f.Add([]byte(text), signature)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, signature string) {
		if event, err := ReadEvent(text, signature, []string{"whsec_" + "of the test only"}, now); !errors.Is(err, ErrSignature) {
			t.Errorf("%q signed %q is taken as %+v: %v", text, signature, event, err)
		}
		right := fmt.Sprintf("t=%d,%s", now.Unix(), sign("whsec_right", now, string(text)))
		event, err := ReadEvent(text, right, []string{"", "whsec_right"}, now)
		switch {
		case err != nil && !errors.Is(err, ErrSignature):
			t.Errorf("%q: %v", text, err)
		case err == nil && (!strings.HasPrefix(event.ID, "evt_") || strings.Contains(event.ID+event.Account+event.Type+event.Object, "\x00") || event.Created.Year() < 1970 || event.Created.Year() > 9999):
			t.Errorf("%q is taken as %+v", text, event)
		}
	})
}
