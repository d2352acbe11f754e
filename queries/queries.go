// Package queries is the room of what is stored: the SQL of every table, the Go
// that sqlc generates from it, and by hand the rules on one record (methods) and
// the verbs over several rows (functions on a transaction). It knows neither
// HTTP nor Stripe nor mail; handlers and jobs ask it, and it asks nobody.
//
// What locks several rows of a contact locks them in this order, so that no two of them wait for each other: sign-in
// request, form's submission or claim of an offer, contact, offer, change of address, invitation, magic link, session, mail.
package queries

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNotFound says that no row answers, be it that there is none or that it is another account's.
var ErrNotFound = errors.New("not found")

// ErrConflict says that a row of the same identity stands already.
var ErrConflict = errors.New("conflict")

// Invalid says that a value a person gave cannot be taken, and why, in words meant for them.
type Invalid struct {
	Field   string // the form field it came from
	Message string // a whole sentence
}

func (i Invalid) Error() string { return i.Field + ": " + i.Message }

// DB is a place to ask and to begin transactions in: a pool, or in tests a transaction that is rolled back.
type DB interface {
	DBTX
	Begin(ctx context.Context) (pgx.Tx, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// InTx runs f in one transaction, hands it that transaction's queries, and commits when it returns nil.
// Any error, also of the commit, leaves nothing behind. The error is told in the package's kinds (see Kind).
func InTx(ctx context.Context, db DB, f func(q *Queries, tx pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return f(New(tx), tx) })
	return Kind(err)
}

// Kind turns what pgx says into the package's kinds of error: no row is ErrNotFound, a broken unique constraint
// is ErrConflict, everything else stays what it was: a fault.
func Kind(err error) error {
	var broken *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	case errors.As(err, &broken) && broken.Code == "23505": // unique_violation, PostgreSQL manual, appendix A
		return ErrConflict
	}
	return err
}

// points says that a row points at one that does not exist, or that is another account's.
func points(err error) bool {
	var broken *pgconn.PgError
	return errors.As(err, &broken) && broken.Code == "23503" // foreign_key_violation
}

// LastID is after every id there can be; lists that page backwards start before it.
var LastID = uuid.Max
