package handlers

import (
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// outlineMost is how many bytes the outline of a course of 300 lessons may be for staff who can change it, all of them drafts, which say so.
const outlineMost = 160_000

// A long course is built on a light page for two round trips, and a part of it is sent alone as light.
func TestOutlineAtSize(t *testing.T) {
	t.Parallel()
	s, counted := tracedSite(t)
	k := s.large(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	s.exec(t, "UPDATE lesson SET published_at = NULL")
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	path := "/acme" + k.path()
	b.get(path)
	before := counted.all.Load()
	p := b.get(path).is(http.StatusOK)
	t.Logf("the outline of %d lessons is %d bytes", len(p.all("[data-lesson]")), len(p.body))
	if n := counted.all.Load() - before; n > 2 || len(p.body) > outlineMost {
		t.Errorf("%d round trips, %d bytes", n, len(p.body))
	}
	if lessons, drafts := len(p.all("[data-lesson] a.row-link")), len(p.all("[data-lesson] .badge")); lessons != 300 || drafts != 300 {
		t.Errorf("%d lessons, %d drafts", lessons, drafts)
	}
	fields := b.formToken()
	fields["move"] = []string{k.lessons[1].String() + ":up"}
	if part := b.htmx().send(post, path+"/arrange", fields).is(http.StatusOK).lacks("main"); len(part.body) > outlineMost {
		t.Errorf("the part alone is %d bytes", len(part.body))
	}
	lesson := b.get(path + "/lessons/" + k.lessons[1].String()).is(http.StatusOK).body // without scripts, it is moved from here
	if !strings.Contains(lesson, `<noscript>`) || !strings.Contains(lesson, `action="`+path+`/arrange"`) || !strings.Contains(lesson, k.lessons[1].String()+":down") {
		t.Error("the page of a lesson cannot move it")
	}
}
