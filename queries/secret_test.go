package queries_test

import (
	"bytes"
	"regexp"
	"testing"

	"atrium/queries"

	"github.com/google/uuid"
)

func TestSecretDerivesTheSameAgain(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("019aa000-0000-7000-8000-000000000001")
	one, same := queries.NewSecret("text"), queries.NewSecret("text")
	// A token in a mailbox has to work after the program is replaced, so what is derived is a stored value.
	for what, got := range map[string][3]string{
		"link":       {one.LinkToken(id), same.LinkToken(id), "8D-LOFVP_uLY5hxNMRpXjuyDeKTU-rsEfWjDOelInIg"},
		"staff link": {one.StaffLinkToken(id), same.StaffLinkToken(id), "Bv2960ZIEtqUwFMz1s4Wexd9xBlSyr8XRehixyFs7os"},
		"form":       {one.FormToken(id), same.FormToken(id), "aPz43l4S2cdpzoDQxCbT_KzTZnA95AxOpJbT2v1r3Xo"},
		"code":       {one.Code(id), same.Code(id), "586004"},
		"stop":       {one.StopToken(id), same.StopToken(id), "AZqgAAAAcACAAAAAAAAAAZvz4bE1CAUL5CyyIc2T0_8"},
	} {
		if got[0] != got[1] || got[0] != got[2] {
			t.Errorf("%s: got %s and %s, want %s", what, got[0], got[1], got[2])
		}
	}
	if !bytes.Equal(one.Fingerprint(), same.Fingerprint()) {
		t.Error("two fingerprints of one secret")
	}
}

func TestSecretKeepsUsesApart(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, text := range []string{"", "text", "text ", "Text"} {
		secret := queries.NewSecret(text)
		for _, id := range []uuid.UUID{uuid.Nil, uuid.Max, queries.NewID()} {
			for use, token := range map[string]string{"link": secret.LinkToken(id), "staff link": secret.StaffLinkToken(id), "form": secret.FormToken(id)} {
				what := use + " of " + id.String() + " by " + text
				if other, found := seen[token]; found {
					t.Errorf("%s is that of %s", what, other)
				}
				seen[token] = what
			}
		}
		seen[string(secret.Fingerprint())] = "fingerprint by " + text
	}
	if want := 4 * (3*3 + 1); len(seen) != want {
		t.Errorf("%d different values, want %d", len(seen), want)
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	secret, codes := queries.NewSecret("text"), map[string]bool{}
	code, token := regexp.MustCompile(`^[0-9]{6}$`), regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`) // 256 bits in base64
	for range 1000 {
		id := queries.NewID()
		if c := secret.Code(id); !code.MatchString(c) {
			t.Fatalf("code %q", c)
		}
		codes[secret.Code(id)] = true
		for _, s := range []string{secret.LinkToken(id), secret.StaffLinkToken(id), queries.NewToken()} {
			if !token.MatchString(s) {
				t.Fatalf("token %q", s)
			}
		}
	}
	if len(codes) < 990 { // of a million; so few repeat themselves less than once in 10^15 runs
		t.Errorf("only %d different codes of 1000", len(codes))
	}
	if one, other := queries.NewToken(), queries.NewToken(); one == other {
		t.Error("the same random token twice")
	}
}

func TestIDsSortByTheirTime(t *testing.T) {
	t.Parallel()
	last := queries.NewID()
	for range 10_000 {
		next := queries.NewID()
		if bytes.Compare(last[:], next[:]) >= 0 || bytes.Compare(next[:], queries.LastID[:]) >= 0 {
			t.Fatalf("%s came before %s", last, next)
		}
		last = next
	}
}

func TestStopTokens(t *testing.T) {
	t.Parallel()
	one, other, id := queries.NewSecret("text"), queries.NewSecret("other"), queries.NewID()
	token := one.StopToken(id)
	if got, err := one.ParseStopToken(token); got != id || err != nil {
		t.Errorf("its own is %v, %v", got, err)
	}
	for name, wrong := range map[string]string{"another secret's": other.StopToken(id), "another's proof": one.StopToken(queries.NewID())[:22] + token[22:], "empty": "", "cut off": token[:len(token)-2],
		"longer": token + "AA", "no proof": token[:22], "a link's": one.LinkToken(id), "not base64": "!" + token[1:]} {
		if got, err := one.ParseStopToken(wrong); err != queries.ErrNotFound || got != uuid.Nil { //nolint:errorlint // handlers are given it as it is
			t.Errorf("%s is %v, %v", name, got, err)
		}
	}
}
