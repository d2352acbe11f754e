package views

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gofiber/template/html/v2"

	"atrium/views/internal/quick"
)

// set is all templates with one way to write dates and numbers, as html/template has them and compiled.
type set struct {
	*template.Template
	quick   *quick.Set // nil: nothing is compiled
	refused error      // why nothing is
}

// Every engine of the process has the same templates, so that they are made once, when they are first asked for.
var (
	standardSets = setsOf(standardSet) // for html/template alone
	compiledSets = setsOf(compiledSet)
)

func setsOf(make func(*locale) (*set, error)) map[*locale]func() (*set, error) {
	sets := map[*locale]func() (*set, error){}
	for _, l := range locales {
		sets[l] = sync.OnceValues(func() (*set, error) { return make(l) })
	}
	return sets
}

func standardSet(l *locale) (*set, error) {
	all, err := parse(l)
	if err != nil {
		return nil, err
	}
	return &set{Template: all}, escape(all)
}

// compiledSet compiles a clone, made before anything was executed: a template that cannot be escaped by itself takes others with it.
// What html/template keeps is escaped when it is first asked for, if ever.
func compiledSet(l *locale) (*set, error) {
	all, err := parse(l)
	if err != nil {
		return nil, err
	}
	clone, err := all.Clone()
	if err != nil {
		return nil, fmt.Errorf("views: clone: %w", err)
	}
	calls := l.functions()
	maps.Copy(calls, functions)
	compiled, err := quick.Compile(clone, calls, quick.Options{Pure: slices.Collect(maps.Keys(functions)), Methods: called})
	if err != nil {
		return &set{Template: all, refused: err}, escape(all) // which names the template, if there is one
	}
	return &set{Template: all, quick: compiled}, nil
}

// called are the methods that stand in the frames, in forms and in rows, so that a page calls them tens of times.
var called = []quick.Method{
	quick.Named("Alt", func(v interface{ Alt() string }) string { return v.Alt() }),
	quick.Named("Control", func(v interface{ Control() string }) string { return v.Control() }),
	quick.Named("DescribedBy", func(v interface{ DescribedBy() string }) string { return v.DescribedBy() }),
	quick.Named("Display", func(v interface{ Display() string }) string { return v.Display() }),
	quick.Named("Favicon", func(v interface{ Favicon() string }) string { return v.Favicon() }),
	quick.Named("Heading", func(v interface{ Heading() string }) string { return v.Heading() }),
	quick.Named("Initials", func(v interface{ Initials() string }) string { return v.Initials() }),
	quick.Named("IsZero", func(v interface{ IsZero() bool }) bool { return v.IsZero() }),
	quick.Named("Kind", func(v interface{ Kind() string }) string { return v.Kind() }),
	quick.Named("Known", func(v interface{ Known() bool }) bool { return v.Known() }),
	quick.Named("MoreCurrent", func(v interface{ MoreCurrent() bool }) bool { return v.MoreCurrent() }),
	quick.Named("NavBar", func(v interface{ NavBar() []NavItem }) []NavItem { return v.NavBar() }),
	quick.Named("NavGroups", func(v interface{ NavGroups() []NavGroup }) []NavGroup { return v.NavGroups() }),
	quick.Named("NavMore", func(v interface{ NavMore() []NavItem }) []NavItem { return v.NavMore() }),
	quick.Named("NewTab", func(v interface{ NewTab() bool }) bool { return v.NewTab() }),
}

// execute writes what is compiled, or nothing and an error.
func (s *set) execute(w *bytes.Buffer, name string, data any, trace func(name string)) error {
	if s.quick == nil {
		return s.refused
	}
	return s.quick.Execute(w, name, data, trace)
}

func parse(l *locale) (*template.Template, error) {
	inner := html.NewFileSystem(http.FS(source{files}), ".html")
	inner.AddFuncMap(functions)
	inner.AddFuncMap(l.functions())
	if err := inner.Load(); err != nil {
		return nil, fmt.Errorf("views: parse: %w", err)
	}
	return inner.Templates.Option("missingkey=error"), nil
}

// escape makes happen now what html/template does at the first execution. One template that holds all the others is executed in their
// place, and without executing them: each that is executed by itself costs time for all there are.
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
		if alone := t.Execute(io.Discard, nil); t != every && errors.As(alone, &fault) {
			return fmt.Errorf("views: %s: %w", t.Name(), alone)
		}
	}
	return err
}
