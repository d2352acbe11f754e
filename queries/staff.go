package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Lifetimes of the links that staff are mailed.
const (
	StaffSetupLife    = 7 * 24 * time.Hour
	PasswordResetLife = time.Hour
)

// Includes says whether somebody with role r may do what the given role may: owner includes admin includes support.
func (r StaffRole) Includes(needed StaffRole) bool { return r.rank() >= needed.rank() }

func (r StaffRole) rank() int {
	switch r {
	case StaffRoleOwner:
		return 3
	case StaffRoleAdmin:
		return 2
	case StaffRoleSupport:
		return 1
	}
	return 0
}

// StaffSignIn is a confirmed proof of who a staff person is.
type StaffSignIn struct {
	StaffID   uuid.UUID
	Token     string // of the new session's cookie
	OldToken  string // of the session this browser had; empty without one
	CodeGiven bool   // whether the second factor was given as well
	Visit     Visit
}

// SignInStaff opens the session that a proof earns and ends the one the browser had. When the person has a second factor
// that was not given, the session waits for it.
func SignInStaff(ctx context.Context, q *Queries, s StaffSignIn) (waits bool, err error) {
	if s.OldToken != "" {
		if _, err := q.StaffSessionEndByToken(ctx, StaffSessionEndByTokenParams{TokenHash: TokenHash(s.OldToken), Now: s.Visit.At,
			EndedBecause: EndReasonSuperseded}); err != nil {
			return false, err
		}
	}
	return q.StaffSessionInsert(ctx, StaffSessionInsertParams{ID: NewID(), StaffID: s.StaffID, TokenHash: TokenHash(s.Token),
		UserAgent: s.Visit.agent(), IP: s.Visit.IP, Now: s.Visit.At, CodeGiven: s.CodeGiven,
		WaitsUntil: s.Visit.At.Add(CodeWait), ExpiresAt: s.Visit.At.Add(SessionMax)})
}

// AddStaff gives the person of an address a role in an account and, when they have no password yet, a set-up link and the
// mail that carries it. It returns the mail's id, whose job the caller inserts, and the link's token; both empty for
// somebody who can sign in already.
func (m MailMaker) AddStaff(ctx context.Context, q *Queries, account uuid.UUID, email string, role StaffRole, now time.Time) (mail *uuid.UUID, token string, err error) {
	person, err := q.StaffUpsert(ctx, StaffUpsertParams{ID: NewID(), Email: email, Now: now})
	if err != nil {
		return nil, "", err
	}
	if err := q.StaffMembershipInsert(ctx, StaffMembershipInsertParams{AccountID: account, StaffID: person.ID, Role: role, Now: now}); err != nil {
		return nil, "", err
	}
	if person.HasPassword {
		return nil, "", nil
	}
	return m.mailStaffLink(ctx, q, staffMail{account, person.ID, email, StaffLinkKindSetup, MailKindStaffSetup, now, StaffSetupLife})
}

// MailPasswordReset answers a request to reset a password: for a staff person's address it writes the link and its mail, to the
// address as it is stored and not as it was typed, and returns the mail's account and id, whose job the caller inserts; for any
// other it returns nil. The request is gone after it.
func (m MailMaker) MailPasswordReset(ctx context.Context, q *Queries, request uuid.UUID, now time.Time) (account uuid.UUID, mail *uuid.UUID, err error) {
	email, err := q.StaffResetTake(ctx, request)
	if err != nil {
		return account, nil, ignoreMissing(err)
	}
	person, err := q.StaffByEmail(ctx, email)
	if err != nil {
		return account, nil, ignoreMissing(err)
	}
	account, err = q.StaffFirstAccount(ctx, person.ID)
	if err != nil {
		return account, nil, ignoreMissing(err)
	}
	mail, _, err = m.mailStaffLink(ctx, q, staffMail{account, person.ID, person.Email, StaffLinkKindPasswordReset, MailKindPasswordReset, now, PasswordResetLife})
	return account, mail, err
}

type staffMail struct {
	account, staff uuid.UUID
	email          string
	link           StaffLinkKind
	kind           MailKind
	now            time.Time
	life           time.Duration
}

func (m MailMaker) mailStaffLink(ctx context.Context, q *Queries, s staffMail) (*uuid.UUID, string, error) {
	id := NewID()
	token := m.Secret.StaffLinkToken(id)
	if err := q.StaffLinkInsert(ctx, StaffLinkInsertParams{ID: id, StaffID: s.staff, Kind: s.link, TokenHash: TokenHash(token),
		Now: s.now, ExpiresAt: s.now.Add(s.life)}); err != nil {
		return nil, "", err
	}
	mail, err := m.Mail(ctx, q, MailInsertParams{AccountID: s.account, Kind: s.kind, StaffID: &s.staff, StaffLinkID: &id,
		ToEmail: s.email, Now: s.now})
	return &mail, token, err
}

// SetPasswordByLink uses a staff link up: it sets name and password, ends every other link and session of the person, and
// opens a new session, which waits for the second factor of whoever has one. ErrNotFound when the link is over.
func SetPasswordByLink(ctx context.Context, q *Queries, token, name, passwordHash string, s StaffSignIn) (waits bool, err error) {
	link, err := q.StaffLinkConsume(ctx, StaffLinkConsumeParams{TokenHash: TokenHash(token), Now: s.Visit.At})
	if err != nil {
		return false, Kind(err)
	}
	if err := q.StaffSetUp(ctx, StaffSetUpParams{ID: link.StaffID, Name: name, PasswordHash: passwordHash}); err != nil {
		return false, err
	}
	if err := q.StaffLinkEndOthers(ctx, StaffLinkEndOthersParams{StaffID: link.StaffID, Now: s.Visit.At}); err != nil {
		return false, err
	}
	if _, err := q.StaffSessionEndOthers(ctx, StaffSessionEndOthersParams{StaffID: link.StaffID, But: uuid.Nil, Now: s.Visit.At,
		EndedBecause: EndReasonPasswordChanged}); err != nil {
		return false, err
	}
	s.StaffID, s.OldToken = link.StaffID, ""
	return SignInStaff(ctx, q, s)
}
