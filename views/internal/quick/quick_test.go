package quick_test

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"atrium/views/internal/quick"
)

// word and number have a kind of their own, and told and broken write themselves.
type (
	word   string
	number int32
	told   int
	broken struct{ text string }
	inner  struct {
		Text  string
		Count int
	}
	hidden struct{ Promoted string }
	outer  struct {
		inner
		*hidden
		Text2 string
	}
)

func (t told) String() string    { return strings.Repeat("<told>", int(t)%3) }
func (b *broken) Error() string  { return "<" + b.text + ">" }
func (i inner) Loud() string     { return strings.ToUpper(i.Text) }
func (i *inner) Pointed() string { return "*" + i.Text }
func (i inner) Times(n int, s string) string {
	return strings.Repeat(s, n&7)
}
func (i inner) Fails() (string, error) {
	if i.Count%2 == 1 {
		return "", errors.New("it is odd")
	}
	return i.Text, nil
}

// page is what the templates are executed with.
type page struct {
	outer
	S       string
	N       int
	U       uint8
	Whole   int64
	F       float64
	B       bool
	Word    word
	Number  number
	Told    told
	HTML    template.HTML
	JS      template.JS
	JSStr   template.JSStr
	CSS     template.CSS
	URL     template.URL
	Attr    template.HTMLAttr
	Srcset  template.Srcset
	Nil     *inner
	Pointer *inner
	Deep    **inner
	StringP *string
	Any     any
	AnyNil  any
	AnyP    any
	Error   error
	Time    time.Time
	Zero    time.Time
	Moments []time.Time
	List    []inner
	Words   []string
	Anys    []any
	Array   [2]string
	None    []string
	Map     map[string]string
	Func    func() string
}

func pageOf(s string, n int) page {
	i := inner{s, n}
	p := &i
	text := s + "&"
	return page{outer: outer{inner: i, hidden: &hidden{s}, Text2: s}, S: s, N: n, U: uint8(n), Whole: max(int64(n), 0), F: float64(n) / 3, B: n%2 == 0, Word: word(s), Number: number(n), Told: told(max(n, -n) & 7),
		HTML: template.HTML(s), JS: template.JS(s), JSStr: template.JSStr(s), CSS: template.CSS(s), URL: template.URL(s), Attr: template.HTMLAttr(s), Srcset: template.Srcset(s),
		Pointer: p, Deep: &p, StringP: &text, Any: s, AnyP: p, Error: &broken{s}, Time: time.Unix(int64(n), 0).UTC(), Moments: []time.Time{{}, time.Unix(1, 0)}, List: []inner{i, {"<b>", 2}, {"", 0}}, Words: strings.Split(s, "/"),
		Anys: []any{s, n, nil, i, p, template.HTML(s), told(1), 1.5, true, word(s)}, Array: [2]string{s, "'"}, Map: map[string]string{"a": s}, Func: func() string { return s }}
}

var functions = template.FuncMap{
	"same":   func(s string) string { return s },
	"bold":   func(s string, more ...string) (template.HTML, error) { return bold(s, more) },
	"odd":    func(n any) (string, error) { return odd(n) },
	"day":    func(t time.Time) string { return t.Format("<2006-01-02>") },
	"since":  func(t, u time.Time) template.HTML { return template.HTML("<i>" + t.Sub(u).String() + "</i>") },
	"plural": func(n any, one, many string) (string, error) { s, err := odd(n); return s + one + many, err },
	"pair":   func(text string, count int) inner { return inner{text, count} },
	"panics": func() string { panic("no") },
	"words":  func(s word) word { return s },
	"parts":  func(f float64) string { return strconv.FormatFloat(f, 'g', 3, 64) + "<" },
	"price": func(n int64, of string) (string, error) {
		if n < 0 {
			return "", errors.New("nothing costs less than nothing")
		}
		return strconv.FormatInt(n, 10) + of, nil
	},
}

// methods are called without reflection, where they have these signatures.
var methods = []quick.Method{
	quick.Named("IsZero", func(v interface{ IsZero() bool }) bool { return v.IsZero() }),
	quick.Named("Loud", func(v interface{ Loud() int }) int { return v.Loud() }),
	quick.Named("Loud", func(v interface{ Loud() string }) string { return v.Loud() }),
	quick.Named("Pointed", func(v interface{ Pointed() string }) string { return v.Pointed() }),
	quick.Named("Fails", func(v interface{ Fails() string }) string { return v.Fails() }),
	quick.Named("Promoted", func(v interface{ Promoted() string }) string { return v.Promoted() }),
}

