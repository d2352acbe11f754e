package queries

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// Schema is the number of the last migration a database has had.
func Schema(ctx context.Context, db DB) (number int64, err error) {
	err = db.QueryRow(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&number)
	if err != nil {
		err = fmt.Errorf("the version of the schema: %w", err)
	}
	return number, err
}

// NewestSchema is the number of the last migration this program knows.
func NewestSchema() int64 {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		panic(err) // they are embedded
	}
	digits, _, _ := strings.Cut(path.Base(entries[len(entries)-1].Name()), "_")
	number, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		panic(err) // a test of the migrations would have told
	}
	return number
}

// Empty says whether a database has nothing of ours in it, nor of anybody else.
func Empty(ctx context.Context, db DB) (empty bool, err error) {
	err = db.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))`).Scan(&empty)
	return empty, err
}

// InstallationSize is how many accounts and contacts a database holds.
func InstallationSize(ctx context.Context, db DB) (accounts, contacts int64, err error) {
	err = db.QueryRow(ctx, "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM contact)").Scan(&accounts, &contacts)
	return accounts, contacts, err
}
