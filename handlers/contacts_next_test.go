package handlers

import (
	"net/http"
	"testing"

	"atrium/queries"
)

// Each list of the funnel offers its one next action, as far as the role includes it.
func TestContactsNext(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	s.invited(t, c)
	s.exec(t, "UPDATE contact SET sent_at = $1, filter_opened_at = $1", noon)
	admin, support := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)), s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	for _, state := range []string{"invited", "sent", "filter_opened"} {
		for _, b := range []*browser{admin, support} {
			p := b.get("/acme/contacts?state=" + state).is(http.StatusOK)
			b.fill(p, "form.list-next").is(http.StatusOK).has("#contacts-chosen input[name=kind][value=invite]", "#contacts-chosen input[name=all]", "#contacts-chosen input[name=state][value="+state+"]")
		}
	}
	admin.get("/acme/contacts").lacks(".list-next")
	s.exec(t, "UPDATE contact SET opened_at = $1, joined_at = $1, bounced_at = $1, last_seen_at = $1", noon)
	for _, state := range []string{"joined", "active", "invited_opened", "invited_joined", "invited_active"} {
		p := admin.get("/acme/contacts?state=" + state).is(http.StatusOK)
		admin.fill(p, "form.list-next").has("#contacts-chosen input[name=kind][value=magic_link]", "#contacts-chosen input[name=state][value="+state+"]")
		support.get("/acme/contacts?state=" + state).lacks(".list-next")
	}
	for _, state := range []string{"bounced", "invited_bounced"} {
		admin.get("/acme/contacts?state=" + state).has("p.list-next").lacks("form.list-next")
		support.get("/acme/contacts?state=" + state).lacks(".list-next")
	}
	s.exec(t, "UPDATE contact SET invited_at = NULL")
	admin.get("/acme/contacts?state=uninvited_joined").has("form.list-next")
}
