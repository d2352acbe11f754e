package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// visit lets an admin look at the portal as a contact, and returns the browser in which they do.
func (s *testSite) visit(t testing.TB, b *browser, c contact) *browser {
	t.Helper()
	page := "/acme/contacts/" + c.id.String()
	to := b.fill(b.get(page+"/visit"), "#visit", "reason", "Their invoice is missing").is(http.StatusSeeOther).header.Get("Location")
	path, found := strings.CutPrefix(to, s.portal(t, c.account).root)
	if !found {
		t.Fatalf("it leads to %s", to)
	}
	portal := s.portal(t, c.account)
	portal.fill(portal.get(path).has("form[action='"+path+"'] .btn-primary"), "form[action='"+path+"']").leadsTo("/")
	return portal
}

// An admin looks as a client, with a reason that stays; nothing of the client's changes by it, and nothing can be changed.
func TestStaffVisit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b, ana := s.staff(t, maya), s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	own := s.client(t, ana)
	page := "/acme/contacts/" + ana.id.String()
	p := b.get(page + "/visit")
	if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' http://acme.portal.test;") {
		t.Errorf("browsers would not follow the form to the portal: %s", policy)
	}
	before := s.everything(t)
	for _, reason := range []string{"", "  ab ", strings.Repeat("a", 201), "a\x00bc"} {
		b.fill(p, "#visit", "reason", reason).is(http.StatusUnprocessableEntity).has("#field-reason-error")
	}
	if s.everything(t) != before {
		t.Error("without a reason something was changed")
	}
	before = s.everything(t, "contact", "invitation", "mail", "link_fetch")
	looking := s.visit(t, b, ana)
	s.rows(t, 1, "magic_link WHERE kind = 'visit' AND made_by = $1 AND reason = 'Their invoice is missing' AND expires_at = created_at + interval '1 minute' AND ended_because = 'used'", maya.id)
	s.rows(t, 1, "session WHERE method = 'staff' AND staff_id = $1 AND reason = 'Their invoice is missing' AND NOT may_change AND expires_at = created_at + interval '30 minutes'", maya.id)
	s.rows(t, 1, "audit WHERE action = 'contact.visit' AND staff_id = $1 AND subject_id = $2 AND note = 'Their invoice is missing'", maya.id, ana.id)
	if s.everything(t, "contact", "invitation", "mail", "link_fetch") != before {
		t.Error("looking as the client changed something of theirs")
	}
	for _, path := range []string{"/", "/profile"} {
		p := looking.get(path).is(http.StatusOK).has(".visit form[action='/visit/end']", ".visit time")
		if text := words(p.one(".visit")); !strings.Contains(text, "You see the portal as Ana Souza. Changes are off. Ends in 30 minutes.") {
			t.Errorf("%s says %q", path, text)
		}
		own.get(path).is(http.StatusOK).lacks(".visit")
	}
	looking.get("/profile").has("#profile-password [name=current]") // it is no proof by mail
	devices := words(own.get("/profile").one("#profile-devices"))
	if !strings.Contains(devices, "Acme Coaching’s team") || strings.Contains(devices, "invoice") || strings.Contains(devices, strings.Split(looking.header.Get("X-Forwarded-For"), ",")[0]) {
		t.Errorf("the client reads %q", devices)
	}
	if text := words(b.get(page).one("#contacts-timeline")); !strings.Contains(text, "Looked at the portal as this client Their invoice is missing · by Maya Lindqvist") {
		t.Errorf("the timeline says %q", text)
	}
}

// What a staff person may not do as a client is refused, page or part, whatever the form is; the list of forms is the portal's own.
func TestStaffVisitChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, ana := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)), s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	w := things{account: s.acme, contact: ana, session: s.session(t, ana), taught: s.taught(t, ana)}
	w.billed = s.billed(t, ana, w.taught.offer, w.taught.course) // an app is there for who has something in it
	for _, allowed := range []bool{false, true} {
		s.exec(t, "UPDATE account SET staff_may_change = $1", allowed)
		looking, tried := s.visit(t, b, ana), 0
		token := looking.token()
		for _, r := range portalRoutes {
			if r.method == get || r.guard == public || r.guard == visitor || visitEnds[r.path] {
				continue
			}
			if allowed && (r.path == "/profile/name" || r.path == "/profile/region" || strings.HasPrefix(r.path, "/profile/avatar")) {
				continue
			}
			tried++
			form := url.Values{"_token": {token}, "name": {"Somebody"}, "current": {rightPassword}, "password": {"another long password"}}
			before := s.everything(t)
			looking.send(r.method, w.path(r.path), form).is(http.StatusForbidden).has("h1")
			if p := looking.htmx().send(r.method, w.path(r.path), form).is(http.StatusForbidden).has(".flash-error"); p.header.Get("HX-Retarget") != "#notice" {
				t.Errorf("%s: the part is not put beside the page", r.path)
			}
			if s.everything(t) != before {
				t.Errorf("%s changed something", r.path)
			}
		}
		if tried < 4 {
			t.Errorf("only %d forms were tried", tried)
		}
	}
	looking := s.visit(t, b, ana)
	looking.get("/").has(".visit")
	looking.get(w.path("/subscriptions/:id/payment")).is(http.StatusForbidden) // Stripe would take them for the client
	looking.get("/profile").lacks("a[href='/profile/export']")
	looking.get("/profile/export").is(http.StatusForbidden) // the client's notes are in it, which only they see
	looking.send(http.MethodPost, "/o/"+w.taught.offerName+"/buy", url.Values{"_token": {looking.token()}}).is(http.StatusForbidden)
	looking.fill(looking.get("/profile"), "#profile-name", "name", "Ana de Souza").leadsTo("/profile")
	s.rows(t, 1, "contact WHERE name = 'Ana de Souza'")
	s.exec(t, "UPDATE account SET staff_may_change = false")
	looking.fill(looking.get("/profile"), "#profile-name", "name", "Ana").is(http.StatusForbidden) // at once, also where it was allowed when it began
}

