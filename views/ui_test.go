package views

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func shown(t *testing.T, name string, data any, frame ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := loaded(t).Render(&out, name, data, frame...); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Each partial with what it must say, and what it must not.
func TestPartials(t *testing.T) {
	options := []Option{{"a", "First", ""}, {"b", "Second", "Rather this"}}
	for _, c := range []struct {
		name       string
		data       any
		want, lack string
	}{
		{"ui/_field", Field{Name: "email", Label: "E-mail"}, `<label class="label" for="field-email">E-mail</label>`, "aria-"},
		{"ui/_field", Field{Name: "email", Error: "Wrong.", Hint: "Yours."}, `aria-describedby="field-email-error field-email-hint" aria-invalid="true" autofocus`, ""},
		{"ui/_field", Field{Name: "email", Error: "Wrong."}, `<p class="error" id="field-email-error">`, "-hint"},
		{"ui/_field", Field{Name: "password", Type: "password", Value: "secret"}, `type="password"`, "secret"},
		{"ui/_field", Field{Name: "note", Type: "textarea", Value: "</textarea>", ID: "n"}, `<textarea class="textarea" id="n" name="note" rows="4" dir="auto">&lt;/textarea&gt;`, "<input"},
		{"ui/_field", Field{Name: "code", Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 9, Required: true, Placeholder: "123 456"}, ` required autocomplete="one-time-code" inputmode="numeric" placeholder="123 456" maxlength="9"`, "aria-"},
		{"ui/_select", Select{Name: "s", Label: "Pick", Value: "b", Options: options}, `<option value="b" selected>Second</option>`, `"a" selected`},
		{"ui/_select", Select{Name: "s", Error: "Choose one."}, `aria-describedby="field-s-error" aria-invalid="true"`, ""},
		{"ui/_choice", Choice{Name: "s", Value: "a", Options: options, Error: "Choose one."}, `id="field-s-a" name="s" value="a" checked`, `value="b" checked`},
		{"ui/_check", Check{Name: "terms", Label: "I agree", Hint: "Read them"}, `name="terms" value="on" aria-describedby="field-terms-hint"`, " checked"},
		{"ui/_errorsummary", ErrorSummary{}, "", "<div"},
		{"ui/_errorsummary", ErrorSummary{[]Problem{{"field-email", "No address"}, {"", "Too many"}}}, `<a href="#field-email">No address</a>`, ""},
		{"ui/_flash", Flash{}, "", "<div"},
		{"ui/_flash", Flash{Text: "Hello"}, `class="flash flash-info" role="status"`, "alert"},
		{"ui/_flash", Flash{Kind: FlashError, Text: "No"}, `class="flash flash-error" role="alert"`, "<a "},
		{"ui/_copy", Copy{"https://x", "portal address"}, `data-copy="https://x"`, ""},
		{"ui/_empty", Empty{Icon: "users", Title: "Nobody yet"}, "<h2>Nobody yet</h2>", "<a "},
		{"ui/_empty", Empty{"users", "Nobody", "", "Add one", "/new"}, `<a class="btn" href="/new">Add one</a>`, ""},
		{"ui/_confirm", Confirm{"del", "Delete?", "Gone.", "Delete", "/x", "tok", ""}, `<input type="hidden" name="_token" value="tok">`, ""},
		{"ui/_time", Moment{time.Unix(0, 0), time.Unix(60, 0).UTC()}, "1 minute ago", ""},
	} {
		got := shown(t, c.name, c.data)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s lacks %s:\n%s", c.name, c.want, got)
		}
		if c.lack != "" && strings.Contains(got, c.lack) {
			t.Errorf("%s should not say %s:\n%s", c.name, c.lack, got)
		}
	}
}
