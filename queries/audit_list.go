package queries

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// AuditAsked is which lines of the trail are wanted; the zero value of each filter means all.
type AuditAsked struct {
	AccountID uuid.UUID
	StaffID   *uuid.UUID // who did it
	SubjectID *uuid.UUID // on whom
	Actions   []string
	Since     time.Time // the first moment
	Until     time.Time // the first moment after
	Before    uuid.UUID // the last line of the page before; the nil UUID: none
	Size      int       // lines of a page
}

// AuditLine is one line of the trail.
type AuditLine = AuditListRow

// params are the ids and actions that the filters mean, for one line more than a page has.
func (a AuditAsked) params() AuditListParams {
	p := AuditListParams{AccountID: a.AccountID, Before: LastID, Actions: a.Actions, PageSize: int32(a.Size) + 1}
	if p.Actions == nil {
		p.Actions = []string{} // null would be neither all nor none
	}
	if !a.Since.IsZero() {
		p.Since = firstIDAt(a.Since)
	}
	if !a.Until.IsZero() {
		p.Before = firstIDAt(a.Until)
	}
	if a.Before != uuid.Nil && bytes.Compare(a.Before[:], p.Before[:]) < 0 {
		p.Before = a.Before
	}
	return p
}

// page is the lines of a page, and whether there is more after it.
func (a AuditAsked) page(lines []AuditLine) ([]AuditLine, bool) {
	if len(lines) > a.Size {
		return lines[:a.Size], true
	}
	return lines, false
}

// ListAudit answers a page of the trail, newest first, and whether there is more after it.
func ListAudit(ctx context.Context, q *Queries, a AuditAsked) (lines []AuditLine, more bool, err error) {
	lines, err = a.list(ctx, q, a.params())
	lines, more = a.page(lines)
	return lines, more, err
}

// AuditPage is a page of the trail with the people it can be narrowed to.
type AuditPage struct {
	Lines []AuditLine
	More  bool
	Staff []StaffMemberListRow
}

// LoadAuditPage reads it in one round trip.
func LoadAuditPage(ctx context.Context, db DB, a AuditAsked) (p AuditPage, err error) {
	var b batch
	many(&b, &p.Lines, func(q *Queries) ([]AuditLine, error) { return a.list(ctx, q, a.params()) })
	many(&b, &p.Staff, func(q *Queries) ([]StaffMemberListRow, error) { return q.StaffMemberList(ctx, a.AccountID) })
	err = b.send(ctx, db)
	p.Lines, p.More = a.page(p.Lines)
	return p, err
}

// list asks by the index that fits the filters.
func (a AuditAsked) list(ctx context.Context, q *Queries, p AuditListParams) (lines []AuditLine, err error) {
	switch {
	case a.SubjectID != nil:
		rows, err := q.AuditListOfSubject(ctx, AuditListOfSubjectParams{AccountID: p.AccountID, SubjectID: *a.SubjectID, StaffID: a.StaffID,
			Since: p.Since, Before: p.Before, Actions: p.Actions, PageSize: p.PageSize})
		for _, row := range rows {
			lines = append(lines, AuditLine(row))
		}
		return lines, err
	case a.StaffID != nil:
		rows, err := q.AuditListOfStaff(ctx, AuditListOfStaffParams{AccountID: p.AccountID, StaffID: *a.StaffID,
			Since: p.Since, Before: p.Before, Actions: p.Actions, PageSize: p.PageSize})
		for _, row := range rows {
			lines = append(lines, AuditLine(row))
		}
		return lines, err
	}
	return q.AuditList(ctx, p)
}

// auditCount numbers the lines this program writes, so that those of one millisecond stay in order.
var auditCount atomic.Uint32

// auditID is a UUIDv7 of the moment something was done, so that the order of ids is the order of the trail, and a range of time
// is a range of ids.
func auditID(at time.Time) (id uuid.UUID) {
	rand.Read(id[8:]) // never fails, see crypto/rand
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|0x7000|uint64(auditCount.Add(1)&0xfff))
	id[8] = id[8]&0x3f | 0x80
	return id
}

// firstIDAt is before every id of its millisecond and after all earlier ones.
func firstIDAt(at time.Time) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], uint64(max(at.UnixMilli(), 0))<<16)
	return id
}
