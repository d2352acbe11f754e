package views

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"sync"
	"unsafe"
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
// html/template parses and escapes; what comes out of that is compiled and executed by views/internal/quick, and by html/template
// itself where that gives up.
//
// An Engine is safe for use by many requests at once after Load.
type Engine struct {
	// Trace, if set, is called with the name of each compiled template as it is executed, nested ones included.
	Trace func(name string)

	// Standard, if set before Load, leaves everything to html/template.
	Standard bool

	// GaveUp, if set, is called with each template that html/template had to write because the compiled one could not, and why.
	GaveUp func(name string, why error)

	// Compared, if set, has everything executed by html/template as well and is called with each template that was, what it was
	// executed with, and where the compiled one differs or why it gave up; nil: it did neither. The data may be kept, but not the Body of a
	// frame, which is good until the call returns. For tests.
	Compared func(name string, data any, err error)

	sets map[*locale]func() (*set, error) // those of the process; nil before Load
}

// Framed is a page that can stand in a frame. Every struct that embeds [Page] is one.
type Framed interface {
	framed() Page
}

// Load parses and escapes every template. It returns an error naming the file of the first one that does not parse,
// calls an unknown function or template, or puts a value where it cannot be made safe. Those that write dates and numbers in other ways
// are parsed when they are first asked for.
func (e *Engine) Load() error {
	sets := compiledSets
	if e.Standard {
		sets = standardSets
	}
	if _, err := sets[locales[0]](); err != nil {
		return err
	}
	e.sets = sets
	return nil
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
	framed.Body = htmlOf(body) // already escaped: it is the output of a template
	out := buffer()
	defer release(out)
	if err := e.execute(out, layout[0], &framed); err != nil { // by its pointer, so that its methods are called without a copy
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
	if e.Standard {
		return standard(w, t, data)
	}
	switch why := all.execute(w, name, data, e.Trace); {
	case e.Compared != nil:
		return e.compare(w, t, data, why)
	case why != nil:
		return e.rescue(w, t, data, why)
	}
	return nil
}

// standard executes with html/template.
func standard(w *bytes.Buffer, t *template.Template, data any) error {
	if err := t.Execute(w, data); err != nil {
		return fmt.Errorf("views: %w", err)
	}
	return nil
}

// rescue has html/template write what the compiled template did not; where that fails too, the fault is the template's.
func (e *Engine) rescue(w *bytes.Buffer, t *template.Template, data any, why error) error {
	if err := standard(w, t, data); err != nil {
		return err
	}
	if e.GaveUp != nil {
		e.GaveUp(t.Name(), why)
	}
	return nil
}

// compare executes with html/template what was compiled and wrote to w, or gave up.
func (e *Engine) compare(w *bytes.Buffer, t *template.Template, data any, gaveUp error) error {
	compiled := bytes.Clone(w.Bytes())
	w.Reset()
	err := standard(w, t, data)
	switch {
	case err != nil && gaveUp == nil:
		gaveUp = fmt.Errorf("html/template fails: %w", err)
	case err != nil:
		gaveUp = nil // as it should
	case gaveUp == nil && !bytes.Equal(compiled, w.Bytes()):
		gaveUp = fmt.Errorf("html/template makes\n%s\nand this is\n%s", w, compiled)
	}
	e.Compared(t.Name(), data, gaveUp)
	return err
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func buffer() *bytes.Buffer { return buffers.Get().(*bytes.Buffer) }

// htmlOf is what a buffer holds, for as long as it holds it. A copy would be a third of all the memory that pages ask for.
func htmlOf(b *bytes.Buffer) template.HTML {
	return template.HTML(unsafe.String(unsafe.SliceData(b.Bytes()), b.Len()))
}

// release gives a buffer back, except one that grew past 1 MiB: the pool would keep that much for every later small page.
func release(b *bytes.Buffer) {
	if b.Cap() > 1<<20 {
		return
	}
	b.Reset()
	buffers.Put(b)
}
