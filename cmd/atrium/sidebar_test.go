package main

import (
	"testing"

	"atrium/cmd/internal/browsertest"
)

// TestSidebarInALowWindow looks at the last of the admin side's places where there is no room for all of them: it can be seen, and so
// can the way to oneself and out, and the page itself did not move for it. On a common laptop there is room for all.
func TestSidebarInALowWindow(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	const scrolls = `(places => places.scrollHeight > places.clientHeight)(document.querySelector(".places"))`
	w.Open(s.admin("/acme"))
	if browsertest.Get[bool](w, scrolls) {
		t.Error("there is no room for all places at 800 pixels")
	}
	w.Be(browsertest.Settings{Low: true})
	for _, path := range []string{"/acme", "/acme/settings"} {
		w.Open(s.admin(path))
		if !browsertest.Get[bool](w, scrolls) {
			t.Fatal("there is room for all places: the window is too high for this test")
		}
		w.Until(`(places => [...places.querySelectorAll("[aria-current]")].every(place => place.getBoundingClientRect().top >= places.getBoundingClientRect().top &&
			place.getBoundingClientRect().bottom <= places.getBoundingClientRect().bottom))(document.querySelector(".places"))`)
		if !browsertest.Get[bool](w, `scrollY === 0 && document.querySelector(".person-end").getBoundingClientRect().bottom <= innerHeight`) {
			t.Errorf("%s: the way out is below the edge of the window, or the page moved", path)
		}
	}
}
