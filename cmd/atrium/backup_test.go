package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/jobs/filestore"
	"atrium/queries"
	"atrium/queries/dbtest"
	"atrium/queries/localpg"
)

// TestBackup writes a backup beside a serving program and restores it into a place that has nothing: every row and every file is
// there again, the program serves it, and what cannot end well is refused before anything is written.
func TestBackup(t *testing.T) {
	t.Parallel()
	at := map[string]string{"DATA_DIR": dataDir(t), "ADDR": "127.0.0.1:0"}
	done(t, at, 0, "", "account", "create", "--slug=acme", "--name=Acme Coaching", "--owner=maya@acme.example")
	content := []byte(strings.Repeat("a worksheet of four pages\n", 5000))
	var file filestore.Key
	inPrivate(t, at, func(pool *pgxpool.Pool) { file = keepFile(t, pool, at, content) })

	serving := launch(t, at, "serve").ready("Atrium serves")
	done(t, at, 0, "1 accounts", "backup", filepath.Join(t.TempDir(), "beside.zip"))
	serving.signal(syscall.SIGTERM)
	archive := filepath.Join(t.TempDir(), "everything.zip") // of a database that nobody changes, to be compared
	done(t, at, 0, "1 files of 130000 bytes", "backup", archive)
	if info, err := os.Stat(archive); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the archive is %v, %v; want it for its owner only", info.Mode(), err)
	}
	done(t, at, 1, "is there already", "backup", archive)
	done(t, at, 1, "not empty", "restore", archive)
	done(t, with(at, "SECRET=another one, which is long enough as well"), 1, "no backup was written: SECRET is not the one", "backup", filepath.Join(t.TempDir(), "other.zip"))

	fresh := with(at, "DATA_DIR="+dataDir(t))
	half := filepath.Join(t.TempDir(), "half.zip")
	whole, err := os.ReadFile(archive)
	if err == nil {
		err = os.WriteFile(half, whole[:len(whole)/2], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	done(t, fresh, 1, "cannot be read as a backup", "restore", half)
	done(t, fresh, 0, "Restored 1 accounts", "restore", archive)

	var before, after map[string]string
	inPrivate(t, at, func(pool *pgxpool.Pool) { before = contents(t, pool) })
	inPrivate(t, fresh, func(pool *pgxpool.Pool) { after = contents(t, pool) })
	if !maps.Equal(before, after) {
		for table, rows := range before {
			if after[table] != rows {
				t.Errorf("%s: %s became %s", table, rows, after[table])
			}
		}
	}
	if got := kept(t, fresh, file, len(content)); !bytes.Equal(got, content) {
		t.Errorf("the file has %d bytes that differ from the %d it had", len(got), len(content))
	}
	launch(t, fresh, "serve").ready("Atrium serves") // which refuses to with another secret
}

// TestBackupWithoutAFile ends with a code of its own, and says what is missing.
func TestBackupWithoutAFile(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	at := map[string]string{"DATA_DIR": dataDir(t), "DATABASE_URL": dbtest.URL(t), "ADDR": "127.0.0.1:0"}
	done(t, at, 0, "", "account", "create", "--slug=acme", "--name=Acme Coaching", "--owner=maya@acme.example")
	file := keepFile(t, db, at, []byte("a worksheet"))
	if err := os.RemoveAll(filepath.Join(at["DATA_DIR"], "files")); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(t.TempDir(), "all-there-is.zip")
	done(t, at, notWhole, "1 files were missing from the storage, or cut short there, when the backup was written:\n  "+file.String(), "backup", archive)
	done(t, with(at, "DATA_DIR="+dataDir(t), "DATABASE_URL="+dbtest.Empty(t)), 0, file.String(), "restore", archive)
}

// TestReadingMakesNothing gives each command that needs an installation a folder that nothing is in. What is not named here is for setting
// one up, and may make it.
func TestReadingMakesNothing(t *testing.T) {
	t.Parallel()
	refused := map[string][]string{"work": nil, "staff drop-two-factor": {"maya@acme.example"}, "jobs list": nil, "jobs retry": {"1"}, "jobs cancel": {"1"}, "backup": nil}
	makes := []string{"serve", "migrate", "demo", "account create", "restore"}
	parser, err := kong.New(&cli{}, kong.Name("atrium"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(false) {
		name := strings.Join(strings.Fields(command.Path()), " ")
		says := "atrium: there is no installation in DATA_DIR, "
		switch arguments, refuses := refused[name]; {
		case name == "check":
			says = "the first start makes one in"
			fallthrough
		case refuses:
			dir := filepath.Join(dataDir(t), "daat") // mistyped
			done(t, map[string]string{"DATA_DIR": dir}, 1, says, append(strings.Fields(name), arguments...)...)
			if _, err := os.Stat(filepath.Join(dir, "postgres")); !os.IsNotExist(err) {
				t.Errorf("%s leaves a cluster: %v", name, err)
			}
			if _, err := os.Stat(dir); refuses && !os.IsNotExist(err) {
				t.Errorf("%s leaves a folder: %v", name, err)
			}
		case name != "version" && !slices.Contains(makes, name):
			t.Errorf("nobody decided whether %s may make an installation", name)
		}
	}
}

// TestMakingIsTold sets up an installation by each command that may: they say where, and the next one finds it there.
func TestMakingIsTold(t *testing.T) {
	t.Parallel()
	create := []string{"account", "create", "--slug=acme", "--name=Acme Coaching", "--owner=maya@acme.example"}
	for _, first := range [][]string{create, {"migrate"}} {
		at := map[string]string{"DATA_DIR": dataDir(t)}
		made := launch(t, at, first...)
		if want := "so a new database was made in " + filepath.Join(at["DATA_DIR"], "postgres") + "\n"; made.code() != 0 || !strings.Contains(made.errs.String(), want) {
			t.Errorf("%v: exit code %d, no %q in %q", first, made.code(), want, made.errs.String())
		}
		found := launch(t, at, "migrate")
		if said := found.errs.String(); found.code() != 0 || strings.Contains(said, "was made") {
			t.Errorf("after %v: exit code %d, %q", first, found.code(), said)
		}
		done(t, at, 0, "", "jobs")
	}
	at := map[string]string{"DATA_DIR": dataDir(t), "ADDR": "127.0.0.1:0"}
	if log := launch(t, at, "serve").ready("Atrium serves").errs.String(); !strings.Contains(log, "a new database was made\" folder="+filepath.Join(at["DATA_DIR"], "postgres")) {
		t.Errorf("serve says %q", log)
	}
}

// TestStoppedBackup stops one in its middle: it says so, and not what came of that, and leaves nothing.
func TestStoppedBackup(t *testing.T) {
	t.Parallel()
	b := newHeldBackups(t)
	p, _ := b.begin()
	p.signal(syscall.SIGTERM)
	if got, want := p.oneLine(), "atrium: no backup was written: it was stopped"; p.code() != 1 || got != want {
		t.Errorf("exit code %d: %q, want %q", p.code(), got, want)
	}
	b.has()
}

// TestKilledBackup kills one in its middle. What it leaves goes with the next one, whose own file stays while it is written,
// whoever else begins.
func TestKilledBackup(t *testing.T) {
	t.Parallel()
	b := newHeldBackups(t)
	killed, left := b.begin()
	killed.signal(syscall.SIGKILL)
	killed.code()
	b.has(left)
	whole, written := b.begin()
	b.has(written)
	other, others := b.begin()
	b.has(written, others)
	other.signal(syscall.SIGTERM)
	other.code()
	b.goOn()
	if code := whole.code(); code != 0 {
		t.Errorf("exit code %d: %s", code, whole.errs.String())
	}
	b.has("all.zip")
}

// heldBackups are backups of one database into one file, which wait in their middle.
type heldBackups struct {
	t    *testing.T
	at   map[string]string
	lock pgx.Tx
	dir  string
}

func newHeldBackups(t *testing.T) *heldBackups {
	t.Helper()
	db := dbtest.New(t)
	b := &heldBackups{t: t, dir: t.TempDir(), at: map[string]string{"DATA_DIR": dataDir(t), "DATABASE_URL": dbtest.URL(t)}}
	var err error
	if b.lock, err = db.Begin(t.Context()); err == nil {
		_, err = b.lock.Exec(t.Context(), "LOCK TABLE account") // which they wait for
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.goOn)
	return b
}

// begin starts one and returns when it waits, with the file it writes.
func (b *heldBackups) begin() (p *process, file string) {
	b.t.Helper()
	there, waiting := b.names(), b.waiting()
	p = launch(b.t, b.at, "backup", filepath.Join(b.dir, "all.zip"))
	until(b.t, 20*time.Second, "a backup that waits", func() bool { return b.waiting() > waiting })
	for _, name := range b.names() {
		if !slices.Contains(there, name) {
			file = name
		}
	}
	return p, file
}

func (b *heldBackups) waiting() (n int) {
	b.t.Helper()
	if err := b.lock.QueryRow(b.t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'account'::regclass").Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *heldBackups) names() (names []string) {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// has compares what is in the folder.
func (b *heldBackups) has(want ...string) {
	b.t.Helper()
	slices.Sort(want)
	if got := b.names(); !slices.Equal(got, want) {
		b.t.Errorf("there are %q, want %q", got, want)
	}
}

func (b *heldBackups) goOn() {
	if err := b.lock.Rollback(context.WithoutCancel(b.t.Context())); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		b.t.Error(err)
	}
}

// done runs a command to its end: with which code, and what it says.
func done(t *testing.T, variables map[string]string, code int, says string, arguments ...string) {
	t.Helper()
	p := launch(t, variables, arguments...)
	got, said := p.code(), p.out.String()+p.errs.String()
	if got != code || !strings.Contains(said, says) {
		t.Fatalf("%v: exit code %d, want %d with %q: %s", arguments, got, code, says, said)
	}
}

// inPrivate opens the private database of a DATA_DIR that no program holds.
func inPrivate(t *testing.T, variables map[string]string, do func(*pgxpool.Pool)) {
	t.Helper()
	server, err := localpg.Start(t.Context(), localpg.Options{Dir: filepath.Join(variables["DATA_DIR"], "postgres")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	pool, err := pgxpool.New(t.Context(), server.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	do(pool)
}

// keepFile puts a file of the only account where the program keeps them.
func keepFile(t *testing.T, pool *pgxpool.Pool, variables map[string]string, content []byte) (k filestore.Key) {
	t.Helper()
	k.ID = uuid.Must(uuid.NewV7())
	now := time.Now()
	q := queries.New(pool)
	err := pool.QueryRow(t.Context(), "SELECT id FROM account").Scan(&k.Account)
	if err == nil {
		err = q.FileInsert(t.Context(), queries.FileInsertParams{AccountID: k.Account, ID: k.ID, Name: "worksheet.pdf", Now: now})
	}
	if err == nil {
		_, err = q.FileReady(t.Context(), queries.FileReadyParams{AccountID: k.Account, ID: k.ID, MediaType: "application/pdf", SizeBytes: int64(len(content)), Now: now})
	}
	var store filestore.Store
	if err == nil {
		store, err = filestore.NewFolder(filepath.Join(variables["DATA_DIR"], "files"))
	}
	if err == nil {
		_, err = store.Put(t.Context(), k, bytes.NewReader(content), 1<<20)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func kept(t *testing.T, variables map[string]string, k filestore.Key, size int) []byte {
	t.Helper()
	store, err := filestore.NewFolder(filepath.Join(variables["DATA_DIR"], "files"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.Open(t.Context(), k, 0, int64(size))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// contents is each table with how many rows it has and a hash over them.
func contents(t *testing.T, pool *pgxpool.Pool) map[string]string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'river')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, table := range tables {
		var rows string
		err := pool.QueryRow(t.Context(), "SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM "+table+" r").Scan(&rows)
		if err != nil {
			t.Fatal(err)
		}
		found[table] = rows
	}
	return found
}
