package queries

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// MailTexts is how an account words its mails.
type MailTexts struct {
	Account AccountMailFactsRow
	Own     []MailTextListRow
	Reader  MailTextReaderRow // a contact to see a text with; zero when nobody is found
}

// LoadMailTexts reads it in one round trip. The reader is the newest contact the search finds, as in the list of contacts, or
// the newest of all without one.
func LoadMailTexts(ctx context.Context, db DB, account uuid.UUID, search string) (t MailTexts, err error) {
	var b batch
	one(&b, &t.Account, func(q *Queries) (AccountMailFactsRow, error) { return q.AccountMailFacts(ctx, account) })
	many(&b, &t.Own, func(q *Queries) ([]MailTextListRow, error) { return q.MailTextList(ctx, account) })
	optional(&b, &t.Reader, func(q *Queries) (MailTextReaderRow, error) {
		return q.MailTextReader(ctx, MailTextReaderParams{AccountID: account, Pattern: containing(search), Ascii: inDomain(search)})
	})
	return t, b.send(ctx, db)
}

// Of is the account's own text for a kind of mail; false when ours is sent.
func (t MailTexts) Of(kind MailKind) (MailTextListRow, bool) {
	for _, own := range t.Own {
		if own.Kind == kind {
			return own, true
		}
	}
	return MailTextListRow{}, false
}

// SenderMax is the most characters of the name that mails come from.
const SenderMax = 60

// ParseSender checks the name that mails to clients come from; empty means the account's own name.
func ParseSender(typed string) (string, error) {
	name, err := ParseName(typed)
	switch {
	case err != nil:
		return "", err
	case utf8.RuneCountInString(name) > SenderMax:
		return "", Invalid{"sender_name", "A sender's name has at most 60 characters."}
	case strings.Contains(name, "@"): // mail programs warn of names that look like another address
		return "", Invalid{"sender_name", "Enter a name, not an address. Replies go to your support address."}
	}
	return name, nil
}

// Welcome writes the mail that greets a contact who has joined, where the account wants that and it was not done before, and
// returns its id, for whose sending the caller inserts the job in the same transaction; nil when there is none to send.
func (m MailMaker) Welcome(ctx context.Context, q *Queries, account, contact uuid.UUID, now time.Time) (*uuid.UUID, error) {
	email, err := q.ContactToWelcome(ctx, ContactToWelcomeParams{AccountID: account, ID: contact})
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	mail, err := m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindWelcome, ContactID: &contact, ToEmail: email, Now: now})
	return &mail, err
}

// MailTest writes a mail that staff have sent to themselves, with what it says: a job sends it as it is. It returns the mail's
// id, for whose sending the caller inserts the job in the same transaction.
func (m MailMaker) MailTest(ctx context.Context, q *Queries, p MailInsertParams, written MailCopyInsertParams) (uuid.UUID, error) {
	mail, err := m.Mail(ctx, q, p)
	if err != nil {
		return mail, err
	}
	written.AccountID, written.MailID = p.AccountID, mail
	return mail, q.MailCopyInsert(ctx, written)
}
