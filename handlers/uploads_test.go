package handlers

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// A form with a file that ends early, wherever that is, is nobody's fault and changes nothing.
func TestUploadsCutShort(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	tried := 0
	for _, host := range s.hosted(t, &w, maya) {
		b := host.somebody()
		token := b.token()
		for _, r := range host.routes {
			if uploadMost[r.path] == 0 || r.method != post {
				continue
			}
			tried++
			form := w.formOf(r.path)
			form.Set("_token", token)
			from, kind := encoded(w.path(r.path), form)
			whole, err := io.ReadAll(from)
			if err != nil {
				t.Fatal(err)
			}
			before := s.everything(t)
			for cut := 0; cut < len(whole)-70; cut += 1 + len(whole)/40 { // the last bytes are the end that parts have between them
				p, err := b.hostile(post, w.path(r.path), kind, string(whole[:cut]))
				if err != nil {
					t.Fatal(err)
				}
				if p.status == http.StatusOK || p.status >= http.StatusInternalServerError { // 303: back to the page, which says so
					t.Errorf("%s, the first %d of %d bytes: status %d", r.path, cut, len(whole), p.status)
				}
			}
			if s.everything(t) != before {
				t.Errorf("%s: half a form changed something", r.path)
			}
		}
	}
	if log := s.logged.String(); tried < 5 || strings.Contains(log, "level=ERROR") {
		t.Errorf("of %d routes some had a fault: %s", tried, log)
	}
}
