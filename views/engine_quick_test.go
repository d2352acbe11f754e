package views

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Every page is executed by its compiled form: none of ours has what views/internal/quick does not know.
func TestNoTemplateIsRefused(t *testing.T) {
	e := loaded(t)
	for _, l := range locales {
		all, err := e.sets[l]()
		if err != nil {
			t.Fatal(err)
		}
		if all.quick == nil {
			t.Fatal("nothing was compiled")
		}
		for _, one := range all.Templates() {
			if err := all.quick.Refused(one.Name()); err != nil && one.Tree != nil {
				t.Error(err)
			}
		}
	}
}

// Engines have the templates of the process: the tests of handlers make hundreds of sites, and each set of its own would be 4 MB.
func TestEnginesShareTheirTemplates(t *testing.T) {
	first, second, standard := loaded(t), loaded(t), &Engine{Standard: true}
	if err := standard.Load(); err != nil {
		t.Fatal(err)
	}
	for _, l := range locales[:2] {
		a, errA := first.sets[l]()
		b, errB := second.sets[l]()
		c, errC := standard.sets[l]()
		if err := errors.Join(errA, errB, errC); err != nil {
			t.Fatal(err)
		}
		if a != b {
			t.Errorf("%s: a second engine has templates of its own", l.tag)
		}
		if a.quick == nil || c.quick != nil {
			t.Errorf("%s: one is not compiled, or one for html/template alone is", l.tag)
		}
	}
}

// What a compiled template cannot write, html/template does, and somebody is told; what it cannot either is nobody's giving up.
func TestGivingUpIsTold(t *testing.T) {
	var told []string
	e := &Engine{GaveUp: func(name string, why error) { told = append(told, fmt.Sprint(name, ": ", why)) }}
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	var want, got bytes.Buffer
	if err := e.Render(&want, "ui/_copy", Copy{Value: "<1>", Name: "code"}); err != nil || len(told) > 0 {
		t.Fatalf("%v, told of %q", err, told)
	}
	if err := e.Render(&got, "ui/_copy", map[string]string{"Value": "<1>", "Name": "code"}); err != nil || got.String() != want.String() {
		t.Errorf("%v, written is %q", err, &got)
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], "ui/_copy: quick: ui/_copy: map[string]string has no Value") {
		t.Errorf("told of %q", told)
	}
	if err := e.Render(&got, "ui/_empty", Empty{Icon: "none"}); err == nil || len(told) != 1 {
		t.Errorf("no error where html/template has one, or told of %q", told)
	}
	// And so it is with a set that cannot be compiled as a whole.
	all, err := e.sets[locales[0]]()
	if err != nil {
		t.Fatal(err)
	}
	e.sets = setsOf(func(*locale) (*set, error) {
		return &set{Template: all.Template, refused: errors.New("nothing is compiled")}, nil
	})
	got.Reset()
	if err := e.Render(&got, "ui/_copy", Copy{Value: "<1>", Name: "code"}); err != nil || got.String() != want.String() {
		t.Errorf("%v, written is %q", err, &got)
	}
	if len(told) != 2 || told[1] != "ui/_copy: nothing is compiled" {
		t.Errorf("told of %q", told)
	}
}

// What is compiled is compared where it is asked for, and html/template has the last word.
func TestComparedTellsOfEachTemplate(t *testing.T) {
	type call struct {
		name string
		err  error
	}
	var calls []call
	e := &Engine{Compared: func(name string, _ any, err error) { calls = append(calls, call{name, err}) }}
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	all, err := e.sets[locales[0]]()
	if err != nil {
		t.Fatal(err)
	}
	var plain, compared bytes.Buffer
	page := struct {
		Page
		Copy
	}{Page{Title: "Links"}, Copy{Value: "https://acme.example", Name: "address"}}
	if err := loaded(t).Render(&plain, "ui/_copy", page, FrameAdmin); err != nil {
		t.Fatal(err)
	}
	if err := e.Render(&compared, "ui/_copy", page, FrameAdmin); err != nil || compared.String() != plain.String() {
		t.Errorf("comparing changes the page, or %v", err)
	}
	if err := e.Render(&compared, "ui/_empty", Empty{Icon: "none"}); err == nil {
		t.Error("no error where html/template has one")
	}
	for i, name := range []string{"ui/_copy", FrameAdmin, "ui/_empty"} {
		if len(calls) != 3 || calls[i].name != name || calls[i].err != nil {
			t.Fatalf("it tells of %v", calls)
		}
	}
	wrong := bytes.NewBufferString("something else")
	if err := e.compare(wrong, all.Lookup("ui/_copy"), Copy{}, nil); err != nil || calls[3].err == nil || wrong.String() == "something else" {
		t.Errorf("a difference is not told, or stays: %v, %q", err, wrong)
	}
	if err := e.compare(&compared, all.Lookup("ui/_copy"), Copy{}, fmt.Errorf("it gave up")); err != nil || calls[4].err == nil {
		t.Errorf("giving up is not told: %v", err)
	}
}
