package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// Staff find the other contact, see what becomes of both, merge them, and part them again.
func TestContactsMerge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ana.souza@work.example", "A. Souza")
	bens := s.client(t, ben)
	s.exec(t, "UPDATE contact SET phone = '+46 8 123', tags = '{VIP}' WHERE id = $1", ben.id)
	page, other := "/acme/contacts/"+ana.id.String(), "/acme/contacts/"+ben.id.String()
	b.get(page).has("a[href='" + page + "/merge']")
	b.get(page + "/merge").has("[name=q]").lacks("#found-" + ben.id.String())
	b.get(page + "/merge?q=souza").has("#found-" + ben.id.String() + " a[href='" + page + "/merge?other=" + ben.id.String() + "']").lacks("#found-" + ana.id.String())
	b.htmx().get(page+"/merge?q=nobody").has("#contacts-mergefound").lacks("main", ".item")
	p := b.get(page + "/merge?other=" + ben.id.String()).has("a[href='" + other + "/merge?other=" + ana.id.String() + "']")
	if text := p.words(); !strings.Contains(text, "+46 8 123") || !strings.Contains(text, "VIP") {
		t.Errorf("the comparison does not show what there is: %s", text)
	}
	b.get(page + "/merge?other=" + ana.id.String()).has("[name=q]") // oneself is nobody to merge with

	before := s.everything(t, "contact", "session", "magic_link", "invitation", "mail")
	s.jobs(t)
	b.follow(b.fill(p, "form[action='"+page+"/merge']").leadsTo(page)).has("#notice .flash-success", "#unmerge form[action='"+page+"/unmerge']")
	s.inserted(t, "metric_count")
	s.rows(t, 1, "contact WHERE id = $1 AND email = 'ana@example.com' AND name = 'Ana Souza' AND phone = '+46 8 123' AND tags = '{VIP}'", ana.id)
	s.rows(t, 1, "audit WHERE action = 'contact.merge' AND subject_id = $1 AND note LIKE '%ana.souza@work.example%'", ana.id)
	b.get(other).leadsTo(page)
	bens.get("/profile").is(http.StatusOK).has("b") // stays signed in, as the one there is now
	again := s.portal(t, s.acme)
	again.fill(again.get("/sign-in"), "#signin-form", "email", ben.email, "password", rightPassword).leadsTo("/") // by the address that is gone
	s.rows(t, 0, "session WHERE contact_id = $1", ben.id)
	s.exec(t, "DELETE FROM session WHERE id = (SELECT max(id::text)::uuid FROM session)")

	open := b.get(page)
	b.follow(b.fill(open, "#unmerge form").leadsTo(page)).has("#notice .flash-success").lacks("#unmerge")
	s.inserted(t, "metric_count")
	if s.everything(t, "contact", "session", "magic_link", "invitation", "mail") != before {
		t.Error("parted, the two are not as they were")
	}
	s.rows(t, 1, "audit WHERE action = 'contact.unmerge' AND subject_id = $1", ana.id)
	b.get(other).is(http.StatusOK)
	b.follow(b.fill(open, "#unmerge form").leadsTo(page)).has("#notice .flash-warning")
}

// Before a merge is undone, the question names the courses that go with the other contact, and none that the kept one has anyway.
func TestUnmergeNamesTheCoursesLost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben := s.contact(t, s.acme, "ana@example.com", "Ana Souza"), s.contact(t, s.acme, "ben@example.com", "Ben Wolf")
	goals, habits := s.course(t, s.acme, "Clear goals", 1), s.course(t, s.acme, "Good habits", 1)
	goals.give(t, ben, noon.AddDate(0, 0, -1))
	habits.give(t, ben, noon.AddDate(0, 0, -1))
	habits.give(t, ana, noon.AddDate(0, 0, -1))
	page := "/acme/contacts/" + ana.id.String()
	b.fill(b.get(page+"/merge?other="+ben.id.String()), "form[action='"+page+"/merge']").leadsTo(page)
	asked := func(want string) {
		t.Helper()
		if said := words(b.get(page).one("#unmerge p")); !strings.HasPrefix(said, want+" Both contacts are as they were") {
			t.Errorf("it says %s", said)
		}
	}
	asked("Ana Souza loses “Clear goals”.")
	s.exec(t, "UPDATE course SET published_at = NULL WHERE id = $1", goals.id)
	asked("Ana Souza loses no course.")
	s.exec(t, "UPDATE course SET published_at = '2026-01-01'")
	goals.give(t, ana, noon.AddDate(0, 0, -1)) // since, of their own
	asked("Ana Souza loses no course.")
}

// A merge can be undone for its time, the newest first, and unless somebody else has the address.
func TestContactsUnmergeInTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	support := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	page := "/acme/contacts/" + ana.id.String()
	for _, email := range []string{"one@example.com", "two@example.com"} {
		gone := s.contact(t, s.acme, email, "")
		b.fill(b.get(page+"/merge?other="+gone.id.String()), "form[action='"+page+"/merge']").leadsTo(page)
	}
	if p := b.get(page).has("#unmerge"); len(p.all("form[action='"+page+"/unmerge']")) != 1 || !strings.Contains(p.words(), "one@example.com") {
		t.Error("not both merges are shown, or both can be undone")
	}
	support.get(page).lacks("#unmerge")
	s.exec(t, "INSERT INTO contact (account_id, id, email, source, created_at, changed_at) VALUES ($1, $2, 'two@example.com', 'import', $3, $3)", s.acme.id, queries.NewID(), noon)
	if p := b.follow(b.fill(b.get(page), "#unmerge form").leadsTo(page)).has("#notice .flash-warning"); !strings.Contains(p.words(), "two@example.com belongs to a contact now") {
		t.Errorf("the reason is not told: %s", p.words())
	}
	open := b.get(page)
	s.clock.move(queries.MergeUndo + time.Second)
	b = s.staff(t, maya)
	b.get(page).lacks("#unmerge", ".notice-box")
	form := open.form("#unmerge form")
	form.values.Set("_token", b.token())
	b.follow(b.send(post, form.action, form.values).leadsTo(page)).has("#notice .flash-warning")
	s.rows(t, 2, "contact_merge WHERE undone_at IS NULL")
}

// Two who each have something that one contact can have only once are not merged.
func TestContactsMergeConflict(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	ana, ben := s.contact(t, s.acme, "ana@example.com", ""), s.contact(t, s.acme, "ben@example.com", "")
	s.exec(t, "CREATE TABLE cup (account_id uuid, id uuid, contact_id uuid, PRIMARY KEY (account_id, id), UNIQUE (account_id, contact_id), FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id))")
	s.exec(t, "INSERT INTO cup SELECT account_id, id, id FROM contact")
	page := "/acme/contacts/" + ana.id.String()
	before := s.everything(t)
	b.follow(b.fill(b.get(page+"/merge?other="+ben.id.String()), "form[action='"+page+"/merge']").leadsTo(page)).has("#notice .flash-warning")
	if s.everything(t) != before {
		t.Error("something was changed")
	}
}
