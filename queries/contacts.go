package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// AddContact makes the contact of an address that ParseEmail returned, or finds the one there is; known says which. A name
// given for a known contact changes nothing.
func AddContact(ctx context.Context, q *Queries, account uuid.UUID, email, name string, source ContactSource, now time.Time) (id uuid.UUID, known bool, err error) {
	id, err = q.ContactInsert(ctx, ContactInsertParams{AccountID: account, ID: NewID(), Email: email, Name: name, Source: source, Now: now})
	if err = Kind(err); !errors.Is(err, ErrNotFound) {
		return id, false, err
	}
	contact, err := q.ContactByEmail(ctx, ContactByEmailParams{AccountID: account, Email: email})
	return contact.ID, true, Kind(err)
}

// ChangeEmail corrects a contact's address. What the old one could do ends with it, password, sessions, links, invitation and changes
// of address: whoever reads that mailbox is not who the business meant.
func ChangeEmail(ctx context.Context, q *Queries, account, id uuid.UUID, email string, now time.Time) error {
	if _, err := q.ContactSetEmail(ctx, ContactSetEmailParams{AccountID: account, ID: id, Email: email, Now: now}); err != nil {
		return Kind(err)
	}
	if err := q.EmailChangeEndOfContact(ctx, EmailChangeEndOfContactParams{AccountID: account, ContactID: id, Now: now}); err != nil {
		return err
	}
	if _, err := q.InvitationRevoke(ctx, InvitationRevokeParams{AccountID: account, ContactID: id, Now: now}); err != nil {
		return err
	}
	if _, err := q.MagicLinkRevokeOfContact(ctx, MagicLinkRevokeOfContactParams{AccountID: account, ContactID: id, Now: now}); err != nil {
		return err
	}
	_, err := q.SessionEndOthers(ctx, SessionEndOthersParams{AccountID: account, ContactID: id, But: uuid.Nil, Now: now, EndedBecause: EndReasonRevoked})
	return err
}
