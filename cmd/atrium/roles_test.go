package main

import (
	"slices"
	"strings"
	"testing"

	"atrium/cmd/internal/browsertest"
)

// places are the addresses that the menu of the admin side leads to.
func places(w *browsertest.Window) []string {
	return browsertest.Get[[]string](w, `[...document.querySelectorAll("#places a")].map(a => a.pathname)`)
}

// TestRolesInTheBrowser walks every place of the owner's menu as support: what their own menu has opens, and of the rest a page says
// whom to ask. What a role cannot do stands on no page of theirs; handlers try each role at each route.
func TestRolesInTheBrowser(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	owner, support := browsertest.Open(t, browsertest.Settings{}), browsertest.Open(t, browsertest.Settings{})
	staff(s, owner)
	signIn(support, s.admin(""), "samir@acme.example")
	owner.Open(s.admin("/acme"))
	support.Open(s.admin("/acme"))
	all, own := places(owner), places(support)
	if len(own) < 3 || len(own) >= len(all) {
		t.Fatalf("the owner's menu has %v, that of support %v", all, own)
	}
	for _, place := range all {
		support.Open(s.admin(place))
		refused := strings.Contains(support.Text("#main"), "Your role")
		if refused == slices.Contains(own, place) {
			t.Errorf("%s says %q", place, support.Text("#main"))
		}
	}
	ana := s.contactPath("acme", "ana@example.com")
	support.Open(s.admin(ana))
	for _, beyond := range []string{`a[href$="/visit"]`, `a[href$="/merge"]`, `[commandfor="delete"]`, `[action$="/tags"]`, `a[href*="/magic-links/"]`} {
		if support.Has(beyond) {
			t.Errorf("support is offered %s", beyond)
		}
	}
	support.Open(s.admin(ana + "/visit"))
	if text := support.Text("#main"); !strings.Contains(text, "Your role") {
		t.Errorf("signing in as a client answers %q", text)
	}
}
