package handlers

import (
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// The search of Ctrl-K finds the account's courses and lessons by their titles, each where the role can do something with it.
func TestPaletteFindsCourses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	k := s.course(t, s.acme, "Harbour 100% <b>lights</b>", 2)
	foreign := s.course(t, s.lumen, "Harbour abroad", 1)
	s.exec(t, "UPDATE lesson SET title = 'Into the harbour' WHERE id = ANY($1)", []any{k.lessons[0], foreign.lessons[0]})
	admin := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	support := s.staff(t, s.person(t, "sam@acme.example", queries.StaffRoleSupport, s.acme))
	path := "/acme" + k.path()
	course, lesson := "a[href='"+path+"']", "a[href='"+path+"/lessons/"+k.lessons[0].String()+"']"
	p := admin.get("/acme/search?q=harb").is(http.StatusOK).has("main "+course, "main "+lesson).lacks("main b", "main a[href='/acme"+foreign.path()+"']")
	if strings.Contains(p.words(), "abroad") {
		t.Error("another account's course is found")
	}
	if said := words(p.one("main " + lesson)); said != "Into the harbourLesson of “Harbour 100% <b>lights</b>”" {
		t.Errorf("the lesson says %q", said)
	}
	support.htmx().get("/acme/search?q=HARB").has(course, "a[href='"+path+"/preview/lessons/"+k.lessons[0].String()+"']").lacks(lesson)
	for q, found := range map[string]bool{"100%25 <b>": true, "%25": true, "_": false, "ar": false, "ha": true, "arbour": true, "harbour  100": true, "": false} {
		if said := admin.htmx().get("/acme/search?q=" + strings.ReplaceAll(q, " ", "+")).words(); strings.Contains(said, "Harbour 100%") != found {
			t.Errorf("%q: it says %s", q, said)
		}
	}
	s.exec(t, "UPDATE course SET published_at = NULL")
	if said := words(admin.get("/acme/search?q=harb").one("main " + course)); !strings.HasSuffix(said, "Course · Draft") {
		t.Errorf("a draft says %q", said)
	}
	s.exec(t, "UPDATE course_module SET deleted_at = now()")
	admin.get("/acme/search?q=harb").has(course).lacks(lesson)
	s.exec(t, "UPDATE course SET deleted_at = now()")
	admin.get("/acme/search?q=harb").lacks(course)
}
