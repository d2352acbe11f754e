package handlers

import (
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// An import is discarded at any time nothing is being done with it; the contacts that came of it stay.
func TestImportDiscard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	page := b.follow(b.uploads("E-Mail\nana@example.com\n")).has("#discard form")
	path := attr(page.one("#discard form"), "action")
	b.fill(page, "#imports-columns")
	s.rows(t, 1, "task WHERE finished_at IS NULL")
	waiting := strings.TrimSuffix(path, "/discard")
	b.get(waiting).lacks("#discard")
	b.send(post, path, page.form("#discard form").values).leadsTo(waiting)
	s.rows(t, 1, "contact_import WHERE discarded_at IS NULL") // it is at work
	s.exec(t, "UPDATE task SET state = 'cancelled', finished_at = $1", noon)
	b.follow(b.fill(b.get(waiting).has("#discard form"), "#discard form").leadsTo("/acme/contacts/import")).has("#notice .flash-success").lacks("#imports-past")
	s.rows(t, 1, "contact_import WHERE discarded_at = $1", noon)
	s.rows(t, 0, "task")
	s.rows(t, 1, "river.river_job WHERE kind = 'import_discard'")
	s.rows(t, 1, "audit WHERE action = 'import.discard' AND subject = 'people.csv' AND staff_id = $1", maya.id)
	for _, gone := range []string{"", "/columns", "/outcome.csv"} {
		b.get(waiting + gone).is(http.StatusNotFound)
	}
	b.send(post, path, page.form("#discard form").values).is(http.StatusNotFound)
}
