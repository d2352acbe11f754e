package handlers

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"atrium/jobs"
	"atrium/queries"
)

// evil is text that does harm where it is taken for HTML.
const evil = `<b id="evil">"'></b><script>evil()</script>`

// harmless demands that a page shows such text, if at all, as text.
func (p *page) harmless() {
	p.t.Helper()
	p.lacks("#evil", "[onload]", "[onerror]", "[onclick]", "[style]")
	for _, script := range p.all("script") {
		if text(script) != "" || !strings.HasPrefix(attr(script, "src"), "/static/") {
			p.t.Errorf("%s: a script that is not ours", p.asked)
		}
	}
}

// Whatever people are called and programs say of themselves is text on every page.
func TestNamesAreInert(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(t, "UPDATE account SET name = $1, support_email = $2, changed_at = $3 WHERE slug = 'acme'", evil, `"><b id=evil>@example.com`, noon.Add(time.Second))
	eventually(t, "the new name is served", func() bool { return s.accounts.BySlug("acme").Name == evil })
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme, s.lumen)
	s.exec(t, "UPDATE staff SET name = $1", evil)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", evil), s.contact(t, s.acme, "ben@example.com", evil)
	s.invited(t, ben)
	s.bounced(t, ben)
	s.exec(t, "UPDATE contact SET bounce_reason = $1 WHERE bounced_at IS NOT NULL", evil)
	s.exec(t, "UPDATE mail SET state = 'bounced', answer = $1", evil)
	s.invited(t, s.contact(t, s.acme, "cid@example.com", evil))
	s.clock.move(queries.WaitingAfter + time.Second)
	s.invited(t, s.contact(t, s.acme, "dee@example.com", evil))
	s.counted(t, s.acme)
	s.exec(t, "UPDATE session SET user_agent = $1", evil)
	form := s.form(t, s.acme, func(d *queries.FormDraft) {
		d.Confirm, d.Title, d.Intro, d.Button, d.Thanks, d.Tags = true, evil, evil, evil[:30], evil, []string{evil[:30]}
		for i := range d.Fields {
			d.Fields[i].Label = evil
		}
		d.Fields[4].Options = []string{evil, "That one"}
	})
	s.exec(t, "UPDATE form_submission SET name = $1, answers = jsonb_build_array(jsonb_build_object('key', 'x', 'kind', 'line', 'label', $1::text, 'value', $1::text))", evil)
	formPath := "/acme/forms/" + form.id.String()
	nobody, staff, client := s.portal(t, s.acme), s.staff(t, maya).with("User-Agent", evil), s.client(t, ana)
	link := s.toProfile(t, ana)
	used := s.toProfile(t, ana)
	s.portal(t, s.acme).with("User-Agent", evil).confirm(used).leadsTo("/profile")
	newcomer, _ := s.newcomer(t, s.acme, "eve@example.com", evil)
	s.ask(t, nobody, "ana@example.com")
	taught := s.taught(t, ana)
	s.exec(t, "UPDATE course SET title = $1, summary = $1", evil)
	s.exec(t, "UPDATE offer SET title = $1, text = $1", evil)
	s.exec(t, "UPDATE access_grant SET source = source, ended_at = $1, ended_because = 'revoked', ended_note = $2 WHERE id = $3", noon, evil, taught.grant)
	s.given(t, ana, taught, func(g *queries.Grant) { g.Source, g.OriginID = queries.GrantSourceFreeOffer, &taught.offer })
	given := "/acme/courses/" + taught.course.String() + "/people"
	var refused string
	s.scan(t, "SELECT id::text FROM mail WHERE answer <> '' LIMIT 1", nil, &refused)
	s.exec(t, "UPDATE account SET sender_name = $1", evil)
	s.exec(t, "INSERT INTO mail_text VALUES ($1, 'invitation', $2, $2, now())", s.acme.id, evil+" {button}")
	s.exec(t, "UPDATE course SET title = $1", evil)
	s.exec(t, "UPDATE certificate SET holder = $1, course_title = $1, revoked_at = $2, revoked_note = $1", evil, noon)
	certificates := "/acme/courses/" + taught.course.String() + "/certificates"
	q := url.Values{"q": {evil}, "next": {"/" + evil}, "email": {evil}, "filter": {evil}, "before": {evil}, "contact": {""}}.Encode()
	people, shown := []*page{}, 0
	for b, paths := range map[*browser][]string{
		nobody: {"/f/call", "/f/call?embed=1&email=" + url.QueryEscape(evil), "/f/call?sent=1", form.confirm, jobs.StopPath(s.Mails.Secret.StopToken(ben.id)), "/stop/" + url.PathEscape(evil),
			"/sign-in?" + q, "/sign-in/code", link, used, "/l/" + url.PathEscape(evil), "/" + url.PathEscape(evil), "/o/" + taught.offerName, "/o/" + taught.offerName + "/confirm/" + taught.claimToken, "/o/x", "/certificates/" + taught.number, "/certificates/" + url.PathEscape(evil)},
		client:     {"/courses/" + taught.course.String() + "/access", "/o/" + taught.offerName, "/", "/profile", "/" + url.PathEscape(evil)},
		newcomer:   {"/welcome?" + q},
		s.admin(t): {"/sign-in?" + q, "/password-reset?" + q, s.setup(t, "new@acme.example")},
		staff: {"/", "/sessions", "/acme", "/acme/figures", "/acme/search?" + q, "/acme/contacts", "/acme/contacts?" + q, "/acme/contacts/" + ana.id.String(),
			"/acme/contacts/" + ben.id.String(), "/acme/contacts/new?" + q, "/acme/invitations/new?" + q, "/acme/invitations/new?q=b+id", "/acme/magic-links/new?" + q,
			"/acme/magic-links/new?q=b+id", "/acme/magic-links/new?contact=" + ben.id.String(), "/acme/search?q=b+id", "/acme/reminders", "/acme?days=" + url.QueryEscape(evil),
			given, given + "?" + q, given + "/new?q=b+id", given + "/" + taught.grant.String() + "/revoke", "/acme/contacts/" + ben.id.String() + "/enrol",
			"/acme/offers", "/acme/offers/new", "/acme/offers/" + taught.offer.String(), "/acme/offers/" + taught.offer.String() + "/edit",
			certificates, "/acme/forms", "/acme/forms/new", formPath, formPath + "/edit", "/acme/mail-log?" + q,
			"/acme/mail-log/" + refused, "/acme/mail-texts", "/acme/mail-texts/invitation?reader=" + url.QueryEscape(evil), "/acme/mail-texts/invitation", "/acme/jobs"},
	} {
		for _, path := range paths {
			people = append(people, b.get(path), b.htmx().get(path))
		}
	}
	people = append(people, // what is typed comes back
		nobody.fill(nobody.get("/f/call"), "#public-form", "email", evil, "name", evil),
		staff.fill(staff.get("/acme/forms/new"), "#forms-edit button[value=add]", "title", evil, "tags", evil))
	upload := staff.follow(staff.uploads("E-Mail," + strconv.Quote(evil) + "\nana@example.com,\"" + strings.ReplaceAll(evil, `"`, `""`) + "\""))
	people = append(people, upload, staff.fill(upload, "#imports-columns", "column-0", "", "tags", evil)) // what is in files as well
	people = append(people,                                                                               // what is typed comes back
		staff.fill(staff.get("/acme/reminders"), "#reminders-form", "reminders", "on", "days", evil),
		nobody.fill(nobody.get("/sign-in"), "#signin-form", "email", evil, "password", "x"),
		newcomer.fill(newcomer.get("/welcome"), "#welcome-form", "name", evil+"\x07", "password", rightPassword),
		staff.invite(evil+"\n"+evil+" <new@example.com>\nana@example.com"),
		staff.fill(staff.get("/acme/contacts/new"), "#contacts-new", "name", evil, "email", evil),
		staff.fill(staff.get("/acme/contacts/"+ana.id.String()), "form[action='/acme/contacts/"+ana.id.String()+"/email']", "email", evil),
		staff.follow(staff.fill(staff.get("/acme/contacts/new"), "#contacts-new", "name", evil, "email", "flash@example.com")))
	for _, p := range people {
		if p.status >= http.StatusInternalServerError {
			t.Errorf("%s: status %d", p.asked, p.status)
		}
		p.harmless()
		if strings.Contains(p.words(), evil) {
			shown++
		}
	}
	if shown < len(people)/2 {
		t.Errorf("only %d of %d answers show any of it", shown, len(people))
	}
}

// A message in a cookie that is not one of ours breaks no page.
func TestFlashThatIsNotOurs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, value := range []string{"x", "e30", "bnVsbA", "eyJLaW5kIjoieCIsIlRleHQiOiI8YiBpZD1ldmlsPiJ9", "eyJLaW5kIjoxfQ", "%%%", "W10"} { // {}, null, of an unknown kind, of a wrong type, []
		s.portal(t, s.acme).with("Cookie", flashCookie+"="+value).get("/sign-in").is(http.StatusOK).harmless()
	}
}
