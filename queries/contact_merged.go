package queries

import (
	"slices"
	"strings"
	"time"
)

// Merged is what a contact becomes when another one is merged into it: it keeps what it has, and takes what it lacks from
// the other; notes and tags are those of both, of what happened the earliest counts and of what was last the latest.
// Whether mail bounces is a matter of the address that stays.
func Merged(kept, gone ContactWholeRow) ContactWholeRow {
	m := kept
	for _, pair := range []struct {
		into *string
		from string
	}{{&m.Name, gone.Name}, {&m.Phone, gone.Phone}, {&m.Company, gone.Company}, {&m.TimeZone, gone.TimeZone}, {&m.Locale, gone.Locale}, {&m.AvatarHash, gone.AvatarHash}} {
		if *pair.into == "" {
			*pair.into = pair.from
		}
	}
	switch {
	case m.Note == "":
		m.Note = gone.Note
	case gone.Note != "" && gone.Note != m.Note:
		m.Note += "\n\n" + gone.Note
	}
	m.Tags = united(kept.Tags, gone.Tags)
	if kept.AcceptedAt == nil && kept.PasswordHash == nil { // whoever has arrived chose how to sign in
		m.PasswordHash = gone.PasswordHash
	}
	if gone.CreatedAt.Before(kept.CreatedAt) {
		m.CreatedAt, m.Source = gone.CreatedAt, gone.Source
	}
	m.InvitedAt, m.JoinedAt, m.AcceptedAt = earlier(kept.InvitedAt, gone.InvitedAt), earlier(kept.JoinedAt, gone.JoinedAt), earlier(kept.AcceptedAt, gone.AcceptedAt)
	m.SentAt, m.FilterOpenedAt, m.OpenedAt = earlier(kept.SentAt, gone.SentAt), earlier(kept.FilterOpenedAt, gone.FilterOpenedAt), earlier(kept.OpenedAt, gone.OpenedAt)
	m.LastInvitedAt, m.LastSeenAt, m.NoMailAt = later(kept.LastInvitedAt, gone.LastInvitedAt), later(kept.LastSeenAt, gone.LastSeenAt), earlier(kept.NoMailAt, gone.NoMailAt)
	m.DeletionAskedAt = earlier(kept.DeletionAskedAt, gone.DeletionAskedAt)
	m.NoCourseMailAt, m.NoInvoiceMailAt = earlier(kept.NoCourseMailAt, gone.NoCourseMailAt), earlier(kept.NoInvoiceMailAt, gone.NoInvoiceMailAt)
	return m
}

func united(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.SortStableFunc(all, func(x, y string) int { return strings.Compare(strings.ToLower(x), strings.ToLower(y)) })
	return slices.CompactFunc(all, strings.EqualFold)
}

func earlier(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

func later(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
