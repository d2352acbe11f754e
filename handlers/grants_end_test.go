package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Access ends with the next request of an open session, for everything a course has: at its planned end by the clock alone, before any job
// has come, and by staff who end it.
func TestEndIsFeltAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	w := s.taught(t, ana)
	s.video(t, w.lesson, s.stored(t, s.acme, w.lesson, "talk.mp4", "video/mp4", smallMP4))
	s.exec(t, "UPDATE access_grant SET ended_at = $1, ended_because = 'revoked'", s.clock.now())
	end := s.clock.now().Add(time.Hour)
	s.given(t, ana, w, func(g *queries.Grant) { g.Ends = &end })
	b, course := s.client(t, ana), "/courses/"+w.course.String()
	everything := func(open bool, when string) {
		t.Helper()
		for _, path := range []string{course, w.lessonAt(""), course + "/access", course + "/certificate", w.lessonAt("") + "/files/" + w.file.String(), w.lessonAt("") + "/video"} {
			if status := b.get(path).status; (status == http.StatusOK) != open || !open && status != http.StatusNotFound {
				t.Errorf("%s: %s: status %d", when, path, status)
			}
		}
		part := http.StatusNotFound
		if open {
			part = http.StatusPartialContent
		}
		b.sends(http.MethodGet, w.lessonAt("")+"/video", "Range", "bytes=4-7").is(part)
		if found := b.get("/courses/search?q=things").words(); strings.Contains(found, "What matters") != open {
			t.Errorf("%s: the search says %s", when, found)
		}
	}
	everything(true, "as long as it lasts")
	s.clock.move(time.Hour)
	everything(false, "at its end")
	s.rows(t, 0, "access_grant WHERE ended_because = 'expired'") // no job has closed it
	g := s.given(t, ana, w, func(*queries.Grant) {})
	everything(true, "given again")
	maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	people := "/acme" + course + "/people"
	maya.fill(maya.get(people+"/"+g.ID.String()+"/revoke").has("#grants-losers .item"), "#grants-revoke").leadsTo(people)
	everything(false, "ended by staff")
}

// Before a contact is deleted, the question names the courses they can use, and none that they cannot.
func TestDeletingAContactNamesTheirCourses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	s.taught(t, ana)
	maya, path := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)), "/acme/contacts/"+ana.id.String()
	asked := func() string { return words(maya.get(path).one("#delete p")) }
	if said := asked(); !strings.HasPrefix(said, "They lose “Clear goals”. ") {
		t.Errorf("it says %s", said)
	}
	s.exec(t, "UPDATE course SET published_at = NULL")
	if said := asked(); strings.Contains(said, "lose") {
		t.Errorf("of a draft it says %s", said)
	}
}
