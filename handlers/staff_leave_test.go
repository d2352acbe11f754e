package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
)

const leaveForm = "form[action='/acme/leave']"

// Whoever works in an account leaves it by themselves, whatever their role: they are out at once on every device, owners read of it, and they
// land where they still work.
func TestStaffLeave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	for _, role := range []queries.StaffRole{queries.StaffRoleSupport, queries.StaffRoleAdmin, queries.StaffRoleOwner} {
		for name, of := range map[string][]account{"alone": {s.acme}, "both": {s.acme, s.lumen}} {
			p := s.person(t, name+"-"+string(role)+"@acme.example", role, of...)
			b, elsewhere := s.staff(t, p), s.staff(t, p)
			elsewhere.get("/acme").is(http.StatusOK)
			from := b.get("/sessions").has("dialog#leave-acme "+leaveForm, "a[href='/acme/leave']")
			b.get("/acme/leave").is(http.StatusOK).has("main " + leaveForm)
			lands := "/"
			if len(of) > 1 {
				lands = "/lumen"
			}
			after := b.follow(b.fill(from, leaveForm).leadsTo(lands)).is(http.StatusOK).has("#notice .flash-success").lacks("a[href='/acme']")
			if !strings.Contains(after.words(), "You have left Acme Coaching.") || (len(of) == 1) != strings.Contains(after.words(), "You are not in any account") {
				t.Errorf("%s %s lands at %s", role, name, after.words())
			}
			b.get("/acme").is(http.StatusNotFound)
			b.get("/acme/leave").is(http.StatusNotFound)
			b.get("/sessions").is(http.StatusOK).lacks(leaveForm)
			if len(of) > 1 {
				elsewhere.get("/acme").is(http.StatusNotFound)
				elsewhere.get("/lumen").is(http.StatusOK)
			} else {
				elsewhere.get("/acme").leadsTo("/sign-in?next=%2Facme")
			}
			s.rows(t, 0, "staff_membership WHERE account_id = $1 AND staff_id = $2", s.acme.id, p.id)
			s.rows(t, 1, "audit WHERE account_id = $1 AND action = 'staff.leave' AND staff_id = $2 AND subject_id = $1 AND was->>'role' = $3", s.acme.id, p.id, string(role))
		}
	}
	if log := s.staff(t, maya).get("/acme/audit-log?what=People").words(); strings.Count(log, "Left Acme Coaching") != 6 {
		t.Errorf("owners read %s", log)
	}
}

// The only owner who can sign in stays, and is told beside the question what would help; also when the other one left a moment before.
func TestStaffLeaveOnlyOwner(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya, ben := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme), s.person(t, "ben@acme.example", queries.StaffRoleOwner, s.acme)
	s.exec(t, "UPDATE staff_membership SET role = 'owner' WHERE staff_id = $1", s.pending(t, s.acme, "jo@acme.example"))
	b, bens := s.staff(t, maya), s.staff(t, ben)
	from := b.get("/acme/leave").has(leaveForm)
	bens.fill(bens.get("/acme/leave"), leaveForm).leadsTo("/")
	before := s.everything(t)
	for _, p := range []*page{b.fill(from, leaveForm).is(http.StatusUnprocessableEntity), b.get("/acme/leave").is(http.StatusOK),
		b.send(post, "/acme/people/"+maya.id.String()+"/remove", url.Values{"_token": {b.token()}}).is(http.StatusUnprocessableEntity)} {
		p.has("main .notice-box a[href='/acme/people']").lacks(leaveForm)
	}
	b.get("/sessions").has("main a[href='/acme/people']").lacks(leaveForm, "a[href='/acme/leave']")
	if s.everything(t) != before {
		t.Error("an only owner who asked to leave changed something")
	}
	b.get("/acme").is(http.StatusOK)
}
