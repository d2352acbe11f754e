package queries

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
)

var (
	// ErrLastOwner says that an account would be left without an owner who can sign in.
	ErrLastOwner = errors.New("the last owner")
	// ErrNotOwner says that whoever asks was an owner when the request began, and is not any more.
	ErrNotOwner = errors.New("not an owner")
)

// StaffChange is something an owner does to one person of the account.
type StaffChange struct {
	AccountID uuid.UUID
	By        uuid.UUID // the owner
	StaffID   uuid.UUID // may be the owner too
	Now       time.Time
}

// lock holds up every other change of the account's roles until the transaction ends, and returns the person as they are
// then. ErrNotFound when they are not of the account, ErrNotOwner when By is no owner.
func (s StaffChange) lock(ctx context.Context, q *Queries) (person StaffMemberRow, owners []uuid.UUID, err error) {
	if owners, err = q.StaffOwnerLock(ctx, s.AccountID); err != nil {
		return person, nil, err
	}
	if !slices.Contains(owners, s.By) {
		return person, nil, ErrNotOwner
	}
	person, err = q.StaffMember(ctx, StaffMemberParams{AccountID: s.AccountID, StaffID: s.StaffID})
	return person, owners, Kind(err)
}

// isLast says whether the person is the only one of the owners.
func (s StaffChange) isLast(owners []uuid.UUID) bool {
	return len(owners) == 1 && owners[0] == s.StaffID
}

// SetRole gives somebody another role and returns them as they were before. ErrLastOwner when no owner would be left.
func (s StaffChange) SetRole(ctx context.Context, q *Queries, role StaffRole) (before StaffMemberRow, err error) {
	before, owners, err := s.lock(ctx, q)
	switch {
	case err != nil:
		return before, err
	case role != StaffRoleOwner && s.isLast(owners):
		return before, ErrLastOwner
	}
	return before, q.StaffMembershipSetRole(ctx, StaffMembershipSetRoleParams{AccountID: s.AccountID, StaffID: s.StaffID, Role: role})
}

// Remove takes somebody's role away, or an invitation that was not accepted, and returns them as they were. What they have open
// sees nothing of the account from the next request on; sessions and links end for somebody who is in no other account.
// ErrLastOwner when no owner would be left.
func (s StaffChange) Remove(ctx context.Context, q *Queries) (person StaffMemberRow, err error) {
	person, owners, err := s.lock(ctx, q)
	switch {
	case err != nil:
		return person, err
	case s.isLast(owners):
		return person, ErrLastOwner
	}
	return person, s.end(ctx, q, uuid.Nil)
}

// Leave takes away the role of By, whatever it is, and returns them as they were. They see nothing of the account from the next request on, and
// what they are in no account for ends as in Remove, but for the session they leave from. ErrNotFound when they are not of the account,
// ErrLastOwner when no owner would be left.
func (s StaffChange) Leave(ctx context.Context, q *Queries, session uuid.UUID) (person StaffMemberRow, err error) {
	owners, err := q.StaffOwnerLock(ctx, s.AccountID)
	if err != nil {
		return person, err
	}
	s.StaffID = s.By
	if s.isLast(owners) {
		return person, ErrLastOwner
	}
	if person, err = q.StaffMember(ctx, StaffMemberParams{AccountID: s.AccountID, StaffID: s.StaffID}); err != nil {
		return person, Kind(err)
	}
	return person, s.end(ctx, q, session)
}

// end takes the role away with the links of the account, and with all sessions but one when it was the last role.
func (s StaffChange) end(ctx context.Context, q *Queries, but uuid.UUID) error {
	if err := q.StaffMembershipDelete(ctx, StaffMembershipDeleteParams{AccountID: s.AccountID, StaffID: s.StaffID}); err != nil {
		return err
	}
	if err := q.StaffLinkRevokeOfAccount(ctx, StaffLinkRevokeOfAccountParams{AccountID: s.AccountID, StaffID: s.StaffID, Now: s.Now}); err != nil {
		return err
	}
	if others, err := q.StaffMembershipCount(ctx, s.StaffID); err != nil || others > 0 {
		return err
	}
	if err := q.StaffLinkEndOthers(ctx, StaffLinkEndOthersParams{StaffID: s.StaffID, Now: s.Now}); err != nil {
		return err
	}
	_, err := q.StaffSessionEndOthers(ctx, StaffSessionEndOthersParams{StaffID: s.StaffID, But: but, Now: s.Now, EndedBecause: EndReasonRevoked})
	return err
}

// StaffPlaces is where a person of staff is signed in, and which of their accounts they cannot leave.
type StaffPlaces struct {
	Sessions  []StaffSessionListOpenRow
	OnlyOwner []uuid.UUID // accounts that nobody else owns
}

// LoadStaffPlaces reads them in one round trip.
func LoadStaffPlaces(ctx context.Context, db DB, staff uuid.UUID, now time.Time) (p StaffPlaces, err error) {
	var b batch
	many(&b, &p.Sessions, func(q *Queries) ([]StaffSessionListOpenRow, error) {
		return q.StaffSessionListOpen(ctx, StaffSessionListOpenParams{StaffID: staff, Now: now, IdleSince: now.Add(-SessionIdle)})
	})
	values(&b, &p.OnlyOwner, func(q *Queries) ([]uuid.UUID, error) { return q.StaffOnlyOwnerOf(ctx, staff) })
	return p, b.send(ctx, db)
}

// InviteStaff adds somebody as AddStaff does and always writes a mail: with a set-up link, or that they have one more account.
// ErrConflict when they are of the account already.
func (m MailMaker) InviteStaff(ctx context.Context, q *Queries, s StaffChange, email string, role StaffRole) (staff, mail uuid.UUID, err error) {
	switch owners, err := q.StaffOwnerLock(ctx, s.AccountID); {
	case err != nil:
		return staff, mail, err
	case !slices.Contains(owners, s.By):
		return staff, mail, ErrNotOwner
	}
	person, err := q.StaffUpsert(ctx, StaffUpsertParams{ID: NewID(), Email: email, Now: s.Now})
	if err != nil {
		return staff, mail, err
	}
	switch _, err := q.StaffMember(ctx, StaffMemberParams{AccountID: s.AccountID, StaffID: person.ID}); {
	case err == nil:
		return person.ID, mail, ErrConflict
	case !errors.Is(Kind(err), ErrNotFound):
		return staff, mail, err
	}
	if err := q.StaffMembershipInsert(ctx, StaffMembershipInsertParams{AccountID: s.AccountID, StaffID: person.ID, Role: role, Now: s.Now, AddedBy: &s.By}); err != nil {
		return staff, mail, err
	}
	s.StaffID = person.ID
	if !person.HasPassword {
		mail, err = m.MailStaffSetup(ctx, q, s, email)
		return person.ID, mail, err
	}
	mail, err = m.Mail(ctx, q, MailInsertParams{AccountID: s.AccountID, Kind: MailKindStaffAdded, StaffID: &person.ID, ToEmail: email, Now: s.Now})
	return person.ID, mail, err
}

// MailStaffSetup writes a mail with a new set-up link to somebody who has not set up their sign-in; links from before go on
// working.
func (m MailMaker) MailStaffSetup(ctx context.Context, q *Queries, s StaffChange, email string) (mail uuid.UUID, err error) {
	id, _, err := m.mailStaffLink(ctx, q, staffMail{s.AccountID, s.StaffID, email, StaffLinkKindSetup, MailKindStaffSetup, s.Now, StaffSetupLife})
	if err != nil {
		return mail, err
	}
	return *id, nil
}
