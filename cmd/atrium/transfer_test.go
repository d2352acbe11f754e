package main

import (
	"path/filepath"
	"strings"
	"testing"

	"atrium/cmd/internal/browsertest"
)

// firstPageMost is how much the first page of a portal may bring over the line, in bytes: everything but the business's logo,
// headers included.
const firstPageMost = 60_000

func TestFirstPageIsLight(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{Phone: true})
	w.Open(s.portal("acme", "/sign-in"))
	w.UntilQuiet()
	// Not every Chromium without a window fetches the icon by itself; where it did, this comes from its cache.
	browsertest.Get[int](w, `fetch(document.querySelector('link[rel="icon"]').href).then(answer => answer.text()).then(text => text.length)`)
	w.UntilQuiet()
	sum, bytes, kinds := 0, map[string]int{}, map[string]bool{}
	for _, request := range w.Requests() {
		if !strings.HasPrefix(request.URL.Path, "/brand/logo-") {
			sum += request.Bytes
			bytes[request.URL.Path] += request.Bytes
			kinds[filepath.Ext(request.URL.Path)] = true
		}
	}
	for path, size := range bytes {
		t.Logf("%6d bytes %s", size, path)
		if size == 0 {
			t.Errorf("%s came without a byte, so the sum says nothing", path)
		}
	}
	t.Logf("%6d bytes together", sum)
	if sum > firstPageMost {
		t.Errorf("the first page brings %d bytes, and may bring %d", sum, firstPageMost)
	}
	if !kinds[""] || !kinds[".css"] || !kinds[".js"] || !kinds[".svg"] {
		t.Errorf("only %v were counted", kinds)
	}
}
