package handlers

import (
	"slices"
	"strings"
	"testing"
)

// A pasted list is understood the ways programs and people write one, and no address in it is lost: it is invited, or shown
// with what is wrong.
func TestParseLines(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{ // each "name|address", or "!" for a line that cannot be taken
		"ana@example.com":                                         {"|ana@example.com"},
		"<ana@example.com>":                                       {"|ana@example.com"},
		"Ana Souza <ana@example.com>":                             {"Ana Souza|ana@example.com"},
		"Ana Souza, ana@example.com":                              {"Ana Souza|ana@example.com"},
		"ana@example.com, Ana Souza":                              {"Ana Souza|ana@example.com"},
		"ana@example.com;Ana Souza":                               {"Ana Souza|ana@example.com"},
		"Ana Souza ana@example.com":                               {"Ana Souza|ana@example.com"},
		"Ana Souza\tana@example.com":                              {"Ana Souza|ana@example.com"},
		`"Souza, Ana" <ana@example.com>`:                          {"Souza, Ana|ana@example.com"},
		"Souza, Ana <ana@example.com>":                            {"Souza, Ana|ana@example.com"},
		"'Ana' <ana@example.com>":                                 {"Ana|ana@example.com"},
		"ana@example.com <ana@example.com>":                       {"|ana@example.com"}, // as mail programs write somebody without a name
		"ana@bücher.example":                                      {"|ana@xn--bcher-kva.example"},
		"ana@example.com,":                                        {"|ana@example.com"},
		"ana@example.com, ben@example.com; Cid <cid@b.example>":   {"|ana@example.com", "|ben@example.com", "Cid|cid@b.example"},
		`"Souza, Ana" <ana@a.example>, Ben <ben@b.example>`:       {"Souza, Ana|ana@a.example", "Ben|ben@b.example"},
		"ana@a.example ben@b.example":                             {"|ana@a.example", "|ben@b.example"},
		`"ana@example.com" <ana@example.com>`:                     {"|ana@example.com"},
		"Ana ana@a.example ben@b.example":                         {"!"},
		"ana@example.com\r\n\r\n  ben@example.com  \r\n":          {"|ana@example.com", "|ben@example.com"},
		"ana@example.com\nAna <ANA@example.com>\nana@EXAMPLE.com": {"|ana@example.com"},
		"Name,E-Mail\nAna,ana@example.com":                        {"!", "Ana|ana@example.com"},
		"ana@\nana@\nben":                                         {"!", "!"},
		"":                                                        nil,
		" \n\t\n":                                                 nil,
	} {
		var got []string
		lines := parseLines(typed)
		for _, l := range lines {
			if l.Problem != "" {
				got = append(got, "!")
			} else {
				got = append(got, l.Name+"|"+l.Email)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
		for word := range strings.FieldsFuncSeq(typed, func(r rune) bool { return strings.ContainsRune(" ,;<>\"\t\r\n", r) }) {
			if strings.Contains(word, "@") && !slices.ContainsFunc(lines, func(l line) bool { return mentions(l, word) }) {
				t.Errorf("%q: %s is lost", typed, word)
			}
		}
	}
}

func mentions(l line, address string) bool {
	name, _, _ := strings.Cut(address, "@")
	return l.Problem != "" && strings.Contains(l.Typed, address) || strings.HasPrefix(strings.ToLower(l.Email), strings.ToLower(name)+"@")
}
