package queries_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"atrium/queries"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestKind(t *testing.T) {
	t.Parallel()
	fault, invalid := errors.New("fault"), queries.Invalid{Field: "email", Message: "No."}
	foreign := &pgconn.PgError{Code: "23503"}
	for name, c := range map[string]struct{ err, want error }{
		"none":                {nil, nil},
		"no row":              {pgx.ErrNoRows, queries.ErrNotFound},
		"no row, wrapped":     {fmt.Errorf("contact: %w", pgx.ErrNoRows), queries.ErrNotFound},
		"told already":        {queries.ErrNotFound, queries.ErrNotFound},
		"unique":              {&pgconn.PgError{Code: "23505"}, queries.ErrConflict},
		"unique, wrapped":     {fmt.Errorf("contact: %w", &pgconn.PgError{Code: "23505"}), queries.ErrConflict},
		"another constraint":  {foreign, foreign},
		"a person's mistake":  {invalid, invalid},
		"anything else":       {fault, fault},
		"ended while waiting": {context.Canceled, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			if got := queries.Kind(c.err); got != c.want { //nolint:errorlint // itself, and nothing around it //nolint:errorlint // the very value is meant, or the fault as it came
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	fault := errors.New("fault")
	for name, c := range map[string]struct {
		then func(ctx context.Context, tx pgx.Tx) error
		want error
		rows int
	}{
		"done":        {func(context.Context, pgx.Tx) error { return nil }, nil, 1},
		"failed":      {func(context.Context, pgx.Tx) error { return fault }, fault, 0},
		"not found":   {func(context.Context, pgx.Tx) error { return pgx.ErrNoRows }, queries.ErrNotFound, 0},
		"in conflict": {func(ctx context.Context, tx pgx.Tx) error { return insertAccount(ctx, tx, "acme") }, queries.ErrConflict, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			err := queries.InTx(t.Context(), a.pool, func(_ *queries.Queries, tx pgx.Tx) error {
				if err := insertAccount(t.Context(), tx, "new"); err != nil {
					return err
				}
				return c.then(t.Context(), tx)
			})
			wantErr(t, err, c.want)
			if n := read[int](a, "SELECT count(*) FROM account WHERE slug = 'new'"); n != c.rows {
				t.Errorf("%d rows stay, want %d", n, c.rows)
			}
		})
	}
}

func TestInTxRollsBackWhatPanics(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	func() {
		defer func() { recover() }()
		_ = queries.InTx(t.Context(), a.pool, func(_ *queries.Queries, tx pgx.Tx) error {
			check(t, insertAccount(t.Context(), tx, "new"))
			panic("a mistake in a handler")
		})
	}()
	if n := read[int](a, "SELECT count(*) FROM account WHERE slug = 'new'"); n != 0 {
		t.Error("the rows stay")
	}
}

func TestInTxWithinOne(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	fault := errors.New("fault")
	err := queries.InTx(t.Context(), a.pool, func(_ *queries.Queries, tx pgx.Tx) error {
		check(t, insertAccount(t.Context(), tx, "outer"))
		wantErr(t, queries.InTx(t.Context(), tx, func(_ *queries.Queries, tx pgx.Tx) error {
			check(t, insertAccount(t.Context(), tx, "inner"))
			return fault
		}), fault)
		return nil
	})
	check(t, err)
	if slug := read[string](a, "SELECT string_agg(slug::text, ' ' ORDER BY slug) FROM account"); slug != "acme outer" {
		t.Errorf("the accounts are %s", slug)
	}
}

func insertAccount(ctx context.Context, tx pgx.Tx, slug string) error {
	_, err := tx.Exec(ctx, "INSERT INTO account (id, slug, name, support_email, created_at, changed_at) VALUES ($1, $2, 'Name', 'help@a.test', now(), now())",
		queries.NewID(), slug)
	return err
}
