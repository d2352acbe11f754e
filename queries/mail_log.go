package queries

import (
	"context"
	"strings"
	"unicode/utf8"

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
func ListMails(ctx context.Context, q *Queries, a MailsAsked) (rows []MailLogListRow, more bool, err error) {
	if !utf8.ValidString(a.Search) || strings.Contains(a.Search, "\x00") { // no text of Postgres is like that
		return nil, false, nil
	}
	p := MailLogListParams{AccountID: a.AccountID, Before: a.Before, PageSize: a.Size + 1}
	if a.State.Valid() {
		p.State = &a.State
	}
	if a.Kind.Valid() {
		p.Kind = &a.Kind
	}
	if a.Search != "" {
		pattern := "%" + likeText.Replace(strings.ToLower(a.Search)) + "%"
		p.Pattern = &pattern
	}
	rows, err = q.MailLogList(ctx, p)
	if len(rows) > int(a.Size) {
		return rows[:a.Size], true, err
	}
	return rows, false, err
}
