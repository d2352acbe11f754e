package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
)

const inviteForm = "#staffmembers-invite"

func TestStaffMembersInvite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	s.person(t, "tomas@lumen.example", queries.StaffRoleOwner, s.lumen)
	b := s.staff(t, maya)
	p := b.get("/acme/people").is(http.StatusOK).has("#staffmembers-row-"+maya.id.String(), "dialog "+inviteForm)
	before := s.everything(t)
	for _, email := range []string{"", "jo", "maya@acme.example", "MAYA@acme.example"} {
		b.fill(p, inviteForm, "email", email).is(http.StatusUnprocessableEntity).has("dialog[open] #field-email-error")
		b.htmx().fill(p, inviteForm, "email", email).is(http.StatusUnprocessableEntity).has("#field-email-error").lacks("main")
	}
	b.fill(p, inviteForm, "email", "jo@acme.example", "role", "emperor").is(http.StatusUnprocessableEntity).has("#field-role-error", "[name=email][value='jo@acme.example']")
	if s.everything(t) != before {
		t.Error("an invitation that was refused changed something")
	}
	p = b.follow(b.fill(p, inviteForm, "email", "Jo@acme.example", "role", "admin").leadsTo("/acme/people")).has("#notice .flash")
	s.inserted(t, "mail_send")
	s.rows(t, 1, "staff_membership m JOIN staff ON id = staff_id WHERE email = 'jo@acme.example' AND role = 'admin' AND added_by = $1", maya.id)
	s.rows(t, 1, `audit WHERE action = 'staff.invite' AND subject = 'Jo@acme.example' AND became = '{"role": "admin"}' AND staff_id = $1 AND ip IS NOT NULL`, maya.id)
	id := s.staffID(t, "jo@acme.example")
	p.has("#staffmembers-pending-" + id).lacks("#staffmembers-row-" + id)
	if row := words(p.one("#staffmembers-pending-" + id)); !strings.Contains(row, "Invited by Maya Lindqvist") || !strings.Contains(row, "Queued") {
		t.Errorf("the invitation is told as %s", row)
	}
	b.follow(b.fill(p, inviteForm, "email", "tomas@lumen.example", "role", "support").leadsTo("/acme/people")).has("#staffmembers-row-" + s.staffID(t, "tomas@lumen.example"))
	s.inserted(t, "mail_send")
	s.rows(t, 1, "mail WHERE kind = 'staff_added' AND to_email = 'tomas@lumen.example'")
}

func (s *testSite) staffID(t testing.TB, email string) (id string) {
	t.Helper()
	s.scan(t, "SELECT id::text FROM staff WHERE email = $1", []any{email}, &id)
	return id
}

func TestStaffMembersPending(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	jo := s.pending(t, s.acme, "jo@acme.example")
	row, base := "#staffmembers-pending-"+jo.String(), "/acme/people/"+jo.String()
	resend, remove := "form[action='"+base+"/resend']", "form[action='"+base+"/remove']"
	for range queries.LimitMailContact.Times {
		b.follow(b.fill(b.get("/acme/people"), resend).leadsTo("/acme/people")).has("#notice .flash-success")
		s.inserted(t, "mail_send")
	}
	b.follow(b.fill(b.get("/acme/people"), resend).leadsTo("/acme/people")).has("#notice .flash-warning")
	s.inserted(t)
	s.rows(t, queries.LimitMailContact.Times, "audit WHERE action = 'staff.resend' AND subject = 'jo@acme.example'")
	s.exec(t, "UPDATE mail SET state = 'bounced', answer = '5.1.1 nobody here' WHERE staff_id = $1", jo)
	if text := words(b.get("/acme/people").one(row)); !strings.Contains(text, "Bounced") || !strings.Contains(text, "5.1.1 nobody here") {
		t.Errorf("a refused invitation is told as %s", text)
	}
	s.clock.move(queries.StaffSetupLife)
	if text := words(b.get("/acme/people").one(row)); !strings.Contains(text, "link is over") {
		t.Errorf("an invitation that is over is told as %s", text)
	}
	p := b.get("/acme/people")
	s.setPassword(t, "jo@acme.example")
	b.follow(b.fill(p, resend).leadsTo("/acme/people")).has("#notice .flash-warning", "#staffmembers-row-"+jo.String()) // came in the meantime
	amy := s.pending(t, s.acme, "amy@acme.example")
	remove = strings.ReplaceAll(remove, jo.String(), amy.String())
	b.follow(b.fill(b.get("/acme/people"), remove).leadsTo("/acme/people")).has("#notice .flash-success").lacks("#staffmembers-pending-" + amy.String())
	s.rows(t, 1, "audit WHERE action = 'staff.withdraw' AND subject_id = $1", amy)
	s.rows(t, 1, "staff_link WHERE staff_id = $1 AND ended_at IS NOT NULL", amy)
}

// setPassword makes somebody who was invited one who can sign in.
func (s *testSite) setPassword(t testing.TB, email string) {
	t.Helper()
	s.exec(t, "UPDATE staff SET password_hash = $2, name = 'Jo' WHERE email = $1", email, passwordHash(t))
}

