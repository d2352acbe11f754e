package handlers

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"atrium/queries"
)

// Whoever is a customer at Stripe, and whichever way their name or address changes, Stripe is told by the transaction of the change; of
// everybody else, and of what is no news to it, it is told nothing.
func TestStripeIsToldOfEveryChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(t *testing.T, s *testSite, ana, ben contact, maya *browser)
		told []string // whose customers
	}{
		"staff correct the address": {func(t *testing.T, s *testSite, ana, _ contact, maya *browser) {
			page := "/acme/contacts/" + ana.id.String()
			maya.fill(maya.get(page), "form[action='"+page+"/email']", "email", "ana@new.example").leadsTo(page)
		}, []string{"ana-1", "ana-2"}},
		"staff change the name": {func(t *testing.T, s *testSite, ana, _ contact, maya *browser) {
			page := "/acme/contacts/" + ana.id.String()
			maya.fill(maya.get(page), "#contacts-detail-name form", "name", "Ana Lima").leadsTo(page)
		}, []string{"ana-1", "ana-2"}},
		"staff change the phone": {func(t *testing.T, s *testSite, ana, _ contact, maya *browser) {
			page := "/acme/contacts/" + ana.id.String()
			maya.fill(maya.get(page), "#contacts-detail-phone form", "phone", "+55 11").leadsTo(page)
		}, nil},
		"the client changes their name": {func(t *testing.T, s *testSite, ana, _ contact, _ *browser) {
			b := s.client(t, ana)
			b.fill(b.get("/profile"), "form[action='/profile/name']", "name", "Ana Lima").leadsTo("/profile")
		}, []string{"ana-1", "ana-2"}},
		"the client confirms an address": {func(t *testing.T, s *testSite, ana, _ contact, _ *browser) {
			path, _ := s.emailChange(t, ana, "ana@new.example")
			b := s.portal(t, s.acme)
			b.fill(b.get("/email/"+path), "form[action='/email/"+path+"']").is(http.StatusSeeOther)
		}, []string{"ana-1", "ana-2"}},
		"the client takes it back": {func(t *testing.T, s *testSite, ana, _ contact, _ *browser) {
			path := s.emailChanged(t, ana, "ana@new.example")
			s.jobs(t)
			b := s.portal(t, s.acme)
			b.fill(b.get("/email/undo/"+path), "form[action='/email/undo/"+path+"']").is(http.StatusOK)
		}, []string{"ana-1", "ana-2"}},
		"two become one": {func(t *testing.T, s *testSite, ana, ben contact, maya *browser) {
			page := "/acme/contacts/" + ana.id.String()
			maya.fill(maya.get(page+"/merge?other="+ben.id.String()), "form[action='"+page+"/merge']").leadsTo(page)
		}, []string{"ana-1", "ana-2", "ben"}},
		"and are parted": {func(t *testing.T, s *testSite, ana, ben contact, maya *browser) {
			page := "/acme/contacts/" + ana.id.String()
			maya.fill(maya.get(page+"/merge?other="+ben.id.String()), "form[action='"+page+"/merge']").leadsTo(page)
			s.jobs(t)
			maya.fill(maya.get(page), "#unmerge form").leadsTo(page)
		}, []string{"ana-1", "ana-2", "ben"}},
		"somebody who pays nothing": {func(t *testing.T, s *testSite, _, _ contact, maya *browser) {
			cem := s.arrived(t, s.acme, "cem@example.com", "Cem Kaya")
			s.jobs(t)
			page := "/acme/contacts/" + cem.id.String()
			maya.fill(maya.get(page), "form[action='"+page+"/email']", "email", "cem@new.example").leadsTo(page)
		}, nil},
		"a first arrival": {func(t *testing.T, s *testSite, _, ben contact, _ *browser) {
			s.exec(t, "UPDATE contact SET accepted_at = NULL WHERE id = $1", ben.id)
			b := s.client(t, ben)
			b.fill(b.get("/welcome"), "form[action='/welcome']", "name", "Ben Okri", "link_only", "1").is(http.StatusSeeOther)
		}, []string{"ben"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Wolf")
			for customer, of := range map[string]contact{"ana-1": ana, "ana-2": ana, "ben": ben} {
				s.exec(t, "INSERT INTO stripe_customer VALUES ($1, $2, $3, now())", s.acme.id, customer, of.id)
			}
			s.exec(t, "INSERT INTO contact (account_id, id, email, source, created_at, changed_at) VALUES ($1, $2, 'ana@example.com', 'manual', now(), now())", s.lumen.id, queries.NewID())
			maya := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
			s.jobs(t)
			c.do(t, s, ana, ben, maya)
			told := map[string]bool{}
			for _, j := range s.jobs(t) {
				if j.Kind == "stripe_customer" {
					told[j.Args["customer"]] = j.Args["account_id"] == s.acme.id.String()
				}
			}
			if got := slices.Sorted(maps.Keys(told)); !slices.Equal(got, c.told) {
				t.Errorf("Stripe is told of %v, want %v", got, c.told)
			}
		})
	}
}
