package queries_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atrium/queries/dbtest"
	"atrium/queries/localpg"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// schema.sql is what people and sqlc read, the migrations are what runs: a
// database built from the one must be the database built from the other.
func TestSchemaIsWhatMigrationsBuild(t *testing.T) {
	t.Parallel()
	picture, err := os.ReadFile("../schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	url := dbtest.Empty(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.PgConn().Exec(t.Context(), string(picture)).ReadAll(); err != nil {
		t.Fatalf("schema.sql does not run: %v", err)
	}
	built, drawn := dump(t, dbtest.URL(t)), dump(t, url)
	if built["account; Type: TABLE; Schema: public; Owner: "+localpg.Role] == nil {
		t.Fatalf("the dump lacks the accounts' table; it has %v", slices.Sorted(maps.Keys(built)))
	}
	if diff := compare(built, drawn); diff != "" {
		t.Errorf("the migrations build something else than schema.sql (- migrations, + schema.sql):\n%s", diff)
	}
}

func TestDifferencesAreShown(t *testing.T) {
	t.Parallel()
	const head = "--\n-- PostgreSQL database dump\n--\n\n\\restrict key\n\n-- Name: a; Type: TABLE\n\n"
	built := objects(head + "CREATE TABLE a (\n    x int,\n    y int\n);\n\n-- Name: b; Type: INDEX\n\nCREATE INDEX b;\n")
	drawn := objects(strings.Replace(head, "key", "other", 1) + "CREATE TABLE a (\n    x int,\n    z int\n);\n")
	const want = "a; Type: TABLE\n  -     y int\n  +     z int\nb; Type: INDEX\n  - CREATE INDEX b;\n"
	if got := compare(built, drawn); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := compare(built, built); got != "" {
		t.Errorf("of equals: %s", got)
	}
}

// dump is a database's schema by object, without what belongs to goose and River.
func dump(t *testing.T, url string) map[string][]string {
	t.Helper()
	cmd := exec.Command(pgDump(t), "--schema-only", "--exclude-table=*goose*", "--exclude-schema=river", url)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("pg_dump: %v: %s", err, complaint.String())
	}
	return objects(string(output))
}

// pgDump is the one beside the server's programs: an older one refuses.
func pgDump(t *testing.T) string {
	t.Helper()
	bin, err := localpg.Find()
	if err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath(filepath.Join(bin, "pg_dump"))
	if err != nil {
		path, err = exec.LookPath("pg_dump")
	}
	if err != nil {
		t.Fatalf("pg_dump is neither beside the server in %s nor on PATH: %v", bin, err)
	}
	return path
}

// objects splits a dump at the comments that name each object.
func objects(dump string) map[string][]string {
	found := map[string][]string{}
	name := ""
	for line := range strings.Lines(dump) {
		line = strings.TrimRight(line, " \n")
		if header, isHeader := strings.CutPrefix(line, "-- Name: "); isHeader {
			name = header
		} else if line != "" && !strings.HasPrefix(line, "--") && !strings.HasPrefix(line, `\`) {
			// A backslash begins \restrict with a key that differs each time.
			found[name] = append(found[name], line)
		}
	}
	return found
}

// compare shows the lines that differ, under the object they belong to.
func compare(built, drawn map[string][]string) string {
	all := maps.Clone(built)
	maps.Copy(all, drawn)
	var diff strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if slices.Equal(built[name], drawn[name]) {
			continue
		}
		fmt.Fprintf(&diff, "%s\n", name)
		lines := only(built[name], drawn[name], "-") + only(drawn[name], built[name], "+")
		diff.WriteString(cmp.Or(lines, "  the same lines in another order\n"))
	}
	return diff.String()
}

// only lists the lines of a that b does not have.
func only(a, b []string, sign string) string {
	var lines strings.Builder
	for _, line := range a {
		if !slices.Contains(b, line) {
			fmt.Fprintf(&lines, "  %s %s\n", sign, line)
		}
	}
	return lines.String()
}
