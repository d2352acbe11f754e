package views

import (
	"testing"

	"golang.org/x/net/idna"
)

// Domains are shown as people write them, and only those that cannot be taken for another one.
func TestAddress(t *testing.T) {
	t.Parallel()
	for _, domain := range []string{"münchen.example", "bücher.münchen.example", "straße.example", "пример.рф", "почта.example", "παράδειγμα.example", "例え.テスト", "スーパー.example",
		"한국어.example", "דוגמה.example", "مثال.example", "उदाहरण.example", "việt-nam2.example", "ор.рф"} {
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil || ascii == domain {
			t.Fatalf("%s: %s, %v", domain, ascii, err)
		}
		if got := Address("ana@" + ascii); got != "ana@"+domain {
			t.Errorf("%s is shown as %s, not as %s", ascii, got, domain)
		}
	}
	for _, domain := range []string{"раураl.example", "аррӏе.example", "сор.example", "ραγ.example", "gооgle.example", "ɡoogle.example", "google漢ノ.example", "ǃa.example", "aーb.example",
		"सa.example", "ꭱꭲ.example"} {
		ascii, err := idna.Punycode.ToASCII(domain)
		if err != nil || ascii == domain {
			t.Fatalf("%s: %s, %v", domain, ascii, err)
		}
		if got := Address("ana@" + ascii); got != "ana@"+ascii {
			t.Errorf("%s is shown as %s, which is taken for another", ascii, got)
		}
	}
	for text, want := range map[string]string{
		"":                        "",
		"Ana Xn--Mnchen":          "Ana Xn--Mnchen",
		"xn--mnchen-3ya.example":  "xn--mnchen-3ya.example",
		"ana@xn--mnchen-3ya.test": "ana@münchen.test",
		"ana@xn--b-7sb.xn--p1ai":  "ana@xn--b-7sb.рф", // each label by itself
		"From a@xn--mnchen-3ya.test to b@xn--bcher-kva.test.": "From a@münchen.test to b@bücher.test.",
		"ana@xn--a.example":               "ana@xn--a.example",             // leads nowhere
		"ana@xn--MNCHEN-3ya.example":      "ana@xn--MNCHEN-3ya.example",    // is not as it is stored
		"ana@xn--mnchen-3ya.xn--a.test":   "ana@xn--mnchen-3ya.xn--a.test", // all of it or nothing where it does not lead back
		"ana@xn--80ak6aa92e.example":      "ana@xn--80ak6aa92e.example",    // Cyrillic that reads apple
		"ana@example.com, bo@example.com": "ana@example.com, bo@example.com",
	} {
		if got := Address(text); got != want {
			t.Errorf("%q is shown as %q, not as %q", text, got, want)
		}
	}
	if got := halves("ana@xn--mnchen-3ya.test"); got.From != "@münchen.test" {
		t.Errorf("parted it is %+v", got)
	}
}
