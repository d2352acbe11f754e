package queries

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

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
