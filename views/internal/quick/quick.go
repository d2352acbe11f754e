// Package quick executes templates of html/template without walking their trees: each template is compiled once to closures that
// remember where the fields of the types they met are, and that append to one buffer.
//
// What is safe where is not decided here. html/template parses and escapes as always, which leaves the names of its escapers at the
// end of each pipeline, and those names are what is compiled; only what the escapers do to plain strings is repeated (escape.go),
// and everything else goes through html/template's own functions.
//
// Nor does it need to know everything. A template with a construct, a function or an escaper that is not known here is refused when
// it is compiled, and an execution that meets anything but the plain case gives up: a nil pointer, a map, an argument that does not
// fit, an error of a function. Both are an error of [Set.Execute], with nothing written; html/template then does the whole template
// again, and says what is wrong if something is.
//
// Only package views may use it.
package quick

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"sync"
)

// depthMost is how deep templates may call each other; html/template goes on to 100,000.
const depthMost = 500

// Set is the compiled form of a set of templates. It is safe for use by many at once.
type Set struct {
	templates map[string]*compiled
}

// compiled is one template, or why it was refused.
type compiled struct {
	name    string
	source  string // the name it was parsed with, whatever place it is escaped for
	body    list
	slots   int // variables it declares, and $
	calls   []*compiled
	refused error
}

// Options say what is known of what templates call.
type Options struct {
	// Pure names functions that are called when a template is compiled if all their arguments stand in it, and never again.
	Pure []string

	// Methods are called without reflection; every other method is found all the same.
	Methods []Method
}

// Compile compiles every template of the set, which must not have been executed; give it a Clone, because the set is of no other
// use afterwards. The functions are those the set was parsed with.
//
// Templates must be written for Option("missingkey=error"), which is how they are executed.
func Compile(all *template.Template, functions template.FuncMap, o Options) (*Set, error) {
	trees, err := escapedTrees(all)
	if err != nil {
		return nil, fmt.Errorf("quick: %w", err)
	}
	s := &Set{templates: map[string]*compiled{}}
	for name := range trees {
		source, _, _ := strings.Cut(name, derivedMark)
		s.templates[name] = &compiled{name: name, source: source}
	}
	pure, methods := map[string]bool{}, map[string][]Method{}
	for _, name := range o.Pure {
		pure[name] = true
	}
	for _, m := range o.Methods {
		methods[m.name] = append(methods[m.name], m)
	}
	for name, tree := range trees {
		c := &compiler{set: s, functions: functions, pure: pure, methods: methods, into: s.templates[name]}
		c.template(tree)
	}
	s.refuseCallers()
	return s, nil
}

// refuseCallers refuses what calls a refused template, at any depth.
func (s *Set) refuseCallers() {
	for changed := true; changed; {
		changed = false
		for _, t := range s.templates {
			for _, called := range t.calls {
				if t.refused == nil && called.refused != nil {
					t.refused = fmt.Errorf("it calls %s, which is refused: %w", called.name, called.refused)
					changed = true
				}
			}
		}
	}
}

// Refused says why a template was refused; nil: it was not.
func (s *Set) Refused(name string) error {
	t := s.templates[name]
	if t == nil {
		return fmt.Errorf("quick: %s: there is no such template", name)
	}
	if t.refused != nil {
		return fmt.Errorf("quick: %s: %w", name, t.refused)
	}
	return nil
}

// run is one execution.
type run struct {
	out   []byte
	vars  []reflect.Value // of all templates being executed, the innermost last
	base  int             // where those of the innermost begin
	depth int
	trace func(name string)
}

var runs = sync.Pool{New: func() any { return new(run) }}

// release gives a run back, except one that grew past 1 MiB: the pool would keep that much for every later small page.
func (x *run) release() {
	if cap(x.out) > 1<<20 {
		return
	}
	clear(x.vars[:cap(x.vars)]) // or the pool would keep the page's data
	*x = run{out: x.out[:0], vars: x.vars[:0]}
	runs.Put(x)
}

// giveUp is what an execution panics with when it meets what it does not do.
type giveUp string

// Execute writes what html/template's Execute writes. On an error nothing has been written, and html/template has to be asked.
// Trace, unless it is nil, is called with the name of each template as it is executed, nested ones included.
func (s *Set) Execute(w *bytes.Buffer, name string, data any, trace func(name string)) (err error) {
	t := s.templates[name]
	if t == nil || t.refused != nil {
		return s.Refused(name)
	}
	if _, ok := data.(reflect.Value); ok {
		return fmt.Errorf("quick: %s: a value of reflection", name) // html/template looks into it
	}
	x := runs.Get().(*run)
	x.trace = trace
	defer x.release()
	defer func() {
		// Whatever it is, also a fault of a function: html/template meets it again and treats it as it always did.
		if problem := recover(); problem != nil {
			err = fmt.Errorf("quick: %s: %v", name, problem)
		}
	}()
	x.execute(t, reflect.ValueOf(data))
	w.Write(x.out)
	return nil
}

// execute does one template, with variables of its own.
func (x *run) execute(t *compiled, dot reflect.Value) {
	if x.depth++; x.depth > depthMost {
		panic(giveUp("too deep"))
	}
	if x.trace != nil {
		x.trace(t.source)
	}
	base := x.base
	x.base = len(x.vars)
	x.vars = append(x.vars, dot)
	for range t.slots - 1 {
		x.vars = append(x.vars, reflect.Value{})
	}
	t.body.do(x, dot)
	x.vars, x.base = x.vars[:x.base], base
	x.depth--
}
