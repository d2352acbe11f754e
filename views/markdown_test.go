package views

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		{"", ""},
		{"Write **three** things _down_, ~~or four~~.", "<p>Write <strong>three</strong> things <em>down</em>, <del>or four</del>.</p>"},
		{"# First\n\nSecond\n------", "<h2>First</h2>\n<h3>Second</h3>"},
		{"###### Last", "<h2>Last</h2>"},
		{"## A\n\n#### B\n\n## C\n\n### D", "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>\n<h3>D</h3>"},
		{"3. c\n4. d", "<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>"},
		{"> Yes", "<blockquote>\n<p>Yes</p>\n</blockquote>"},
		{"`a < b`", "<p><code>a &lt; b</code></p>"},
		{"```js\nalert(1)\n```", "<pre><code>alert(1)\n</code></pre>"},
		{"|a|b|\n|-|:-:|\n|1|2|", `<th align="center">b</th>`},
		{"[us](https://example.com/a?b=c)", `<p><a href="https://example.com/a?b=c" rel="noreferrer noopener" target="_blank">us</a></p>`},
		{"[next](/courses)", `<p><a href="/courses" rel="noreferrer">next</a></p>`},
		{"see https://example.com", `<a href="https://example.com" rel="noreferrer noopener" target="_blank">https://example.com</a>`},
		{"<help@example.com>", `<a href="mailto:help@example.com"`},
		{"![A map](https://example.com/map.png \"Map\")", `<p><img loading="lazy" decoding="async" src="https://example.com/map.png" alt="A map"></p>`},
		{"Fish & chips < peas", "<p>Fish &amp; chips &lt; peas</p>"},
		{"a\\\nb", "<p>a<br>\nb</p>"},
	} {
		if got := strings.TrimSpace(string(Markdown(c.source))); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%q becomes\n%s\nwithout\n%s", c.source, got, c.want)
		}
	}
}

// attacks are texts that would run something, fetch something or change the page if they were taken for more than text.
func attacks(t testing.TB) []string {
	t.Helper()
	file, err := os.ReadFile("testdata/attacks.txt") // which a test with a browser reads as well
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.NewReplacer(`\0`, "\x00", `\1`, "\x01").Replace(strings.TrimSuffix(string(file), "\n")), "\n%%\n")
}

// harmlessAddress is one that browsers take for a page, a mail or a number to call: no other scheme, however it is written.
var harmlessAddress = regexp.MustCompile(`^((?i:https?|mailto|tel):|[^:]*$|[^:/?#]*[/?#])`)

// Nothing of the writer's is an element of the page but those of the table, with those attributes and addresses.
func TestMarkdownAttacks(t *testing.T) {
	t.Parallel()
	for _, attack := range attacks(t) {
		doesNothing(t, attack, Markdown(attack))
	}
}

func BenchmarkMarkdown(b *testing.B) {
	source := strings.Repeat("## A heading\n\nWrite **three** things down, [each](https://example.com) on its own line.\n\n- one\n- two\n\n", 100)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		Markdown(source)
	}
}
