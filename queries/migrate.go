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
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// RiverSchema is the Postgres schema that holds River's tables, apart from the product's own.
const RiverSchema = "river"

// Migrate brings the database to the newest schema, the product's and River's. It is harmless when nothing is left to
// do, and several programs may call it at once: a row in a lock table lets one work and the others wait, which also holds
// behind a pooler in transaction mode, where session locks do not.
func Migrate(ctx context.Context, databaseURL string) error {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return err
	}
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec // prepares nothing, so a pooler may stand between
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := migrateOurs(ctx, pool); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return migrateRiver(ctx, pool)
}

func migrateOurs(ctx context.Context, pool *pgxpool.Pool) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresTableLocker()
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithLocker(locker))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// migrateRiver runs River's own migrations. Each is a transaction of its own that fails on what is already there, so a
// second program that comes in between sees an error and only has to look again.
func migrateRiver(ctx context.Context, pool *pgxpool.Pool) error {
	if _, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+RiverSchema); err != nil {
		return fmt.Errorf("river's schema: %w", err)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return err
	}
	if _, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err == nil {
		return nil
	}
	if valid, again := migrator.Validate(ctx, nil); again == nil && valid.OK {
		return nil
	}
	return fmt.Errorf("river's migrations: %w", err)
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
