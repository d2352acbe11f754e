package queries

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// RiverSchema is the Postgres schema that holds River's tables, apart from the product's own.
const RiverSchema = "river"

// Migrate brings the database to the newest schema, the product's and River's. It is harmless when nothing is left to
// do, and several programs may call it at once: one works while the others wait. What they wait for is a lock that ends
// with its transaction, which also holds behind a pooler in transaction mode, where session locks do not, and which a
// program that is killed leaves to the next at once.
func Migrate(ctx context.Context, databaseURL string) error {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return err
	}
	config.MaxConns = max(config.MaxConns, 4)                      // one has the lock while others work
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec // prepares nothing, so a pooler may stand between
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	return pgx.BeginFunc(ctx, pool, func(lock pgx.Tx) error {
		// It only holds the lock, while others do the work for as long as that takes.
		if _, err := lock.Exec(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return err
		}
		if _, err := lock.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext('atrium migrations'))"); err != nil {
			return err
		}
		if err := migrateOurs(ctx, pool); err != nil {
			return fmt.Errorf("migrations: %w", err)
		}
		return migrateRiver(ctx, pool)
	})
}

func migrateOurs(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

func migrateRiver(ctx context.Context, pool *pgxpool.Pool) error {
	if _, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+RiverSchema); err != nil {
		return fmt.Errorf("river's schema: %w", err)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return err
	}
	if _, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("river's migrations: %w", err)
	}
	return nil
}

// Newer tells the number of the database's newest migration when this program does not know it, since a later one has been there; 0 when it
// does. What a later one changes lets this one go on. The table is the migrations' own and no part of schema.sql.
func Newer(ctx context.Context, db DB) (there int64, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	known, err := goose.NumericComponent(names[len(names)-1])
	if err != nil {
		return 0, err
	}
	var begun bool
	if err := db.QueryRow(ctx, "SELECT to_regclass('goose_db_version') IS NOT NULL").Scan(&begun); err != nil || !begun {
		return 0, err
	}
	err = db.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied AND version_id > $1", known).Scan(&there)
	return there, err
}

// MigrationsHash names the schema: a hash over all migrations. Databases made from equal ones are equal.
func MigrationsHash() string {
	sum := sha256.New()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		body, err := migrations.ReadFile(name)
		if err != nil {
			panic(err) // embedded: it cannot be missing
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(body))
		sum.Write(body)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
