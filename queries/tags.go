package queries

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// TagsListed is how many tags of an account are offered to choose from, the first by name; one more tells that there are others.
const TagsListed = 500

// What tags are held to. Two contacts that become one may have more of them together.
const (
	TagMax  = 40 // characters of a tag
	TagsMax = 50 // tags of a contact
)

// ParseTag checks a tag as somebody typed it and returns it trimmed, with single spaces. Commas stand between tags, so none has one.
func ParseTag(typed string) (string, error) {
	tag := strings.Join(strings.Fields(typed), " ")
	switch {
	case tag == "":
		return "", Invalid{"tag", "Enter a tag."}
	case !utf8.ValidString(tag) || strings.IndexFunc(tag, notPrintable) >= 0:
		return "", Invalid{"tag", "This tag contains characters that cannot be shown."}
	case strings.Contains(tag, ","):
		return "", Invalid{"tag", "Add one tag at a time, without commas."}
	case utf8.RuneCountInString(tag) > TagMax:
		return "", Invalid{"tag", "A tag has at most 40 characters."}
	}
	return tag, nil
}

// KeepTag makes a tag that ParseTag returned known in the account and returns it as it is spelled there: the first who used
// it decided between VIP and vip.
func KeepTag(ctx context.Context, q *Queries, account uuid.UUID, name string, now time.Time) (string, error) {
	if err := q.TagInsert(ctx, TagInsertParams{AccountID: account, Name: name, Now: now}); err != nil {
		return "", err
	}
	name, err := q.TagByName(ctx, TagByNameParams{AccountID: account, Name: name})
	return name, Kind(err)
}

// TagContacts gives a tag that ParseTag returned to contacts, and answers those who have it now and had it not before. Those
// with TagsMax tags are left as they are.
func TagContacts(ctx context.Context, q *Queries, account uuid.UUID, ids []uuid.UUID, name string, now time.Time) ([]uuid.UUID, error) {
	name, err := KeepTag(ctx, q, account, name, now)
	if err != nil {
		return nil, err
	}
	return q.ContactAddTag(ctx, ContactAddTagParams{AccountID: account, Ids: ids, Name: name, Most: TagsMax, Now: now})
}

// UntagContacts takes a tag from contacts, whatever its case, and answers those who had it. The tag stays known.
func UntagContacts(ctx context.Context, q *Queries, account uuid.UUID, ids []uuid.UUID, name string, now time.Time) ([]uuid.UUID, error) {
	name, err := q.TagByName(ctx, TagByNameParams{AccountID: account, Name: name})
	if err = Kind(err); errors.Is(err, ErrNotFound) {
		return nil, nil // nobody has it
	} else if err != nil {
		return nil, err
	}
	return q.ContactRemoveTag(ctx, ContactRemoveTagParams{AccountID: account, Ids: ids, Name: name, Now: now})
}
