package queries_test

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"atrium/queries"
)

// longest is the longest address there can be: 64 + 1 + 189 bytes.
var longest = strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 62)+".", 2) + strings.Repeat("c", 60) + ".de"

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ typed, want string }{
		"plain":                  {"ana@example.com", "ana@example.com"},
		"space around":           {" \t ana@example.com\r\n", "ana@example.com"},
		"no-break space around":  {"\u00a0ana@example.com\u3000", "ana@example.com"},
		"case":                   {"Ana.Souza@Example.COM", "Ana.Souza@example.com"},
		"signs":                  {"o'hara+a_b-c!#$%&*/=?^`{|}~@mail.example.co.uk", "o'hara+a_b-c!#$%&*/=?^`{|}~@mail.example.co.uk"},
		"domain of letters":      {"ana@bücher.example", "ana@xn--bcher-kva.example"},
		"domain in upper case":   {"ana@BÜCHER.example", "ana@xn--bcher-kva.example"},
		"domain decomposed":      {"ana@bu\u0308cher.example", "ana@xn--bcher-kva.example"},
		"sharp s stays one":      {"ana@faß.example", "ana@xn--fa-hia.example"},
		"other scripts":          {"ana@例え.テスト", "ana@xn--r8jz45g.xn--zckzah"},
		"ideographic full stop":  {"ana@example。com", "ana@example.com"},
		"domain in ASCII before": {"ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"},
		"name of letters":        {"käthe@example.com", "käthe@example.com"},
		"digits":                 {"1@2.example", "1@2.example"},
		"name of 64":             {strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		"label of 63":            {"ana@" + strings.Repeat("b", 63) + ".com", "ana@" + strings.Repeat("b", 63) + ".com"},
		"all of 254":             {longest, longest},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := queries.ParseEmail(c.typed); got != c.want || err != nil {
				t.Errorf("%q: got %q, %v; want %q", c.typed, got, err, c.want)
			}
		})
	}
	if len(longest) != queries.EmailMax {
		t.Errorf("the longest address has %d bytes", len(longest))
	}
}

func TestParseEmailRefuses(t *testing.T) {
	t.Parallel()
	for name, typed := range map[string]string{
		"nothing":                   "",
		"blanks":                    " \t\u00a0",
		"no at":                     "ana.example.com",
		"no name":                   "@example.com",
		"no domain":                 "ana@",
		"two ats":                   "ana@ben@example.com",
		"two addresses":             "ana@example.com, ben@example.com",
		"name before it":            "Ana <ana@example.com>",
		"angle brackets":            "<ana@example.com>",
		"comment":                   "ana(home)@example.com",
		"quoted name":               `"ana souza"@example.com`,
		"quoted plain name":         `"ana"@example.com`,
		"backslash":                 `a\na@example.com`,
		"blank inside":              "ana souza@example.com",
		"mailto":                    "mailto:ana@example.com",
		"dot first":                 ".ana@example.com",
		"dot last":                  "ana.@example.com",
		"two dots":                  "ana..souza@example.com",
		"one label":                 "ana@localhost",
		"domain ends with dot":      "ana@example.com.",
		"domain begins with dot":    "ana@.example.com",
		"domain with two dots":      "ana@example..com",
		"label begins with hyphen":  "ana@-example.com",
		"label ends with hyphen":    "ana@example-.com",
		"underscore in domain":      "ana@my_home.example",
		"blank in domain":           "ana@exam ple.com",
		"slash in domain":           "ana@example.com/x",
		"address literal":           "ana@[192.0.2.1]",
		"IP":                        "ana@192.0.2.1",
		"broken punycode":           "ana@xn--\u0080.example",
		"bad punycode":              "ana@xn--a.example",
		"mixed directions":          "ana@a\u05d0.example",
		"name of 65":                strings.Repeat("a", 65) + "@example.com",
		"name of 64 letters, bytes": strings.Repeat("ä", 64) + "@example.com",
		"label of 64":               "ana@" + strings.Repeat("b", 64) + ".com",
		"all of 255":                strings.Replace(longest, "cc", "ccc", 1),
		"too long once in ASCII":    "ana@" + strings.Repeat("bücher.", 35) + "com",
		"header injected":           "ana@example.com\r\nBcc: ben@example.com",
		"line break in name":        "a\nna@example.com",
		"zero byte":                 "a\x00na@example.com",
		"delete":                    "a\x7fna@example.com",
		"C1 control":                "a\u0085na@example.com",
		"no UTF-8":                  "a\xffna@example.com",
		"replacement character":     "a\ufffdna@example.com",
		"right-to-left override":    "a\u202ena@example.com",
		"isolate":                   "\u2066ana\u2069@example.com",
		"zero width space":          "a\u200bna@example.com",
		"zero width joiner":         "a\u200dna@example.com",
		"soft hyphen":               "a\u00adna@example.com",
		"byte order mark":           "\ufeffana@example.com",
		"tag character":             "ana\U000e0041@example.com",
		"hidden in the domain":      "ana@exa\u200bmple.com",
		"no-break space inside":     "ana\u00a0souza@example.com",
		"ideographic space inside":  "ana\u3000souza@example.com",
		"line separator inside":     "ana\u2028souza@example.com",
		"private use":               "ana\ue000@example.com",
		"sign of Kelvin for a k":    "mi\u212ae@example.com",
		"dotted I for an i":         "m\u0130ke@example.com",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := queries.ParseEmail(typed)
			var refused queries.Invalid
			if !errors.As(err, &refused) || refused.Field != "email" || got != "" {
				t.Fatalf("%q: got %q, %v; want it refused for the field", typed, got, err)
			}
			if !strings.HasSuffix(refused.Message, ".") && !strings.HasSuffix(refused.Message, "?") {
				t.Errorf("%q is no sentence", refused.Message)
			}
		})
	}
}

