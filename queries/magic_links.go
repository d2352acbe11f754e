package queries

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Lifetimes of magic links.
const (
	MagicLinkMin     = 15 * time.Minute
	MagicLinkDefault = 24 * time.Hour
	MagicLinkMax     = 7 * 24 * time.Hour
	SignInLife       = 15 * time.Minute // of the link and code a client asks for
)

// MailMagicLink writes a magic link for a contact and the mail that carries it, and returns the mail's id, for whose
// sending the caller inserts the job in the same transaction. The kind of mail follows from the kind of link.
func (m MailMaker) MailMagicLink(ctx context.Context, q *Queries, l MagicLinkInsertParams, toEmail string) (id uuid.UUID, err error) {
	link, err := m.Link(ctx, q, l)
	if err != nil {
		return id, err
	}
	mail := MailInsertParams{AccountID: l.AccountID, Kind: MailKindMagicLink, ContactID: &l.ContactID, LinkID: &link, ToEmail: toEmail, Now: l.Now}
	if l.Kind == LinkKindStaff { // of other links the path is what somebody asked for, be there such a course or not
		mail.CourseID = courseIn(l.Path)
	}
	return m.Mail(ctx, q, mail)
}

// courseIn is the course that a path of the portal leads into; nil: none.
func courseIn(path string) *uuid.UUID {
	rest, within := strings.CutPrefix(path, "/courses/")
	if id, err := uuid.Parse(rest[:min(len(rest), 36)]); within && err == nil {
		return &id
	}
	return nil
}

// Renew mails a new link in place of one that is over, to the same contact and target; it returns the mail's id, whose job
// the caller inserts. An invitation's link is replaced by one of a living invitation as long as the contact has not joined,
// so that whoever finds an old invitation can still come in.
func (m MailMaker) Renew(ctx context.Context, q *Queries, account uuid.UUID, old MagicLinkByTokenRow, now time.Time) (mail uuid.UUID, err error) {
	if old.Kind == LinkKindVisit {
		return mail, ErrNotFound // it was a staff person's
	}
	if old.Kind == LinkKindInvitation && old.JoinedAt == nil {
		return m.Invite(ctx, q, InvitationOf{AccountID: account, ContactID: old.ContactID, Now: now})
	}
	return m.MailMagicLink(ctx, q, MagicLinkInsertParams{AccountID: account, ContactID: old.ContactID, Kind: LinkKindSignIn,
		Target: old.Target, Path: old.Path, Now: now, ExpiresAt: now.Add(MagicLinkDefault)}, old.Email)
}

// Open says whether the link can still be confirmed.
func (l MagicLinkByTokenRow) Open(now time.Time) bool {
	return l.EndedAt == nil && l.ExpiresAt.After(now)
}

// filterMarks are words in the agents of mail filters, link previews and scripts; matched without regard to case.
var filterMarks = []string{"bot", "crawl", "spider", "scan", "preview", "proxy", "safelinks", "mimecast", "proofpoint", "barracuda",
	"curl/", "wget/", "python-", "go-http-client", "java/", "okhttp", "headless", "facebookexternalhit", "slack", "whatsapp", "microsoft office"}

// ByFilter guesses whether a link was fetched by a mail filter or a preview and not by a person: by HEAD, without an agent,
// or by an agent that says so. A guess: it decides nothing but what staff are shown.
func ByFilter(method, agent string) bool {
	if method == "HEAD" || agent == "" {
		return true
	}
	agent = strings.ReplaceAll(strings.ToLower(agent), "cubot", "") // a make of phones
	for _, mark := range filterMarks {
		if strings.Contains(agent, mark) {
			return true
		}
	}
	return false
}

// RevokeLink withdraws a link of a contact, and an invitation with its last one. ErrNotFound when the link is over or not theirs.
func RevokeLink(ctx context.Context, q *Queries, account, contact, link uuid.UUID, now time.Time) error {
	if _, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: contact}); err != nil { // before its links, see Confirm
		return Kind(err)
	}
	ended, err := q.MagicLinkRevoke(ctx, MagicLinkRevokeParams{AccountID: account, ContactID: contact, ID: link, Now: now})
	if err == nil && ended == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	return q.InvitationRevokeEmpty(ctx, InvitationRevokeEmptyParams{AccountID: account, ContactID: contact, Now: now})
}

// FirstLook says whether a look at the link, by a filter or a person, would be the first of its kind at an invitation of its
// contact, which changes the account's figures. A link that was withdrawn may have been for an address that was not theirs.
func (l MagicLinkByTokenRow) FirstLook(byFilter bool) bool {
	switch {
	case l.Kind != LinkKindInvitation || l.EndedBecause != nil && *l.EndedBecause == EndReasonRevoked:
		return false
	case byFilter:
		return l.FilterOpenedAt == nil
	}
	return l.OpenedAt == nil
}

// RememberFirstLook is as RememberFetch, and marks the link's contact; the caller's transaction has the account counted again.
func RememberFirstLook(ctx context.Context, q *Queries, account, contact, link uuid.UUID, method string, v Visit) error {
	if _, err := q.ContactSetOpened(ctx, ContactSetOpenedParams{AccountID: account, ID: contact, ByFilter: ByFilter(method, v.UserAgent), Now: v.At}); err != nil {
		return err
	}
	return RememberFetch(ctx, q, account, link, method, v)
}

// RememberFetch keeps that a link was looked at.
func RememberFetch(ctx context.Context, q *Queries, account, link uuid.UUID, method string, v Visit) error {
	return q.LinkFetchInsert(ctx, LinkFetchInsertParams{AccountID: account, ID: NewID(), LinkID: link, Now: v.At, Method: method,
		UserAgent: v.agent(), IP: v.IP, ByFilter: ByFilter(method, v.UserAgent)})
}

// Confirm uses a magic link up and signs its contact in; of several at once exactly one succeeds, the others get
// ErrNotFound. It says where the client wanted to go and whether this was their first sign-in. A link of kind visit lets a staff
// person look as the client instead.
func Confirm(ctx context.Context, q *Queries, token string, s SignIn) (link MagicLinkConsumeRow, first bool, err error) {
	link, err = q.MagicLinkConsume(ctx, MagicLinkConsumeParams{AccountID: s.AccountID, TokenHash: TokenHash(token), Now: s.Visit.At})
	if err != nil {
		return link, false, Kind(err)
	}
	err = q.SignInRequestEndOfLink(ctx, SignInRequestEndOfLinkParams{AccountID: s.AccountID, LinkID: &link.ID, Now: s.Visit.At})
	if err != nil {
		return link, false, err
	}
	if link.Kind == LinkKindVisit {
		return link, false, beginVisit(ctx, q, link, s)
	}
	s.ContactID, s.Method = link.ContactID, SignInMethodLink
	if link.Kind == LinkKindInvitation {
		s.Method = SignInMethodInvitation
	}
	first, err = SignInClient(ctx, q, s)
	return link, first, err
}
