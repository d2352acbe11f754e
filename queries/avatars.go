package queries

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
)

// Avatar is a client's picture, checked and encoded anew.
type Avatar struct {
	MediaType string
	Content   []byte
}

// Hash names the picture in its path. It holds for one contact only, so that removing a picture takes it from nobody else.
func (a Avatar) Hash(contact uuid.UUID) string {
	sum := sha256.Sum256(append(contact[:], a.Content...))
	return "avatar-" + hex.EncodeToString(sum[:16])
}

// ChangeAvatar gives a contact a picture, or takes it away with nil. The one before is gone for good,
// unless it came by a merge that can still be undone.
func ChangeAvatar(ctx context.Context, q *Queries, account, contact uuid.UUID, to *Avatar, now time.Time) error {
	hash := ""
	if to != nil {
		hash = to.Hash(contact)
		if err := q.AvatarInsert(ctx, AvatarInsertParams{AccountID: account, Hash: hash, MediaType: to.MediaType, Content: to.Content, Now: now}); err != nil {
			return err
		}
	}
	old, err := q.AvatarSetOfContact(ctx, AvatarSetOfContactParams{AccountID: account, ID: contact, AvatarHash: hash, Now: now})
	if err != nil || old == "" || old == hash {
		return Kind(err)
	}
	return q.AvatarDelete(ctx, AvatarDeleteParams{AccountID: account, ContactID: contact, Hash: old, Now: now})
}
