package queries

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// ContactFilter names a part of an account's contacts; empty means all.
type ContactFilter string

// The filters, by the part of the funnel they show.
const (
	ContactsAll     ContactFilter = ""
	ContactsInvited ContactFilter = "invited"
	ContactsJoined  ContactFilter = "joined"
	ContactsWaiting ContactFilter = "waiting" // invited over seven days ago and not joined
	ContactsBounced ContactFilter = "bounced"
)

// ContactsAsked is one page of a list of contacts.
type ContactsAsked struct {
	AccountID uuid.UUID
	Filter    ContactFilter // unknown ones mean all
	Search    string        // in names and addresses; a search is over all contacts
	Before    uuid.UUID     // the last id of the page before; LastID for the first
	Size      int32
	Now       time.Time
}

// ListContacts answers one page, newest first, and whether there are more.
func ListContacts(ctx context.Context, q *Queries, a ContactsAsked) (rows []ContactListRow, more bool, err error) {
	size := a.Size + 1
	switch {
	case !utf8.ValidString(a.Search) || strings.Contains(a.Search, "\x00"): // no text of Postgres is like that
		return nil, false, nil
	case a.Search != "":
		rows, err = as[ContactListRow](q.ContactSearch(ctx, ContactSearchParams{AccountID: a.AccountID, Before: a.Before, Pattern: containing(a.Search), PageSize: size}))
	case a.Filter == ContactsInvited:
		rows, err = as[ContactListRow](q.ContactListInvited(ctx, ContactListInvitedParams{AccountID: a.AccountID, Before: a.Before, PageSize: size}))
	case a.Filter == ContactsJoined:
		rows, err = as[ContactListRow](q.ContactListJoined(ctx, ContactListJoinedParams{AccountID: a.AccountID, Before: a.Before, PageSize: size}))
	case a.Filter == ContactsWaiting:
		rows, err = as[ContactListRow](q.ContactListWaiting(ctx, ContactListWaitingParams{AccountID: a.AccountID, Before: a.Before,
			InvitedBefore: a.Now.Add(-WaitingAfter), PageSize: size}))
	case a.Filter == ContactsBounced:
		rows, err = as[ContactListRow](q.ContactListBounced(ctx, ContactListBouncedParams{AccountID: a.AccountID, Before: a.Before, PageSize: size}))
	default:
		rows, err = q.ContactList(ctx, ContactListParams{AccountID: a.AccountID, Before: a.Before, PageSize: size})
	}
	if len(rows) > int(a.Size) {
		return rows[:a.Size], true, err
	}
	return rows, false, err
}

// as gives the rows of another query of the same columns the type of the plain list.
func as[T ~struct {
	ID        uuid.UUID
	Email     string
	Name      string
	Source    ContactSource
	CreatedAt time.Time
	InvitedAt *time.Time
	JoinedAt  *time.Time
	BouncedAt *time.Time
}, S ~struct {
	ID        uuid.UUID
	Email     string
	Name      string
	Source    ContactSource
	CreatedAt time.Time
	InvitedAt *time.Time
	JoinedAt  *time.Time
	BouncedAt *time.Time
}](rows []S, err error) ([]T, error) {
	same := make([]T, len(rows))
	for i, row := range rows {
		same[i] = T(row)
	}
	return same, err
}

// containing makes the ILIKE pattern of a text that is searched as it is.
func containing(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

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

// ChangeEmail corrects a contact's address. What the old one could do ends with it, password, sessions, links and invitation:
// whoever reads that mailbox is not who the business meant.
func ChangeEmail(ctx context.Context, q *Queries, account, id uuid.UUID, email string, now time.Time) error {
	if _, err := q.ContactSetEmail(ctx, ContactSetEmailParams{AccountID: account, ID: id, Email: email, Now: now}); err != nil {
		return Kind(err)
	}
	if _, err := q.InvitationRevoke(ctx, InvitationRevokeParams{AccountID: account, ContactID: id, Now: now}); err != nil {
		return err
	}
	if _, err := q.SessionEndOthers(ctx, SessionEndOthersParams{AccountID: account, ContactID: id, But: uuid.Nil, Now: now, EndedBecause: EndReasonRevoked}); err != nil {
		return err
	}
	_, err := q.MagicLinkRevokeOfContact(ctx, MagicLinkRevokeOfContactParams{AccountID: account, ContactID: id, Now: now})
	return err
}
