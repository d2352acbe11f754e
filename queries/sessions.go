package queries

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// How long a sign-in lasts, for clients and staff alike.
const (
	SessionIdle = 14 * 24 * time.Hour // without a request
	SessionMax  = 90 * 24 * time.Hour // however much it is used
)

// Visit says where a request comes from, as kept with sessions and fetched links.
type Visit struct {
	At        time.Time
	IP        netip.Addr
	UserAgent string // at most 300 bytes are kept
}

// SignIn is a confirmed proof of who a client is.
type SignIn struct {
	AccountID, ContactID uuid.UUID
	Method               SignInMethod
	Token                string // of the new session's cookie
	OldToken             string // of the session this browser had; empty without one
	Visit                Visit
}

// ActiveWithin is how lately an active client has used the portal. A session ends sooner when nobody uses it (SessionIdle), so
// whoever becomes active again does so by signing in.
const ActiveWithin = 30 * 24 * time.Hour

// SignInClient opens the session that a proof earns and ends the one the browser had. The first one of a contact is its
// join: it closes the living invitation and the invitation's other links. It says whether the account's figures change by it:
// it was the first, or the first after the contact was not active any more.
// The caller's transaction has consumed what the proof was.
func SignInClient(ctx context.Context, q *Queries, s SignIn) (news bool, err error) {
	joined, err := q.ContactSetJoined(ctx, ContactSetJoinedParams{AccountID: s.AccountID, ID: s.ContactID, Now: s.Visit.At})
	if err != nil {
		return false, err
	}
	if news = joined == 1; news {
		err = closeInvitations(ctx, q, s)
	} else {
		news, err = q.ContactSetBack(ctx, ContactSetBackParams{AccountID: s.AccountID, ID: s.ContactID, Now: s.Visit.At, ActiveSince: s.Visit.At.Add(-ActiveWithin)})
	}
	if err != nil {
		return false, Kind(err)
	}
	if s.OldToken != "" {
		if _, err := q.SessionEndByToken(ctx, SessionEndByTokenParams{AccountID: s.AccountID, TokenHash: TokenHash(s.OldToken),
			Now: s.Visit.At, EndedBecause: EndReasonSuperseded}); err != nil {
			return false, err
		}
	}
	return news, q.SessionInsert(ctx, SessionInsertParams{
		AccountID: s.AccountID, ID: NewID(), ContactID: s.ContactID, TokenHash: TokenHash(s.Token), Method: s.Method,
		UserAgent: s.Visit.agent(), IP: s.Visit.IP, Now: s.Visit.At, ExpiresAt: s.Visit.At.Add(SessionMax),
	})
}

func closeInvitations(ctx context.Context, q *Queries, s SignIn) error {
	if err := q.InvitationSetJoined(ctx, InvitationSetJoinedParams{AccountID: s.AccountID, ContactID: s.ContactID, Now: s.Visit.At}); err != nil {
		return err
	}
	return q.MagicLinkEndOfInvitations(ctx, MagicLinkEndOfInvitationsParams{AccountID: s.AccountID, ContactID: s.ContactID, Now: s.Visit.At})
}

// agent is what is kept of UserAgent.
func (v Visit) agent() string { return clip(v.UserAgent, 300) }

// clip shortens s to at most n bytes without cutting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
