package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// scan reads one row.
func (s *testSite) scan(t testing.TB, sql string, args []any, into ...any) {
	t.Helper()
	if err := s.DB.QueryRow(t.Context(), sql, args...).Scan(into...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// exec changes rows behind the site's back.
func (s *testSite) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := s.DB.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// count counts the rows that stand after FROM.
func (s *testSite) count(t testing.TB, from string, args ...any) (n int) {
	t.Helper()
	s.scan(t, "SELECT count(*) FROM "+from, args, &n)
	return n
}

// rows demands a number of rows.
func (s *testSite) rows(t testing.TB, want int, from string, args ...any) {
	t.Helper()
	if n := s.count(t, from, args...); n != want {
		t.Errorf("%d rows of %s, want %d", n, from, want)
	}
}

// job is one that was inserted.
type job struct {
	Kind string
	Args map[string]string
}

// jobs are those inserted since they were last asked for, in order.
func (s *testSite) jobs(t testing.TB) []job {
	t.Helper()
	rows, err := s.DB.Query(t.Context(), "WITH taken AS (DELETE FROM river.river_job RETURNING id, kind, args) SELECT kind, args FROM taken ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (j job, err error) {
		var args []byte
		if err = row.Scan(&j.Kind, &args); err != nil {
			return j, err
		}
		var values map[string]any
		err, j.Args = json.Unmarshal(args, &values), map[string]string{}
		for name, value := range values {
			j.Args[name] = fmt.Sprint(value)
		}
		return j, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// inserted demands the kinds of the jobs since they were last asked for, in any order.
func (s *testSite) inserted(t testing.TB, want ...string) {
	t.Helper()
	var kinds []string
	for _, j := range s.jobs(t) {
		kinds = append(kinds, j.Kind)
	}
	slices.Sort(kinds)
	slices.Sort(want)
	if !slices.Equal(kinds, want) {
		t.Errorf("inserted the jobs %v, want %v", kinds, want)
	}
}

// everything is all rows of the named tables, or of all there are but limits and fetches, in a form that differs when any of them does.
func (s *testSite) everything(t testing.TB, tables ...string) string {
	t.Helper()
	if len(tables) == 0 {
		s.scan(t, `SELECT array_agg(table_name::text ORDER BY table_name) || 'river.river_job'::text FROM information_schema.tables
			WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN ('allowance', 'link_fetch')`, nil, &tables)
	}
	var each []string
	for _, table := range tables {
		each = append(each, fmt.Sprintf("(SELECT '%[1]s' || coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), '') FROM %[1]s r)", table))
	}
	var all string
	s.scan(t, "SELECT concat_ws(E'\\n', "+strings.Join(each, ", ")+")", nil, &all)
	return all
}

// logged is what a site wrote into its log.
type logged struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}