// Anybody may send a form of a megabyte, and the ASCII form of a domain takes the square of its length to make.
func TestParseEmailRefusesAtOnce(t *testing.T) {
	t.Parallel()
	var domain strings.Builder
	for i := range 300_000 {
		domain.WriteRune('一' + rune(i%20_000))
	}
	refused := make(chan error, 1)
	go func() {
		_, err := queries.ParseEmail("ana@" + domain.String() + ".com")
		refused <- err
	}()
	select {
	case err := <-refused:
		if !isInvalid(err, "email") {
			t.Error(err)
		}
	case <-time.After(5 * time.Second): // some minutes otherwise
		t.Error("still looking at the address")
	}
}

// What is taken is taken unchanged the second time, can be mailed and stored, and its mask gives it away to nobody.
func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{"ana@example.com", "Käthe@BÜCHER.example", `"a b"@c.de`, "a@b。c", "a@xn--a.de", "\u202ea@b.de", longest, "a@b.de\r\nx: y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		email, err := queries.ParseEmail(typed)
		var refused queries.Invalid
		if err != nil {
			if !errors.As(err, &refused) || email != "" {
				t.Fatalf("got %q, %v", email, err)
			}
			return
		}
		if again, err := queries.ParseEmail(email); again != email || err != nil {
			t.Errorf("%q becomes %q, %v", email, again, err)
		}
		parsed, err := mail.ParseAddress(email)
		if err != nil || parsed.Address != email || parsed.Name != "" {
			t.Errorf("%q cannot be mailed: %v", email, err)
		}
		name, domain, _ := strings.Cut(email, "@")
		if strings.Contains(domain, "@") || strings.ToLower(domain) != domain || strings.Trim(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
			t.Errorf("%q is no domain", domain)
		}
		if characters := utf8.RuneCountInString(email); !utf8.ValidString(email) || len(email) > queries.EmailMax || characters < 3 || strings.ContainsRune(email, 0) {
			t.Errorf("%q cannot be stored", email)
		}
		if mask := queries.MaskEmail(email); strings.Contains(mask, name+"@") || strings.Contains(mask, "@"+domain) || !utf8.ValidString(mask) {
			t.Errorf("the mask of %q is %q", email, mask)
		}
	})
}

func TestParseName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typed, want string
		refused     bool
	}{
		"nothing":                {"", "", false},
		"blanks":                 {" \u00a0\t", "", false},
		"plain":                  {"Ana Souza", "Ana Souza", false},
		"spaces":                 {"  Ana \t\u00a0 Souza\n", "Ana Souza", false},
		"lines become one":       {"Ana\r\nSouza\u2028de", "Ana Souza de", false},
		"scripts":                {"نیکی می\u200cخواهم 李小龍 Ñandú", "نیکی می\u200cخواهم 李小龍 Ñandú", false},
		"joined picture":         {"Ana 👩‍💻", "Ana 👩‍💻", false},
		"markup is only text":    {"<b>Ana</b>", "<b>Ana</b>", false},
		"120 characters":         {strings.Repeat("ä", 120), strings.Repeat("ä", 120), false},
		"121 characters":         {strings.Repeat("ä", 121), "", true},
		"zero byte":              {"A\x00na", "", true},
		"bell":                   {"A\ana", "", true},
		"no UTF-8":               {"A\xffna", "", true},
		"right-to-left override": {"A\u202ena", "", true},
		"zero width space":       {"A\u200bna", "", true},
		"byte order mark":        {"\ufeffAna", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := queries.ParseName(c.typed)
			if got != c.want || isInvalid(err, "name") != c.refused {
				t.Errorf("%q: got %q, %v; want %q, refused %v", c.typed, got, err, c.want, c.refused)
			}
		})
	}
}

func TestMaskEmail(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]string{
		"ana@example.com":           "a•••@e•••.com",
		"a@b.de":                    "a•••@b•••.de",
		"ana@mail.example.co.uk":    "a•••@m•••.uk",
		"Ärzte@xn--bcher-kva.de":    "Ä•••@x•••.de",
		"ana.souza+shop@sub.a.test": "a•••@s•••.test",
	} {
		if got := queries.MaskEmail(email); got != want {
			t.Errorf("%s: got %s, want %s", email, got, want)
		}
	}
}

// isInvalid says whether err refuses that field in words for a person; any other error is none.
func isInvalid(err error, field string) bool {
	var refused queries.Invalid
	return errors.As(err, &refused) && refused.Field == field && refused.Message != ""
}