// Whatever a staff person changes as a client is in the trail as theirs, on that client, with what it was and became; what clients change
// themselves is not. The list of forms is the portal's own.
func TestStaffVisitLeavesLines(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	w := s.things(t, s.acme, maya)
	s.exec(t, "UPDATE account SET staff_may_change = true")
	s.exec(t, "UPDATE access_grant SET ended_at = starts_at, ended_because = 'revoked' WHERE contact_id = $1", w.contact.id) // so that the offer gives something
	own, looking := s.client(t, w.contact), s.visit(t, s.staff(t, maya), w.contact)
	may := &visit{client: &queries.SessionByTokenRow{StaffID: &maya.id, MayChange: true}}
	changes := map[string]string{ // by path: what the trail and the timeline say of it
		"/profile/name":          `Name {"name": "Ana Souza"} {"name": "Somebody Else"}`,
		"/profile/region":        `Time zone, dates and numbers {"time_zone": "", "dates_and_numbers": ""} {"time_zone": "Asia/Tokyo", "dates_and_numbers": "ja-JP"}`,
		"/profile/avatar":        `Picture {"picture": "` + w.avatar + `"} {"picture": "avatar-`,
		"/profile/avatar/remove": `Picture {"picture": "avatar-`,
		"/o/:name":               `Took the offer “A taster” {"offer": "A taster"}`,
	}
	change := func(b *browser, path string) {
		form := route{path: path}.form(w, b.token())
		if form.Has("@picture") {
			form["@picture"] = []string{smallPNG}
		}
		b.send(post, w.path(path), form).is(http.StatusSeeOther)
	}
	var tried []string
	for _, r := range portalRoutes {
		if r.method == get || r.guard == public || visitEnds[r.path] || checkVisit(may, r) != nil {
			continue
		}
		tried = append(tried, r.path)
		change(looking, r.path)
		var line string
		s.scan(t, `SELECT coalesce(string_agg(concat_ws(' ', note, was, became), ' and '), '') FROM audit WHERE action = 'contact.visit_change' AND subject_kind = 'contact'
			AND subject_id = $1 AND subject = $2 AND staff_id = $3 AND actor = 'Maya Lindqvist <maya@acme.example>' AND ip IS NOT NULL AND id = (SELECT max(id::text)::uuid FROM audit)`,
			[]any{w.contact.id, w.contact.email, maya.id}, &line)
		if want := changes[r.path]; want == "" || !strings.HasPrefix(line, want) {
			t.Errorf("%s leaves the line %q, want %q", r.path, line, want)
		}
	}
	if len(tried) != len(changes) {
		t.Errorf("the forms %v were tried", tried)
	}
	s.rows(t, len(changes), "audit WHERE action = 'contact.visit_change'")
	before := s.count(t, "audit")
	for path := range changes {
		if path != "/o/:name" { // they have it
			change(own, path)
		}
	}
	s.rows(t, before, "audit")
	before = s.count(t, "email_change WHERE ended_at IS NULL")
	looking.send(post, w.path("/email/:token"), url.Values{"_token": {looking.token()}}).is(http.StatusForbidden) // or the trail said that the client confirmed it
	s.rows(t, before, "email_change WHERE ended_at IS NULL")
}

// Somebody who has never joined can be looked as, and has not joined by it.
func TestStaffVisitOfNewcomer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, ana := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)), s.contact(t, s.acme, "ana@example.com", "")
	invitation := s.invited(t, ana)
	looking := s.visit(t, b, ana)
	if text := words(looking.get("/").is(http.StatusOK).one(".visit")); !strings.Contains(text, "ana@example.com") {
		t.Errorf("the banner says %q", text)
	}
	looking.get("/welcome").leadsTo("/")
	s.rows(t, 1, "contact WHERE joined_at IS NULL AND accepted_at IS NULL AND last_seen_at IS NULL")
	s.rows(t, 1, "invitation WHERE ended_at IS NULL")
	s.portal(t, s.acme).confirm(invitation).leadsTo("/")
	s.rows(t, 1, "contact WHERE joined_at IS NOT NULL")
}

