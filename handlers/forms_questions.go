package handlers

import (
	"atrium/queries"
	"atrium/views"
)

// choiceMost is up to how many answers stand below each other; more go into a list that opens.
const choiceMost = 5

// newFormQuestion is a question with what was typed so far.
func newFormQuestion(f queries.FormField, typed string) formQuestion {
	label := f.Label
	if !f.Required {
		label += " (optional)"
	}
	switch f.Kind {
	case queries.FormConsent:
		return formQuestion{Check: &views.Check{Name: f.Key, Label: label, Checked: typed != ""}, Link: f.Link}
	case queries.FormChoice:
		return newFormChoice(f, label, typed)
	case queries.FormEmail, queries.FormName, queries.FormPhone, queries.FormCompany, queries.FormLine, queries.FormText:
	}
	field := &views.Field{Name: f.Key, Label: label, Value: typed, Required: f.Required, MaxLength: f.Kind.AnswerMost()}
	switch f.Kind {
	case queries.FormEmail:
		field.Type, field.Autocomplete, field.InputMode = "email", "email", "email"
	case queries.FormPhone:
		field.Type, field.Autocomplete, field.InputMode = "tel", "tel", "tel"
	case queries.FormName:
		field.Autocomplete = "name"
	case queries.FormCompany:
		field.Autocomplete = "organization"
	case queries.FormText:
		field.Type = "textarea"
	case queries.FormLine, queries.FormChoice, queries.FormConsent:
	}
	return formQuestion{Field: field}
}

func newFormChoice(f queries.FormField, label, typed string) formQuestion {
	choice := views.Choice{Name: f.Key, Label: label, Value: typed}
	for i, option := range f.Options {
		if i == 0 && len(f.Options) > choiceMost {
			choice.Options = append(choice.Options, views.Option{Label: "Choose one"})
		}
		choice.Options = append(choice.Options, views.Option{Value: option, Label: option})
	}
	if len(f.Options) > choiceMost {
		list := views.Select(choice)
		return formQuestion{Select: &list}
	}
	return formQuestion{Choice: &choice}
}

// refuse puts what is wrong beside the question.
func (q formQuestion) refuse(problem string) {
	switch {
	case q.Field != nil:
		q.Field.Refuse(problem)
	case q.Choice != nil:
		q.Choice.Error = problem
	case q.Select != nil:
		q.Select.Error = problem
	case q.Check != nil:
		q.Check.Error = problem
	}
}
