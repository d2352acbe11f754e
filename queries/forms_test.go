package queries_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"atrium/queries"
)

// formDraft is one that can be stored.
func formDraft() queries.FormDraft {
	return queries.FormDraft{Name: "call", Title: "Call", Button: "Send", Thanks: "Thanks", Tags: []string{"vip"},
		Fields: []queries.FormField{{Key: "email", Kind: queries.FormEmail, Label: "E-mail address", Required: true}}}
}

func TestFormDraftCheck(t *testing.T) {
	t.Parallel()
	choice := func(options ...string) func(*queries.FormDraft) {
		return func(d *queries.FormDraft) {
			d.Fields = append(d.Fields, queries.FormField{Key: "q-1", Kind: queries.FormChoice, Label: "Which?", Options: options})
		}
	}
	consent := func(link string) func(*queries.FormDraft) {
		return func(d *queries.FormDraft) {
			d.Fields = append(d.Fields, queries.FormField{Key: "q-1", Kind: queries.FormConsent, Label: "I agree", Link: link})
		}
	}
	for name, c := range map[string]struct {
		change func(*queries.FormDraft)
		wrong  string // what it is told for; empty: nothing
	}{
		"as it is":         {func(*queries.FormDraft) {}, ""},
		"no title":         {func(d *queries.FormDraft) { d.Title = "" }, "title"},
		"neither":          {func(d *queries.FormDraft) { d.Title, d.Name = "", "" }, "title"},
		"title as long":    {func(d *queries.FormDraft) { d.Title = strings.Repeat("é", queries.FormTitleMost) }, ""},
		"title too long":   {func(d *queries.FormDraft) { d.Title = strings.Repeat("é", queries.FormTitleMost+1) }, "title"},
		"upper case":       {func(d *queries.FormDraft) { d.Name = "Call" }, "name"},
		"hyphen at an end": {func(d *queries.FormDraft) { d.Name = "call-" }, "name"},
		"path":             {func(d *queries.FormDraft) { d.Name = "a/b" }, "name"},
		"no button":        {func(d *queries.FormDraft) { d.Button = "" }, "button"},
		"no thanks":        {func(d *queries.FormDraft) { d.Thanks = "" }, "thanks"},
		"long intro":       {func(d *queries.FormDraft) { d.Intro = strings.Repeat("x", queries.FormIntroMost+1) }, "intro"},
		"long tag":         {func(d *queries.FormDraft) { d.Tags = []string{strings.Repeat("x", queries.TagMax+1)} }, "tags"},
		"many tags":        {func(d *queries.FormDraft) { d.Tags = make([]string, queries.FormTagsMost+1) }, "tags"},
		"unworded":         {func(d *queries.FormDraft) { d.Fields[0].Label = "" }, "label-email"},
		"two to choose":    {choice("One", "Two"), ""}, "one to choose": {choice("One"), "label-q-1"},
		"long to choose": {choice("One", strings.Repeat("x", queries.FormOptionMost+1)), "label-q-1"},
		"many to choose": {choice(make([]string, queries.FormOptionsMost+1)...), "label-q-1"},
		"no details":     {consent(""), ""}, "details": {consent("https://acme.example/privacy"), ""},
		"script": {consent("javascript:alert(1)"), "label-q-1"}, "no host": {consent("https:///x"), "label-q-1"}, "broken": {consent("https://%zz"), "label-q-1"},
		"many questions": {func(d *queries.FormDraft) {
			for len(d.Fields) <= queries.FormFieldsMost {
				d.Fields = append(d.Fields, d.Fields[0])
			}
		}, "fields"},
	} {
		d := formDraft()
		c.change(&d)
		if got := strings.Join(slices.Sorted(maps.Keys(d.Check())), " "); got != c.wrong {
			t.Errorf("%s: told for %q, want %q", name, got, c.wrong)
		}
	}
}

func TestFormNameOf(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{"Free strategy call!": "free-strategy-call", "  A -- b ": "a-b", "¿?": "", "": "", "Été 2026": "t-2026",
		strings.Repeat("long ", 20): "long-long-long-long-long-long-long-long", "Book a call": "book-a-call"} {
		if got := queries.FormNameOf(title); got != want || want != "" && !queries.IsFormName(got) {
			t.Errorf("%q becomes %q, want %q", title, got, want)
		}
	}
}