// It ends by its button, by its time, by the client's hand, and with the role; what the same browser was before goes on.
func TestStaffVisitEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b, ana := s.staff(t, maya), s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	own, page := s.client(t, ana), "/acme/contacts/"+ana.id.String()

	looking := s.visit(t, b, ana)
	p := looking.get("/")
	if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' http://app.test;") {
		t.Errorf("browsers would not follow the form back: %s", policy)
	}
	looking.fill(p, ".visit form").leadsTo(s.Addresses.Admin() + page)
	looking.get("/").leadsTo("/sign-in")
	s.rows(t, 1, "session WHERE method = 'staff' AND ended_because = 'signed_out'")

	looking = s.visit(t, b, ana)
	looking.send(post, "/sign-out", url.Values{"_token": {looking.token()}}).leadsTo("/sign-in")
	looking.get("/").leadsTo("/sign-in")

	looking = s.visit(t, b, ana)
	own.fill(own.get("/profile"), "form[action='/profile/devices/end-others']").leadsTo("/profile#devices")
	looking.get("/").leadsTo("/sign-in")

	looking = s.visit(t, b, ana)
	b.fill(b.get(page), "form[action='"+page+"/sessions/"+s.visitOf(t, maya)+"/end']").leadsTo(page)
	looking.get("/").leadsTo("/sign-in")

	looking = s.visit(t, b, ana)
	for _, change := range []string{"UPDATE staff_membership SET role = 'support'", "DELETE FROM staff_membership"} {
		looking.get("/").is(http.StatusOK)
		s.exec(t, change)
		looking.get("/").leadsTo("/sign-in")
		s.exec(t, "DELETE FROM staff_membership")
		s.exec(t, "INSERT INTO staff_membership (account_id, staff_id, role, created_at) VALUES ($1, $2, 'admin', now())", s.acme.id, maya.id)
	}
	s.clock.move(queries.VisitLife - time.Second)
	looking.get("/").is(http.StatusOK)
	s.clock.move(time.Second)
	looking.get("/").leadsTo("/sign-in")
	own.get("/").is(http.StatusOK)
	if text := words(own.get("/profile").one("#profile-devices")); strings.Count(text, "Acme Coaching’s team") < 5 {
		t.Errorf("the client does not learn of all that is over: %q", text)
	}
	s.rows(t, 1, "session WHERE staff_id IS NULL AND ended_at IS NULL")
}

// visitOf is the open session in which a staff person looks as a client.
func (s *testSite) visitOf(t testing.TB, p staff) (id string) {
	t.Helper()
	s.scan(t, "SELECT id::text FROM session WHERE staff_id = $1 AND ended_at IS NULL", []any{p.id}, &id)
	return id
}

// The way in works once, for a minute, and for nobody whose role has gone; it is never mailed to the client.
func TestStaffVisitLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b, ana := s.staff(t, maya), s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	page := "/acme/contacts/" + ana.id.String()
	link := func() string {
		to, err := url.Parse(b.fill(b.get(page+"/visit"), "#visit", "reason", "To help").is(http.StatusSeeOther).header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		return to.Path
	}
	portal := s.portal(t, s.acme)
	used, demoted := link(), link()
	portal.confirm(used).leadsTo("/")
	other := s.portal(t, s.acme)
	other.get(used).has("#link-over").lacks("form")
	s.exec(t, "UPDATE staff_membership SET role = 'support'")
	demotedPage := other.get(demoted)
	other.fill(demotedPage, "form[action='"+demoted+"']").is(http.StatusOK).has("#link-over")
	other.get("/").leadsTo("/sign-in")
	s.exec(t, "UPDATE staff_membership SET role = 'admin'")
	late := link()
	s.clock.move(queries.VisitLinkLife)
	other.get(late).has("#link-over").lacks("form")
	other.send(post, late+"/renew", url.Values{"_token": {other.token()}}).has("#link-over").lacks("form")
	s.rows(t, 0, "mail")
	s.rows(t, 0, "link_fetch")
	s.rows(t, 1, "session WHERE method = 'staff'")
	s.portal(t, s.lumen).get(late).is(http.StatusNotFound)
}

// A browser in which the client themselves is signed in does not sign them out elsewhere by looking.
func TestStaffVisitInTheSameBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, ana := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)), s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	client, page := s.client(t, ana), "/acme/contacts/"+ana.id.String()
	for range 2 {
		to, err := url.Parse(b.fill(b.get(page+"/visit"), "#visit", "reason", "To help").header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		client.confirm(to.Path).leadsTo("/")
		client.get("/").has(".visit")
	}
	s.rows(t, 1, "session WHERE staff_id IS NULL AND ended_at IS NULL")
	s.rows(t, 1, "session WHERE staff_id IS NOT NULL AND ended_at IS NULL") // the second look ended the first
	client.fill(client.get("/"), ".visit form").leadsTo(s.Addresses.Admin() + page)
	nobody := s.client(t, ana)
	nobody.send(post, "/visit/end", url.Values{"_token": {nobody.token()}}).leadsTo("/") // there is nothing to end
}
