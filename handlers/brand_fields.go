package handlers

import (
	"fmt"

	"atrium/queries"
	"atrium/views"
)

// brandColorFields are the two colours, each with how well it reads.
type brandColorFields struct {
	Base            string // as views.Page.Base
	Accent, Accent2 brandColor
}

// brandColor is one colour.
type brandColor struct {
	views.Field
	Reads  bool
	Ratio  string // of the contrast, such as 3.2:1
	Better string // the nearest colour that reads; empty when this one does
}

// brandLinks is a list of links to be filled in.
type brandLinks struct {
	Legend, Hint string
	Rows         []brandLink
}

// brandLink is one link's two fields.
type brandLink struct{ Label, URL views.Field }

func (form brandForm) field(name, label, value string, most int, autocomplete, hint string) views.Field {
	f := views.Field{Name: name, Label: label, Value: value, MaxLength: most, Autocomplete: autocomplete, Hint: hint,
		Required: name == "name" || name == "support_email"}
	if name == "support_email" {
		f.Type = "email"
	}
	f.Refuse(form.problems[name])
	return f
}

func (form brandForm) colors(base string) brandColorFields {
	color := func(name, label, value, hint string) brandColor {
		ratio, nearest := views.Readable(value, string(form.Scheme))
		c := brandColor{Field: form.field(name, label, value, 0, "off", hint), Ratio: fmt.Sprintf("%.1f:1", ratio), Reads: ratio >= 4.5}
		if c.Type = "color"; !c.Reads {
			c.Better = nearest
		}
		return c
	}
	return brandColorFields{base, color("accent", "First colour", form.Accent, "Buttons, links, and where somebody is."),
		color("accent_2", "Second colour", form.Accent2, "Now and then beside the first.")}
}

func (form brandForm) linkFields(kind, legend, hint string) brandLinks {
	links := brandLinks{Legend: legend, Hint: hint}
	for i, link := range form.links[kind] {
		n := fmt.Sprint(i + 1)
		row := brandLink{form.field(kind+"_label_"+n, legend+", "+n+": words", link.Label, queries.LinkLabelMax, "off", ""),
			form.field(kind+"_url_"+n, legend+", "+n+": address", link.URL, queries.LinkURLMax, "off", "")}
		row.Label.LabelHidden, row.URL.LabelHidden = true, true
		row.Label.Placeholder, row.URL.Placeholder, row.URL.InputMode = "Words", "https://", "url"
		links.Rows = append(links.Rows, row)
	}
	return links
}
