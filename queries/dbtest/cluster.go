package dbtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"atrium/queries"
	"atrium/queries/localpg"

	"github.com/jackc/pgx/v5/pgxpool"
)

// cluster is the server of this test process.
type cluster struct {
	dir      string
	server   *localpg.Server
	admin    *pgxpool.Pool // as superuser, for making and dropping databases
	template func() (name string, err error)
	made     atomic.Int64 // numbers the databases
}

// shared is the one cluster, started when first asked for; started is the same
// without starting it.
var (
	shared  = sync.OnceValues(start)
	started *cluster
)

func running(t testing.TB) *cluster {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatalf("this test needs a database: %v", err)
	}
	return c
}

func start() (*cluster, error) {
	base := memory()
	removeLeftovers(base)
	dir, err := os.MkdirTemp(base, fmt.Sprintf("%s%d-", prefix, os.Getpid()))
	if err != nil {
		return nil, err
	}
	// As root the server runs as another user, who has to pass through.
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, err
	}
	ctx, cancel := background()
	defer cancel()
	server, err := localpg.Start(ctx, localpg.Options{
		Dir: dir, Fast: true, Log: slog.New(slog.DiscardHandler),
		// Each parallel test may have several pools, or whole programs.
		Settings: map[string]string{"max_connections": "300"},
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	started = &cluster{dir: dir, server: server}
	started.template = sync.OnceValues(started.makeTemplate)
	started.admin, err = pgxpool.New(ctx, server.SuperuserURL(""))
	return started, err
}

func stop() {
	if started == nil {
		return
	}
	ctx, cancel := background()
	defer cancel()
	started.admin.Close()
	_ = started.server.Stop(ctx) // a test process that ends has nobody to tell
	_ = os.RemoveAll(started.dir)
}

// makeTemplate makes the database that tests are given clones of. Its name holds
// the hash of the migrations it was built by.
func (c *cluster) makeTemplate() (string, error) {
	ctx, cancel := background()
	defer cancel()
	name := "schema_" + queries.MigrationsHash()[:12]
	if _, err := c.admin.Exec(ctx, "CREATE DATABASE "+name+" OWNER "+localpg.Role); err != nil {
		return "", err
	}
	if err := queries.Migrate(ctx, c.server.URL(name)); err != nil {
		return "", fmt.Errorf("migrate the template database: %w", err)
	}
	// A database that somebody is connected to cannot be cloned.
	if _, err := c.admin.Exec(ctx, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false"); err != nil {
		return "", err
	}
	_, err := c.admin.Exec(ctx, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
	return name, err
}

// create clones template for one test and returns the clone's address.
func (c *cluster) create(t testing.TB, template string) string {
	t.Helper()
	name, err := c.clone(t.Context(), template)
	if err != nil {
		t.Fatalf("clone a database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := background()
		defer cancel()
		if err := c.drop(ctx, name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return c.server.URL(name)
}

func (c *cluster) clone(ctx context.Context, template string) (string, error) {
	name := fmt.Sprintf("test_%d", c.made.Add(1))
	// Copying files costs two checkpoints, which are cheap without fsync; copying
	// pages through the log, PostgreSQL's default, takes twice to three times as long.
	_, err := c.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY file_copy OWNER "+localpg.Role)
	return name, err
}

func (c *cluster) drop(ctx context.Context, name string) error {
	_, err := c.admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
	return err
}
