package queries

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"
)

// Grant is one reason why a contact may use a course, as it is given. Access is any open grant: courses_of in schema.sql is
// the one place that decides it.
type Grant struct {
	ID                             uuid.UUID // of the new line; the nil UUID: one is made
	AccountID, ContactID, CourseID uuid.UUID
	Source                         GrantSource
	SourceID                       uuid.UUID  // what gave it, one thing for one contact; see SourceFor
	OriginID                       *uuid.UUID // what that came through, such as a free offer; nil: nothing
	By                             *uuid.UUID // the staff person; nil when the program does it by itself
	Starts                         time.Time
	Ends                           *time.Time // the planned end; nil: none
	Now                            time.Time
}

// Give writes a grant and says whether it is new. A source gives a course once: done again, also after it was closed, it
// changes nothing. Invalid when the end is not after the start. ErrNotFound without such a contact or course.
func Give(ctx context.Context, q *Queries, g Grant) (isNew bool, err error) {
	if g.Ends != nil && !g.Ends.After(g.Starts) {
		return false, Invalid{"ends", "The access would end before it starts."}
	}
	if g.ID == uuid.Nil {
		g.ID = NewID()
	}
	n, err := q.GrantInsert(ctx, GrantInsertParams{AccountID: g.AccountID, ID: g.ID, ContactID: g.ContactID, CourseID: g.CourseID, Source: g.Source,
		SourceID: g.SourceID, OriginID: g.OriginID, GivenBy: g.By, StartsAt: g.Starts, EndsAt: g.Ends, Now: g.Now})
	if points(err) {
		return false, ErrNotFound
	}
	return n == 1, err
}

// SourceFor is the source of what one thing gives many contacts, such as a task, an import or a free offer: the same for the
// same two, so that giving again gives nothing more.
func SourceFor(origin, contact uuid.UUID) uuid.UUID {
	sum := sha256.Sum256(append(origin[:], contact[:]...))
	id, _ := uuid.FromBytes(sum[:16]) // 16 bytes are an id
	return id
}

// Ending says how a grant is closed.
type Ending struct {
	Because GrantEnd
	By      *uuid.UUID // the staff person; nil when the program does it by itself
	Note    string     // a reason somebody gave; may be empty
	Now     time.Time
}

// Close ends one grant; the contact keeps what other grants give. ErrNotFound when it is closed already or there is none.
func Close(ctx context.Context, q *Queries, account, grant uuid.UUID, e Ending) error {
	n, err := q.GrantClose(ctx, GrantCloseParams{AccountID: account, ID: grant, EndedBecause: e.Because, EndedBy: e.By, EndedNote: e.Note, Now: e.Now})
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// CloseSource ends all that one source gave, and nothing that another did; it answers what was closed. Run again it closes nothing.
func CloseSource(ctx context.Context, q *Queries, account uuid.UUID, source GrantSource, id uuid.UUID, e Ending) ([]GrantCloseOfSourceRow, error) {
	return q.GrantCloseOfSource(ctx, GrantCloseOfSourceParams{AccountID: account, Source: source, SourceID: id, EndedBecause: e.Because, EndedBy: e.By,
		EndedNote: e.Note, Now: e.Now})
}
