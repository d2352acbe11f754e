package queries

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// MergeUndo is how long two contacts that became one can be parted again.
const MergeUndo = 30 * 24 * time.Hour

// mergeRecord is what a merge has to remember to be undone.
type mergeRecord struct {
	Kept   json.RawMessage `json:"kept"`   // the row of the contact that stays, as it was
	Became json.RawMessage `json:"became"` // and as the merge left it
	Gone   json.RawMessage `json:"gone"`   // the other contact's row
	Moved  json.RawMessage `json:"moved"`  // see contact_move
	Ended  []uuid.UUID     `json:"ended"`  // invitations that the merge ended
}

// MergeContacts makes two contacts one: everything that points at the one that goes points at the other then, and the
// address that goes leads to it. It returns both as they were. ErrNotFound when one of them is not there.
func MergeContacts(ctx context.Context, q *Queries, account, keptID, goneID uuid.UUID, by *uuid.UUID, now time.Time) (kept, gone ContactWholeRow, err error) {
	if _, err := q.ContactLockBoth(ctx, ContactLockBothParams{AccountID: account, Ids: []uuid.UUID{keptID, goneID}}); err != nil {
		return kept, gone, err
	}
	if kept, err = q.ContactWhole(ctx, ContactWholeParams{AccountID: account, ID: keptID}); err != nil {
		return kept, gone, Kind(err)
	}
	if keptID == goneID {
		return kept, gone, Invalid{"other", "This is the same contact. Choose another one."}
	}
	if gone, err = q.ContactWhole(ctx, ContactWholeParams{AccountID: account, ID: goneID}); err != nil {
		return kept, gone, Kind(err)
	}
	m := merger{q: q, account: account, now: now}
	m.row(ctx, keptID, &m.record.Kept)
	m.row(ctx, goneID, &m.record.Gone)
	m.endInvitations(ctx, kept, gone)
	m.move(ctx, keptID, goneID)
	m.become(ctx, Merged(kept, gone))
	m.row(ctx, keptID, &m.record.Became)
	m.do(func() error {
		_, err := q.ContactDelete(ctx, ContactDeleteParams{AccountID: account, ID: goneID})
		return err
	})
	m.do(func() error {
		record, err := json.Marshal(m.record)
		if err != nil {
			return err
		}
		return q.ContactMergeInsert(ctx, ContactMergeInsertParams{AccountID: account, ID: NewID(), KeptID: keptID, GoneID: goneID, StaffID: by,
			GoneEmail: gone.Email, GoneName: gone.Name, Record: record, Now: now, UndoUntil: now.Add(MergeUndo)})
	})
	return kept, gone, m.err
}

// merger goes through the steps of a merge; after the first that fails the others do nothing.
type merger struct {
	q       *Queries
	account uuid.UUID
	now     time.Time
	record  mergeRecord
	err     error
}

func (m *merger) do(step func() error) {
	if m.err == nil {
		m.err = Kind(step())
	}
}

func (m *merger) row(ctx context.Context, id uuid.UUID, into *json.RawMessage) {
	m.do(func() (err error) {
		*into, err = m.q.ContactRow(ctx, ContactRowParams{AccountID: m.account, ID: id})
		return err
	})
}

// endInvitations leaves at most one open invitation of the two, that of the contact that stays, and none once either has joined.
func (m *merger) endInvitations(ctx context.Context, kept, gone ContactWholeRow) {
	of := []uuid.UUID{gone.ID}
	if kept.JoinedAt == nil && gone.JoinedAt == nil {
		var open bool
		m.do(func() (err error) {
			open, err = m.q.InvitationHasOpen(ctx, InvitationHasOpenParams{AccountID: m.account, ContactID: kept.ID})
			return err
		})
		if !open {
			return
		}
	} else {
		of = append(of, kept.ID)
	}
	m.do(func() (err error) {
		m.record.Ended, err = m.q.InvitationEndOfMerge(ctx, InvitationEndOfMergeParams{AccountID: m.account, Contacts: of, Now: m.now})
		return err
	})
}

func (m *merger) move(ctx context.Context, kept, gone uuid.UUID) {
	m.do(func() (err error) {
		m.record.Moved, err = m.q.ContactMove(ctx, ContactMoveParams{AccountID: m.account, FromContact: gone, ToContact: kept})
		return err
	})
}

func (m *merger) become(ctx context.Context, c ContactWholeRow) {
	m.do(func() error {
		return m.q.ContactSetMerged(ctx, ContactSetMergedParams{AccountID: m.account, ID: c.ID, Now: m.now, Name: c.Name, Source: c.Source, Phone: c.Phone,
			Company: c.Company, Note: c.Note, Tags: c.Tags, PasswordHash: c.PasswordHash, CreatedAt: c.CreatedAt, InvitedAt: c.InvitedAt,
			LastInvitedAt: c.LastInvitedAt, JoinedAt: c.JoinedAt, AcceptedAt: c.AcceptedAt, SentAt: c.SentAt, FilterOpenedAt: c.FilterOpenedAt,
			OpenedAt: c.OpenedAt, LastSeenAt: c.LastSeenAt, NoMailAt: c.NoMailAt, TimeZone: c.TimeZone, Locale: c.Locale, AvatarHash: c.AvatarHash,
			DeletionAskedAt: c.DeletionAskedAt, NoCourseMailAt: c.NoCourseMailAt, NoInvoiceMailAt: c.NoInvoiceMailAt})
	})
}

// MergePage is what the page of a merge shows.
type MergePage struct {
	Kept  ContactWholeRow
	Gone  *ContactWholeRow            // the other one; nil when there is none of its id
	Found []ContactMergeCandidatesRow // the newest MergeFound
	More  bool                        // there are others
}

// MergeFound is how many contacts a search for the other one shows.
const MergeFound = 8

// LoadMergePage reads, in one round trip, two contacts to be compared and the others that a search finds; without a text it
// finds nobody. ErrNotFound without the first.
func LoadMergePage(ctx context.Context, db DB, account, keptID, goneID uuid.UUID, search string) (p MergePage, err error) {
	var b batch
	var other ContactWholeRow
	one(&b, &p.Kept, func(q *Queries) (ContactWholeRow, error) {
		return q.ContactWhole(ctx, ContactWholeParams{AccountID: account, ID: keptID})
	})
	optional(&b, &other, func(q *Queries) (ContactWholeRow, error) {
		return q.ContactWhole(ctx, ContactWholeParams{AccountID: account, ID: goneID})
	})
	if search != "" {
		b.queue(func(q *Queries) { _ = q.PlanAfresh(ctx) })
		many(&b, &p.Found, func(q *Queries) ([]ContactMergeCandidatesRow, error) {
			return q.ContactMergeCandidates(ctx, ContactMergeCandidatesParams{AccountID: account, But: keptID, Pattern: containing(search), Ascii: inDomain(search)})
		})
	}
	if err := b.send(ctx, db); err != nil {
		return p, err
	}
	if p.More = len(p.Found) > MergeFound; p.More {
		p.Found = p.Found[:MergeFound]
	}
	if other.ID != uuid.Nil && other.ID != keptID {
		p.Gone = &other
	}
	return p, nil
}
