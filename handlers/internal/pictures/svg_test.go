package pictures

import (
	"fmt"
	"strings"
	"testing"
)

const (
	head = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">`
	dot  = `<circle cx="5" cy="5" r="4"/>`
)

// TestDrawingsKeepNothingThatActs: what is drawn stays, and of the rest not a word.
func TestDrawingsKeepNothingThatActs(t *testing.T) {
	for name, evil := range map[string]string{
		"script":                   `<script>alert("evil")</script>`,
		"script of a file":         `<script xlink:href="https://evil.example/x.js"/>`,
		"script of another space":  `<x:script xmlns:x="http://www.w3.org/1999/xhtml">evil()</x:script>`,
		"HTML":                     `<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><iframe src="//evil.example"/></body></foreignObject>`,
		"handler":                  `<g onload="evil()" onclick="evil()"><title>a</title></g>`,
		"link":                     `<a xlink:href="javascript:evil()" href="https://evil.example"><title>a</title></a>`,
		"use of elsewhere":         `<use xlink:href="https://evil.example/a.svg#b"/>`,
		"use of data":              `<use href="data:image/svg+xml;base64,evil"/>`,
		"picture of elsewhere":     `<image href="https://evil.example/a.png"/><image xlink:href="data:image/png;base64,evil"/>`,
		"animation into a link":    `<a><set attributeName="href" to="javascript:evil()"/></a>`,
		"style of elsewhere":       `<style>@import url(https://evil.example/a.css);</style>`,
		"font of elsewhere":        `<style>@font-face{font-family:a;src:url(//evil.example/f)}</style>`,
		"style with a picture":     `<style>rect{fill:url("https://evil.example/a.svg#a");stroke:red}</style>`,
		"style that escapes":       `<style>rect{fill:\75rl(//evil.example)}</style>`,
		"style that ends itself":   `<style>a{}&lt;/style>&lt;script>evil()&lt;/script></style>`,
		"style in an attribute":    `<rect style="fill:url('//evil.example');background:url(//evil.example)" fill="image-set(evil)"/>`,
		"filter from elsewhere":    `<rect filter="url(https://evil.example/#f)" fill="url(evil.svg#p)"/>`,
		"handler of another space": `<rect xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="evil"/>`,
		"base":                     `<g xml:base="https://evil.example/"/>`,
		"processing":               `<?xml-stylesheet href="https://evil.example/a.css"?>`,
		"comment":                  `<!-- evil -->`,
		"hidden in words":          `<desc>&lt;script>evil&lt;/script></desc>`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Logo(strings.NewReader(head + evil + dot + `</svg>`))
			if err != nil {
				t.Fatal(err)
			}
			out := string(got.Content)
			if !strings.Contains(out, `<circle cx="5" cy="5" r="4">`) {
				t.Errorf("the drawing is gone: %s", out)
			}
			words := strings.ReplaceAll(strings.ReplaceAll(out, "&lt;script&gt;evil&lt;/script&gt;", ""), svgSpace, "") // as words it is one
			for _, bad := range []string{"evil", "http", "javascript", "script", "on", "@", "url(", "<image", "<?", "<!"} {
				if strings.Contains(words, bad) {
					t.Errorf("%q is left in %s", bad, out)
				}
			}
		})
	}
}

// TestDrawingsKeepWhatTheyLookLike: what drawing programs write goes through as it is meant.
func TestDrawingsKeepWhatTheyLookLike(t *testing.T) {
	const file = "\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
		`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` + head +
		`<defs><linearGradient id="a"><stop offset="0" style="stop-color:#fff;stop-opacity:.5"/></linearGradient><clipPath id="c"><rect width="9" height="9"/></clipPath>` +
		`<style>/* x */ .cls-1, .cls-2 { fill: url(#a); clip-path:url('#c') } </style></defs>` +
		`<switch><g class="cls-1" transform="matrix(1 0 0 1 2 2)"><path d="M1,2 l-3.5e-2 4z" stroke="rgb(1, 2, 3)"/></g></switch>` +
		`<text x="1" font-family="'Open Sans', sans-serif">Atelier &amp; <tspan>Söhne</tspan> 松</text><use xlink:href="#a"/></svg>`
	got, err := Logo(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	out := string(got.Content)
	for _, want := range []string{`viewBox="0 0 10 10"`, `style="stop-color:#fff;stop-opacity:.5"`, `.cls-1,.cls-2{fill:url(#a);clip-path:url(#c)}`,
		`<g class="cls-1" transform="matrix(1 0 0 1 2 2)">`, `d="M1,2 l-3.5e-2 4z" stroke="rgb(1, 2, 3)"`, `font-family="Open Sans, sans-serif"`,
		`Atelier &amp; <tspan>Söhne</tspan> 松</text>`, `<use href="#a">`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	again, err := Logo(strings.NewReader(out))
	if err != nil || again.Hash != got.Hash || again.MediaType != "image/svg+xml" {
		t.Errorf("a clean drawing changed: %v\n%s", err, again.Content)
	}
}

// TestDrawingsThatAreRefused, each with a sentence that says why.
func TestDrawingsThatAreRefused(t *testing.T) {
	laughs := `<!DOCTYPE svg [<!ENTITY a "ha">` + `<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">` + `]>`
	doubling, classes := "", ""
	for i := range 40 {
		doubling += fmt.Sprintf(`<g id="g%d"><use href="#g%d"/><use href="#g%d"/></g>`, i, i+1, i+1)
		classes += fmt.Sprintf(`<style>.c%d{fill:url(#p%d)}</style><pattern id="p%d"><rect class="c%d"/><rect class="c%d"/></pattern>`, i, i, i, i+1, i+1)
	}
	for name, c := range map[string]struct{ file, says string }{
		"entities":                {laughs + head + `<text>&b;</text></svg>`, "entities"},
		"file as entity":          {`<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + head + `<text>&a;</text></svg>`, "entities"},
		"entity without a type":   {head + `<text>&passwd;</text></svg>`, "entities"},
		"HTML":                    {`<html><body><script>evil()</script></body></html>`, "no PNG, JPEG, WebP or SVG"},
		"svg of another space":    {`<svg xmlns="http://www.w3.org/1999/xhtml">` + dot + `</svg>`, "no PNG, JPEG, WebP or SVG"},
		"cut off":                 {head + `<g>` + dot, "cut off"},
		"text after an angle":     {"<%= evil %>", "cut off"},
		"Latin-1":                 {`<?xml version="1.0" encoding="ISO-8859-1"?>` + head + dot + `</svg>`, "UTF-8"},
		"only a script":           {head + `<script>evil()</script></svg>`, "Nothing of this drawing is left"},
		"only a picture":          {head + `<image href="data:image/png;base64,AAAA"/></svg>`, "Nothing of this drawing is left"},
		"doubles forty times":     {head + doubling + `<g id="g40">` + dot + `</g></svg>`, "too often"},
		"doubles by classes":      {head + classes + `<rect class="c0"/></svg>`, "too often"},
		"draws itself":            {head + `<g id="a"><use href="#a"/></g></svg>`, "too often"},
		"many parts":              {head + strings.Repeat(`<g/>`, 20_001) + dot + `</svg>`, "more parts"},
		"deep":                    {head + strings.Repeat(`<g>`, 100) + dot + strings.Repeat(`</g>`, 100) + `</svg>`, "more parts"},
		"a PNG's name and a page": {`<!DOCTYPE html><img src=x onerror=evil()>`, "cut off"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, Logo, []byte(c.file), c.says) })
	}
}
