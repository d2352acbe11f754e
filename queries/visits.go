package queries

import (
	"context"
	"time"
)

// How long staff may look at the portal as a client.
const (
	VisitLinkLife = time.Minute      // to confirm it in the portal
	VisitLife     = 30 * time.Minute // from there on
)

// beginVisit opens the session in which a staff person looks as a client. It is no sign-in of the client's: nobody joins by
// it, no invitation ends, and the client's own sessions go on. ErrNotFound when the person is no admin any more.
func beginVisit(ctx context.Context, q *Queries, link MagicLinkConsumeRow, s SignIn) error {
	if link.MadeBy == nil {
		return ErrNotFound
	}
	if s.OldToken != "" {
		if err := q.SessionEndVisitByToken(ctx, SessionEndVisitByTokenParams{AccountID: s.AccountID, TokenHash: TokenHash(s.OldToken), Now: s.Visit.At}); err != nil {
			return err
		}
	}
	begun, err := q.SessionInsertVisit(ctx, SessionInsertVisitParams{AccountID: s.AccountID, ID: NewID(), ContactID: link.ContactID,
		StaffID: *link.MadeBy, TokenHash: TokenHash(s.Token), UserAgent: s.Visit.agent(), IP: s.Visit.IP, Reason: link.Reason,
		Now: s.Visit.At, ExpiresAt: s.Visit.At.Add(VisitLife)})
	if err == nil && begun == 0 {
		err = ErrNotFound
	}
	return err
}
