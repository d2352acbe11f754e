package queries

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/google/uuid"
)

// CodeTries is how many wrong codes a sign-in request survives; the last one ends it.
const CodeTries = 5

// CodeResult is what became of one try of a code.
type CodeResult struct {
	SignedIn bool
	News     bool // as SignInClient says
	Target   App
	Path     string // the page they wanted; empty: the target
	Email    string // the address that was asked for
	Left     int    // tries left after a wrong one; 0 when the request is over
}

// TryCode tries a six-digit code in the browser that asked for it. The right one uses up the code and its link together and
// signs the contact in; a wrong one is counted, and the fifth ends the code, while the link in the mail goes on working. ErrNotFound when nothing is open in this browser.
// An address nobody has behaves the same: its code is just never right.
func TryCode(ctx context.Context, q *Queries, secret Secret, browser, code string, s SignIn) (CodeResult, error) {
	request, err := q.SignInRequestTry(ctx, SignInRequestTryParams{AccountID: s.AccountID, BrowserHash: TokenHash(browser), Now: s.Visit.At})
	if err != nil {
		return CodeResult{}, Kind(err)
	}
	result := CodeResult{Target: request.Target, Path: request.Path, Email: request.Email}
	right := subtle.ConstantTimeCompare([]byte(code), []byte(secret.Code(request.ID))) == 1
	if !right || request.LinkID == nil {
		if result.Left = CodeTries - int(request.Tries); result.Left <= 0 {
			result.Left = 0
			return result, endRequest(ctx, q, s, request.ID, EndReasonTooManyTries)
		}
		return result, nil
	}
	link, err := q.MagicLinkConsumeByID(ctx, MagicLinkConsumeByIDParams{AccountID: s.AccountID, ID: *request.LinkID, Now: s.Visit.At})
	if err = Kind(err); err != nil {
		return CodeResult{}, err
	}
	if err := endRequest(ctx, q, s, request.ID, EndReasonUsed); err != nil {
		return CodeResult{}, err
	}
	s.ContactID, s.Method = link.ContactID, SignInMethodCode
	result.SignedIn = true
	result.News, err = SignInClient(ctx, q, s)
	return result, err
}

func endRequest(ctx context.Context, q *Queries, s SignIn, id uuid.UUID, why EndReason) error {
	return q.SignInRequestEnd(ctx, SignInRequestEndParams{AccountID: s.AccountID, ID: id, Now: s.Visit.At, EndedBecause: why})
}

// MailSignIn writes the link and the mail that a sign-in request asked for, when a contact has its address; it returns the
// mail's id, or nil when there is nothing to send: nobody has the address, the request is over, or it was answered before.
func (m MailMaker) MailSignIn(ctx context.Context, q *Queries, account, id uuid.UUID, now time.Time) (*uuid.UUID, error) {
	request, err := q.SignInRequestLock(ctx, SignInRequestLockParams{AccountID: account, ID: id})
	if err != nil {
		return nil, ignoreMissing(err)
	}
	if request.LinkID != nil || request.EndedAt != nil || !request.ExpiresAt.After(now) {
		return nil, nil
	}
	contact, err := q.ContactByEmail(ctx, ContactByEmailParams{AccountID: account, Email: request.Email})
	if err != nil {
		return nil, ignoreMissing(err)
	}
	link, err := m.Link(ctx, q, MagicLinkInsertParams{AccountID: account, ContactID: contact.ID, Kind: LinkKindSignIn,
		Target: request.Target, Path: request.Path, Now: now, ExpiresAt: request.ExpiresAt})
	if err != nil {
		return nil, err
	}
	if err := q.SignInRequestSetLink(ctx, SignInRequestSetLinkParams{AccountID: account, ID: id, LinkID: &link}); err != nil {
		return nil, err
	}
	mail, err := m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindSignIn, ContactID: &contact.ID, LinkID: &link,
		SignInRequestID: &id, ToEmail: contact.Email, Now: now})
	return &mail, err
}

func ignoreMissing(err error) error {
	if errors.Is(Kind(err), ErrNotFound) {
		return nil
	}
	return err
}
