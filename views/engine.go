package views

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/gofiber/template/html/v2"
)

// The frames a page can be rendered in, as names for [Engine.Render].
const (
	FramePortal = "frame/portal" // clients, on portal hosts
	FrameAdmin  = "frame/admin"  // staff, on the admin host
	FrameCard   = "frame/card"   // sign-in and set-up, on both
	FrameEmbed  = "frame/embed"  // public forms inside other sites' pages
)

// Engine renders the embedded templates; it is Fiber's Views. The html/v2 package finds and parses the files; rendering is done here
// because html/v2 prints a template's error into the page with status 200 and renders framed pages one at a time under a lock.
//
// An Engine is safe for use by many requests at once after Load.
type Engine struct {
	// Trace, if set before Load, is called with the name of each template as it is executed, nested ones included.
	// Nil, the default, adds nothing to the templates.
	Trace func(name string)

	once sync.Once
	sets map[*locale]func() (*template.Template, error) // a set of templates for each way to write dates and numbers
	err  error
}

// Framed is a page that can stand in a frame. Every struct that embeds [Page] is one.
type Framed interface {
	framed() Page
}

// Load parses and escapes every template. It returns an error naming the file of the first one that does not parse,
// calls an unknown function or template, or puts a value where it cannot be made safe. Those that write dates and numbers in other ways
// are parsed when they are first asked for. It does so once: Fiber asks anew for each app, and whoever asks meanwhile waits.
func (e *Engine) Load() error {
	e.once.Do(func() { e.sets, e.err = e.load() })
	return e.err
}

func (e *Engine) load() (map[*locale]func() (*template.Template, error), error) {
	sets := map[*locale]func() (*template.Template, error){}
	for _, l := range locales {
		sets[l] = sync.OnceValues(func() (*template.Template, error) { return e.parse(l) })
	}
	_, err := sets[locales[0]]()
	return sets, err
}

func (e *Engine) parse(l *locale) (*template.Template, error) {
	inner := html.NewFileSystem(http.FS(source{FS: files, traced: e.Trace != nil}), ".html")
	inner.AddFuncMap(functions)
	inner.AddFuncMap(l.functions())
	inner.AddFunc(traceFunc, func(name string) bool {
		e.Trace(name)
		return false
	})
	if err := inner.Load(); err != nil {
		return nil, fmt.Errorf("views: parse: %w", err)
	}
	all := inner.Templates.Option("missingkey=error")
	if err := escape(all); err != nil {
		return nil, fmt.Errorf("views: %w", err)
	}
	return all, nil
}

// escape makes happen now what html/template does at the first execution. One template that holds all the others is executed in
// their place, and without executing them: each that is executed by itself costs time for all there are.
func escape(all *template.Template) error {
	var text strings.Builder
	for _, t := range all.Templates() {
		if t.Tree != nil { // the one that html/v2 hangs the others on is empty
			fmt.Fprintf(&text, "{{if .}}{{template %q .}}{{end}}\n", t.Name())
		}
	}
	every, err := all.New("every template").Parse(text.String())
	if err != nil {
		return err
	}
	if err = every.Execute(io.Discard, nil); err == nil {
		return nil
	}
	for _, t := range all.Templates() { // one that ends inside of a tag is no fault before the next begins: it is asked alone
		var fault *template.Error
		if alone := t.Execute(io.Discard, nil); errors.As(alone, &fault) {
			return fmt.Errorf("%s: %w", t.Name(), alone)
		}
	}
	return err
}

// Render writes the template name executed with data to w; with a frame in layout, data must be [Framed] and the frame is written around it.
// On an error nothing has been written to w. Only the first layout counts; an empty one means none.
func (e *Engine) Render(w io.Writer, name string, data interface{}, layout ...string) error {
	body := buffer()
	defer release(body)
	if err := e.execute(body, name, data); err != nil {
		return err
	}
	if len(layout) == 0 || layout[0] == "" {
		_, err := body.WriteTo(w)
		return err
	}
	page, ok := data.(Framed)
	if !ok {
		return fmt.Errorf("views: %s: %T does not embed views.Page, so it cannot stand in %s", name, data, layout[0])
	}
	framed := page.framed()
	framed.Body = template.HTML(body.String()) // already escaped: it is the output of a template
	out := buffer()
	defer release(out)
	if err := e.execute(out, layout[0], framed); err != nil {
		return err
	}
	_, err := out.WriteTo(w)
	return err
}

func (e *Engine) execute(w *bytes.Buffer, name string, data any) error {
	l := locales[0]
	if page, ok := data.(Framed); ok {
		l = localeOf(page.framed().Locale)
	}
	if e.sets == nil {
		return errors.New("views: Render before Load")
	}
	all, err := e.sets[l]()
	if err != nil {
		return err
	}
	t := all.Lookup(name)
	if t == nil {
		return fmt.Errorf("views: there is no template %q", name)
	}
	if err := t.Execute(w, data); err != nil {
		return fmt.Errorf("views: %w", err)
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func buffer() *bytes.Buffer { return buffers.Get().(*bytes.Buffer) }

// release gives a buffer back, except one that grew past 1 MiB: the pool would keep that much for every later small page.
func release(b *bytes.Buffer) {
	if b.Cap() > 1<<20 {
		return
	}
	b.Reset()
	buffers.Put(b)
}