func bold(s string, more []string) (template.HTML, error) {
	if s == "" {
		return "", errors.New("nothing to make bold")
	}
	return template.HTML("<b>" + template.HTMLEscapeString(s+strings.Join(more, "|")) + "</b>"), nil
}

func odd(n any) (string, error) {
	if i, ok := n.(int); ok {
		return strings.Repeat("<", i&3), nil
	}
	return "", errors.New("no int")
}

// both is a text as html/template has it, and compiled.
type both struct {
	text     string
	set      *template.Template
	compiled *quick.Set
}

// newBoth parses a text, which can call the partials, and compiles it. Nil: html/template does not take it, so it does not matter.
func newBoth(t *testing.T, text string) *both {
	t.Helper()
	set := template.New("page").Option("missingkey=error").Funcs(functions)
	for name, partial := range partials {
		template.Must(set.New(name).Parse(partial))
	}
	if _, err := set.Parse(text); err != nil || set.Tree == nil {
		return nil
	}
	compiled, err := quick.Compile(template.Must(set.Clone()), functions, quick.Options{Pure: []string{"same", "bold", "pair", "panics"}, Methods: methods})
	if err != nil {
		var fault *template.Error
		if wrong := set.ExecuteTemplate(io.Discard, "page", nil); !errors.As(wrong, &fault) && !strings.Contains(err.Error(), "incomplete") && !strings.Contains(err.Error(), "no template") {
			t.Errorf("%q is refused as a whole, for %v, and html/template has nothing against it", text, err)
		}
		return nil
	}
	return &both{text, set, compiled}
}

// execute does it both ways, and says why the compiled one gave up where html/template does not fail.
func (b *both) execute(t *testing.T, data any) (gaveUp error) {
	t.Helper()
	var got, want bytes.Buffer
	wrong := b.set.ExecuteTemplate(&want, "page", data)
	for range 2 { // the second time finds what the first remembered
		got.Reset()
		gaveUp = b.compiled.Execute(&got, "page", data, nil)
		switch {
		case gaveUp != nil && got.Len() > 0:
			t.Errorf("%q: it gave up and wrote %q", b.text, got.String())
		case gaveUp != nil:
		case wrong != nil:
			t.Errorf("%q: html/template fails with %v, and this wrote %q", b.text, wrong, got.String())
		case got.String() != want.String():
			t.Errorf("%q:\n%q is written, and html/template writes\n%q", b.text, got.String(), want.String())
		}
	}
	if wrong == nil {
		return gaveUp
	}
	return nil
}

// partials can be called from the texts.
var partials = map[string]string{
	"row":        `<li id="r{{.Count}}">{{.Text}}{{with .Loud}}<b>{{.}}</b>{{end}}</li>`,
	"attributes": `{{if .Text}} title="{{.Text}}" data-url="{{.Text}}"{{end}}`,
	"dot":        `[{{.}}]{{$}}`,
	"endless":    `{{template "endless" .}}`,
}

