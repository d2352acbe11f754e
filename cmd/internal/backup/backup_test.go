package backup

import (
	"errors"
	"testing"
)

func TestForTools(t *testing.T) {
	t.Parallel()
	for given, want := range map[string][2]string{
		"postgres://atrium@/atrium?host=%2Ftmp%2Fs&port=5432&sslmode=disable":      {"postgres://atrium@/atrium?host=%2Ftmp%2Fs&port=5432&sslmode=disable", ""},
		"postgres://u:p%40ss@db.example:5432/atrium?sslmode=verify-full":           {"postgres://u@db.example:5432/atrium?sslmode=verify-full", "p@ss"},
		"postgres://db.example/atrium?user=u&password=secret":                      {"postgres://db.example/atrium?user=u", "secret"},
		"postgres://u@h/d?pool_max_conns=3&default_query_exec_mode=exec&sslmode=x": {"postgres://u@h/d?sslmode=x", ""},
		"postgres://u@h/d?statement_cache_capacity=0&description_cache_capacity=1": {"postgres://u@h/d", ""},
	} {
		without, password, err := forTools(given)
		if err != nil || without != want[0] || password != want[1] {
			t.Errorf("%s: %q, %q, %v; want %q", given, without, password, err, want)
		}
	}
}

func TestWordsOfTools(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"pg_restore: error: could not execute query: ERROR:  permission denied for database atrium\nCommand was: CREATE SCHEMA river;\n\n\n": "could not execute query: ERROR:  permission denied for database atrium",
		"pg_restore: warning: one\npg_restore: error: two\npg_restore: detail: three\n);\n":                                                  "two: three",
		"cannot be run\nfor some reason\n": "for some reason",
		"":                                 "",
	} {
		if got := ran("pg_restore", errors.New("exit status 1"), nil, said).Error(); got != "pg_restore: exit status 1: "+want {
			t.Errorf("%q became %q", said, got)
		}
	}
}
