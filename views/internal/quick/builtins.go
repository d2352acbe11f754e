package quick

import "reflect"

// builtin is a call of one of text/template's own functions (text/template, funcs.go). Where they compare unlike things or look into
// maps, they are given up.
func builtin(name string, a []expression) (expression, bool) {
	yes := func(answer func(x *run, dot reflect.Value) bool) (expression, bool) {
		return expression{value: func(x *run, dot reflect.Value) reflect.Value { return reflect.ValueOf(answer(x, dot)) }}, true
	}
	compared := func(answer func(v, w reflect.Value) bool) (expression, bool) {
		return yes(func(x *run, dot reflect.Value) bool { return answer(a[0].value(x, dot), a[1].value(x, dot)) })
	}
	switch {
	case name == "not" && len(a) == 1:
		return yes(func(x *run, dot reflect.Value) bool { return !truth(a[0].value(x, dot)) })
	case (name == "and" || name == "or") && len(a) > 0:
		return expression{value: func(x *run, dot reflect.Value) (v reflect.Value) {
			for i := range a {
				if v = a[i].value(x, dot); truth(v) == (name == "or") {
					break
				}
			}
			return v
		}}, true
	case name == "eq" && len(a) > 1:
		return yes(func(x *run, dot reflect.Value) bool {
			v, found := a[0].value(x, dot), false
			for i := range a[1:] {
				found = equal(v, a[1+i].value(x, dot)) || found // all of them, as one that cannot be compared is an error only until one is equal
			}
			return found
		})
	case name == "ne" && len(a) == 2:
		return compared(func(v, w reflect.Value) bool { return !equal(v, w) })
	case name == "lt" && len(a) == 2:
		return compared(less)
	case name == "le" && len(a) == 2:
		return compared(func(v, w reflect.Value) bool { return less(v, w) || equal(v, w) })
	case name == "gt" && len(a) == 2:
		return compared(func(v, w reflect.Value) bool { return !less(v, w) && !equal(v, w) })
	case name == "ge" && len(a) == 2:
		return compared(func(v, w reflect.Value) bool { return !less(v, w) })
	case name == "len" && len(a) == 1:
		return expression{value: func(x *run, dot reflect.Value) reflect.Value { return reflect.ValueOf(sized(a[0].value(x, dot)).Len()) }}, true
	case name == "index" && len(a) == 2:
		return expression{value: func(x *run, dot reflect.Value) reflect.Value {
			return item(a[0].value(x, dot), a[1].value(x, dot))
		}}, true
	}
	return expression{}, false
}

// truth is what {{if}} makes of a value (text/template, exec.go, isTrue).
func truth(v reflect.Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Bool:
		return v.Bool()
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
		return v.Len() > 0
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int() != 0
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return v.Uint() != 0
	case reflect.Float32, reflect.Float64:
		return v.Float() != 0
	case reflect.Pointer, reflect.Func, reflect.Chan:
		return !v.IsNil()
	case reflect.Struct:
		return true
	}
	panic(giveUp("the truth of " + v.Type().String()))
}

// alike are two values of one kind that can be compared, without the interfaces around them.
func alike(v, w reflect.Value) (reflect.Value, reflect.Value) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if w.Kind() == reflect.Interface {
		w = w.Elem()
	}
	if v.CanInt() && w.CanInt() || v.CanUint() && w.CanUint() || v.CanFloat() && w.CanFloat() || v.Kind() == w.Kind() {
		return v, w
	}
	panic(giveUp("a comparison of unlike things"))
}

func equal(v, w reflect.Value) bool {
	v, w = alike(v, w)
	switch {
	case v.Kind() == reflect.String:
		return v.String() == w.String()
	case v.Kind() == reflect.Bool:
		return v.Bool() == w.Bool()
	case v.CanInt():
		return v.Int() == w.Int()
	case v.CanUint():
		return v.Uint() == w.Uint()
	case v.CanFloat():
		return v.Float() == w.Float()
	}
	panic(giveUp("a comparison of what is not simple"))
}

func less(v, w reflect.Value) bool {
	v, w = alike(v, w)
	switch {
	case v.Kind() == reflect.String:
		return v.String() < w.String()
	case v.CanInt():
		return v.Int() < w.Int()
	case v.CanUint():
		return v.Uint() < w.Uint()
	case v.CanFloat():
		return v.Float() < w.Float()
	}
	panic(giveUp("an order of what has none"))
}

// sized is what is behind pointers and interfaces, if it has a length.
func sized(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem() // of nil, nothing
	}
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
		return v
	}
	panic(giveUp("the length of what has none"))
}

// item is an element of a slice or an array, or a byte of a string.
func item(of, index reflect.Value) reflect.Value {
	of = sized(of)
	if index.Kind() == reflect.Interface {
		index = index.Elem()
	}
	if of.Kind() == reflect.Map || !index.CanInt() || index.Int() < 0 || index.Int() >= int64(of.Len()) {
		panic(giveUp("an index that does not fit"))
	}
	return of.Index(int(index.Int()))
}
