package handlers

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// auditChange is one value of a setting, as it was and as it became.
type auditChange struct{ Name, Was, Became string }

// auditChanges reads what a line has of before and after: the values that differ, by name.
func auditChanges(was, became []byte) (changes []auditChange) {
	before, after := valuesOf(was), valuesOf(became)
	var names []string
	for name := range before {
		names = append(names, name)
	}
	for name := range after {
		if _, both := before[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if c := (auditChange{settingWords(name), valueWords(before[name]), valueWords(after[name])}); c.Was != c.Became {
			changes = append(changes, c)
		}
	}
	return changes
}

// valuesOf are the members of an object; a value alone has no name.
func valuesOf(stored []byte) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	if len(stored) == 0 || string(stored) == "null" {
		return values
	}
	if json.Unmarshal(stored, &values) != nil {
		return map[string]json.RawMessage{"": stored}
	}
	return values
}

// settingWords is a member's name as words: show_product and ShowProduct are "Show product".
func settingWords(name string) string {
	var words strings.Builder
	before := '_'
	for _, r := range name {
		switch {
		case r == '_':
			r = ' '
		case unicode.IsUpper(r) && unicode.IsLower(before):
			words.WriteRune(' ')
		}
		words.WriteRune(unicode.ToLower(r))
		before = r
	}
	return upperFirst(words.String())
}

func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// valueWords is a value as a person reads it; empty for none.
func valueWords(raw json.RawMessage) string {
	var value any
	if len(raw) == 0 || json.Unmarshal(raw, &value) != nil || value == nil {
		return ""
	}
	switch value := value.(type) {
	case bool:
		return map[bool]string{true: "on", false: "off"}[value]
	case string:
		return value
	case []any:
		var parts []string
		for _, part := range value {
			encoded, err := json.Marshal(part)
			if err == nil {
				parts = append(parts, valueWords(encoded))
			}
		}
		return strings.Join(parts, ", ")
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		return string(raw)
	}
	return compact.String()
}
