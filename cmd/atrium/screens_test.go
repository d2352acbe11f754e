package main

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atrium/cmd/internal/browsertest"
	"atrium/handlers"
)

var screens = flag.String("screens", "", "folder for a picture of every page; empty: none are taken")

// TestScreens sees to it that the tours lead to every page there is, so that none stays unseen; and when it is told where to
// put them, takes a picture of each, beside those of TestMoneyPagesAreForEverybody: make screens OUT=folder.
func TestScreens(t *testing.T) {
	toured, routes := map[string]bool{}, map[string]bool{}
	var names []string
	for _, tour := range tours {
		for _, v := range tour.views {
			names = append(names, v.name)
		}
	}
	for _, page := range moneyPages { // looked at and pictured by TestMoneyPagesAreForEverybody
		names = append(names, page.name)
	}
	for _, name := range names {
		if toured[name] {
			t.Errorf("two views are called %s: one picture would take the other's place", name)
		}
		toured[name] = true
	}
	for _, route := range handlers.Pages() {
		routes[route.Name()] = true
		if !toured[route.Name()] {
			t.Errorf("no tour leads to %s %s; add a view %s", route.Side, route.Path, route.Name())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(toured)) {
		if route, _, _ := strings.Cut(name, "."); !routes[route] {
			t.Errorf("the view %s is of no route", name)
		}
	}
	if *screens == "" {
		return
	}
	if err := os.MkdirAll(*screens, 0o755); err != nil {
		t.Fatal(err)
	}
	travel(t, func(t *testing.T, w *browsertest.Window, name string, l look) {
		if err := os.WriteFile(filepath.Join(*screens, name+"-"+l.name+".png"), w.Picture(), 0o644); err != nil {
			t.Fatal(err)
		}
	})
}