// A role counts from the next request on, and whoever is removed is out, also where they are signed in.
func TestStaffMembersChange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya, ben := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme), s.person(t, "ben@acme.example", queries.StaffRoleSupport, s.acme)
	both := s.person(t, "both@acme.example", queries.StaffRoleAdmin, s.acme, s.lumen)
	b, bens, boths := s.staff(t, maya), s.staff(t, ben), s.staff(t, both)
	role := func(of staff) string { return "form[action='/acme/people/" + of.id.String() + "/role']" }
	remove := func(of staff) string { return "form[action='/acme/people/" + of.id.String() + "/remove']" }
	bens.get("/acme/people").is(http.StatusForbidden)
	b.follow(b.fill(b.get("/acme/people").lacks(role(maya), remove(maya)), role(ben), "role", "admin").leadsTo("/acme/people")).has("#notice .flash-success")
	s.rows(t, 1, `audit WHERE action = 'staff.role' AND subject_id = $1 AND was = '{"role": "support"}' AND became = '{"role": "admin"}'`, ben.id)
	bens.get("/acme/people").is(http.StatusOK).lacks("main form", "main dialog") // looks, and changes nothing
	bens.send(post, "/acme/people/"+ben.id.String()+"/role", url.Values{"_token": {bens.token()}, "role": {"owner"}}).is(http.StatusForbidden)
	b.follow(b.send(post, "/acme/people/"+ben.id.String()+"/role", url.Values{"_token": {b.token()}, "role": {"emperor"}}).leadsTo("/acme/people")).has("#notice .flash-warning")
	b.follow(b.send(post, "/acme/people/"+maya.id.String()+"/role", url.Values{"_token": {b.token()}, "role": {"support"}}).leadsTo("/acme/people")).has("#notice .flash-warning")
	s.rows(t, 1, "staff_membership WHERE staff_id = $1 AND role = 'owner'", maya.id)
	s.rows(t, 1, "audit WHERE action = 'staff.role'")
	for _, gone := range []staff{ben, both} {
		b.follow(b.fill(b.get("/acme/people"), remove(gone)).leadsTo("/acme/people")).has("#notice .flash-success").lacks("#staffmembers-row-" + gone.id.String())
		s.rows(t, 1, "audit WHERE action = 'staff.remove' AND subject_id = $1", gone.id)
	}
	bens.get("/acme").leadsTo("/sign-in?next=%2Facme")
	boths.get("/acme").is(http.StatusNotFound)
	boths.get("/lumen").is(http.StatusOK)
	s.rows(t, 0, "staff_session WHERE staff_id = $1 AND ended_at IS NULL", ben.id)
	b.send(post, "/acme/people/"+ben.id.String()+"/role", url.Values{"_token": {b.token()}, "role": {"owner"}}).is(http.StatusNotFound)
}

// Owners can step back and leave as long as another one stays.
func TestStaffMembersStepBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya, ben := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme), s.person(t, "ben@acme.example", queries.StaffRoleOwner, s.acme)
	b, bens := s.staff(t, maya), s.staff(t, ben)
	own := "/acme/people/" + maya.id.String()
	page := b.get("/acme/people").has("form[action='/acme/leave']")
	b.follow(b.fill(page, "form[action='"+own+"/role']", "role", "support").leadsTo("/acme")).is(http.StatusOK)
	b.get("/acme/people").is(http.StatusForbidden)
	b.send(post, own+"/remove", url.Values{"_token": {b.token()}}).is(http.StatusForbidden)
	bens.fill(bens.get("/acme/people"), "form[action='"+own+"/role']", "role", "owner").leadsTo("/acme/people")
	b.fill(page, "form[action='/acme/leave']").leadsTo("/")
	b.get("/acme").is(http.StatusNotFound)
	s.rows(t, 1, "staff_membership WHERE account_id = $1 AND role = 'owner'", s.acme.id)
}

func TestStaffMembersSeenAndSecured(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya, ben := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme), s.person(t, "ben@acme.example", queries.StaffRoleAdmin, s.acme)
	s.secondFactor(t, ben)
	b := s.staff(t, maya)
	p := b.get("/acme/people")
	if row := words(p.one("#staffmembers-row-" + ben.id.String())); !strings.Contains(row, "Never") || !strings.Contains(row, "On") || !strings.Contains(row, "Admin") {
		t.Errorf("Ben is told as %s", row)
	}
	s.halfway(t, ben) // who stops halfway was not here
	if row := words(b.get("/acme/people").one("#staffmembers-row-" + ben.id.String())); !strings.Contains(row, "Never") {
		t.Errorf("Ben is told as %s", row)
	}
	s.both(t, ben)
	p = b.get("/acme/people").has("#staffmembers-row-" + ben.id.String() + " time")
	if row := words(p.one("#staffmembers-row-" + maya.id.String())); !strings.Contains(row, "Off") || !strings.Contains(row, "(you)") || strings.Contains(row, "Never") {
		t.Errorf("Maya is told as %s", row)
	}
}
