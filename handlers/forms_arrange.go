package handlers

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// formEditQuestion is one question as staff word it.
type formEditQuestion struct {
	Key, Kind   string
	Words       string // what kind of question it is
	Label       views.Field
	Options     *views.Field // of a choice; nil for the others
	Link        *views.Field // of a consent; nil for the others
	Required    *views.Check // nil: it has to be answered in any case
	First, Last bool
	Fixed       bool   // it cannot be removed
	Focus       string // which of its buttons takes the focus: "up" or "down"; empty: none
}

var (
	formKinds = []queries.FormKind{queries.FormEmail, queries.FormName, queries.FormPhone, queries.FormCompany, queries.FormLine, queries.FormText,
		queries.FormChoice, queries.FormConsent}
	formKindWords = map[queries.FormKind]string{queries.FormEmail: "E-mail address", queries.FormName: "Name", queries.FormPhone: "Phone number",
		queries.FormCompany: "Company", queries.FormLine: "Question, one line", queries.FormText: "Question, several lines",
		queries.FormChoice: "Choice of one", queries.FormConsent: "Box to tick"}
	ownKey = regexp.MustCompile(`^q-[0-9a-f]{8}$`)
)

// formFieldOf is a new question of a kind. The account's own ones have to be worded.
func formFieldOf(kind queries.FormKind) queries.FormField {
	if kind.Own() {
		id := queries.NewID().String()
		return queries.FormField{Key: "q-" + id[len(id)-8:], Kind: kind, Required: kind == queries.FormConsent}
	}
	return queries.FormField{Key: string(kind), Kind: kind, Label: formKindWords[kind], Required: kind == queries.FormEmail}
}

// formFieldsOf reads the questions that were sent, in their order. The address is always asked for; what no page of ours could have
// sent is left out.
func formFieldsOf(c *fiber.Ctx) []queries.FormField {
	fields, seen := []queries.FormField{}, map[string]bool{}
	for _, sent := range c.Request().PostArgs().PeekMulti("key") {
		key := string(sent)
		kind := queries.FormKind(c.FormValue("kind-" + key))
		if !slices.Contains(formKinds, kind) || seen[key] || kind.Own() != ownKey.MatchString(key) || !kind.Own() && key != string(kind) {
			continue
		}
		seen[key] = true
		f := queries.FormField{Key: key, Kind: kind, Label: queries.OneLine(c.FormValue("label-" + key)),
			Required: kind == queries.FormEmail || c.FormValue("required-"+key) != ""}
		switch kind {
		case queries.FormChoice:
			f.Options = optionLines(c.FormValue("options-" + key))
		case queries.FormConsent:
			f.Link = queries.OneLine(c.FormValue("link-" + key))
		case queries.FormEmail, queries.FormName, queries.FormPhone, queries.FormCompany, queries.FormLine, queries.FormText:
		}
		fields = append(fields, f)
	}
	if !seen[string(queries.FormEmail)] {
		fields = append(fields, formFieldOf(queries.FormEmail))
	}
	return fields
}

// optionLines are the answers to choose from, one a line, each once.
func optionLines(typed string) []string {
	options := []string{}
	for line := range strings.SplitSeq(queries.Lines(typed), "\n") {
		if line = queries.OneLine(line); line != "" && !slices.Contains(options, line) {
			options = append(options, line)
		}
	}
	return options
}

// arrange does what a button beside the questions says: "add", or "up", "down" and "remove" with a key. It tells what takes the
// focus: "add", or a question's key with what is focused in it.
func arrange(d *queries.FormDraft, do string, kind queries.FormKind) (focus string) {
	verb, key, _ := strings.Cut(do, ":")
	at := slices.IndexFunc(d.Fields, func(f queries.FormField) bool { return f.Key == key })
	switch {
	case verb == "add":
		if added := formFieldOf(kind); mayAdd(d.Fields, kind) {
			d.Fields = append(d.Fields, added)
			return added.Key + ":label"
		}
	case at < 0:
	case verb == "up" && at > 0:
		d.Fields[at-1], d.Fields[at] = d.Fields[at], d.Fields[at-1]
		return key + ":up"
	case verb == "down" && at < len(d.Fields)-1:
		d.Fields[at+1], d.Fields[at] = d.Fields[at], d.Fields[at+1]
		return key + ":down"
	case verb == "remove" && d.Fields[at].Kind != queries.FormEmail:
		d.Fields = slices.Delete(d.Fields, at, at+1)
	}
	return "add"
}

// mayAdd says whether a form can have one more question of a kind: any number of the account's own, one of the others.
func mayAdd(fields []queries.FormField, kind queries.FormKind) bool {
	return slices.Contains(formKinds, kind) && len(fields) < queries.FormFieldsMost &&
		(kind.Own() || !slices.ContainsFunc(fields, func(f queries.FormField) bool { return f.Kind == kind }))
}

// addable offers the kinds of questions that can be added.
func addable(fields []queries.FormField) views.Select {
	add := views.Select{Name: "add", Label: "Add a question", Value: string(queries.FormLine)}
	for _, kind := range formKinds {
		if mayAdd(fields, kind) {
			add.Options = append(add.Options, views.Option{Value: string(kind), Label: formKindWords[kind]})
		}
	}
	return add
}

func newFormEditQuestion(fields []queries.FormField, i int, wrong map[string]string, focus string) formEditQuestion {
	f := fields[i]
	q := formEditQuestion{Key: f.Key, Kind: string(f.Kind), Words: formKindWords[f.Kind], First: i == 0, Last: i == len(fields)-1, Fixed: f.Kind == queries.FormEmail,
		Label: views.Field{Name: "label-" + f.Key, Label: "Wording", Value: f.Label, MaxLength: queries.FormLabelMost, Autofocus: focus == f.Key+":label"}}
	q.Label.Refuse(wrong[q.Label.Name])
	switch f.Kind {
	case queries.FormChoice:
		q.Options = &views.Field{Name: "options-" + f.Key, Label: "Answers to choose from", Value: strings.Join(f.Options, "\n"), Type: "textarea", Rows: 3, Hint: "One a line."}
	case queries.FormConsent:
		q.Link = &views.Field{Name: "link-" + f.Key, Label: "Address of the details", Value: f.Link, Type: "url", InputMode: "url", Hint: "Such as your privacy policy. Can be left empty."}
	case queries.FormEmail, queries.FormName, queries.FormPhone, queries.FormCompany, queries.FormLine, queries.FormText:
	}
	if !q.Fixed {
		q.Required = &views.Check{Name: "required-" + f.Key, Label: "Has to be answered", Checked: f.Required}
	}
	q.Focus = focusOf(focus, q)
	return q
}

// focusOf is the button that was pressed, or the other one when it is gone because the question has come to an end of the list.
func focusOf(focus string, q formEditQuestion) string {
	switch {
	case focus == q.Key+":up" && q.First:
		return "down"
	case focus == q.Key+":up":
		return "up"
	case focus == q.Key+":down" && q.Last:
		return "up"
	case focus == q.Key+":down":
		return "down"
	}
	return ""
}
