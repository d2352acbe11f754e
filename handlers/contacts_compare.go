package handlers

import (
	"strings"
	"time"

	"atrium/queries"
)

// mergeValue is one line of the comparison.
type mergeValue struct{ Label, Kept, Gone, Becomes string }

// compare lists what the two have and what the one becomes; what neither has is left out.
func (v *visit) compare(kept, gone queries.ContactWholeRow) (values []mergeValue) {
	merged := queries.Merged(kept, gone)
	for _, line := range []struct {
		label string
		of    func(queries.ContactWholeRow) string
	}{
		{"E-mail address", func(c queries.ContactWholeRow) string { return c.Email }},
		{"Name", func(c queries.ContactWholeRow) string { return c.Name }},
		{"Phone", func(c queries.ContactWholeRow) string { return c.Phone }},
		{"Company", func(c queries.ContactWholeRow) string { return c.Company }},
		{"Tags", func(c queries.ContactWholeRow) string { return strings.Join(c.Tags, ", ") }},
		{"Note", func(c queries.ContactWholeRow) string { return c.Note }},
		{"Added", func(c queries.ContactWholeRow) string { return v.day(&c.CreatedAt) }},
		{"Came from", func(c queries.ContactWholeRow) string { return sourceWords(c.Source) }},
		{"Invited", func(c queries.ContactWholeRow) string { return v.day(c.InvitedAt) }},
		{"Joined", func(c queries.ContactWholeRow) string { return v.day(c.JoinedAt) }},
		{"Last seen", func(c queries.ContactWholeRow) string { return v.day(c.LastSeenAt) }},
		{"Password", func(c queries.ContactWholeRow) string { return map[bool]string{true: "Set"}[c.PasswordHash != nil] }},
		{"No news of courses since", func(c queries.ContactWholeRow) string { return v.day(c.NoCourseMailAt) }},
		{"No reminders of invoices since", func(c queries.ContactWholeRow) string { return v.day(c.NoInvoiceMailAt) }},
		{"No more mails since", func(c queries.ContactWholeRow) string { return v.day(c.NoMailAt) }},
	} {
		if a, b := line.of(kept), line.of(gone); a != "" || b != "" {
			values = append(values, mergeValue{line.label, a, b, line.of(merged)})
		}
	}
	return values
}

// day is a date in the account's zone; empty for never.
func (v *visit) day(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(v.now.Location()).Format("2 Jan 2006")
}
