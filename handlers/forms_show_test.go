package handlers

import (
	"encoding/csv"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// The list tells of each form what it does and how often it was sent; support may look.
func TestFormsIndex(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owner := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	helper := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	owner.get("/acme/forms").is(http.StatusOK).has(".empty a[href='/acme/forms/new']", "nav a[href='/acme/forms'][aria-current=page]")
	helper.get("/acme/forms").is(http.StatusOK).has(".empty").lacks("a[href='/acme/forms/new']")
	f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Confirm, d.Invite = true, true })
	s.form(t, s.lumen, func(d *queries.FormDraft) { d.Title = "Of Lumen" })
	for _, b := range []*browser{owner, helper} {
		p := b.get("/acme/forms").has("#forms-list a[href='/acme/forms/"+f.id.String()+"']", "#forms-list a[href='http://acme.portal.test/f/call']")
		if got := words(p.one("tbody")); got != "Book a call/f/call On Confirms by mail, becomes a contact, is invited 1 just now" {
			t.Errorf("it says %q", got)
		}
	}
	s.exec(t, "INSERT INTO form_submission (account_id, id, form_id, email, answers, token_hash, ip, user_agent, created_at, expires_at) "+
		"SELECT $1, gen_random_uuid(), $2, 'x@example.com', '[]', n::text::bytea, '192.0.2.1', '', now(), now() FROM generate_series(1, 1000) n", s.acme.id, f.id)
	if got := words(owner.get("/acme/forms").one("tbody")); !strings.Contains(got, "over 1,000") {
		t.Errorf("it says %q", got)
	}
}

// What was sent is shown with its state, newest first and a page at a time, with the code to have the form elsewhere.
func TestFormsShow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Title = `"Call" & more` })
	path, ana := "/acme/forms/"+f.id.String(), s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	b.get(path).is(http.StatusOK).has(".quiet").lacks("a[href='" + path + "/export']")
	for range submissionsPerPage {
		s.stranger(t, s.acme).answer(f, "email", queries.NewID().String()+"@example.com").leadsTo("/f/call?sent=1")
	}
	s.stranger(t, s.acme).answer(f, "email", "ana@example.com", "name", "Ana", askedText, "Because").leadsTo("/f/call?sent=1")
	s.exec(t, "UPDATE form_submission SET contact_id = $1 WHERE email = 'ana@example.com'", ana.id)
	s.exec(t, "UPDATE form_submission SET confirmed_at = NULL WHERE email <> 'ana@example.com'")
	p := b.get(path).is(http.StatusOK).has(".item a[href='/acme/contacts/"+ana.id.String()+"']", ".item .badge-success", ".item .badge-warning")
	if n := len(p.all(".item")); n != submissionsPerPage {
		t.Errorf("%d answers on the first page", n)
	}
	if got := words(p.all(".item")[0]); got != "Anaana@example.comCounts Why?Because just now" {
		t.Errorf("the newest says %q", got)
	}
	code := attr(p.all(".copy input")[1], "value")
	if want := `<iframe src="http://acme.portal.test/f/call?embed=1" title="&#34;Call&#34; &amp; more" width="100%" height="984" style="border:0" loading="lazy"></iframe>`; code != want {
		t.Errorf("the code is %s, want %s", code, want)
	}
	more := attr(p.one("#forms-more a"), "href")
	b.get(more).is(http.StatusOK).has("main .item").lacks("#forms-more")
	if rest := b.htmx().get(more).is(http.StatusOK).lacks("main", "#forms-more"); len(rest.all(".item")) != 1 {
		t.Errorf("%d answers on the second page", len(rest.all(".item")))
	}
	s.clock.move(queries.FormConfirmLife + time.Second)
	if got := b.get(more).words(); !strings.Contains(got, "Expired, not confirmed") {
		t.Error("what was not confirmed in time does not say so")
	}
	support := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	support.get(path).is(http.StatusOK).has(".item").lacks("form[action='"+path+"/switch']", "a[href='"+path+"/edit']", "a[href='"+path+"/export']", "#delete")
}

// A form is switched off and on and deleted with all that was sent by it; the contacts stay, and the trail has each step.
func TestFormsSwitchAndDelete(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Confirm = true })
	kept := s.form(t, s.acme, func(d *queries.FormDraft) { d.Name, d.Confirm = "kept", true })
	ana, path := s.contact(t, s.acme, "ana@example.com", ""), "/acme/forms/"+f.id.String()
	s.exec(t, "UPDATE form_submission SET contact_id = $1", ana.id)
	b.follow(b.fill(b.get(path), "form[action='"+path+"/switch']").leadsTo(path)).has("#notice .flash-success")
	s.rows(t, 1, "form WHERE id = $1 AND NOT switched_on", f.id)
	b.fill(b.get(path), "form[action='"+path+"/switch']").leadsTo(path)
	s.rows(t, 1, "form WHERE id = $1 AND switched_on", f.id)
	b.follow(b.fill(b.get(path), "#delete form").leadsTo("/acme/forms")).has("#notice .flash-success")
	s.rows(t, 1, "form WHERE id = $1", kept.id)
	s.rows(t, 1, "form")
	s.rows(t, 1, "form_submission")
	s.rows(t, 1, "contact")
	b.get(path).is(http.StatusNotFound)
	for _, action := range []string{"form.switch_off", "form.switch_on", "form.delete"} {
		s.rows(t, 1, "audit WHERE action = $1 AND subject_id = $2 AND subject = 'Book a call'", action, f.id)
	}
}

// The file has every answer under its question, and no cell that a spreadsheet would work out.
func TestFormsExport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	f := s.form(t, s.acme, func(*queries.FormDraft) {})
	s.stranger(t, s.acme).answer(f, "email", "ana@example.com", "name", "=HYPERLINK(1)", "phone", "+55 11", askedText, "@one,\ntwo \"three\"").leadsTo("/f/call?sent=1")
	s.exec(t, "UPDATE form SET fields = (SELECT jsonb_agg(f) FROM jsonb_array_elements(fields) f WHERE f->>'key' IN ('email', 'name', 'phone', $1))", askedChoice)
	path := "/acme/forms/" + f.id.String() + "/export"
	p := b.get(path).is(http.StatusOK)
	if got := p.header.Get("Content-Disposition"); got != `attachment; filename="call.csv"` {
		t.Errorf("Content-Disposition %s", got)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.body, "\ufeff"))).ReadAll()
	want := [][]string{{"Sent (UTC)", "State", "E-mail address", "Name", "Phone", "Which?", "Answers to questions that are no longer asked"},
		{"2026-03-10 12:00:00", "Counts", "ana@example.com", "'=HYPERLINK(1)", "+55 11", "", "Why?: @one,\ntwo \"three\""}}
	if err != nil || !reflect.DeepEqual(rows, want) || !strings.HasPrefix(p.body, "\ufeff") {
		t.Errorf("%v, the file is\n%q\nwant\n%q", err, rows, want)
	}
	if p := b.send(http.MethodHead, path, nil).is(http.StatusOK); p.body != "" {
		t.Error("HEAD has a body")
	}
	s.exec(t, "INSERT INTO form_submission (account_id, id, form_id, email, answers, token_hash, ip, user_agent, created_at, expires_at) "+
		"SELECT $1, gen_random_uuid(), $2, 'x@example.com', '[]', n::text::bytea, '192.0.2.1', '', now(), now() FROM generate_series(1, $3) n", s.acme.id, f.id, 2*exportPage+1)
	if n := strings.Count(b.get(path).body, "x@example.com"); n != 2*exportPage+1 {
		t.Errorf("%d rows of several pages", n)
	}
}
