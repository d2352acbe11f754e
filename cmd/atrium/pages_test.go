package main

import (
	"testing"

	"atrium/cmd/internal/browsertest"
)

// TestPagesAreForEverybody looks at every page as axe-core does, and on a phone for what stands out of it.
func TestPagesAreForEverybody(t *testing.T) {
	t.Parallel()
	travel(t, func(t *testing.T, w *browsertest.Window, name string, l look) {
		var rules []string // all
		if l.Dark {        // the same page in other colours
			rules = []string{"color-contrast", "link-in-text-block"}
		}
		for _, barrier := range w.Barriers(rules...) {
			t.Errorf("%s, %s: %s", name, l.name, barrier)
		}
		wide := browsertest.Get[[]int](w, `[document.documentElement.scrollWidth, document.documentElement.clientWidth]`)
		if wide[0] > wide[1] {
			t.Errorf("%s, %s: it is %d wide, and there is room for %d", name, l.name, wide[0], wide[1])
		}
	})
}
