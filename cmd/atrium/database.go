package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/cmd/internal/config"
	"atrium/queries"
	"atrium/queries/localpg"
)

// database is the one the program uses: its own private server in DATA_DIR, or the one of DATABASE_URL.
type database struct {
	url     string
	pool    *pgxpool.Pool
	private *localpg.Server // nil when DATABASE_URL is used, or when another program runs the private one
	made    string          // the folder of the private server, if that was made just now
}

// idleTimeout is after how long PostgreSQL ends a transaction in which nothing is asked: a program that is frozen, or a machine that
// has gone, would hold its locks for hours otherwise, and everybody else up. Much longer than the longest wait within one, for a call of
// Stripe's; DATABASE_URL may have it as a parameter. A pooler does not take it: there it is a setting of the role.
const idleTimeout = "idle_in_transaction_session_timeout"

// openDatabase connects, and starts the private server when there is no other. With share it uses the private server of a program
// that runs already, for commands that are given beside it.
func openDatabase(ctx context.Context, c config.Config, log *slog.Logger, tracer pgx.QueryTracer, share bool) (*database, error) {
	d := &database{url: c.DatabaseURL}
	if err := makeDataDir(c); err != nil {
		return nil, fmt.Errorf("DATA_DIR cannot be made: %w", err)
	}
	if d.url == "" {
		if err := d.startPrivate(ctx, privateFolder(c), log, share); err != nil {
			return nil, err
		}
	}
	settings, err := pgxpool.ParseConfig(d.url)
	if err != nil {
		return nil, errors.Join(wrongURL(err), d.close(ctx))
	}
	settings.MaxConns = int32(c.DatabaseConnections)
	settings.ConnConfig.Tracer, settings.AfterConnect = tracer, queries.PrepareConn
	if c.DatabasePooler == "transaction" {
		settings.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // named statements do not outlive a transaction there
	} else if with := settings.ConnConfig.RuntimeParams; with[idleTimeout] == "" {
		with[idleTimeout] = "60s"
	}
	if d.pool, err = pgxpool.NewWithConfig(ctx, settings); err != nil {
		return nil, errors.Join(err, d.close(ctx))
	}
	if err := d.pool.Ping(ctx); err != nil {
		return nil, errors.Join(noAnswer(err), d.close(ctx))
	}
	return d, nil
}

// wrongURL says what is wrong with DATABASE_URL. It tells the cause alone, as pgx puts the whole of the address around it.
func wrongURL(err error) error {
	wrong := config.Wrong{Name: "DATABASE_URL", Value: "••••", Allowed: "postgres://user:password@host:port/database, with parameters that PostgreSQL's clients know"}
	if cause := errors.Unwrap(err); cause != nil {
		return fmt.Errorf("%w: %w", wrong, cause)
	}
	return wrong
}

// noAnswer says why the database was not reached. A pooler that takes no parameters of a session is not known as one.
func noAnswer(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && strings.Contains(refused.Message, idleTimeout) {
		return fmt.Errorf("DATABASE_URL leads to a pooler; set DATABASE_POOLER=transaction: %w", err)
	}
	return fmt.Errorf("the database does not answer: %w", err)
}

func (d *database) startPrivate(ctx context.Context, dir string, log *slog.Logger, share bool) (err error) {
	there := localpg.Made(dir)
	d.private, err = localpg.Start(ctx, localpg.Options{Dir: dir, Log: log})
	var held *localpg.HeldError
	switch {
	case err == nil:
		d.url = d.private.URL("")
		if !there {
			d.made = absolute(dir)
		}
	case share && errors.As(err, &held) && held.URL != "":
		d.url, err = held.URL, nil
	}
	return err
}

// closeTime is how long the connections are waited for that somebody still works with: requests that had their time and were not
// finished. What is left of them ends with the program, as though it had been killed.
const closeTime = time.Second

func (d *database) close(ctx context.Context) error {
	if d.pool != nil {
		closed, late := make(chan struct{}), time.NewTimer(closeTime)
		defer late.Stop()
		go func() {
			d.pool.Close()
			close(closed)
		}()
		select {
		case <-closed:
		case <-late.C:
		}
	}
	if d.private == nil {
		return nil
	}
	return d.private.Stop(ctx)
}

// installed says what is wrong where a command has nothing to be about. Commands that start or set up an installation do not ask; of
// all others a mistyped DATA_DIR would make an empty one, and be told that it has nothing.
func installed(c config.Config) error {
	if c.DatabaseURL == "" && !localpg.Made(privateFolder(c)) {
		return fmt.Errorf("there is no installation in DATA_DIR, %s, and DATABASE_URL is not set", absolute(c.DataDir))
	}
	return nil
}

// tellMade says that a new database was made and where: DATA_DIR may have been meant to lead elsewhere.
func (e *env) tellMade(d *database) {
	if d.made != "" {
		fmt.Fprintf(e.errs, "atrium: there was no installation in DATA_DIR, so a new database was made in %s\n", d.made)
	}
}

// absolute is a folder as it can be found from anywhere: the default of DATA_DIR is another one in each working directory.
func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

// privateFolder is that of the private server.
func privateFolder(c config.Config) string { return filepath.Join(c.DataDir, "postgres") }

// makeDataDir makes the folder so that others can pass through it but not look: PostgreSQL runs as a user of its own when we
// are root.
func makeDataDir(c config.Config) error { return os.MkdirAll(c.DataDir, 0o711) }
