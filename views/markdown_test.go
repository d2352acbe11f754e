package views

import (
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, want string }{
		{"", ""},
		{"Write **three** things _down_, ~~or four~~.", "<p>Write <strong>three</strong> things <em>down</em>, <del>or four</del>.</p>"},
		{"# First\n\nSecond\n------", "<h2>First</h2>\n<h3>Second</h3>"},
		{"###### Last", "<h6>Last</h6>"},
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
var attacks = []string{
	`<script>evil()</script>`,
	`<script src="https://evil.test/x.js"></script>`,
	`<img src=x onerror=evil()>`,
	`<svg onload=evil()><script>evil()</script></svg>`,
	`<svg><a xlink:href="javascript:evil()"><text>x</text></a></svg>`,
	`<math><mtext><table><mglyph><style><img src=x onerror=evil()>`,
	`<iframe srcdoc="<script>parent.evil()</script>"></iframe>`,
	`<object data="data:text/html,<script>evil()</script>"></object>`,
	`<embed src="javascript:evil()">`,
	`<form action="https://evil.test"><input name=password autofocus onfocus=evil()></form>`,
	`<style>body{display:none}</style><link rel=stylesheet href=https://evil.test/x.css>`,
	`<base href="https://evil.test/"><meta http-equiv=refresh content="0;url=https://evil.test">`,
	`<details open ontoggle=evil()><summary>x</summary></details>`,
	`<div style="position:fixed;inset:0" id="evil" class="notice">x</div>`,
	`</div></main></body><script>evil()</script>`,
	"<!--><script>evil()</script>-->",
	`[a](javascript:evil())`,
	`[a](JaVaScRiPt:evil())`,
	`[a](&#106;avascript:evil())`,
	`[a](javascript&colon;evil())`,
	`[a](java&Tab;script:evil())`,
	"[a](\x01javascript:evil())",
	`[a](vbscript:evil())`,
	`[a](data:text/html,<script>evil()</script>)`,
	`[a](data:text/html;base64,PHNjcmlwdD5ldmlsKCk8L3NjcmlwdD4=)`,
	`[a](blob:https://evil.test/x)`,
	`[a](file:///etc/passwd)`,
	`<javascript:evil()>`,
	`[a]: javascript:evil()` + "\n\n[a]",
	`[a](https://example.com/"onclick="evil())`,
	`[a](https://example.com 'x" onmouseover="evil()')`,
	`![a](javascript:evil())`,
	`![a](data:image/svg+xml,<svg onload=evil()>)`,
	`![a](http://evil.test/x.png)`,
	`![a](//evil.test/x.png)`,
	`![a](/sign-out)`,
	`![a"onerror="evil()](https://example.com/x.png)`,
	`![a](https://example.com/x.png"onerror="evil())`,
	"```\"><script>evil()</script>\nx\n```",
	"```js onload=evil()\nx\n```",
	"# <script>evil()</script> {onclick=evil()}",
	"|<img src=x onerror=evil()>|\n|-|\n|[a](javascript:evil())|",
	"{{.Token}} <%= evil() %> ${evil()} hx-get=/sign-out",
	`<a hx-get="/sign-out" hx-trigger="load">x</a>`,
	"a\x00<script>evil()</script>",
}

var harmlessAddress = regexp.MustCompile(`^(https?://|mailto:|tel:|/|#|[\w.-]+$)`)

// Nothing of the writer's is an element of the page but those of the table, with those attributes and addresses.
func TestMarkdownAttacks(t *testing.T) {
	t.Parallel()
	elements := map[string][]string{"p": nil, "h2": nil, "h3": nil, "strong": nil, "em": nil, "del": nil, "ul": nil, "ol": {"start"}, "li": nil, "blockquote": nil, "br": nil,
		"hr": nil, "pre": nil, "code": nil, "table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"align"}, "td": {"align"}, "a": {"href", "rel", "target"},
		"img": {"loading", "decoding", "src", "alt"}}
	for _, attack := range attacks {
		made := string(Markdown(attack))
		tokens := html.NewTokenizer(strings.NewReader(made))
		for kind := tokens.Next(); kind != html.ErrorToken; kind = tokens.Next() {
			token := tokens.Token()
			allowed, known := elements[token.Data]
			switch {
			case kind == html.TextToken || kind == html.EndTagToken:
				continue
			case kind == html.CommentToken || kind == html.DoctypeToken || !known:
				t.Errorf("%q becomes\n%s\nwith %s", attack, made, token)
				continue
			}
			for _, a := range token.Attr {
				if !strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+a.Key+" ") {
					t.Errorf("%q becomes\n%s\nwith the attribute %s", attack, made, a.Key)
				}
				if a.Key == "href" && !harmlessAddress.MatchString(a.Val) || a.Key == "src" && !strings.HasPrefix(a.Val, "https://") {
					t.Errorf("%q becomes\n%s\nleading to %s", attack, made, a.Val)
				}
			}
		}
	}
}

func BenchmarkMarkdown(b *testing.B) {
	source := strings.Repeat("## A heading\n\nWrite **three** things down, [each](https://example.com) on its own line.\n\n- one\n- two\n\n", 100)
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		Markdown(source)
	}
}
