package views

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// addressed finds the domain of each address in a text, without the full stop of a sentence after it.
var addressed = regexp.MustCompile(`@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+`)

// Address is a text with the domains of its addresses as people write them: ana@xn--mnchen-3ya.example as ana@münchen.example. They are
// stored, exported and mailed to in ASCII. A label that could be taken for another one stays as it is stored, as in a browser's address bar.
func Address(text string) string {
	if !strings.Contains(text, "xn--") {
		return text
	}
	return addressed.ReplaceAllStringFunc(text, func(at string) string { return "@" + writtenDomain(at[1:]) })
}

// writtenDomain is a domain as people write it, as far as that leads back to what is stored.
func writtenDomain(stored string) string {
	labels := strings.Split(stored, ".")
	top := labels[len(labels)-1]
	for i, label := range labels {
		if written, err := idna.Display.ToUnicode(label); err == nil && written != label && unmistakable(written, top) {
			labels[i] = written
		}
	}
	written := strings.Join(labels, ".")
	if back, err := idna.Lookup.ToASCII(written); err != nil || back != stored {
		return stored
	}
	return written
}

// scripts are those of living languages that everybody may use in names (Unicode Annex 31, table 5).
var scripts = strings.Fields("Latin Han Hiragana Katakana Bopomofo Hangul Cyrillic Greek Arabic Hebrew Armenian Georgian Devanagari Bengali Gurmukhi Gujarati " +
	"Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Ethiopic Khmer Thaana")

// together are scripts that are written in one word.
var together = []map[string]bool{{"Han": true, "Hiragana": true, "Katakana": true}, {"Han": true, "Bopomofo": true}, {"Han": true, "Hangul": true}}

// alike are the letters of a script that look like letters or digits of ASCII (Chrome's idn_spoof_checker.cc, shortened).
var alike = map[string]string{"Cyrillic": "асԁеһіјӏорԗԛѕԝхуъьҽпгѵѡкнтмз", "Greek": "αικνορτυωχγηςβ", "Armenian": "ագզէլհյոսւօցք"}

// unmistakable tells that a label cannot be taken for another one: its letters are of one script, or of some that are written together, and
// are not all such as look like ASCII, unless the domain ends in the same script. Whatever is in doubt, such as marks, joiners and the
// letters of phonetics, is mistakable.
func unmistakable(label, top string) bool {
	used, last, lookalike := map[string]bool{}, "", true
	for _, r := range label {
		if r == '-' || r >= '0' && r <= '9' {
			continue
		}
		if r == 'ー' && (last == "Hiragana" || last == "Katakana") { // makes the sound before it longer; it belongs to both
			continue
		}
		last = scriptOf(r)
		if last == "" {
			return false
		}
		used[last] = true
		lookalike = lookalike && strings.ContainsRune(alike[last], r)
	}
	return oneWord(used) && (!lookalike || used[scriptOf(firstRune(top))])
}

// scriptOf is the script of a letter that stands in names; empty for what does not.
func scriptOf(r rune) string {
	if r >= 'ǀ' && r <= 'ǃ' || r >= 'ɐ' && r < 'Ḁ' && unicode.Is(unicode.Latin, r) || r >= 'Ⱡ' && unicode.Is(unicode.Latin, r) { // clicks, phonetics, and what only scholars write
		return ""
	}
	for _, name := range scripts {
		if unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return ""
}

func firstRune(top string) rune {
	written, _ := idna.Display.ToUnicode(top) // of what is none it is the empty string or what was given
	for _, r := range written {
		return r
	}
	return 0
}

// oneWord tells whether scripts are written in one word.
func oneWord(used map[string]bool) bool {
	if len(used) == 1 {
		return true
	}
	for _, set := range together {
		n := 0
		for name := range used {
			if set[name] {
				n++
			}
		}
		if n == len(used) {
			return true
		}
	}
	return false
}
