package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// A role opens the routes that include it and no others, and what it does not open it changes nothing by. Somebody without a
// role in the account does not learn that there is one.
func TestRoutesAskForTheRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	for _, who := range []struct {
		role queries.StaffRole
		of   account
	}{{queries.StaffRoleSupport, s.acme}, {queries.StaffRoleAdmin, s.acme}, {queries.StaffRoleOwner, s.acme}, {queries.StaffRoleOwner, s.lumen}} {
		t.Run(string(who.role)+" of "+who.of.slug, func(t *testing.T) {
			p := s.person(t, string(who.role)+"@"+who.of.slug+".example", who.role, who.of)
			b := s.staff(t, p)
			token, w := b.token(), s.things(t, s.acme, maya)
			before := ""
			for _, r := range adminRoutes {
				want := 0
				switch {
				case r.guard.role() == "":
					continue
				case who.of != s.acme:
					want = http.StatusNotFound
				case !who.role.Includes(r.guard.role()):
					want = http.StatusForbidden
				}
				if want != 0 && before == "" {
					before = s.everything(t)
				}
				answer := b.ask(r, w.path(r.path), token, w.formOf(r.path))
				switch {
				case want == 0 && answer.failed(r):
					t.Errorf("%s: status %d, and the role includes it", answer.asked, answer.status)
				case want != 0 && (answer.status != want || s.everything(t) != before):
					t.Errorf("%s: status %d, want %d and nothing changed", answer.asked, answer.status, want)
				}
				if want == 0 {
					before = ""
				}
				if want == 0 && r.method != get { // what it changed the next route would trip over
					w = s.things(t, s.acme, maya)
				}
			}
		})
	}
}

// No page leads somebody to what their role does not include.
func TestPagesOfferWhatTheRoleIncludes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	s.invited(t, s.contact(t, s.acme, "ben@example.com", "Ben Okri"))
	s.clock.move(queries.WaitingAfter + time.Second)
	for _, role := range []queries.StaffRole{queries.StaffRoleSupport, queries.StaffRoleAdmin} {
		b := s.staff(t, s.person(t, string(role)+"@acme.example", role, s.acme))
		todo, seen := []string{"/acme"}, map[string]bool{"/acme": true}
		for len(todo) > 0 {
			p := b.get(todo[0])
			todo = todo[1:]
			if p.status == http.StatusForbidden {
				t.Errorf("%s: a page offers %s", role, p.asked)
			}
			for _, link := range p.all("a[href]") {
				if to := attr(link, "href"); strings.HasPrefix(to, "/acme") && !seen[to] {
					seen[to], todo = true, append(todo, to)
				}
			}
			for _, form := range p.all("form[method=post]") {
				if r := routeOf(attr(form, "action"), w); r != nil && !role.Includes(r.guard.role()) {
					t.Errorf("%s: %s has a form for %s", role, p.asked, r.path)
				}
			}
		}
		if len(seen) < 5 {
			t.Errorf("%s: found only %v", role, seen)
		}
	}
}

// routeOf is the admin side's route that a form of acme posts to; nil when none with a role does.
func routeOf(action string, w things) *route {
	parts := strings.Split(action, "/")
	for i, r := range adminRoutes {
		pattern := strings.Split(r.path, "/")
		fits := r.method == post && r.guard.role() != "" && len(pattern) == len(parts)
		for j := range pattern {
			fits = fits && (pattern[j] == parts[j] || strings.HasPrefix(pattern[j], ":") && parts[j] != "" && (j != 1 || parts[j] == w.account.slug))
		}
		if fits {
			return &adminRoutes[i]
		}
	}
	return nil
}
