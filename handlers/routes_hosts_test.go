package handlers

import (
	"net/http"
	"testing"

	"atrium/queries"
)

// A session is of one host: the same cookie shown to another one is nobody's.
func TestSessionsAreOfOneHost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	// The same address is known in both accounts, and to the admin side.
	ana := s.arrived(t, s.acme, "maya@acme.example", "Ana Souza")
	s.arrived(t, s.lumen, "maya@acme.example", "Ana Souza")
	client, staff := s.client(t, ana), s.staff(t, maya)
	client.get("/profile").is(http.StatusOK)
	staff.get("/sessions").is(http.StatusOK)
	for name, c := range map[string]struct {
		of   *browser
		at   *browser
		path string
	}{
		"a client's on another portal":  {client, s.portal(t, s.lumen), "/profile"},
		"a client's on the admin host":  {client, s.admin(t), "/sessions"},
		"a staff person's on a portal":  {staff, s.portal(t, s.acme), "/profile"},
		"a client's in an account's":    {client, s.admin(t), "/acme/contacts"},
		"a staff person's on another's": {staff, s.portal(t, s.lumen), "/"},
	} {
		before := s.everything(t)
		p := c.of.stolen(c.at).get(c.path).is(http.StatusSeeOther)
		if to := p.header.Get("Location"); to[:8] != "/sign-in" {
			t.Errorf("%s: leads to %s", name, to)
		}
		if s.everything(t) != before {
			t.Errorf("%s: something changed", name)
		}
	}
}
