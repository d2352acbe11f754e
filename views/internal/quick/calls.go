package quick

import (
	"fmt"
	"html/template"
	"reflect"
	"text/template/parse"
	"time"
)

var (
	stringType  = reflect.TypeFor[string]()
	htmlType    = reflect.TypeFor[template.HTML]()
	errorType   = reflect.TypeFor[error]()
	timeType    = reflect.TypeFor[time.Time]()
	int64Type   = reflect.TypeFor[int64]()
	float64Type = reflect.TypeFor[float64]()
	reflectType = reflect.TypeFor[reflect.Value]()
)

// printers are the built-in functions that are plain functions of package fmt.
var printers = template.FuncMap{"print": fmt.Sprint, "printf": fmt.Sprintf, "println": fmt.Sprintln}

// function is a call of a function by name.
func (c *compiler) function(name string, nodes []parse.Node) expression {
	arguments := c.arguments(nodes)
	f, ours := c.functions[name]
	if !ours {
		if e, ok := builtin(name, arguments); ok {
			return e
		}
		if f = printers[name]; f == nil {
			refuse("no function %s", name)
		}
	}
	e := typed(f, arguments)
	if e.text == nil {
		fn := reflect.ValueOf(f)
		e.value = func(x *run, dot reflect.Value) reflect.Value { return invoke(fn, arguments, x, dot) }
	}
	if c.pure[name] || !ours {
		return folded(e, arguments)
	}
	return e
}

// folded is the value of an expression of constants, if it has one.
func folded(e expression, arguments []expression) (done expression) {
	for _, a := range arguments {
		if !a.constant {
			return e
		}
	}
	defer func() {
		if recover() != nil {
			done = e // it fails each time it is executed, which html/template then tells about
		}
	}()
	if e.text != nil {
		text := e.text(nil, reflect.Value{})
		done = ofText(e.html, func(*run, reflect.Value) string { return text })
	} else {
		done = constant(e.value(nil, reflect.Value{}))
	}
	done.constant, done.literal = true, false
	return done
}

// invoke calls by reflection. What may be given for what is told by package text/template, exec.go, evalArg and validateType.
func invoke(fn reflect.Value, arguments []expression, x *run, dot reflect.Value) reflect.Value {
	t := fn.Type()
	fixed := t.NumIn()
	if t.IsVariadic() {
		fixed--
	}
	if len(arguments) < fixed || len(arguments) > fixed && !t.IsVariadic() || t.NumOut() == 0 || t.NumOut() > 2 || t.NumOut() == 2 && t.Out(1) != errorType {
		panic(giveUp("a call that does not fit"))
	}
	var given []reflect.Value
	for i, a := range arguments {
		of := t.In(min(i, t.NumIn()-1))
		if i >= fixed {
			of = of.Elem()
		}
		given = append(given, fit(a, a.value(x, dot), of))
	}
	out := fn.Call(given)
	if len(out) == 2 && !out[1].IsNil() {
		panic(giveUp("a function failed"))
	}
	if out[0].Type() == reflectType {
		panic(giveUp("a function of reflection"))
	}
	return out[0]
}

// fit is a value as a parameter takes it.
func fit(a expression, v reflect.Value, t reflect.Type) reflect.Value {
	switch {
	case t == reflectType:
		panic(giveUp("a function of reflection"))
	case !v.IsValid():
		if t.Kind() == reflect.Interface {
			return reflect.Zero(t)
		}
	case v.Type().AssignableTo(t):
		return v
	case v.Kind() == reflect.Interface && !v.IsNil():
		if v = v.Elem(); v.Type().AssignableTo(t) {
			return v
		}
	case a.literal && v.Kind() == t.Kind() && v.Kind() != reflect.Int:
		return v.Convert(t)
	}
	panic(giveUp("an argument that does not fit"))
}

// textOf is the value of an argument as a parameter of type string takes it.
func textOf(a expression, x *run, dot reflect.Value) string {
	if a.text != nil && !a.html {
		return a.text(x, dot)
	}
	return exactly(a, x, dot, stringType).String()
}

// exactly is the value of an argument that is of this type.
func exactly(a expression, x *run, dot reflect.Value, t reflect.Type) reflect.Value {
	v := a.value(x, dot)
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || v.Type() != t {
		panic(giveUp("no " + t.String()))
	}
	return v
}

// timeOf is the same as textOf for time.Time.
func timeOf(a expression, x *run, dot reflect.Value) time.Time {
	v := exactly(a, x, dot, timeType)
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Interface().(time.Time)
}

// anyOf is the same for any.
func anyOf(a expression, x *run, dot reflect.Value) any {
	v := a.value(x, dot)
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

// must is the text of a function that can fail.
func must[T ~string](text T, err error) string {
	if err != nil {
		panic(giveUp("a function failed"))
	}
	return string(text)
}

// typed calls functions of the signatures that are used most without reflection; for others its text is nil.
func typed(f any, a []expression) expression {
	switch f := f.(type) {
	case func(string) string:
		if len(a) == 1 {
			return ofText(false, func(x *run, dot reflect.Value) string { return f(textOf(a[0], x, dot)) })
		}
	case func(string) (string, error):
		if len(a) == 1 {
			return ofText(false, func(x *run, dot reflect.Value) string { return must(f(textOf(a[0], x, dot))) })
		}
	case func(string, ...string) (template.HTML, error):
		if len(a) > 0 {
			return ofText(true, func(x *run, dot reflect.Value) string {
				first := textOf(a[0], x, dot)
				var rest []string
				for _, more := range a[1:] {
					rest = append(rest, textOf(more, x, dot))
				}
				return must(f(first, rest...))
			})
		}
	case func(time.Time) string:
		if len(a) == 1 {
			return ofText(false, func(x *run, dot reflect.Value) string { return f(timeOf(a[0], x, dot)) })
		}
	case func(time.Time, time.Time) template.HTML:
		if len(a) == 2 {
			return ofText(true, func(x *run, dot reflect.Value) string {
				return string(f(timeOf(a[0], x, dot), timeOf(a[1], x, dot)))
			})
		}
	case func(float64) string:
		if len(a) == 1 {
			return ofText(false, func(x *run, dot reflect.Value) string { return f(exactly(a[0], x, dot, float64Type).Float()) })
		}
	case func(int64, string) (string, error):
		if len(a) == 2 {
			return ofText(false, func(x *run, dot reflect.Value) string {
				return must(f(exactly(a[0], x, dot, int64Type).Int(), textOf(a[1], x, dot)))
			})
		}
	case func(any) (string, error):
		if len(a) == 1 {
			return ofText(false, func(x *run, dot reflect.Value) string { return must(f(anyOf(a[0], x, dot))) })
		}
	case func(any, string, string) (string, error):
		if len(a) == 3 {
			return ofText(false, func(x *run, dot reflect.Value) string {
				return must(f(anyOf(a[0], x, dot), textOf(a[1], x, dot), textOf(a[2], x, dot)))
			})
		}
	case func(...any) string:
		return ofText(false, func(x *run, dot reflect.Value) string {
			given := make([]any, len(a))
			for i := range a {
				given[i] = anyOf(a[i], x, dot)
			}
			return f(given...)
		})
	}
	return expression{}
}
