package handlers

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Staff see who is how far in a course and where people stop, and of one client the whole way, but not their notes.
func TestProgress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "sam@acme.example", queries.StaffRoleSupport, s.acme))
	k := s.course(t, s.acme, "Clear goals", 3)
	path := "/acme" + k.path() + "/progress"
	b.get(path).is(http.StatusOK).has(".empty", ".figures")
	person := map[string]contact{}
	for _, name := range []string{"Ana", "Ben", "Chi", "Dee", "Eve"} {
		person[name] = s.arrived(t, s.acme, strings.ToLower(name)+"@example.com", name)
	}
	for _, name := range []string{"Ana", "Ben", "Chi", "Dee"} { // Eve has nothing to do with it
		k.give(t, person[name], noon.AddDate(0, 0, -60))
	}
	visit := func(name string, lesson int, days int) {
		t.Helper()
		at := noon.AddDate(0, 0, -days)
		_, err := queries.LoadLesson(t.Context(), s.DB, queries.Learner{AccountID: s.acme.id, ContactID: person[name].id, CourseID: k.id, Now: at}, k.lessons[lesson])
		if err != nil {
			t.Fatal(err)
		}
	}
	visit("Ana", 0, 10)
	visit("Ana", 2, 2)
	visit("Ben", 0, 40)
	visit("Ben", 1, 20)
	visit("Chi", 0, 50)
	k.complete(t, person["Ana"], 0, 1, 2)
	k.complete(t, person["Ben"], 0)
	question := k.quiz(t, k.lessons[1])
	s.exec(t, "INSERT INTO course_completion VALUES ($1, $2, $3, $4, 1, $5, NULL)", s.acme.id, queries.NewID(), person["Ana"].id, k.id, noon)
	s.exec(t, "UPDATE access_grant SET ended_at = $2, ended_because = 'revoked' WHERE contact_id = $1", person["Chi"].id, noon)
	s.exec(t, "INSERT INTO quiz_try VALUES ($1, $2, $3, $4, $5, 1, $6, 0, 1, false, $7)", s.acme.id, queries.NewID(), person["Ben"].id, k.id, k.lessons[1],
		fmt.Sprintf(`[{"question": %q, "kind": "single", "text": "How many?", "given": ["Thirty"], "right": false, "answers": ["Three"]}]`, question), noon)
	s.exec(t, "INSERT INTO lesson_note VALUES ($1, $2, $3, $4, $5, 'My secret', now(), now())", s.acme.id, queries.NewID(), person["Ben"].id, k.id, k.lessons[0])

	p := b.get(path).is(http.StatusOK)
	if text := words(p.one(".figures")); text != "Enrolled3can use it now Active2opened it in 30 days Finished1since the beginning Not started1never opened it" {
		t.Errorf("the figures: %q", text)
	}
	lines := []string{}
	for _, row := range p.all("tbody tr") {
		lines = append(lines, words(row))
	}
	for i, want := range []string{"BeginningLesson 1 3 2 –", "Lesson 2 1 1 1", "Lesson 3 1 1 –", "Anaana@example.com Finished 3 of 3 2 days ago", "Benben@example.com Stopped 1 of 3",
		"Chichi@example.com Access ended 0 of 3", "Deedee@example.com Not started 0 of 3 –"} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d of %q, want %q", i, lines, want)
		}
	}
	ben := path + "/" + person["Ben"].id.String()
	p.has("a[href='" + ben + "']")
	p = b.get(ben).is(http.StatusOK).has("a[href='" + path + "']")
	text := p.words()
	for _, part := range []string{"Ben Stopped 1 of 3 lessons done", "Lesson 1 Finished", "by the button", "Try 1: 0 of 1 right, not passed", "Thirty"} {
		if !strings.Contains(text, part) {
			t.Errorf("Ben's way lacks %q: %q", part, text)
		}
	}
	for name, said := range map[string]string{"Ana": "3 of 3 lessons done", "Ben": "1 of 3 lessons done", "Chi": "0 of 3 lessons done", "Dee": "Not begun"} {
		own := b.get("/acme/contacts/" + person[name].id.String()).is(http.StatusOK)
		if text := words(own.one(".course-access a[href='" + path + "/" + person[name].id.String() + "']").Parent); text != said+" · Each lesson of Clear goals" {
			t.Errorf("%s's own page says %q, want %q", name, text, said)
		}
	}
	if strings.Contains(p.body, "My secret") {
		t.Error("staff see a client's note")
	}
	s.exec(t, "UPDATE lesson SET version = 3, drip_days = 90 WHERE id <> $1", k.lessons[1])
	s.exec(t, "UPDATE course SET in_order = true")
	for name, part := range map[string]string{"Ben": "as version 1 of 3", "Dee": "Opens 9 Apr 2026", "Chi": "No access", "Eve": "Never"} {
		if text := b.get(path + "/" + person[name].id.String()).is(http.StatusOK).words(); !strings.Contains(text, part) {
			t.Errorf("%s's way lacks %q: %q", name, part, text)
		}
	}
	if text := b.get(path + "/" + person["Dee"].id.String()).words(); !strings.Contains(text, "Waits for the one before") {
		t.Errorf("Dee's way: %q", text)
	}
	s.exec(t, "UPDATE course SET deleted_at = now()")
	b.get(path).is(http.StatusNotFound)
	b.get(ben).is(http.StatusNotFound)
}

var rowIDs = regexp.MustCompile(`id="progress-row-[^"]+"`)

// All people come page by page, each once.
func TestProgressPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "sam@acme.example", queries.StaffRoleSupport, s.acme))
	k := s.course(t, s.acme, "Clear goals", 1)
	for i := range peoplePerPage + 7 {
		c := s.contact(t, s.acme, fmt.Sprintf("guest%d@example.com", i), "")
		k.give(t, c, noon.AddDate(0, 0, -9))
		if i%3 == 0 { // several at the same moment
			s.exec(t, "INSERT INTO course_visit VALUES ($1, $2, $3, $4, $5, $5, NULL)", s.acme.id, queries.NewID(), c.id, k.id, noon.Add(-time.Duration(i/6)*time.Hour))
		}
	}
	seen := map[string]bool{}
	p := b.get("/acme" + k.path() + "/progress").is(http.StatusOK)
	for pages := 1; ; pages++ {
		ids := rowIDs.FindAllString(p.body, -1) // a part is rows without their table, which no parser takes for rows
		for _, id := range ids {
			if seen[id] {
				t.Errorf("%s comes twice", id)
			}
			seen[id] = true
		}
		more := p.all("a[hx-target=#progress-more]")
		if len(more) == 0 || pages > 3 {
			break
		}
		whole := b.get(attr(more[0], "href")).is(http.StatusOK).has("main")
		p = b.htmx().get(attr(more[0], "href")).is(http.StatusOK).lacks("main")
		if len(rowIDs.FindAllString(whole.body, -1)) != len(rowIDs.FindAllString(p.body, -1)) {
			t.Error("page and part differ")
		}
	}
	if len(seen) != peoplePerPage+7 {
		t.Errorf("%d people come", len(seen))
	}
	b.get("/acme" + k.path() + "/progress?before=x&at=y").is(http.StatusOK)
}
