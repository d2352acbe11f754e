package queries

import (
	"context"
	"errors"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// batch asks Postgres several of the generated queries in one round trip, which is what a page may cost beside its guard.
// A query joins it by being called on the Queries that is handed over: its SQL and arguments are written down, in the
// generated code's own order, and answered by send.
type batch struct{ pgx.Batch }

func many[T any](b *batch, into *[]T, ask func(q *Queries) ([]T, error)) {
	b.queue(func(q *Queries) { _, _ = ask(q) }).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, rowTo[T])
		return err
	})
}

// values is as many, for queries of one column.
func values[T any](b *batch, into *[]T, ask func(q *Queries) ([]T, error)) {
	b.queue(func(q *Queries) { _, _ = ask(q) }).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowTo[T])
		return err
	})
}

// one demands exactly one row; ErrNotFound from send otherwise.
func one[T any](b *batch, into *T, ask func(q *Queries) (T, error)) {
	b.queue(func(q *Queries) { _, _ = ask(q) }).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, rowTo[T])
		return err
	})
}

// optional leaves into as it is when there is no row.
func optional[T any](b *batch, into *T, ask func(q *Queries) (T, error)) {
	b.queue(func(q *Queries) { _, _ = ask(q) }).Query(func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, rowTo[T])
		if len(found) > 0 {
			*into = found[0]
		}
		return err
	})
}

// rowTo reads a row into a generated struct, or into the one value that a query of one column answers.
func rowTo[T any](row pgx.CollectableRow) (T, error) {
	if reflect.TypeFor[T]().Kind() == reflect.Struct {
		return pgx.RowToStructByPos[T](row)
	}
	return pgx.RowTo[T](row)
}

func (b *batch) queue(ask func(q *Queries)) *pgx.QueuedQuery {
	var w writtenDown
	ask(New(&w))
	return b.Queue(w.sql, w.args...)
}

func (b *batch) send(ctx context.Context, db DB) error {
	return Kind(db.SendBatch(ctx, &b.Batch).Close())
}

// writtenDown is a database that answers nothing and remembers what it was asked.
type writtenDown struct {
	sql  string
	args []any
}

var errWrittenDown = errors.New("the query is answered with its batch")

func (w *writtenDown) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	w.sql, w.args = sql, args
	return nil, errWrittenDown
}

func (w *writtenDown) QueryRow(_ context.Context, sql string, args ...any) pgx.Row {
	w.sql, w.args = sql, args
	return w
}

func (w *writtenDown) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	w.sql, w.args = sql, args
	return pgconn.CommandTag{}, errWrittenDown
}

func (w *writtenDown) Scan(...any) error { return errWrittenDown }
