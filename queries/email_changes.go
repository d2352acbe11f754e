package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// How long a change of address can be confirmed from the new one, and undone from the old one.
const (
	EmailChangeLife = 24 * time.Hour
	EmailUndoLife   = 7 * 24 * time.Hour
)

// AskEmailChange writes that a client wants another address, in place of what they asked for before, and the mail that lets
// the new one confirm it; it returns the mail's id, whose job the caller inserts. It does the same for an address that another
// contact has: that mail is not sent, which only whoever reads the address could tell.
func (m MailMaker) AskEmailChange(ctx context.Context, q *Queries, account, contact uuid.UUID, email string, now time.Time) (mail uuid.UUID, err error) {
	asking, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: contact})
	if err != nil {
		return mail, Kind(err)
	}
	if _, err := q.EmailChangeEndWaiting(ctx, EmailChangeEndWaitingParams{AccountID: account, ContactID: contact, Now: now, EndedBecause: EndReasonSuperseded}); err != nil {
		return mail, err
	}
	id := NewID()
	err = q.EmailChangeInsert(ctx, EmailChangeInsertParams{AccountID: account, ID: id, ContactID: contact, OldEmail: asking.Email, NewEmail: email,
		TokenHash: TokenHash(m.Secret.EmailChangeToken(id)), UndoTokenHash: TokenHash(m.Secret.EmailUndoToken(id)), Now: now, ExpiresAt: now.Add(EmailChangeLife)})
	if err != nil {
		return mail, err
	}
	return m.MailEmailChange(ctx, q, account, contact, EmailChangeWaitingRow{ID: id, NewEmail: email}, now)
}

// MailEmailChange writes the mail that lets a new address confirm a change, once more if there was one; the link stays the same.
func (m MailMaker) MailEmailChange(ctx context.Context, q *Queries, account, contact uuid.UUID, change EmailChangeWaitingRow, now time.Time) (mail uuid.UUID, err error) {
	return m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindEmailChange, ContactID: &contact, EmailChangeID: &change.ID,
		ToEmail: change.NewEmail, Now: now})
}

// ConfirmEmailChange gives a contact the address that its link was mailed to. Every session but keep ends (the nil UUID keeps
// none), and so do all open links with their codes: they went to the old address, or belong to whoever had it. It returns the id
// of the mail that tells the old address and lets it undo the change. Of several at once one succeeds, the others get ErrNotFound;
// ErrConflict when another contact has the address by now.
func (m MailMaker) ConfirmEmailChange(ctx context.Context, q *Queries, account uuid.UUID, change EmailChangeByTokenRow, keep uuid.UUID, now time.Time) (mail uuid.UUID, err error) {
	if _, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: change.ContactID}); err != nil { // before its links, see Confirm
		return mail, Kind(err)
	}
	rows, err := q.EmailChangeConfirm(ctx, EmailChangeConfirmParams{AccountID: account, ID: change.ID, Now: now, UndoUntil: now.Add(EmailUndoLife)})
	if err == nil && rows == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return mail, err
	}
	if err := moveEmail(ctx, q, account, change.ContactID, change.NewEmail, keep, now); err != nil {
		return mail, err
	}
	return m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindEmailChanged, ContactID: &change.ContactID, EmailChangeID: &change.ID,
		ToEmail: change.OldEmail, Now: now})
}

// UndoEmailChange gives a contact its old address back, whatever was changed since, and locks out whoever came in by the new one:
// all sessions, links and changes end, and the password is removed. Errors are as of ConfirmEmailChange.
func UndoEmailChange(ctx context.Context, q *Queries, account uuid.UUID, change EmailChangeByUndoTokenRow, now time.Time) error {
	if _, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: change.ContactID}); err != nil {
		return Kind(err)
	}
	rows, err := q.EmailChangeUndo(ctx, EmailChangeUndoParams{AccountID: account, ID: change.ID, Now: now})
	if err == nil && rows == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	if err := q.EmailChangeEndOfContact(ctx, EmailChangeEndOfContactParams{AccountID: account, ContactID: change.ContactID, Now: now}); err != nil {
		return err
	}
	if err := q.ContactSetPassword(ctx, ContactSetPasswordParams{AccountID: account, ID: change.ContactID, Now: now}); err != nil {
		return err
	}
	return moveEmail(ctx, q, account, change.ContactID, change.OldEmail, uuid.Nil, now)
}

// LockOut ends whatever lets somebody in as a contact but their mailbox: sessions, links, password.
func LockOut(ctx context.Context, q *Queries, account, contact uuid.UUID, now time.Time) error {
	if _, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: contact}); err != nil {
		return Kind(err)
	}
	if err := q.ContactSetPassword(ctx, ContactSetPasswordParams{AccountID: account, ID: contact, Now: now}); err != nil {
		return err
	}
	return endWaysIn(ctx, q, account, contact, uuid.Nil, now)
}

func moveEmail(ctx context.Context, q *Queries, account, contact uuid.UUID, email string, keep uuid.UUID, now time.Time) error {
	if err := q.ContactMoveEmail(ctx, ContactMoveEmailParams{AccountID: account, ID: contact, Email: email, Now: now}); err != nil {
		return Kind(err)
	}
	return endWaysIn(ctx, q, account, contact, keep, now)
}

func endWaysIn(ctx context.Context, q *Queries, account, contact, keep uuid.UUID, now time.Time) error {
	if _, err := q.SessionEndOthers(ctx, SessionEndOthersParams{AccountID: account, ContactID: contact, But: keep, Now: now, EndedBecause: EndReasonRevoked}); err != nil {
		return err
	}
	_, err := q.MagicLinkRevokeOfContact(ctx, MagicLinkRevokeOfContactParams{AccountID: account, ContactID: contact, Now: now})
	return err
}
