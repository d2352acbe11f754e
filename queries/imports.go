package queries

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// What an import may have.
const (
	ImportMost     = 50 << 20            // bytes of a file
	ImportPartSize = 256 << 10           // bytes of each of its parts but the last
	ImportKeep     = 30 * 24 * time.Hour // how long the file and its rows are kept
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

// The most characters of what has no check of its own.
const (
	phoneMost, companyMost, noteMost = 40, 120, 4000
	tagsOfRowMost                    = 20
)

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
		r.Email, r.Reason = "", wrong.Message
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

// cut shortens what is only shown, of a row that is refused.
func (r *ImportRow) cut() {
	r.Typed = cutText(r.Typed, EmailMax)
	if r.Reason == "" {
		return
	}
	r.Phone, r.Company, r.Note = cutText(r.Phone, phoneMost), cutText(r.Company, companyMost), cutText(r.Note, companyMost)
	r.Tags = nil
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

// NewImport is a file as it was uploaded.
type NewImport struct {
	ImportInsertParams
	Next func() (part []byte, err error) // the parts in order; empty after the last
}

// AddImport writes the file in its parts.
func AddImport(ctx context.Context, q *Queries, i NewImport) error {
	if err := q.ImportInsert(ctx, i.ImportInsertParams); err != nil {
		return err
	}
	for number := int32(0); ; number++ {
		part, err := i.Next()
		if err != nil || len(part) == 0 {
			return err
		}
		if err := q.ImportPartInsert(ctx, ImportPartInsertParams{AccountID: i.AccountID, ImportID: i.ID, Part: number, Content: part}); err != nil {
			return err
		}
	}
}

// DiscardImport lets nobody see an import any more; a job removes what it holds. ErrNotFound when the account has none such,
// ErrConflict while something is being done with it.
func DiscardImport(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) error {
	if _, err := q.ImportForWork(ctx, ImportForWorkParams{AccountID: account, ID: id}); err != nil {
		return Kind(err)
	}
	tasks, err := q.ImportTasks(ctx, ImportTasksParams{AccountID: account, ImportID: &id})
	if err != nil {
		return err
	}
	if len(tasks) > 0 && tasks[0].FinishedAt == nil {
		return ErrConflict
	}
	if err := q.ImportDiscardTasks(ctx, ImportDiscardTasksParams{AccountID: account, ImportID: &id}); err != nil {
		return err
	}
	_, err = q.ImportDiscard(ctx, ImportDiscardParams{AccountID: account, ID: id, Now: now})
	return err
}

// ImportPage is an import with what was done with it, newest first.
type ImportPage struct {
	Import ImportByIDRow
	Tasks  []ImportTasksRow
	Head   ImportPartRow // the first part of its file; empty unless asked for
	Rows   []ImportRowListRow

	Courses []GrantCoursesRow // that everybody in the file can be given; empty unless the head is asked for
}

// ImportAsked is a page of an import's rows.
type ImportAsked struct {
	AccountID, ID uuid.UUID
	Outcome       TaskOutcome // empty: all
	After         int64       // line of the last row of the page before; 0 for the first
	Size          int32       // 0: no rows
	Head          bool
	Now           time.Time // with Head
}

// LoadImport reads it in one round trip. ErrNotFound when the account has no such import.
func LoadImport(ctx context.Context, db DB, a ImportAsked) (p ImportPage, err error) {
	var b batch
	one(&b, &p.Import, func(q *Queries) (ImportByIDRow, error) {
		return q.ImportByID(ctx, ImportByIDParams{AccountID: a.AccountID, ID: a.ID})
	})
	many(&b, &p.Tasks, func(q *Queries) ([]ImportTasksRow, error) {
		return q.ImportTasks(ctx, ImportTasksParams{AccountID: a.AccountID, ImportID: &a.ID})
	})
	if a.Head {
		one(&b, &p.Head, func(q *Queries) (ImportPartRow, error) {
			return q.ImportPart(ctx, ImportPartParams{AccountID: a.AccountID, ImportID: a.ID})
		})
		many(&b, &p.Courses, func(q *Queries) ([]GrantCoursesRow, error) {
			return q.GrantCourses(ctx, GrantCoursesParams{AccountID: a.AccountID, Now: a.Now})
		})
	}
	var of []ImportRowListOfRow
	switch {
	case a.Size == 0:
	case a.Outcome != "":
		many(&b, &of, func(q *Queries) ([]ImportRowListOfRow, error) {
			return q.ImportRowListOf(ctx, ImportRowListOfParams{AccountID: a.AccountID, ImportID: a.ID, After: a.After, Outcome: a.Outcome, PageSize: a.Size})
		})
	default:
		many(&b, &p.Rows, func(q *Queries) ([]ImportRowListRow, error) {
			return q.ImportRowList(ctx, ImportRowListParams{AccountID: a.AccountID, ImportID: a.ID, After: a.After, PageSize: a.Size})
		})
	}
	if err := b.send(ctx, db); err != nil {
		return p, err
	}
	for _, row := range of {
		p.Rows = append(p.Rows, ImportRowListRow(row))
	}
	return p, nil
}

// CheckRows writes the next rows of a file with what each would do, and answers how many there are of each outcome.
func CheckRows(ctx context.Context, q *Queries, account, id uuid.UUID, rows []ImportRow) (TaskCounts, error) {
	p := ImportRowCheckParams{AccountID: account, ImportID: id}
	emails := make([]string, len(rows))
	for i, r := range rows {
		emails[i] = r.Email
	}
	lead, err := mergedEmails(ctx, q, account, emails)
	if err != nil {
		return nil, err
	}
	p.Leads = lead.all(emails)
	for _, r := range rows {
		p.Lines, p.Emails, p.Names, p.Phones = append(p.Lines, r.Line), append(p.Emails, r.Email), append(p.Names, r.Name), append(p.Phones, r.Phone)
		p.Companies, p.Notes, p.Tags = append(p.Companies, r.Company), append(p.Notes, r.Note), append(p.Tags, strings.Join(r.Tags, "\x1f"))
		p.Typed, p.Reasons = append(p.Typed, r.Typed), append(p.Reasons, r.Reason)
	}
	found, err := q.ImportRowCheck(ctx, p)
	counts := TaskCounts{}
	for _, f := range found {
		counts[f.Outcome] = f.Count
	}
	return counts, err
}

// ApplyRows makes and changes the contacts of rows that CheckRows wrote; it answers the new contacts, those that were changed, and how
// many rows came to each outcome. There is at least one row.
func ApplyRows(ctx context.Context, q *Queries, account, id uuid.UUID, rows []ImportRowNextRow, now time.Time) (made, changed []uuid.UUID, counts TaskCounts, err error) {
	lines, emails := make([]int64, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		lines[i], emails[i] = row.RowNumber, row.Email
	}
	lead, err := mergedEmails(ctx, q, account, emails)
	if err != nil {
		return nil, nil, nil, err
	}
	emails = lead.all(emails)
	first, last := slices.Min(lines), slices.Max(lines)
	apply := ImportApplyParams{AccountID: account, ImportID: id, First: first, Last: last, TagsMost: TagsMax, Now: now}
	for i, email := range emails {
		if !slices.ContainsFunc(emails[:i], func(e string) bool { return strings.EqualFold(e, email) }) { // two that were merged after the check
			apply.Ids, apply.Lines, apply.Emails = append(apply.Ids, NewID()), append(apply.Lines, lines[i]), append(apply.Emails, email)
		}
	}
	if err := q.ImportTagInsert(ctx, ImportTagInsertParams{AccountID: account, ImportID: id, Lines: lines, First: first, Last: last, Now: now}); err != nil {
		return nil, nil, nil, err
	}
	if err := q.ImportLockKnown(ctx, ImportLockKnownParams{AccountID: account, Emails: emails}); err != nil {
		return nil, nil, nil, err
	}
	written, err := q.ImportApply(ctx, apply)
	if err != nil {
		return nil, nil, nil, err
	}
	made, changed = []uuid.UUID{}, []uuid.UUID{} // not nil: that would be null
	for _, w := range written {
		if w.Made {
			made = append(made, w.ID)
		} else {
			changed = append(changed, w.ID)
		}
	}
	settled, err := q.ImportRowSettle(ctx, ImportRowSettleParams{AccountID: account, ImportID: id, Emails: emails, Lines: lines, First: first, Last: last,
		Made: made, Changed: changed})
	counts = TaskCounts{}
	for _, s := range settled {
		counts[s.Outcome] = s.Count
	}
	return made, changed, counts, err
}

// merged are addresses of contacts that were merged, in lower case, with the address of the contact each leads to.
type merged map[string]string

func mergedEmails(ctx context.Context, q *Queries, account uuid.UUID, emails []string) (merged, error) {
	rows, err := q.ContactMergedEmails(ctx, ContactMergedEmailsParams{AccountID: account, Emails: emails})
	m := merged{}
	for _, row := range rows {
		m[strings.ToLower(row.GoneEmail)] = row.Email
	}
	return m, err
}

// all is where each address leads: to itself unless it was merged.
func (m merged) all(emails []string) []string {
	leads := slices.Clone(emails)
	for i, email := range emails {
		if kept, ok := m[strings.ToLower(email)]; ok {
			leads[i] = kept
		}
	}
	return leads
}