func TestFormFieldParse(t *testing.T) {
	t.Parallel()
	for _, kind := range []queries.FormKind{queries.FormName, queries.FormPhone, queries.FormCompany, queries.FormLine, queries.FormText, queries.FormChoice, queries.FormConsent} {
		f := queries.FormField{Key: "q", Kind: kind, Options: []string{"One"}}
		if got, err := f.Parse(""); got != "" || err != nil {
			t.Errorf("%s, nothing: %q, %v", kind, got, err)
		}
		f.Required = true
		var wrong queries.Invalid
		if _, err := f.Parse(""); !errors.As(err, &wrong) {
			t.Errorf("%s that is required, nothing: %v", kind, err)
		}
		if most := kind.AnswerMost(); most > 0 {
			if _, err := f.Parse(strings.Repeat("é", most)); err != nil {
				t.Errorf("%s as long as it may be: %v", kind, err)
			}
			if _, err := f.Parse(strings.Repeat("é", most+1)); !errors.As(err, &wrong) {
				t.Errorf("%s too long: %v", kind, err)
			}
		}
	}
	for _, c := range []struct {
		kind        queries.FormKind
		typed, want string
	}{{queries.FormLine, " a\x00\t b\n", "a b"}, {queries.FormText, "\r\na\r\n\xffb\x07 ", "a\nb"}, {queries.FormConsent, "anything", "Yes"}, {queries.FormEmail, "A@EXAMPLE.com", "A@example.com"},
		{queries.FormChoice, "One", "One"}} {
		if got, err := (queries.FormField{Kind: c.kind, Options: []string{"One"}}).Parse(c.typed); got != c.want || err != nil {
			t.Errorf("%s %q: %q, %v", c.kind, c.typed, got, err)
		}
	}
}

// The form and what was sent by it come together, behind a pooler too, and a form of others not at all.
func TestFormSubmissions(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen, ctx, id, d := a.another("lumen"), t.Context(), queries.NewID(), formDraft()
	check(t, d.Insert(ctx, a.q, a.id, id, noon))
	if err := d.Insert(ctx, a.q, a.id, queries.NewID(), noon); !errors.Is(err, queries.ErrConflict) {
		t.Errorf("a second form of that name: %v", err)
	}
	check(t, d.Insert(ctx, a.q, lumen.id, queries.NewID(), noon))
	f, err := a.q.FormByName(ctx, queries.FormByNameParams{AccountID: a.id, Name: "CALL"})
	check(t, err)
	answers := []queries.FormAnswer{{Key: "q", Kind: queries.FormLine, Label: "Why?", Value: "Because"}}
	for _, email := range []string{"a@example.com", "b@example.com", "c@example.com"} {
		_, err := mails.Submit(ctx, a.q, queries.Submission{AccountID: a.id, Form: f, Email: email, Answers: answers, Now: noon, IP: a.signIn(noon).Visit.IP})
		check(t, err)
	}
	for _, mode := range modes {
		got, rows, more, err := queries.FormSubmissions(ctx, inMode(t, mode), a.id, id, queries.LastID, 2)
		check(t, err)
		if !reflect.DeepEqual(got.Draft(), d) || len(rows) != 2 || !more || rows[0].Email != "c@example.com" || !reflect.DeepEqual(rows[0].Answers, answers) {
			t.Errorf("%v: %+v, %+v, more %v", mode, got, rows, more)
		}
		_, rows, more, err = queries.FormSubmissions(ctx, inMode(t, mode), a.id, id, rows[1].ID, 2)
		check(t, err)
		if len(rows) != 1 || more || rows[0].Email != "a@example.com" {
			t.Errorf("%v: the second page is %+v, more %v", mode, rows, more)
		}
	}
	if _, _, _, err := queries.FormSubmissions(ctx, a.pool, lumen.id, id, queries.LastID, 2); !errors.Is(err, queries.ErrNotFound) {
		t.Errorf("another account is answered %v", err)
	}
}
