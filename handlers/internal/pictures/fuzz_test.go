package pictures

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// FuzzDrawing: whatever is sent as a drawing, what is kept is one of allowed elements with harmless values, and is kept as it is
// when it is sent again.
func FuzzDrawing(f *testing.F) {
	for _, inner := range []string{dot, `<script>evil()</script>`, `<g onload="evil()" fill="url(javascript:evil())">` + dot + `</g>`, `<style>a{fill:url(#b)}@import "x";</style>` + dot, `<style>&lt;/style>&lt;script></style>` + dot,
		`<a href="javascript:evil()">` + dot + `</a>`, `<use href="#a"/><g id="a">` + dot + `</g>`, `<image href="data:image/png;base64,x"/>` + dot, `<text>&lt;script&gt;</text>`, `<text><![CDATA[</text><script>evil()</script>]]></text>`,
		`<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>` + dot, `<rect style="fill:expression(evil());behavior:url(x)"/>`, `<style>.a{fill:/*}*/red}</style>` + dot, `<title>&#0;&#x202e;</title>` + dot, `<svg:circle r="1"/>`,
		`<set attributeName="href" to="javascript:evil()"/>` + dot, strings.Repeat("<g>", 70) + dot + strings.Repeat("</g>", 70)} {
		f.Add([]byte(head + inner + `</svg>`))
	}
	f.Add([]byte(`<!DOCTYPE svg [<!ENTITY a "b">]>` + head + dot + `</svg>`))
	f.Add([]byte(`<?xml version="1.0" encoding="UTF-7"?>` + head + dot + `</svg>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		got, err := sanitize(content)
		if err != nil {
			return
		}
		harmlessDrawing(t, got)
		if again, err := sanitize(got); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%q becomes\n%s\nand then (%v)\n%s", content, got, err, again)
		}
	})
}

// harmlessDrawing demands that a drawing has nothing in it that acts or is fetched.
func harmlessDrawing(t *testing.T, content []byte) {
	t.Helper()
	for decoder := xml.NewDecoder(bytes.NewReader(content)); ; {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, content)
		}
		switch token := token.(type) {
		case xml.Comment, xml.ProcInst, xml.Directive:
			t.Errorf("%v stands in\n%s", token, content)
		case xml.StartElement:
			if allowedElements[token.Name.Local] != token.Name.Local || token.Name.Space != "" {
				t.Errorf("<%s> stands in\n%s", token.Name.Local, content)
			}
			for _, a := range token.Attr {
				value := strings.ToLower(a.Value)
				local := localForm.ReplaceAllString(value, "")
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(value, "#") || strings.Contains(local, "url(") || strings.Contains(local, "javascript:") || strings.Contains(local, "data:") {
					t.Errorf("%s=%q stands in\n%s", a.Name.Local, a.Value, content)
				}
			}
		}
	}
}
