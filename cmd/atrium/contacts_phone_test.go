package main

import (
	"testing"

	"atrium/cmd/internal/browsertest"
)

// TestContactOnPhone finds the newest of what happened with a contact above the long parts about them, and all of it a press away.
func TestContactOnPhone(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{Phone: true})
	staff(s, w)
	w.Open(s.admin(s.contactPath("acme", "ana@example.com")))
	const seen = `[...document.querySelectorAll("#contacts-timeline > .event")].filter(e => e.offsetHeight > 0).length`
	if n := browsertest.Get[int](w, seen); n != 5 {
		t.Errorf("%d lines of the timeline are shown at first", n)
	}
	w.Until(`document.querySelector("#contacts-timeline").getBoundingClientRect().bottom < document.querySelector(".side").getBoundingClientRect().top`)
	w.Press(`a[href="#contacts-timeline"]`)
	w.Until(seen + ` === document.querySelectorAll("#contacts-timeline > .event").length && ` + seen + ` > 5`)
	w.Until(`document.querySelector('a[href="#contacts-timeline"]').offsetHeight === 0`)
	w.Be(browsertest.Settings{}) // beside each other there is room for all of it
	w.Open(s.admin(s.contactPath("acme", "ana@example.com")))
	w.Until(seen + ` > 5`)
}
