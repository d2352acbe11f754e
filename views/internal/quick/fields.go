package quick

import (
	"reflect"
	"sync/atomic"
)

// placesMost is how many types one name in a template remembers; more are looked up each time.
const placesMost = 32

// field is one name in a template, with what it is in the types it met.
type field struct {
	name      string
	arguments []expression
	methods   []Method // those of that name
	known     atomic.Pointer[place]
}

// place is what a field is in one type.
type place struct {
	of     reflect.Type
	by     bool // the value can be addressed, so that the methods of its pointer count
	read   func(f *field, x *run, dot, v reflect.Value) reflect.Value
	before *place
	count  int
}

// fields is a chain of names after a value; the last has the arguments.
func (c *compiler) fields(of expression, names []string, arguments []expression) expression {
	if len(names) == 0 && len(arguments) > 0 {
		refuse("arguments for a value")
	}
	e := of
	for i, name := range names {
		f := &field{name: name, methods: c.methods[name]}
		if i == len(names)-1 {
			f.arguments = arguments
		}
		value := e.value
		e = expression{value: func(x *run, dot reflect.Value) reflect.Value { return f.of(x, dot, value(x, dot)) }}
	}
	return e
}

// of is the field of v, which is behind any number of pointers and interfaces.
func (f *field) of(x *run, dot, v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			panic(giveUp("nil has no " + f.name))
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		panic(giveUp("nothing has no " + f.name))
	}
	t, by := v.Type(), v.CanAddr()
	first := f.known.Load()
	for p := first; p != nil; p = p.before {
		if p.of == t && p.by == by {
			return p.read(f, x, dot, v)
		}
	}
	p := &place{of: t, by: by, read: find(f, t, by), before: first, count: 1}
	if first != nil {
		p.count += first.count
	}
	if p.count <= placesMost {
		f.known.CompareAndSwap(first, p) // whoever comes second finds it again
	}
	return p.read(f, x, dot, v)
}

// find tells how a field is read: a method goes before a field of the same name.
func find(f *field, t reflect.Type, by bool) func(*field, *run, reflect.Value, reflect.Value) reflect.Value {
	holder := t
	if by {
		holder = reflect.PointerTo(t)
	}
	if m, ok := holder.MethodByName(f.name); ok {
		for _, known := range f.methods {
			if by && holder.Implements(known.of) && len(f.arguments) == 0 {
				return func(_ *field, _ *run, _, v reflect.Value) reflect.Value { return known.call(v.Addr().Interface()) }
			}
		}
		return method(m, by)
	}
	if t.Kind() != reflect.Struct {
		panic(giveUp(t.String() + " has no " + f.name))
	}
	s, ok := t.FieldByName(f.name)
	if !ok || !s.IsExported() || len(f.arguments) > 0 {
		panic(giveUp(t.String() + " has no " + f.name))
	}
	if len(s.Index) == 1 {
		index := s.Index[0]
		return func(_ *field, _ *run, _, v reflect.Value) reflect.Value { return v.Field(index) }
	}
	return func(f *field, _ *run, _, v reflect.Value) reflect.Value {
		found, err := v.FieldByIndexErr(s.Index)
		if err != nil {
			panic(giveUp(err.Error()))
		}
		return found
	}
}

// method calls a method, of the pointer to the value where by is set.
func method(m reflect.Method, by bool) func(*field, *run, reflect.Value, reflect.Value) reflect.Value {
	return func(f *field, x *run, dot, v reflect.Value) reflect.Value {
		if by {
			v = v.Addr()
		}
		return invoke(v.Method(m.Index), f.arguments, x, dot)
	}
}

// Method is how a method without arguments is called without reflection, which costs four allocations a call.
type Method struct {
	name string
	of   reflect.Type // an interface of this method alone
	call func(any) reflect.Value
}

// Named is a method by its name, such as Named("Title", func(v interface{ Title() string }) string { return v.Title() }): of every type that has it with this signature.
func Named[I, R any](name string, call func(I) R) Method {
	return Method{name, reflect.TypeFor[I](), func(of any) reflect.Value { return reflect.ValueOf(call(of.(I))) }}
}
