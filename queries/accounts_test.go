package queries_test

import (
	"strings"
	"testing"

	"atrium/queries"
)

func TestParseSlug(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"acme":                    "acme",
		" Acme \n":                "acme",
		"a":                       "a",
		"7":                       "7",
		"lumen-studio":            "lumen-studio",
		"a--b":                    "a--b",
		strings.Repeat("a", 40):   strings.Repeat("a", 40),
		"support-of-acme":         "support-of-acme", // only whole words are reserved
		"www2":                    "www2",
		"":                        "",
		" ":                       "",
		"-acme":                   "",
		"acme-":                   "",
		"-":                       "",
		"acme.com":                "",
		"my_acme":                 "",
		"my acme":                 "",
		"bücher":                  "",
		"ac\u200bme":              "",
		"acme\nwww":               "",
		"acme/..":                 "",
		strings.Repeat("a", 41):   "",
		"www":                     "",
		"WWW":                     "",
		"app":                     "",
		"l":                       "",
		"sign-in":                 "",
		"localhost":               "",
		"static":                  "",
		"healthz":                 "",
		"acme\x00":                "",
		strings.Repeat("a-", 200): "",
	} {
		got, err := queries.ParseSlug(typed)
		if got != want || isInvalid(err, "slug") != (want == "") {
			t.Errorf("%q: got %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestParseAccountName(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		" Acme  Coaching ":      "Acme Coaching",
		strings.Repeat("ä", 60): strings.Repeat("ä", 60),
		strings.Repeat("ä", 61): "",
		" ":                     "",
		"Ac\x00me":              "",
	} {
		got, err := queries.ParseAccountName(typed)
		if got != want || isInvalid(err, "name") != (want == "") {
			t.Errorf("%q: got %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestNewAccount(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	for slug, taken := range map[string]bool{"lumen": false, "acme": true, "ACME": true} {
		_, err := queries.NewAccount(t.Context(), a.q, slug, "Another", "help@lumen.test", noon)
		if isInvalid(err, "slug") != taken || !taken && err != nil {
			t.Errorf("%s: taken %v, got %v", slug, taken, err)
		}
	}
	if n := read[int](a, "SELECT count(*) FROM account"); n != 2 {
		t.Errorf("%d accounts", n)
	}
}
