package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"atrium/queries/dbtest"
)

// TestSecretOfTheDatabase sets a database up with one secret and comes with others: check tells before a start does, and neither of them
// leaves a secret behind that a later start would take.
func TestSecretOfTheDatabase(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := db.Exec(t.Context(), "CREATE SCHEMA nothing"); err != nil {
		t.Fatal(err)
	}
	database := map[string]string{"DATABASE_URL": dbtest.URL(t), "ADDR": "127.0.0.1:0"}
	const right = "SECRET=the one that this database was set up with"
	line := func(variables map[string]string) string {
		t.Helper()
		p := launch(t, variables, "check")
		p.code()
		for line := range strings.Lines(p.out.String()) {
			if rest, found := strings.CutPrefix(line, "secret "); found {
				return strings.Join(strings.Fields(rest), " ")
			}
		}
		t.Fatalf("no line for the secret: %s", p.out.String())
		return ""
	}
	says := func(when, sign string, variables map[string]string) {
		t.Helper()
		if got := line(variables); !strings.HasPrefix(got, sign) {
			t.Errorf("%s: %q, want %q", when, got, sign)
		}
	}
	says("a database without tables", "ok the first start makes one", with(database, "DATA_DIR="+dataDir(t), "DATABASE_URL="+dbtest.URL(t)+"&search_path=nothing"))
	says("a database that was not used", "ok the first start makes one", with(database, "DATA_DIR="+dataDir(t)))
	says("a secret, and a database that was not used", "ok this database will be set up", with(database, "DATA_DIR="+dataDir(t), right))
	launch(t, with(database, "DATA_DIR="+dataDir(t), right), "serve", "--no-work").ready("Atrium serves").signal(syscall.SIGTERM)
	says("the right one", "ok the one that", with(database, "DATA_DIR="+dataDir(t), right))
	for _, run := range []struct {
		when, secret, sign string
	}{
		{"another one", "SECRET=another one, which is long enough as well", "SECRET is not the one"},
		{"none", "SECRET=", "SECRET is not set"},
	} {
		variables := with(database, "DATA_DIR="+dataDir(t), run.secret)
		says(run.when, "NOT OK "+run.sign, variables)
		p := launch(t, variables, "serve", "--no-work")
		if code := p.code(); code != 1 || !strings.Contains(p.oneLine(), run.sign) {
			t.Errorf("%s: exit code %d: %s", run.when, code, p.oneLine())
		}
		if _, err := os.Stat(filepath.Join(variables["DATA_DIR"], "secret")); !os.IsNotExist(err) {
			t.Errorf("%s: a start that was refused keeps a secret: %v", run.when, err)
		}
	}
}