// done are texts that must be executed without giving up, with plain data.
var done = []string{
	`plain`, `{{.S}}`, `<p>{{.S}}</p><p title="{{.S}}">`, `<a href="{{.S}}">`, `<a href="/x/{{.S}}">`, `<a href="/?q={{.S}}#{{.S}}">`, `<a href='{{.S}}'>`,
	`<a href={{.S}}>`, `<i title={{.S}}>`, `<i {{.S}}="x">`, `<img srcset="{{.S}}">`, `<img srcset="{{.Srcset}}, {{.URL}}">`, `<script>var x = {{.S}}, y = "{{.S}}", z = {{.List}}</script>`,
	"<script>`${ {{.S}} } {{.S}}`; /{{.S}}/g</script>", `<style>p { color: {{.S}}; background: url("{{.S}}") }</style>`, `<p style="color: {{.S}}" onclick="f({{.S}}, '{{.S}}')">`, `<textarea>{{.S}}{{.HTML}}</textarea><title>{{.S}}</title>`,
	`<!-- {{.S}} -->x`, `<p>{{.HTML}}{{.JS}}{{.CSS}}{{.URL}}{{.Attr}}{{.JSStr}}{{.Srcset}}</p><p title="{{.HTML}}{{.JS}}{{.URL}}" {{.Attr}}>`, `<a href="{{.URL}}{{.HTML}}"></a><a href="{{.HTML}}"></a>`,
	`{{.N}} {{.U}} {{.F}} {{.B}} {{.Word}} {{.Number}} {{.Told}} {{.Time}} {{.Error}}`, `<i title="{{.N}}{{.U}}{{.F}}{{.B}}{{.Word}}{{.Number}}{{.Told}}{{.Error}}">`, `<a href="{{.N}}"></a><a href="{{.Word}}"></a><a href="{{.Told}}"></a>`,
	`{{.Pointer}}{{.StringP}}{{.Any}}{{.AnyNil}}{{.Deep}}{{.Nil}}`, `{{.Pointer.Text}}{{.Deep.Text}}{{.AnyP.Text}}{{.Pointer.Pointed}}{{.AnyP.Pointed}}`, `{{.Text}}{{.Promoted}}{{.Text2}}{{.Loud}}{{.Fails}}`,
	`{{if .S}}a{{else if .N}}b{{else}}c{{end}}{{if not .None}}d{{end}}{{if .Nil}}e{{end}}{{if .Any}}f{{end}}{{if .AnyNil}}g{{end}}{{if .Time}}h{{end}}{{if .F}}i{{end}}{{if .Func}}j{{end}}{{if .Map}}k{{end}}`,
	`{{with .S}}{{.}}{{$.N}}{{else}}none{{end}}{{with $x := .List}}{{len $x}}{{end}}`, `{{range .List}}{{.Text}}{{.Loud}}{{.Pointed}}{{else}}none{{end}}`, `{{range $i, $x := .List}}{{$i}}{{$x.Text}}{{end}}`,
	`{{range $x := .Words}}{{$x}},{{end}}{{range .None}}{{else}}none{{end}}{{range .Array}}{{.}}{{end}}{{range .Anys}}{{.}}|<i title="{{.}}">{{end}}`, `{{range $i, $x := .None}}{{else}}{{$i}}{{$x}}{{end}}`,
	`{{$x := .S}}{{range .List}}{{$x}}{{$x = .Text}}{{end}}{{$x}}`, `{{$x := 1}}{{if .B}}{{$x := 2}}{{$x}}{{else}}{{$x}}{{end}}{{$x}}`,
	`{{template "row" .Pointer}}{{range .List}}{{template "row" .}}{{end}}`, `<i{{template "attributes" .Pointer}}><textarea {{template "attributes" .Pointer}}></textarea>`, `{{template "dot" .S}}{{template "dot" 1}}{{template "dot" .AnyNil}}`,
	`{{and .S .N}}{{or .None .S "x"}}{{or .AnyNil .S}}{{and .B .AnyNil}}{{not .S}}`, `{{eq .S "a" "b"}}{{ne .N 3}}{{lt .N 3}}{{le .N 3}}{{gt .F .F}}{{ge .S "b"}}{{eq .Word "a"}}{{eq .Number 3}}{{eq .B true}}{{eq .Any "a"}}`,
	`{{len .List}}{{len .S}}{{len .Map}}{{index .List 0}}{{(index .List 1).Text}}{{index .Array 1}}`, `{{print .S .N .N}}{{printf "%s|%d|%v" .S .N .Any}}{{println .S}}`, `{{same .S}}{{same "<x>"}}{{bold "<" "&"}}{{bold "x" .S}}{{pair "a" 3}}{{(pair .S 1).Text}}`,
	`<p title="{{bold "<b>"}}">{{day .Time}}{{since .Time .Time}}{{odd .N}}{{odd 2}}{{plural 3 "<" .S}}`, `{{.Time.IsZero}}{{.Zero.IsZero}}{{(index .Moments 0).IsZero}}{{range .Moments}}{{.IsZero}}{{end}}{{.Times 3 "<>"}}{{.Pointer.Times .N .S}}{{.Time.Format "2006 <b>"}}{{words .Word}}{{words "w"}}`,
	`{{/* said */}}{{- " x " -}} {{"<"}}{{true}}{{12}}`, `<a href="/c?a={{.S}}&b={{.N}}">`, `{{(.S)}}{{(print .S)}}{{if (eq .N 1)}}x{{end}}`, `<a href="mailto:{{.S}}">`, `<p>{{.List}}{{.Map}}{{.Words}}</p>`,
	`{{parts .F}}<p title="{{parts .F}}{{price .Whole .S}}">{{price .Whole "<"}}`, `{{range .List}}{{.Loud}}{{with .Pointed}}{{.}}{{end}}{{if .Loud}}x{{end}}{{end}}{{.Pointer.Loud}}{{.Loud}}`,
	`{{.Func}}`, `{{with $x := .S}}{{else}}{{$x}}{{end}}`,
}

func TestWritesWhatHTMLTemplateWrites(t *testing.T) {
	t.Parallel()
	for _, text := range done {
		b := newBoth(t, text)
		if b == nil {
			t.Errorf("html/template does not take %q", text)
			continue
		}
		for _, s := range hard {
			for _, n := range []int{0, 1, 2, -7, 1 << 40} {
				if err := b.execute(t, pageOf(s, n)); err != nil {
					t.Errorf("%q with %q and %d: %v", text, s, n, err)
				}
			}
		}
	}
}

