package queries

import (
	"context"

	"github.com/google/uuid"
)

// MailsAsked is one page of an account's mail log.
type MailsAsked struct {
	AccountID uuid.UUID
	State     MailState // empty or unknown: all
	Kind      MailKind  // empty or unknown: all
	Search    string    // a part of the address
	Before    uuid.UUID // the last id of the page before; LastID for the first
	Size      int32
}

// ListMails answers one page, newest first, and whether there are more.
func ListMails(ctx context.Context, db DB, a MailsAsked) (rows []MailLogListRow, more bool, err error) {
	pattern, ascii, ok := patternOf(a.Search)
	if !ok {
		return nil, false, nil
	}
	p := MailLogListParams{AccountID: a.AccountID, Before: a.Before, PageSize: a.Size + 1, Pattern: pattern, Ascii: ascii}
	if a.State.Valid() {
		p.State = &a.State
	}
	if a.Kind.Valid() {
		p.Kind = &a.Kind
	}
	var b batch
	b.queue(func(q *Queries) { _ = q.PlanPage(ctx) }) // a plan for all values would not find the index of addresses
	many(&b, &rows, func(q *Queries) ([]MailLogListRow, error) { return q.MailLogList(ctx, p) })
	err = b.send(ctx, db)
	if len(rows) > int(a.Size) {
		return rows[:a.Size], true, err
	}
	return rows, false, err
}
