package queries_test

import (
	"io"
	"maps"
	"net"
	"regexp"
	"sync"
	"testing"

	"atrium/queries"
	"atrium/queries/dbtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

func TestMigrateTwice(t *testing.T) {
	t.Parallel()
	a := newTenant(t) // on a database that is migrated already
	a.settled()
	before, rows := dump(t, dbtest.URL(t)), pairs(t, a.pool, a.everything())
	for range 2 {
		check(t, queries.Migrate(t.Context(), dbtest.URL(t)))
	}
	if diff := compare(before, dump(t, dbtest.URL(t))); diff != "" {
		t.Errorf("the schema has changed:\n%s", diff)
	}
	if !maps.Equal(rows, pairs(t, a.pool, a.everything())) {
		t.Error("the rows have changed")
	}
}

// Where the program's role may make no extensions, somebody else has made them before.
func TestMigrateFindsExtensions(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	conn, err := pgx.Connect(t.Context(), url)
	check(t, err)
	_, err = conn.PgConn().Exec(t.Context(), "CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin").ReadAll()
	check(t, err)
	check(t, queries.Migrate(t.Context(), url))
	if diff := compare(dump(t, dbtest.URL(t)), dump(t, url)); diff != "" {
		t.Errorf("it becomes something else:\n%s", diff)
	}
	check(t, conn.Close(t.Context()))
}

// Programs on one database start together, and each brings it to the newest schema first. River's migrations fail on what
// is there already, so a new version of it alone must not let two in either.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	want := dump(t, dbtest.URL(t))
	for name, begin := range map[string]string{
		"an empty database":      "",
		"one that lacks River's": "DROP SCHEMA river CASCADE",
	} {
		url := dbtest.Empty(t)
		if begin != "" {
			check(t, queries.Migrate(t.Context(), url))
		}
		conn, err := pgx.Connect(t.Context(), url)
		check(t, err)
		_, err = conn.PgConn().Exec(t.Context(), begin).ReadAll()
		check(t, err)
		for i, err := range together(6, func(int) error { return queries.Migrate(t.Context(), url) }) {
			if err != nil {
				t.Errorf("%s, program %d: %v", name, i, err)
			}
		}
		if diff := compare(want, dump(t, url)); diff != "" {
			t.Errorf("%s becomes something else:\n%s", name, diff)
		}
		if _, err := conn.Exec(t.Context(), "SELECT FROM river.river_job"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check(t, conn.Close(t.Context()))
	}
}

// sessionBound is SQL whose effect outlives its transaction, on a connection that a pooler then gives to somebody else.
var sessionBound = regexp.MustCompile(`(?i)pg_(try_)?advisory_lock|pg_advisory_unlock|^\s*(LISTEN|PREPARE|DECLARE|SET\s+(SESSION|[a-z_]+\s*(=|TO)))\b`)

func TestMigrateThroughAPooler(t *testing.T) {
	t.Parallel()
	url, asked := listening(t, dbtest.Empty(t))
	for range 2 {
		check(t, queries.Migrate(t.Context(), url))
	}
	statements, named := asked()
	for _, name := range named {
		t.Errorf("the statement %s is left on the connection", name)
	}
	for _, sql := range statements {
		if sessionBound.MatchString(sql) {
			t.Errorf("outlives its transaction: %s", sql)
		}
	}
	if len(statements) < 20 {
		t.Errorf("only %d statements were heard", len(statements))
	}
}

// listening stands before a database and hears what it is asked: all SQL, and the names of prepared statements.
func listening(t *testing.T, url string) (through string, asked func() (sql, named []string)) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	check(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { listener.Close() })
	var mutex sync.Mutex
	var sql, named []string
	hear := func(message pgproto3.FrontendMessage) {
		mutex.Lock()
		defer mutex.Unlock()
		switch m := message.(type) {
		case *pgproto3.Query:
			sql = append(sql, m.String)
		case *pgproto3.Parse:
			sql = append(sql, m.Query)
			if m.Name != "" {
				named = append(named, m.Name)
			}
		}
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go between(client, config, hear)
		}
	}()
	return "postgres://" + config.User + ":" + config.Password + "@" + listener.Addr().String() + "/" + config.Database + "?sslmode=disable",
		func() ([]string, []string) {
			mutex.Lock()
			defer mutex.Unlock()
			return sql, named
		}
}

// between passes everything on, in both directions, and hears what the client says.
func between(client net.Conn, config *pgx.ConnConfig, hear func(pgproto3.FrontendMessage)) {
	defer client.Close()
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		defer client.Close()
		_, _ = io.Copy(client, server)
	}()
	said := pgproto3.NewBackend(io.TeeReader(client, server), nil)
	if _, err := said.ReceiveStartupMessage(); err != nil {
		return
	}
	for {
		message, err := said.Receive()
		if err != nil {
			return
		}
		hear(message)
	}
}
