package queries

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
)

// UnmergeContacts parts two contacts again: both have the rows and values they had, but for what was changed since, which
// stays with the one that was kept, as does all that came since. Merges into one contact are undone from the newest
// backwards; Invalid says why it cannot be done. It returns the merge and the address of the contact that was kept.
func UnmergeContacts(ctx context.Context, q *Queries, account, keptID, merge uuid.UUID, now time.Time) (last ContactMergeLastRow, err error) {
	if _, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: keptID}); err != nil {
		return last, Kind(err)
	}
	last, err = q.ContactMergeLast(ctx, ContactMergeLastParams{AccountID: account, KeptID: keptID})
	switch {
	case errors.Is(Kind(err), ErrNotFound):
		return last, Invalid{"merge", "This merge is undone already."}
	case err != nil:
		return last, err
	case last.ID != merge:
		return last, Invalid{"merge", "Merges are undone from the newest backwards. Undo the one with " + last.GoneEmail + " first."}
	case !last.UndoUntil.After(now):
		return last, Invalid{"merge", "A merge can be undone for 30 days, and this one is older."}
	}
	taken, err := q.ContactHasEmail(ctx, ContactHasEmailParams{AccountID: account, Email: last.GoneEmail})
	if err == nil && taken {
		err = Invalid{"merge", "The address " + last.GoneEmail + " belongs to a contact now. Correct or delete that one first."}
	}
	if err != nil {
		return last, err
	}
	m := merger{q: q, account: account, now: now}
	m.do(func() error { return json.Unmarshal(last.Record, &m.record) })
	m.do(func() error { return q.ContactRestore(ctx, m.record.Gone) })
	m.do(func() error {
		return q.ContactMoveBack(ctx, ContactMoveBackParams{AccountID: account, FromContact: keptID, ToContact: last.GoneID, Moved: m.record.Moved})
	})
	m.do(func() error {
		return q.ContactRevert(ctx, ContactRevertParams{Was: m.record.Kept, Became: m.record.Became})
	})
	m.do(func() error {
		return q.InvitationReopenOfMerge(ctx, InvitationReopenOfMergeParams{AccountID: account, Ids: m.record.Ended, MergedAt: last.MergedAt})
	})
	m.do(func() error {
		return q.ContactMergeSetUndone(ctx, ContactMergeSetUndoneParams{AccountID: account, ID: last.ID, Now: now})
	})
	return last, m.err
}
