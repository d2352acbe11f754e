package queries

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// InvitationLife is how long an invitation and its links work after it was last sent.
const InvitationLife = 30 * 24 * time.Hour

// ErrJoined says that a contact cannot be invited because they have signed in already; a magic link is what helps.
var ErrJoined = errors.New("already joined")

// MailMaker makes rows of mails: what their ids, links and Message-IDs are made from.
type MailMaker struct {
	Secret Secret
	Domain string // right of the @ in Message-IDs: the installation's own
}

// InvitationOf asks for one contact to be invited.
type InvitationOf struct {
	AccountID, ContactID uuid.UUID
	By                   *uuid.UUID // the staff person; nil when the program does it by itself
	Bulk                 bool       // nobody has looked at whether they want mails: not for those who want no more
	Now                  time.Time
}

// Invite writes the invitation of a contact, a new one or the living one with its end moved, a link of its own for this
// mail, and the mail; it returns the mail's id, for whose sending the caller inserts the job in the same transaction.
// Older links of a living invitation go on working. ErrNotFound without such a contact, ErrJoined when there is nothing to
// invite to, Invalid when the address is known to refuse mail, ErrNoMail in bulk when the contact wants no more mails.
func (m MailMaker) Invite(ctx context.Context, q *Queries, i InvitationOf) (mail uuid.UUID, err error) {
	contact, err := q.ContactLock(ctx, ContactLockParams{AccountID: i.AccountID, ID: i.ContactID})
	switch {
	case err != nil:
		return mail, Kind(err)
	case contact.JoinedAt != nil:
		return mail, ErrJoined
	}
	may := contact.mayMail
	if i.Bulk {
		may = contact.MayMailInBulk
	}
	if err := may(); err != nil {
		return mail, err
	}
	expires := i.Now.Add(InvitationLife)
	invitation, err := q.InvitationOpen(ctx, InvitationOpenParams{AccountID: i.AccountID, ID: NewID(), ContactID: i.ContactID,
		InvitedBy: i.By, Now: i.Now, ExpiresAt: expires})
	if err != nil {
		return mail, err
	}
	if err := q.MagicLinkExtendOfInvitation(ctx, MagicLinkExtendOfInvitationParams{AccountID: i.AccountID, InvitationID: &invitation, ExpiresAt: expires, Now: i.Now}); err != nil {
		return mail, err
	}
	link, err := m.Link(ctx, q, MagicLinkInsertParams{AccountID: i.AccountID, ContactID: i.ContactID, Kind: LinkKindInvitation,
		InvitationID: &invitation, Target: AppHome, MadeBy: i.By, Now: i.Now, ExpiresAt: expires})
	if err != nil {
		return mail, err
	}
	if err := q.ContactSetInvited(ctx, ContactSetInvitedParams{AccountID: i.AccountID, ID: i.ContactID, Now: i.Now}); err != nil {
		return mail, err
	}
	return m.Mail(ctx, q, MailInsertParams{AccountID: i.AccountID, Kind: MailKindInvitation, ContactID: &i.ContactID, LinkID: &link,
		ToEmail: contact.Email, Now: i.Now})
}

// Link writes a magic link and gives it its id and token. Its token is m.Secret.LinkToken(id).
func (m MailMaker) Link(ctx context.Context, q *Queries, l MagicLinkInsertParams) (uuid.UUID, error) {
	l.ID = NewID()
	l.TokenHash = TokenHash(m.Secret.LinkToken(l.ID))
	return l.ID, q.MagicLinkInsert(ctx, l)
}

// Mail writes a mail that waits for its job and gives it its id and Message-ID.
func (m MailMaker) Mail(ctx context.Context, q *Queries, p MailInsertParams) (uuid.UUID, error) {
	p.ID = NewID()
	p.MessageID = p.ID.String() + "@" + m.Domain
	return p.ID, q.MailInsert(ctx, p)
}
