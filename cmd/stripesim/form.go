package stripesim

import (
	"cmp"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// form is a request's parameters as a tree: items[0][price]=x becomes items → 0 → price.
type form struct {
	value    string
	children map[string]*form
	order    []string // of the children
}

func parseForm(encoded string) (*form, error) {
	root := &form{}
	for pair := range strings.SplitSeq(encoded, "&") {
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(rawKey)
		if err != nil {
			return nil, refuse("parameter_invalid", "", "Invalid encoding of a parameter's name: %s", rawKey)
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, refuse("parameter_invalid", key, "Invalid encoding of %s", key)
		}
		root.put(strings.Split(strings.ReplaceAll(key, "]", ""), "["), value)
	}
	return root, nil
}

func (f *form) put(path []string, value string) {
	if len(path) == 0 {
		f.value = value
		return
	}
	key := path[0]
	if key == "" { // expand[]=a&expand[]=b
		key = strconv.Itoa(len(f.order))
	}
	if f.children == nil {
		f.children = map[string]*form{}
	}
	if f.children[key] == nil {
		f.children[key] = &form{}
		f.order = append(f.order, key)
	}
	f.children[key].put(path[1:], value)
}

// take removes a child, for parameters that every endpoint has.
func (f *form) take(key string) *form {
	child := f.children[key]
	delete(f.children, key)
	f.order = slices.DeleteFunc(f.order, func(other string) bool { return other == key })
	return child
}

// strings are the values of a list, by their index.
func (f *form) strings() []string {
	if f == nil {
		return nil
	}
	var values []string
	for _, key := range f.indexes() {
		values = append(values, f.children[key].value)
	}
	return values
}

func (f *form) indexes() []string {
	keys := slices.Clone(f.order)
	slices.SortStableFunc(keys, func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return cmp.Compare(x, y)
	})
	return keys
}

// metadataParam is a change of metadata. Nothing given changes nothing.
type metadataParam struct {
	clear bool
	set   map[string]string
}

// gap is a parameter that this stand-in does not know, whether or not Stripe does.
type gap struct{ refused *Error }

func (g gap) Error() string { return g.refused.Message }

func (g gap) Unwrap() error { return g.refused }

// read fills a struct whose fields name their parameter: `form:"customer"`, or `form:"customer,required"`. A pointer stays nil when
// the parameter is not given; a struct or a list that is given as an empty value, which means "unset", becomes an empty one.
func (f *form) read(into any) error { return f.fill(reflect.ValueOf(into).Elem(), "") }

func (f *form) fill(value reflect.Value, path string) error {
	if change, ok := value.Addr().Interface().(*metadataParam); ok {
		change.clear, change.set = f.children == nil, map[string]string{}
		for key, child := range f.children {
			change.set[key] = child.value
		}
		return nil
	}
	if f.children != nil && value.Kind() != reflect.Struct && value.Kind() != reflect.Slice && value.Kind() != reflect.Pointer {
		return refuse("parameter_invalid", path, "Invalid value for %s: a single one is wanted", path)
	}
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		return f.fill(value.Elem(), path)
	case reflect.String:
		value.SetString(f.value)
	case reflect.Bool:
		yes, err := strconv.ParseBool(f.value)
		if err != nil {
			return refuse("parameter_invalid_boolean", path, "Invalid boolean: %s", f.value)
		}
		value.SetBool(yes)
	case reflect.Int64:
		if f.value == "" { // unsets what can be unset
			return nil
		}
		number, err := strconv.ParseInt(f.value, 10, 64)
		if err != nil {
			return refuse("parameter_invalid_integer", path, "Invalid integer: %s", f.value)
		}
		value.SetInt(number)
	case reflect.Float64:
		number, err := strconv.ParseFloat(f.value, 64)
		if err != nil {
			return refuse("", path, "Invalid decimal: %s", f.value)
		}
		value.SetFloat(number)
	case reflect.Slice:
		return f.fillList(value, path)
	case reflect.Struct:
		return f.fillStruct(value, path)
	default:
		panic(fmt.Sprintf("stripesim: a parameter cannot be a %s", value.Type()))
	}
	return nil
}

func (f *form) fillList(list reflect.Value, path string) error {
	list.Set(reflect.MakeSlice(list.Type(), 0, len(f.order)))
	for _, key := range f.indexes() {
		item := reflect.New(list.Type().Elem()).Elem()
		if err := f.children[key].fill(item, fmt.Sprintf("%s[%s]", path, key)); err != nil {
			return err
		}
		list.Set(reflect.Append(list, item))
	}
	return nil
}

func (f *form) fillStruct(value reflect.Value, path string) error {
	known := map[string]bool{}
	for _, field := range reflect.VisibleFields(value.Type()) {
		tag, ours := field.Tag.Lookup("form")
		if !ours {
			continue
		}
		key, required := strings.CutSuffix(tag, ",required")
		known[key] = true
		child := f.children[key]
		if child == nil {
			if required {
				return needParam(inside(path, key))
			}
			continue
		}
		if required && child.children == nil && child.value == "" {
			return refuse("parameter_invalid_empty", inside(path, key), "You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; however '%s' cannot be unset.", inside(path, key), inside(path, key))
		}
		if err := child.fill(value.FieldByIndex(field.Index), inside(path, key)); err != nil {
			return err
		}
	}
	for _, key := range f.order {
		if !known[key] {
			return gap{refuse("parameter_unknown", inside(path, key), "Received unknown parameter: %s", inside(path, key))}
		}
	}
	return nil
}

func inside(path, key string) string {
	if path == "" {
		return key
	}
	return path + "[" + key + "]"
}
