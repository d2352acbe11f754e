package dbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestDatabasesAreApart(t *testing.T) {
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			pool := New(t)
			if n := count(t, pool, "SELECT count(*) FROM pg_class WHERE relname = 'mark'"); n != 0 {
				t.Error("another test's table is here")
			}
			if _, err := pool.Exec(t.Context(), "CREATE TABLE mark ()"); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestOneDatabaseForATest(t *testing.T) {
	t.Parallel()
	first, second := New(t), New(t)
	if _, err := first.Exec(t.Context(), "CREATE TABLE mark ()"); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), URL(t)) // left open: the drop has to cope
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "SELECT FROM mark"); err != nil {
		t.Errorf("by URL: %v", err)
	}
	if _, err := second.Exec(t.Context(), "SELECT FROM mark"); err != nil {
		t.Errorf("by a second pool: %v", err)
	}
	t.Run("subtest", func(t *testing.T) {
		if n := count(t, New(t), "SELECT count(*) FROM pg_class WHERE relname = 'mark'"); n != 0 {
			t.Error("a subtest has its parent's database")
		}
	})
}

func TestSchemaIsThereAndTheRoleIsOrdinary(t *testing.T) {
	t.Parallel()
	pool := New(t)
	if n := count(t, pool, "SELECT count(*) FROM account"); n != 0 {
		t.Errorf("%d accounts", n)
	}
	if n := count(t, pool, "SELECT count(*) FROM pg_roles WHERE rolname = current_user AND NOT rolsuper AND NOT rolcreatedb"); n != 1 {
		t.Error("the role can do more than the product's")
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	one, other := Empty(t), Empty(t)
	if one == other {
		t.Error("two calls name one database")
	}
	pool, err := pgxpool.New(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if n := count(t, pool, "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"); n != 0 {
		t.Errorf("%d tables", n)
	}
}

func TestLeftoversOfDeadProcesses(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dead := filepath.Join(base, prefix+"4194303-1") // above the highest pid there is by default
	namesake := filepath.Join(base, fmt.Sprint(prefix, os.Getpid(), "-1"))
	live := filepath.Join(base, fmt.Sprint(prefix, os.Getppid(), "-1"))
	foreign := filepath.Join(base, prefix+"notes")
	for _, dir := range []string{dead, namesake, live, foreign} {
		if err := os.MkdirAll(filepath.Join(dir, "cluster"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	removeLeftovers(base)
	for dir, stays := range map[string]bool{dead: false, namesake: false, live: true, foreign: true} {
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: stays %v, got %v", filepath.Base(dir), stays, err)
		}
	}
}

// What a test pays for its database, the drop included.
func BenchmarkClone(b *testing.B) {
	URL(b) // the server and the template
	c := running(b)
	template, _ := c.template()
	for b.Loop() {
		name, err := c.clone(b.Context(), template)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.drop(b.Context(), name); err != nil {
			b.Fatal(err)
		}
	}
}

func count(t *testing.T, pool *pgxpool.Pool, query string) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
