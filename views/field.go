package views

import "strings"

// Field is one labelled control of a form, for ui/_field. Name and Label are needed; the rest defaults to nothing.
type Field struct {
	Name  string
	Label string
	Value string // what was typed; kept after a failure, except that the template never writes a password back
	Error string // what is wrong, in words that help; empty: nothing
	Hint  string // below the control, before the error

	ID           string // of the control; empty: "field-" and Name, so give one when a page has the name twice
	Type         string // of the input, or "textarea"; empty: "text". "password" gets a button that shows it
	Autocomplete string // as in HTML: "email", "current-password", "one-time-code"
	InputMode    string // keyboard of phones: "numeric", "email"
	Placeholder  string // an example, never a label
	Required     bool
	Autofocus    bool // ignored when the form has an error elsewhere: the first invalid field is focused
	MaxLength    int  // in characters; 0: no limit. Leave room for the spaces of a pasted code
	Rows         int  // of a textarea; 0: 4
	LabelHidden  bool // the label is kept for screen readers only
}

// Refuse puts an error in place of the hint, which would say the same twice. An empty one changes nothing.
func (f *Field) Refuse(problem string) {
	if problem != "" {
		f.Error, f.Hint = problem, ""
	}
}

// Control is the id of the control.
func (f Field) Control() string {
	if f.ID != "" {
		return f.ID
	}
	return "field-" + f.Name
}

// Kind is Type with its default.
func (f Field) Kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// Lines is Rows with its default.
func (f Field) Lines() int {
	if f.Rows == 0 {
		return 4
	}
	return f.Rows
}

// DescribedBy is the ids of hint and error for aria-describedby, the error first because it is what matters; empty if there are none.
func (f Field) DescribedBy() string { return describedBy(f.Control(), f.Hint, f.Error) }

// Option is one choice of a [Select] or a [Choice].
type Option struct {
	Value string
	Label string
	Hint  string // shown by Choice only
}

// Select is a labelled drop-down, for ui/_select.
type Select struct {
	Name    string
	Label   string
	Value   string // the chosen option's value
	Error   string
	Hint    string
	ID      string // as [Field.ID]
	Options []Option

	LabelHidden bool // as [Field.LabelHidden]
}

// Control is the id of the control.
func (s Select) Control() string { return Field{ID: s.ID, Name: s.Name}.Control() }

// DescribedBy is as [Field.DescribedBy].
func (s Select) DescribedBy() string { return describedBy(s.Control(), s.Hint, s.Error) }

// Choice is a set of radio buttons under one legend, for ui/_choice; better than a Select for up to five options.
type Choice Select

// Control is the id of the set; each button's is that with its value.
func (c Choice) Control() string { return Select(c).Control() }

// DescribedBy is as [Field.DescribedBy].
func (c Choice) DescribedBy() string { return Select(c).DescribedBy() }

// Check is one box to tick, for ui/_check. Ticked, it sends Value.
type Check struct {
	Name    string
	Label   string
	Value   string // empty: "on"
	Checked bool
	Error   string
	ErrorAt string // the id of what says what is wrong with its group, of the first box that can put it right; empty: nothing
	Hint    string
	ID      string // as [Field.ID]
}

// Control is the id of the control.
func (c Check) Control() string { return Field{ID: c.ID, Name: c.Name}.Control() }

// Sent is Value with its default.
func (c Check) Sent() string {
	if c.Value == "" {
		return "on"
	}
	return c.Value
}

// DescribedBy is as [Field.DescribedBy].
func (c Check) DescribedBy() string {
	return strings.TrimSpace(c.ErrorAt + " " + describedBy(c.Control(), c.Hint, c.Error))
}

func describedBy(control, hint, fault string) string {
	var ids []string
	if fault != "" {
		ids = append(ids, control+"-error")
	}
	if hint != "" {
		ids = append(ids, control+"-hint")
	}
	return strings.Join(ids, " ")
}
