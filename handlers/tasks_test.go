package handlers

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// Contacts are chosen in the list, one page asks once more and changes nothing, and its button starts the task.
func TestTasksStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana")
	s.contact(t, s.acme, "ben@example.com", "Ben")
	s.contact(t, s.lumen, "cleo@example.com", "Cleo")
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	list := b.get("/acme/contacts?q=example&sort=name")
	before := s.everything(t)
	asking := list.form("form.choosing", "id", ana.id.String(), "kind", "delete")
	asked := b.send(post, asking.action, asking.values).is(http.StatusOK).has("button.btn-danger")
	if got := words(asked.one("button.btn-danger")); got != "Delete 1 contact" {
		t.Errorf("the button says %q", got)
	}
	if s.everything(t) != before {
		t.Error("asking changed something")
	}
	sure := asked.form("#contacts-chosen")
	p := b.send(post, sure.action, sure.values).is(http.StatusSeeOther)
	s.inserted(t, "task_run")
	s.rows(t, 1, "task WHERE kind = 'delete' AND chosen = ARRAY[$1::uuid] AND state = 'queued'", ana.id)
	s.rows(t, 1, "audit WHERE action = 'contacts.delete' AND note = '1 contact, chosen one by one'")
	b.get(p.header.Get("Location")).is(http.StatusOK).has("#tasks-progress[hx-get] progress", "#cancel-task")

	all := list.form("form.choosing", "all", "on", "kind", "tag")
	asked = b.send(post, all.action, all.values).is(http.StatusOK)
	tag := asked.form("#contacts-chosen", "new_tag", "  ")
	b.send(post, tag.action, tag.values).is(http.StatusUnprocessableEntity).has("#field-new_tag[aria-invalid]")
	tag = asked.form("#contacts-chosen", "new_tag", "VIP")
	b.send(post, tag.action, tag.values).is(http.StatusSeeOther)
	var stored []byte
	s.scan(t, "SELECT choice FROM task WHERE kind = 'tag' AND chosen IS NULL", nil, &stored)
	var choice queries.TaskChoice
	if err := json.Unmarshal(stored, &choice); err != nil || choice.Tag != "VIP" || choice.Filter.Search != "example" {
		t.Errorf("choice %s, %v", stored, err)
	}
	s.rows(t, 1, "audit WHERE action = 'contacts.tag' AND note = '2 contacts that fit: “example”'")
	none := list.form("form.choosing", "kind", "invite")
	b.send(post, none.action, none.values).is(http.StatusOK).has(".notice-box").lacks("button.btn-primary")
}

// Support invites and does nothing else with many contacts.
func TestTasksByRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana")
	b := s.staff(t, s.person(t, "samir@acme.example", queries.StaffRoleSupport, s.acme))
	list := b.get("/acme/contacts")
	var offered []string
	for _, o := range list.all("select[name=kind] option") {
		offered = append(offered, attr(o, "value"))
	}
	if !slices.Equal(offered, []string{"invite"}) {
		t.Errorf("support is offered %v", offered)
	}
	for _, kind := range []string{"magic_link", "tag", "untag", "export", "delete", "import", "nonsense", ""} {
		for _, path := range []string{"/acme/tasks", "/acme/contacts/choose"} {
			p := b.send(post, path, url.Values{"_token": {b.token()}, "kind": {kind}, "id": {ana.id.String()}, "new_tag": {"x"}})
			if p.status != http.StatusForbidden && p.status != http.StatusNotFound {
				t.Errorf("%s %q: status %d", path, kind, p.status)
			}
		}
	}
	s.rows(t, 0, "task")
}

