package handlers

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"atrium/queries"
)

// A form is worded, saved and worded anew; the trail has both.
func TestFormsCreateAndSave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	p := b.get("/acme/forms/new").is(http.StatusOK)
	for _, kind := range []queries.FormKind{queries.FormPhone, queries.FormChoice, queries.FormConsent} {
		p = b.fill(p, "#forms-edit button[value=add]", "add", string(kind), "title", "Free  strategy call!").is(http.StatusOK).
			has("[name=title][value='Free strategy call!']", "fieldset input[autofocus]")
	}
	s.rows(t, 0, "form")
	choice, consent := keyOf(p, "choice"), keyOf(p, "consent")
	made := b.fill(p, "#forms-edit", "label-"+choice, "Which?", "options-"+choice, " One \n\nTwo\nOne", "label-"+consent, "I agree", "link-"+consent, "https://acme.example/privacy",
		"required-name", "on", "intro", "Half an\nhour", "tags", "Call, vip,CALL; ", "confirm", "on").is(http.StatusSeeOther)
	path := made.header.Get("Location")
	id := path[strings.LastIndexByte(path, '/')+1:]
	b.follow(made).is(http.StatusOK).has("#notice .flash-success")
	s.rows(t, 1, `form WHERE account_id = $1 AND id = $2 AND name = 'free-strategy-call' AND title = 'Free strategy call!' AND intro = E'Half an\nhour' AND tags = '{Call,vip}'
		AND confirm AND NOT invite AND switched_on AND created_at = $3`, s.acme.id, id, noon)
	want := []queries.FormField{{Key: "name", Kind: "name", Label: "Name", Required: true}, {Key: "email", Kind: "email", Label: "E-mail address", Required: true},
		{Key: "phone", Kind: "phone", Label: "Phone number"}, {Key: choice, Kind: "choice", Label: "Which?", Options: []string{"One", "Two"}},
		{Key: consent, Kind: "consent", Label: "I agree", Required: true, Link: "https://acme.example/privacy"}}
	if got := s.fieldsOf(t, id); !reflect.DeepEqual(got, want) {
		t.Errorf("it asks %+v, want %+v", got, want)
	}
	s.rows(t, 1, "audit WHERE account_id = $1 AND action = 'form.create' AND subject_kind = 'form' AND subject_id = $2 AND subject = 'Free strategy call!'", s.acme.id, id)

	edit := b.get(path+"/edit").has("[name=confirm][checked]", "[name=tags][value='Call, vip']", "[name=required-name][checked]")
	b.fill(edit, "#forms-edit", "title", "Call", "name", "Call-Me", "invite", "on").leadsTo(path)
	s.rows(t, 1, "form WHERE id = $1 AND name::text = 'call-me' AND title = 'Call' AND invite AND confirm", id)
	s.rows(t, 1, "audit WHERE action = 'form.change' AND subject_id = $1 AND was->>'title' = 'Free strategy call!' AND became->>'name' = 'call-me'", id)
}

// Questions are moved, removed and added by buttons, with and without scripts; the address can be moved and not removed.
func TestFormsArrange(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	f := s.form(t, s.acme, func(d *queries.FormDraft) { d.Fields = d.Fields[:3] })
	path := "/acme/forms/" + f.id.String()
	for _, way := range []*browser{b, b.htmx()} {
		p := b.get(path+"/edit").is(http.StatusOK).lacks("[value='remove:email']", "[value='up:email']", "[value='down:phone']")
		step := func(button, order, focus string) {
			t.Helper()
			p = way.fill(p, "button[value='"+button+"']").is(http.StatusOK).has("#forms-edit " + focus + "[autofocus]")
			var keys []string
			for _, key := range p.all("input[name=key]") {
				keys = append(keys, attr(key, "value"))
			}
			if got := strings.Join(keys, " "); got != order {
				t.Errorf("after %s: %s, want %s", button, got, order)
			}
		}
		step("down:email", "name email phone", "button[value='down:email']")
		step("down:email", "name phone email", "button[value='up:email']") // it cannot go further down
		step("up:phone", "phone name email", "button[value='down:phone']")
		step("remove:name", "phone email", "button[value=add]")
		if p = way.fill(p, "button[value=add]", "add", "name"); len(p.all("option[value=name]")) > 0 || len(p.all("option[value=line]")) == 0 {
			t.Error("a second name can be added, or no own question")
		}
		if len(p.all("main")) > 0 == (way != b) {
			t.Error("a part and a page are mistaken for each other")
		}
	}
	s.rows(t, 1, "form WHERE changed_at = $1 AND jsonb_array_length(fields) = 3", noon)
	s.rows(t, 0, "audit")
}

