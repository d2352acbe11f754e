// Package dbtest gives each test a real PostgreSQL database of its own, with the
// schema in place: a clone of a template in a private server in memory.
//
// The server is started by the first test of a package that asks and ends with
// the test process, whatever ends it. Tests log in as the role the product uses,
// which is no superuser. A machine without PostgreSQL fails the tests with the
// line that installs it; nothing is skipped.
//
// In a package that uses it:
//
//	func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
//
// Without that the server still ends, but its folder stays until the next run
// clears it away. Only tests import this package; those in queries itself have
// to be of package queries_test.
package dbtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries"
)

// limit is how long anything asked of the server may take; far more than it
// does on an idle machine.
const limit = time.Minute

// databases are the running tests' own, by test.
var (
	databasesMutex sync.Mutex
	databases      = map[testing.TB]string{}
)

// URL is the address of the test's own database, with the schema in place: for
// programs that open it themselves. Every call in one test names the same
// database, and so does New; a subtest has its own. It is dropped when the test
// is over, with whoever is still connected.
func URL(t testing.TB) string {
	t.Helper()
	databasesMutex.Lock()
	url, found := databases[t]
	databasesMutex.Unlock()
	if found {
		return url
	}
	c := running(t)
	template, err := c.template()
	if err != nil {
		t.Fatal(err)
	}
	url = c.create(t, template)
	databasesMutex.Lock()
	databases[t] = url
	databasesMutex.Unlock()
	t.Cleanup(func() {
		databasesMutex.Lock()
		delete(databases, t)
		databasesMutex.Unlock()
	})
	return url
}

// New is a pool on the database that URL names, closed when the test is over.
// Two calls give two pools, as two programs have. A connection the test did not
// give back fails it.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	settings, err := pgxpool.ParseConfig(URL(t))
	if err != nil {
		t.Fatal(err)
	}
	settings.AfterConnect = queries.PrepareConn // as the program's
	pool, err := pgxpool.NewWithConfig(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() {
			pool.Close() // waits for what was acquired
			close(closed)
		}()
		select {
		case <-closed:
		case <-time.After(5 * time.Second):
			t.Error("the test is over and has not given back all its database connections")
		}
	})
	return pool
}

// Empty is the address of a new database with nothing in it, another one each
// time, dropped when the test is over.
func Empty(t testing.TB) string {
	t.Helper()
	return running(t).create(t, "template1")
}

// Main runs the tests of a package, then stops the server and removes its
// folder. It returns the exit code, so that TestMain can look at something else
// before it ends the process.
func Main(m *testing.M) int {
	code := m.Run()
	stop()
	return code
}

// background is for clean-up, when the test's own context has ended.
func background() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), limit)
}
