package queries

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// What a form can hold, in characters but for the counts.
const (
	FormFieldsMost  = 20
	FormOptionsMost = 30
	FormTagsMost    = 10
	FormTitleMost   = 120
	FormIntroMost   = 2000
	FormLabelMost   = 300
	FormButtonMost  = 40
	FormThanksMost  = 1000
	FormOptionMost  = 120
)

// FormDraft is a form as staff word it.
type FormDraft struct {
	Name    string      `json:"name"` // its address: /f/NAME
	Title   string      `json:"title"`
	Intro   string      `json:"intro"` // may be empty; its line breaks are shown
	Fields  []FormField `json:"fields"`
	Button  string      `json:"button"`
	Thanks  string      `json:"thanks"`
	Tags    []string    `json:"tags"`
	Confirm bool        `json:"confirm"` // whether the address has to be confirmed by mail before it counts
	Invite  bool        `json:"invite"`  // whether whoever fills it in is invited
	Course  *uuid.UUID  `json:"course"`  // the course that whoever fills it in is given; nil: none
}

// Draft is the form as it is stored.
func (f FormByIDRow) Draft() FormDraft {
	return FormDraft{f.Name, f.Title, f.Intro, f.Fields, f.Button, f.Thanks, f.Tags, f.Confirm, f.Invite, f.CourseID}
}

var formName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// IsFormName tells what can be a form's address.
func IsFormName(name string) bool { return formName.MatchString(name) }

// Check answers what is wrong with the draft, a sentence each, by "name", "title", "intro", "button", "thanks", "tags", "fields",
// or "label-" and a field's key; empty: nothing, and the form can be stored.
func (d FormDraft) Check() map[string]string {
	wrong := map[string]string{}
	length := func(field, text string, least, most int, nothing string) {
		switch n := utf8.RuneCountInString(text); {
		case n < least:
			wrong[field] = nothing
		case n > most:
			wrong[field] = fmt.Sprintf("This can be up to %d characters long; it is %d.", most, n)
		}
	}
	if !IsFormName(d.Name) && (d.Name != "" || d.Title != "") { // without a title there is nothing yet to make it of
		wrong["name"] = "Use small letters, digits and hyphens between them, up to 40."
	}
	length("title", d.Title, 1, FormTitleMost, "Give the form a title.")
	length("intro", d.Intro, 0, FormIntroMost, "")
	length("button", d.Button, 1, FormButtonMost, "Say what the button does.")
	length("thanks", d.Thanks, 1, FormThanksMost, "Say something to whoever has sent it.")
	if len(d.Tags) > FormTagsMost {
		wrong["tags"] = fmt.Sprintf("A form gives up to %d tags.", FormTagsMost)
	}
	for _, tag := range d.Tags {
		var refused Invalid
		if _, err := ParseTag(tag); errors.As(err, &refused) {
			wrong["tags"] = refused.Message
		}
	}
	if len(d.Fields) > FormFieldsMost {
		wrong["fields"] = fmt.Sprintf("A form asks up to %d questions. Fewer are answered more often.", FormFieldsMost)
	}
	for _, f := range d.Fields {
		if problem := f.problem(); problem != "" {
			wrong["label-"+f.Key] = problem
		}
	}
	return wrong
}

func (f FormField) problem() string {
	switch {
	case f.Label == "":
		return "Write the question."
	case utf8.RuneCountInString(f.Label) > FormLabelMost:
		return fmt.Sprintf("A question can be up to %d characters long.", FormLabelMost)
	case f.Kind == FormChoice && (len(f.Options) < 2 || len(f.Options) > FormOptionsMost):
		return fmt.Sprintf("Give between 2 and %d answers to choose from, each on a line of its own.", FormOptionsMost)
	case slices.ContainsFunc(f.Options, func(o string) bool { return utf8.RuneCountInString(o) > FormOptionMost }):
		return fmt.Sprintf("An answer to choose can be up to %d characters long.", FormOptionMost)
	}
	if link, err := url.Parse(f.Link); f.Link != "" && (err != nil || link.Scheme != "https" && link.Scheme != "http" || link.Host == "") {
		return "The address of the details has to begin with https:// or http://."
	}
	return ""
}

// Insert stores the draft as a new form, switched on. ErrConflict when another form of the account has its name.
func (d FormDraft) Insert(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) error {
	return Kind(q.FormInsert(ctx, FormInsertParams{AccountID: account, ID: id, Name: d.Name, Title: d.Title, Intro: d.Intro, Fields: d.Fields, Button: d.Button,
		Thanks: d.Thanks, Tags: d.Tags, Confirm: d.Confirm, Invite: d.Invite, CourseID: d.Course, Now: now}))
}

// Update stores the draft in place of what the form was. ErrNotFound without such a form, ErrConflict as with Insert.
func (d FormDraft) Update(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) error {
	_, err := q.FormUpdate(ctx, FormUpdateParams{AccountID: account, ID: id, Name: d.Name, Title: d.Title, Intro: d.Intro, Fields: d.Fields, Button: d.Button,
		Thanks: d.Thanks, Tags: d.Tags, Confirm: d.Confirm, Invite: d.Invite, CourseID: d.Course, Now: now})
	return Kind(err)
}

// FormNameOf makes a form's address of its title: "Free strategy call!" becomes free-strategy-call. Empty when nothing of the
// title can stand in one.
func FormNameOf(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := strings.Join(words, "-")
	return strings.Trim(name[:min(len(name), 40)], "-")
}

// OneLine is text as it was typed into one line: without what cannot be seen, with single spaces.
func OneLine(typed string) string {
	return strings.Join(strings.Fields(Lines(typed)), " ")
}

// Lines is text of several lines as it was typed, without what cannot be seen and without blank lines at its ends.
func Lines(typed string) string {
	text := strings.ReplaceAll(strings.ToValidUTF8(typed, ""), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) && r != '\t' || r == utf8.RuneError) {
			return -1
		}
		return r
	}, text))
}
