package directory

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// line is a connection to the database that can be cut without either end being told.
type line struct {
	net.Conn
	cut *atomic.Bool
}

// Write gives on what the other end says, until the line is cut.
func (l line) Write(p []byte) (int, error) {
	if l.cut.Load() {
		return len(p), nil
	}
	return l.Conn.Write(p)
}

// throughLines is a pool whose connections go through lines; cut cuts all there are, and not those made later.
func throughLines(t *testing.T, pool *pgxpool.Pool) (through *pgxpool.Pool, cut func()) {
	t.Helper()
	var now atomic.Pointer[atomic.Bool]
	now.Store(new(atomic.Bool))
	config := pool.Config()
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		server, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		ours, theirs := net.Pipe()
		cut := now.Load()
		go func() { defer server.Close(); _, _ = io.Copy(line{server, cut}, theirs) }()
		go func() { defer theirs.Close(); _, _ = io.Copy(line{theirs, cut}, server) }()
		t.Cleanup(func() { server.Close() }) // or the pool would wait for it to say goodbye
		return ours, nil
	}
	through, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(through.Close)
	return through, func() { now.Swap(new(atomic.Bool)).Store(true) }
}

// A connection that was lost without a word is found out, and what changed meanwhile is read.
func TestSilentConnection(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	through, cut := throughLines(t, pool)
	d, err := Open(t.Context(), through, true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	d.patience = 100 * time.Millisecond
	go d.Keep(t.Context())
	for i, slug := range []string{"acme", "lumen", "elsewhere"} {
		if i > 0 {
			cut()
		}
		if _, err := pool.Exec(t.Context(), `INSERT INTO account (id, slug, name, support_email, created_at, changed_at) VALUES (gen_random_uuid(), $1::text, $1::text, 'help@example.com', now(), now())`, slug); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); d.BySlug(slug) == nil; {
			if time.Now().After(end) {
				t.Fatalf("%s is not found", slug)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
}
