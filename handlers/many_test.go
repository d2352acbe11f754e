package handlers

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"atrium/queries"
)

// courses adds drafts at the end of acme's list.
func (s *testSite) courses(t testing.TB, n int) {
	t.Helper()
	s.exec(t, `INSERT INTO course (account_id, id, title, position, created_at, changed_at)
		SELECT $1, gen_random_uuid(), 'One of many ' || n, 1000 + n, $2, $2 FROM generate_series(1, $3::integer) n`, s.acme.id, s.clock.now(), n)
}

// An account may have more courses than anybody thought of: forms that choose among them show all, the last as well, so that saving one takes
// nothing away that was chosen before.
func TestFormsChooseAmongAllCourses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, maya, _ := s.school(t)
	s.courses(t, 520)
	s.exec(t, "DELETE FROM offer_course")
	s.exec(t, "INSERT INTO offer_course SELECT account_id, $1, id FROM course WHERE account_id = $2", w.offer, s.acme.id)
	offer := "/acme/offers/" + w.offer.String()
	maya.fill(maya.get(offer+"/edit").is(http.StatusOK), "#offers-edit", "title", "Everything").leadsTo(offer)
	s.rows(t, 521, "offer_course WHERE offer_id = $1", w.offer)

	var last, form uuid.UUID
	s.scan(t, "SELECT id FROM course WHERE title = 'One of many 520'", nil, &last)
	made := maya.fill(maya.get("/acme/forms/new"), "#forms-edit", "title", "Free call", "course", last.String()).is(http.StatusSeeOther).header.Get("Location")
	s.scan(t, "SELECT id FROM form WHERE course_id = $1", []any{last}, &form)
	maya.fill(maya.get(made+"/edit"), "#forms-edit", "title", "Free talk").leadsTo(made)
	s.rows(t, 1, "form WHERE id = $1 AND course_id = $2 AND title = 'Free talk'", form, last)

	tess := "/acme/contacts/" + s.contactID(t, "tess@example.com").String()
	maya.fill(maya.get(tess+"/enrol"), "#grants-enrol", "course", last.String()).leadsTo(tess)
	s.rows(t, 1, "access_grant WHERE course_id = $1 AND source = $2", last, queries.GrantSourceManual)
}