// What cannot be stored comes back with what was typed and the reason beside it.
func TestFormsRefuse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	s.form(t, s.acme, func(d *queries.FormDraft) { d.Name = "taken" })
	s.form(t, s.lumen, func(d *queries.FormDraft) { d.Name = "free" })
	before := s.everything(t, "form", "audit")
	blank := b.get("/acme/forms/new")
	for _, c := range []struct{ field, typed, at string }{
		{"title", " ", "title"}, {"title", strings.Repeat("x", 121), "title"}, {"title", "¿?", "name"}, {"name", "not like this", "name"}, {"name", "-x", "name"}, {"name", "Taken", "name"},
		{"intro", strings.Repeat("x", 2001), "intro"}, {"button", "", "button"}, {"button", strings.Repeat("x", 41), "button"}, {"thanks", "\n", "thanks"},
		{"tags", strings.Repeat("x", 41), "tags"}, {"tags", "a,b,c,d,e,f,g,h,i,j,k", "tags"}, {"label-email", "", "label-email"}, {"label-name", strings.Repeat("x", 301), "label-name"},
	} {
		fields := []string{"title", "Hello", "name", ""}
		fields = append(fields, c.field, c.typed)
		p := b.fill(blank, "#forms-edit", fields...).is(http.StatusUnprocessableEntity).has("#field-"+c.at+"-error", "#forms-edit")
		if n := len(p.all(".error")); n != 1 {
			t.Errorf("%s as %q: %d errors", c.field, c.typed, n)
		}
	}
	choice := b.fill(blank, "#forms-edit button[value=add]", "add", "choice")
	key := keyOf(choice, "choice")
	b.fill(choice, "#forms-edit", "title", "Hello", "label-"+key, "Which?", "options-"+key, "One").is(http.StatusUnprocessableEntity).has("#field-label-" + key + "-error")
	consent := b.fill(blank, "#forms-edit button[value=add]", "add", "consent")
	key = keyOf(consent, "consent")
	for _, link := range []string{"javascript:alert(1)", "privacy", "https://", "//acme.example"} {
		b.fill(consent, "#forms-edit", "title", "Hello", "label-"+key, "I agree", "link-"+key, link).is(http.StatusUnprocessableEntity).has("#field-label-" + key + "-error")
	}
	if s.everything(t, "form", "audit") != before {
		t.Error("what was refused changed something")
	}
	b.fill(blank, "#forms-edit", "title", "Free").is(http.StatusSeeOther) // taken only elsewhere
}

// What no page of ours sends is left out: unknown kinds, foreign keys, a question twice, a form without an address.
func TestFormsTakeOnlyTheirOwnQuestions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	f := b.get("/acme/forms/new").form("#forms-edit", "title", "Odd")
	f.values["key"] = []string{"name", "name", "website", "phone", "q-0000000x", "q-00000001", "company"}
	for key, kind := range map[string]string{"website": "line", "phone": "line", "q-0000000x": "line", "q-00000001": "name", "company": "nonsense"} {
		f.values.Set("kind-"+key, kind)
		f.values.Set("label-"+key, "x")
	}
	path := b.send(f.method, f.action, f.values).is(http.StatusSeeOther).header.Get("Location")
	got := s.fieldsOf(t, path[strings.LastIndexByte(path, '/')+1:])
	if len(got) != 2 || got[0].Key != "name" || got[1].Kind != queries.FormEmail || !got[1].Required {
		t.Errorf("it asks %+v", got)
	}
}

// keyOf is the key of the last question of a kind in the editor.
func keyOf(p *page, kind string) string {
	p.t.Helper()
	key := ""
	for _, hidden := range p.all("fieldset input[value=" + kind + "]") {
		key = strings.TrimPrefix(attr(hidden, "name"), "kind-")
	}
	return key
}

func (s *testSite) fieldsOf(t testing.TB, id string) (fields []queries.FormField) {
	t.Helper()
	var stored []byte
	s.scan(t, "SELECT fields FROM form WHERE id = $1", []any{id}, &stored)
	if err := json.Unmarshal(stored, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