// A task's page follows its work, tells what became of each contact, and gives files that nobody's spreadsheet trips over.
func TestTasksShow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	b := s.staff(t, maya)
	b.get("/acme/tasks").has(".empty")
	id := s.exportTask(t, s.acme, maya)
	page := "/acme/tasks/" + id.String()
	b.get("/acme/tasks").has("a[href='" + page + "']")
	b.get(page).has("a[href='"+page+"/file.csv']").lacks("#cancel-task", "#tasks-progress[hx-get]")
	if got := b.get(page + "?outcome=skipped").all("tbody tr"); len(got) != 1 {
		t.Errorf("%d results are told as left out", len(got))
	}
	who := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	s.exec(t, "UPDATE task_result SET contact_id = $1 WHERE number = 1", who.id)
	if got := words(b.get(page).all("tbody tr")[0]); got != "Ana Souzaana@example.com Done" {
		t.Errorf("the first result is told as %q", got)
	}
	if got := b.get(page + "/results.csv").is(http.StatusOK).body; !strings.Contains(got, "2,'=1+1,Left out,Joined already.") {
		t.Errorf("the results: %q", got)
	}
	file := b.get(page + "/file.csv").is(http.StatusOK)
	if file.body != "E-mail\n" || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: %q, %v", file.body, file.header)
	}
	b.htmx().get(page + "/progress?since=1-done").is(http.StatusOK) // sent on to the page with the results
	open, err := queries.StartTask(t.Context(), s.q, queries.NewTask{AccountID: s.acme.id, Kind: queries.TaskKindInvite, StaffID: maya.id, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	page = "/acme/tasks/" + open.String()
	poll := attr(b.get(page).one("#tasks-progress"), "hx-get")
	b.htmx().get(poll).is(http.StatusNoContent)
	s.exec(t, "UPDATE task SET state = 'running', done = 3, total = 9 WHERE id = $1", open)
	b.htmx().get(poll).is(http.StatusOK).has("progress[value='3'][max='9']")
	cancel := b.get(page).form("#cancel-task form")
	b.send(post, cancel.action, cancel.values).is(http.StatusSeeOther)
	s.rows(t, 1, "task WHERE id = $1 AND cancel_asked_at IS NOT NULL", open)
	b.send(post, cancel.action, cancel.values).is(http.StatusSeeOther) // it is asked already
	s.rows(t, 1, "audit WHERE action = 'task.cancel' AND staff_id = $1 AND subject_id = $2 AND subject = 'Invite contacts'", maya.id, open)
	b.get(page).lacks("#cancel-task")
	b.get("/acme/tasks/" + uuid.New().String()).is(http.StatusNotFound)
}

// Before contacts are deleted, those of them who lose courses are named: of those ticked, or of all that fit; nobody of another account.
func TestDeletingManyNamesWhoLosesCourses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.contact(t, s.acme, "ana@example.com", "Ana"), s.contact(t, s.acme, "ben@example.com", "Ben")
	cleo := s.contact(t, s.lumen, "cleo@example.com", "Cleo")
	s.course(t, s.acme, "Clear goals", 1).give(t, ana, s.clock.now().AddDate(0, 0, -1))
	s.course(t, s.acme, "Ended", 1).give(t, ben, s.clock.now().AddDate(0, 1, 0)) // not yet
	s.course(t, s.lumen, "Light", 1).give(t, cleo, s.clock.now().AddDate(0, 0, -1))
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	list := b.get("/acme/contacts?q=example")
	for name, c := range map[string]struct {
		fill  []string
		loses string // empty: nobody
	}{
		"one with a course":    {[]string{"id", ana.id.String(), "kind", "delete"}, "This person loses their courses. A Anaana@example.com"},
		"one without":          {[]string{"id", ben.id.String(), "kind", "delete"}, ""},
		"of another account":   {[]string{"id", cleo.id.String(), "kind", "delete"}, ""},
		"all that fit":         {[]string{"all", "on", "kind", "delete"}, "This person loses their courses. A Anaana@example.com"},
		"nothing that deletes": {[]string{"all", "on", "kind", "export"}, ""},
	} {
		form := list.form("form.choosing", c.fill...)
		p := b.send(post, form.action, form.values).is(http.StatusOK)
		if c.loses == "" {
			p.lacks("#grants-losers")
		} else if got := words(p.one("#grants-losers")); got != c.loses {
			t.Errorf("%s: %q, want %q", name, got, c.loses)
		}
	}
}

// Whom a task is about stands in the trail in words: how many, and which.
func TestTaskStartedWords(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		chosen contactsChosen
		fit    contactsFit
	}{
		"3 contacts, chosen one by one": {contactsChosen{filter: queries.ContactFilter{Tag: "VIP"}}, contactsFit{N: 3}},
		"1 contact: everybody":          {contactsChosen{all: true}, contactsFit{N: 1}},
		"More than 10 contacts that fit: “ana”, Bounced, Import, Never seen, tag “VIP”": {contactsChosen{all: true, filter: queries.ContactFilter{Search: "ana",
			State: queries.ContactsBounced, Source: queries.ContactSourceImport, Tag: "VIP", Seen: "never"}}, contactsFit{N: 10, Over: true}},
	} {
		if got := c.chosen.words(c.fit); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// However many lose something, all are counted; those who are not named are found behind a link.
func TestMoreLoseThanAreNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	k := s.course(t, s.acme, "Clear goals", 1)
	s.exec(t, `WITH many AS (INSERT INTO contact (account_id, id, email, source, created_at, changed_at)
		SELECT $1, gen_random_uuid(), n || '@example.com', 'import', $3, $3 FROM generate_series(1, 1060) n RETURNING id)
		INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) SELECT $1, id, id, $2, 'manual', id, $3, $3 FROM many`, s.acme.id, k.id, noon.Add(-time.Hour))
	b := s.builder(t)
	path := "/acme/courses/" + k.id.String()
	everybody := path + "/people?state=open"
	deletion := b.get("/acme/contacts?q=example").form("form.choosing", "all", "on", "kind", "delete")
	apps := b.get("/acme/apps").form("#apps-form")
	apps.values.Del("on_courses")
	for name, c := range map[string]struct {
		page *page
		rest string
	}{
		"unpublishing":   {b.get(path + "/unpublish"), everybody},
		"a module":       {b.get(path + "/modules/" + k.module.String() + "/delete"), everybody},
		"contacts":       {b.send(post, deletion.action, deletion.values), "/acme/contacts?q=example"},
		"the app itself": {b.send(apps.method, apps.action, apps.values), "/acme/courses"},
	} {
		said := words(c.page.is(http.StatusOK).one("#grants-losers"))
		if !strings.Contains(said, "These 1,060 people lose ") || !strings.Contains(said, "and 1,010 more: ") || len(c.page.all("#grants-losers .item")) != losersShown {
			t.Errorf("%s: it says %s", name, said)
		}
		c.page.has("#grants-losers p a[href='" + c.rest + "']")
		b.get(c.rest).is(http.StatusOK)
	}
}
