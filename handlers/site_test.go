package handlers

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/handlers/password"
	"atrium/jobs"
	"atrium/jobs/filestore"
	"atrium/queries"
	"atrium/queries/dbtest"
)

// testSite is a real site on a database of its own, served on a port of its own, with two accounts that have nothing to do
// with each other.
type testSite struct {
	*Site
	clock       *clock
	logged      *logged
	dial        string // where it is served
	acme, lumen account
}

// account is one business of a test.
type account struct {
	id         uuid.UUID
	slug, name string
}

// noon is when every test begins: a Tuesday, far from any change of clocks.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// clock is the time of a site, which stands until it is moved.
type clock struct {
	mutex sync.Mutex
	at    time.Time
}

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.at
}

func (c *clock) move(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.at = c.at.Add(by)
}

// hashers are shared: they only bound how much is hashed at a time, which holds for all tests together.
var hashers = password.NewHasher()

// newSite makes and serves a site; its configuration can be changed before it starts. The proxy it trusts is this machine, so
// that each browser can have an address of its own.
func newSite(t testing.TB, change ...func(*Config)) *testSite {
	t.Helper()
	s := makeSite(t, change...)
	s.serve(t)
	return s
}

// makeSite is newSite, not yet served.
func makeSite(t testing.TB, change ...func(*Config)) *testSite {
	t.Helper()
	s := &testSite{clock: &clock{at: noon}, logged: &logged{}}
	files, err := filestore.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		DB: dbtest.New(t), Files: files, Listen: true, Passwords: hashers, Now: s.clock.now,
		Mails:     queries.MailMaker{Secret: queries.NewSecret("a secret of the tests"), Domain: "atrium.test"},
		Addresses: jobs.Addresses{Scheme: "http", AppHost: "app.test", PortalDomain: "portal.test"},
		Log:       slog.New(slog.NewTextHandler(s.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),

		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Stripe:         farAway(),
		Trace:          func(name string) { executed.Store(name, true) },
		Compared: func(name string, _ any, err error) {
			if err != nil {
				t.Errorf("%s is not what html/template makes of it: %v", name, err)
			}
		},
	}
	for _, f := range change {
		f(&c)
	}
	if c.Queue, err = jobs.NewQueue(c.DB, time.Now); err != nil {
		t.Fatal(err)
	}
	s.acme = addAccount(t, c.DB, "acme", "Acme Coaching")
	s.lumen = addAccount(t, c.DB, "lumen", "Lumen Studio")
	if s.Site, err = New(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *testSite) serve(t testing.TB) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.dial = ln.Addr().String()
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

func addAccount(t testing.TB, db *pgxpool.Pool, slug, name string) account {
	t.Helper()
	a := account{slug: slug, name: name}
	inTx(t, db, func(q *queries.Queries) (err error) {
		a.id, err = queries.NewAccount(t.Context(), q, slug, name, "help@"+slug+".example", noon)
		return err
	})
	return a
}

// inTx does in one transaction what a handler or a job would.
func inTx(t testing.TB, db *pgxpool.Pool, f func(q *queries.Queries) error) {
	t.Helper()
	if err := queries.InTx(t.Context(), db, func(q *queries.Queries, _ pgx.Tx) error { return f(q) }); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what another goroutine or Postgres does, for as long as a busy machine may need.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for end := time.After(30 * time.Second); !done(); {
		select {
		case <-look.C:
		case <-end:
			t.Fatalf("it did not happen: %s", what)
		}
	}
}
