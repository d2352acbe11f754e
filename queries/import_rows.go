package queries

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ImportField is what a column of a file fills.
type ImportField string

// The fields; the first leaves a column out.
const (
	ImportNothing   ImportField = ""
	ImportEmail     ImportField = "email"
	ImportName      ImportField = "name"
	ImportFirstName ImportField = "first_name"
	ImportLastName  ImportField = "last_name"
	ImportPhone     ImportField = "phone"
	ImportCompany   ImportField = "company"
	ImportTags      ImportField = "tags"
	ImportNote      ImportField = "note"
)

// The most characters of what has no check of its own.
const (
	phoneMost, companyMost, noteMost = 40, 120, 4000
	tagsOfRowMost                    = 20
)

// ImportFields is all of them, in the order in which they are offered.
var ImportFields = []ImportField{ImportNothing, ImportEmail, ImportName, ImportFirstName, ImportLastName, ImportPhone, ImportCompany, ImportTags, ImportNote}

// Repeatable says whether more than one column can fill the field.
func (f ImportField) Repeatable() bool {
	return f == ImportNothing || f == ImportTags || f == ImportNote
}

// ImportRow is a row of a file as it was understood.
type ImportRow struct {
	Line                              int64
	Email, Name, Phone, Company, Note string
	Tags                              []string
	Typed                             string // what stands where the address is
	Reason                            string // why it cannot be taken, a sentence; empty when it can
}

// UnderstandRow makes what the columns say a contact's. Columns beyond the mapping, and fields beyond the row, say nothing.
func UnderstandRow(line int64, mapping, cells []string) ImportRow {
	r := ImportRow{Line: line}
	var name, first, last string
	var notes []string
	for i, field := range mapping[:min(len(mapping), len(cells))] {
		cell := strings.TrimSpace(cells[i])
		switch ImportField(field) {
		case ImportEmail:
			r.Typed = cell
		case ImportName:
			name = cell
		case ImportFirstName:
			first = cell
		case ImportLastName:
			last = cell
		case ImportPhone:
			r.Phone = cell
		case ImportCompany:
			r.Company = cell
		case ImportTags:
			r.Tags = append(r.Tags, SplitTags(cell)...)
		case ImportNote:
			if cell != "" {
				notes = append(notes, cell)
			}
		}
	}
	if name == "" {
		name = first + " " + last
	}
	r.Note = strings.Join(notes, "\n")
	var wrong Invalid
	if errors.As(r.check(name), &wrong) {
		r.Email, r.Name, r.Reason = "", strings.TrimSpace(name), wrong.Message
	}
	r.cut()
	return r
}

// check takes the address and the name apart and looks at the rest.
func (r *ImportRow) check(name string) (err error) {
	if r.Typed == "" {
		return Invalid{"email", "There is no e-mail address."}
	}
	if r.Email, err = ParseEmail(strings.TrimPrefix(r.Typed, "mailto:")); err != nil {
		return err
	}
	if r.Name, err = ParseName(name); err != nil {
		return err
	}
	for _, f := range []struct {
		value *string
		what  string
		most  int
	}{{&r.Phone, "phone number", phoneMost}, {&r.Company, "company", companyMost}, {&r.Note, "note", noteMost}} {
		switch {
		case utf8.RuneCountInString(*f.value) > f.most:
			return Invalid{f.what, "The " + f.what + " is longer than can be kept."}
		case strings.IndexFunc(*f.value, notInText) >= 0:
			return Invalid{f.what, "The " + f.what + " contains characters that cannot be shown."}
		}
	}
	return CheckTags(r.Tags)
}

// notInText is as notPrintable, for what may have several lines.
func notInText(c rune) bool { return c != '\n' && c != '\t' && notPrintable(c) }

// cut shortens what is only shown. A row that is refused is kept as it stands in the file, so that somebody can tell who it is and put it
// right; only what is longer than anything a contact has is cut.
func (r *ImportRow) cut() {
	if r.Reason == "" {
		r.Typed = cutText(r.Typed, EmailMax)
		return
	}
	for _, text := range []*string{&r.Typed, &r.Name, &r.Phone, &r.Company, &r.Note} {
		*text = cutText(*text, noteMost)
	}
	for i, tag := range r.Tags {
		r.Tags[i] = cutText(tag, noteMost)
	}
}

// cutText is the first characters of a text, as Postgres takes them.
func cutText(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return s
}

// SplitTags are the tags in a text, which stand between commas, semicolons, bars or lines; each once.
func SplitTags(text string) (tags []string) {
	for _, tag := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(",;|\n", c) }) {
		tag = strings.Join(strings.Fields(tag), " ")
		if tag != "" && !slices.ContainsFunc(tags, func(other string) bool { return strings.EqualFold(other, tag) }) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// CheckTags is Invalid when these cannot all be given to a contact.
func CheckTags(tags []string) error {
	if len(tags) > tagsOfRowMost {
		return Invalid{"tags", fmt.Sprintf("These are more tags than one row can give, which is %d.", tagsOfRowMost)}
	}
	for _, tag := range tags {
		if _, err := ParseTag(tag); err != nil {
			return err
		}
	}
	return nil
}