// hard are strings that escapers are careful about.
var hard = []string{"", "a", "/", "<b>&'\"+`=\x00 \t\n</b>", "javascript:alert(1)", "JavaScript:x", "https://example.com/a b?c=d&e='%41%zz+ü", "HTTP://x", "mailto:a@b", "x:y/z", "/x:y", "a, b 2x, javascript:x 1w",
	"\xff\xfe<\xe2\x80", "\u2028\ufdd0\ufffe😀", "</script><!--", "a;b{}(c)\\", "%", "100%25", "[x](y)~!*$@,;", "expression(1)", "#frag?x", "<textarea></title>"}

// given are texts that are given up, or refused; html/template may take them or not.
var given = []string{`{{.Map.a}}`, `{{index .Map "a"}}`, `{{range .Map}}{{.}}{{end}}`, `{{range 3}}{{.}}{{end}}`, `{{range .List}}{{break}}{{end}}`, `{{range .List}}{{continue}}{{end}}`, `{{.Nil.Text}}`, `{{.Missing}}`, `{{call .Func}}`,
	`{{.S | same}}`, `{{.S | html}}`, `{{html .S}}`, `{{urlquery .S}}`, `{{slice .S 1}}`, `{{1.5}}`, `{{'a'}}`, `{{0x10}}`, `{{nil}}`, `{{(print .S).X}}`, `{{.S.Text}}`, `{{same .Word}}`, `{{same 1}}`, `{{same}}`, `{{eq .S 1}}`, `{{eq .N .U}}`,
	`{{eq .List .List}}`, `{{lt .B .B}}`, `{{panics}}`, `{{bold ""}}`, `{{.inner}}`, `{{template "endless" .}}`, `{{$x := 1}}{{range $x = .List}}{{$x}}{{end}}`, `{{if .B}}{{$x := 1}}{{else}}{{$x}}{{end}}`, `{{len .N}}`, `{{range .S}}{{end}}`,
	`{{template "nowhere" .}}`, `{{index .List 9}}`, `{{index .List -1}}`, `{{and}}`, `{{.Times 1}}`, `{{not}}`, `{{ $x := .S | printf "%s" }}{{$x}}`, `<a {{if .B}}href="{{end}}x">`, `<script>{{if .B}}"{{end}}</script>`}

func TestGivesUpWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, text := range given {
		b := newBoth(t, text)
		for n := 0; b != nil && n < 3; n++ {
			data := pageOf(hard[n+1], n)
			b.execute(t, data) // whatever it does, it writes nothing else
			b.execute(t, &data)
			if err := b.compiled.Execute(new(bytes.Buffer), "page", data, nil); err == nil && n == 1 {
				t.Errorf("%q is not given up; let it move to those that are done", text)
			}
		}
	}
}

// What is remembered of types is remembered for all, so many execute at once and meet them in different orders.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	set := template.Must(template.New("page").Option("missingkey=error").Funcs(functions).Parse(`{{range .}}{{.Text}}<a href="{{.Loud}}">{{end}}`))
	clone := template.Must(set.Clone())
	compiled, err := quick.Compile(clone, functions, quick.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := [][]any{{inner{"a", 1}, &inner{"b", 2}}, {&inner{"b", 2}, outer{inner: inner{"c", 3}}}, {outer{inner: inner{"c", 3}}, &outer{inner: inner{"<", 4}}, inner{"a", 1}}}
	var wait sync.WaitGroup
	for i := range 8 {
		data := kinds[i%len(kinds)]
		var want bytes.Buffer
		if err := set.Execute(&want, data); err != nil {
			t.Fatal(err)
		}
		wait.Go(func() {
			for range 50 {
				var got bytes.Buffer
				if err := compiled.Execute(&got, "page", data, nil); err != nil || got.String() != want.String() {
					t.Errorf("%q in place of %q, or %v", got.String(), want.String(), err)
				}
			}
		})
	}
	wait.Wait()
}

// FuzzExecute looks for a text and data for which something else is written.
func FuzzExecute(f *testing.F) {
	for i, text := range append(done[:len(done):len(done)], given...) {
		f.Add(text, hard[i%len(hard)], i-3, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, text, s string, n int, pointer bool) {
		if strings.Contains(text, "printf") || strings.Contains(text, "define") || strings.Contains(text, "block") {
			return // %9999999d takes long, and a template defined in the text can replace a partial
		}
		b := newBoth(t, text)
		if b == nil {
			return
		}
		data := pageOf(s, n)
		if pointer {
			b.execute(t, &data)
		} else {
			b.execute(t, data)
		}
	})
}
