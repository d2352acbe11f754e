package quick

import (
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// escaperPrefix begins the names of html/template's escapers (html/template, escape.go, funcMap).
const escaperPrefix = "_html_template_"

// escaper is what the end of a pipeline does to its value. What is not plain is done by html/template's own functions.
type escaper struct {
	plain func(out []byte, text string) ([]byte, bool) // appends a string, unless it is not as simple as that; nil: it never is
	raw   bool                                         // template.HTML stays as it is
	real  genuine
}

// escapers are by their names, one for all places of the process that end alike: each holds a template, and there are thousands of
// places and a dozen kinds.
var escapers sync.Map // of string to *escaper

func escaperOf(names []string) *escaper {
	kind := strings.Join(names, " ")
	if known, ok := escapers.Load(kind); ok {
		return known.(*escaper)
	}
	e := &escaper{real: genuineOf(names)}
	switch strings.ReplaceAll(kind, escaperPrefix, "") {
	case "htmlescaper":
		e.plain, e.raw = appendText, true
	case "rcdataescaper", "attrescaper":
		e.plain = appendText
	case "urlfilter urlnormalizer attrescaper":
		e.plain = func(out []byte, s string) ([]byte, bool) {
			if !simpleAddress(s) || !simpleScheme(s) {
				return out, false
			}
			return appendText(out, s)
		}
	case "urlnormalizer attrescaper":
		e.plain = func(out []byte, s string) ([]byte, bool) {
			if !simpleAddress(s) {
				return out, false
			}
			return appendText(out, s)
		}
	}
	known, _ := escapers.LoadOrStore(kind, e)
	return known.(*escaper)
}

// text appends a string, or a template.HTML.
func (e *escaper) text(out []byte, s string, html bool) []byte {
	if html {
		if e.raw {
			return append(out, s...)
		}
		return append(out, e.real.escape(template.HTML(s))...) // it was HTML before
	}
	if e.plain != nil {
		if out, ok := e.plain(out, s); ok {
			return out
		}
	}
	return append(out, e.real.escape(s)...)
}

// value appends any value. Types without methods print as what they are made of, and no type of html/template has one
// (html/template, content.go, stringify; fmt looks for methods too).
func (e *escaper) value(out []byte, v reflect.Value) []byte {
	if !v.IsValid() {
		return append(out, e.real.escape(nil)...)
	}
	switch t := v.Type(); {
	case t == stringType:
		return e.text(out, v.String(), false)
	case t == htmlType:
		return e.text(out, v.String(), true)
	case t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer || t.PkgPath() == "html/template" || e.plain == nil:
	case t.NumMethod() > 0:
		switch s := v.Interface().(type) {
		case fmt.Formatter, error: // either goes before String
		case fmt.Stringer:
			return e.text(out, s.String(), false)
		}
	case t.Kind() == reflect.String:
		return e.text(out, v.String(), false)
	case v.CanInt():
		return strconv.AppendInt(out, v.Int(), 10) // digits and a minus are the same everywhere
	case v.CanUint() && t.Kind() != reflect.Uintptr:
		return strconv.AppendUint(out, v.Uint(), 10)
	}
	return append(out, e.real.escape(v.Interface())...)
}

// replaced is what the HTML escapers write for a byte (html/template, html.go, htmlReplacementTable).
var replaced = [256]string{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

func appendText(out []byte, s string) ([]byte, bool) {
	done := 0
	for i := range len(s) {
		if with := replaced[s[i]]; with != "" {
			out = append(out, s[done:i]...)
			out = append(out, with...)
			done = i + 1
		}
	}
	return append(out, s[done:]...), true
}

// simpleAddress tells that the URL normalizer changes nothing (html/template, url.go, processURLOnto).
func simpleAddress(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~!#$&*+,/:;=?@[]", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// simpleScheme tells that the URL filter lets it through (html/template, url.go, isSafeURL).
func simpleScheme(s string) bool {
	return s == "" || s[0] == '/' || strings.HasPrefix(s, "https:") || strings.IndexByte(s, ':') < 0
}

// genuine is html/template's own functions, in a template of their names.
type genuine struct{ t *template.Template }

// escaped is what such a template is executed with.
type escaped struct {
	Value any
	text  string
}

// Keep takes what the functions made; a pipeline in a condition is not escaped again.
func (e *escaped) Keep(text string) bool { e.text = text; return false }

func genuineOf(names []string) genuine {
	missing := template.FuncMap{} // parsing asks for them, escaping then sets the real ones
	text := ".Value"
	for _, name := range names {
		missing[name] = func(...any) (string, error) { panic(giveUp("no escaper " + name)) }
		text += " | " + name
	}
	t, err := template.New("genuine").Funcs(missing).Parse("{{if .Keep (" + text + ")}}{{end}}")
	if err != nil {
		refuse("escapers %v: %s", names, err)
	}
	if err := t.Execute(io.Discard, &escaped{Value: ""}); err != nil { // a name that html/template does not know either
		refuse("escapers %v: %s", names, err)
	}
	return genuine{t}
}

func (g genuine) escape(v any) string {
	e := &escaped{Value: v}
	if err := g.t.Execute(io.Discard, e); err != nil {
		panic(giveUp(err.Error()))
	}
	return e.text
}
