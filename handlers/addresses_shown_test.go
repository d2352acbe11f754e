package handlers

import (
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
)

// An address that is too long for its line is parted before its @ first; times of the audit log are the reader's.
func TestAddressesPartBeforeTheirAt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana.souza@example.com", "Ana Souza")
	for _, role := range []queries.StaffRole{queries.StaffRoleAdmin, queries.StaffRoleSupport} {
		b := s.staff(t, s.person(t, string(role)+"@acme.example", role, s.acme))
		for _, path := range []string{"/acme/contacts", "/acme/contacts/" + ana.id.String()} {
			page := b.get(path).is(http.StatusOK)
			if whole := strings.Count(page.body, ">ana.souza@example.com<"); whole > 0 || !strings.Contains(page.body, "ana.souza<wbr>@example.com") {
				t.Errorf("%s for %s: %d times in one piece", path, role, whole)
			}
		}
		if role == queries.StaffRoleAdmin {
			b.fill(b.get("/acme/contacts/"+ana.id.String()), ".actions form").is(http.StatusSeeOther)
			if page := b.get("/acme/audit-log").is(http.StatusOK).has("td.num time[data-when=exact][datetime][title]"); !strings.Contains(page.body, "admin<wbr>@acme.example") {
				t.Error("the audit log has an address in one piece")
			}
		}
	}
}
