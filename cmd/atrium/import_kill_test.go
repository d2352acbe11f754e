package main

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries/dbtest"
)

// What is in the file of TestImportSurvivesKill, and what of it the business knows.
const (
	bigRows       = 100_000
	bigDuplicates = 2_000 // repeat an address of an earlier row
	bigInvalid    = 1_000
	bigKnown      = 3_000 // contacts there are, of whom the file changes the name of all but bigSame
	bigSame       = 1_000
	bigNew        = bigRows - bigDuplicates - bigInvalid - bigKnown
)

// bigFile makes it; row n is of person n, but for the last ones.
func bigFile() []byte {
	var file bytes.Buffer
	file.WriteString("E-Mail;Name;Company;Tags;Note\n")
	for n := range bigRows {
		address := fmt.Sprintf("person%d@example.com", n)
		switch {
		case n >= bigRows-bigDuplicates:
			address = fmt.Sprintf("PERSON%d@example.com", (n*7)%(bigRows/2))
		case n >= bigRows-bigDuplicates-bigInvalid:
			address = "nobody in particular"
		}
		fmt.Fprintf(&file, "%s;Person %d;Company %d;\"all, group %d\";\"met at the fair;\nlikes \"\"tea\"\"\"\n", address, n, n%500, n%20)
	}
	return file.Bytes()
}

// TestImportSurvivesKill imports 100,000 rows with a program that is killed three times on the way, and expects what one that was
// left alone would have done, in memory that does not grow with the file.
func TestImportSurvivesKill(t *testing.T) {
	t.Parallel()
	box, db := newMailbox(t), dbtest.New(t)
	addr := freeAddr(t)
	_, port, _ := strings.Cut(addr, ":")
	variables := with(mailVariables(t, box), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all of these programs, one after the other", "ADDR="+addr, "DATA_DIR="+dataDir(t))
	worker := serveImports(t, variables)
	if create := launch(t, variables, "account", "create", "--slug=big", "--name=Big Business", "--owner=vera@big.example"); create.code() != 0 {
		t.Fatal(create.errs.String())
	}
	owner := newVisitor(t).open(linkIn(t, receive(t, box, "vera@big.example"))).send("/l/", "name", "Vera Lund", "password", "nine blue kayaks").arrivesAt("/big")
	if _, err := db.Exec(t.Context(), `INSERT INTO contact (account_id, id, email, name, company, tags, note, source, created_at, changed_at)
		SELECT account.id, gen_random_uuid(), 'person' || n || '@example.com', CASE WHEN n < $2 THEN 'Person ' || n ELSE 'Somebody' END, 'Company ' || n % 500,
			ARRAY['all', 'group ' || n % 20], E'met at the fair;\nlikes "tea"', 'manual', now(), now() FROM account, generate_series(0, $1 - 1) n`, bigKnown, bigSame); err != nil {
		t.Fatal(err)
	}

	began := time.Now()
	owner.open("http://app.localhost:"+port+"/big/contacts/import").attach("/big/contacts/import", "people.csv", bigFile())
	owner.send("/big/contacts/import/", "column-0", "email", "column-1", "name", "column-2", "company", "column-3", "tags", "column-4", "note", "update", "on")
	page := owner.at.String()
	worker = worker.killedAt(db, "import_check", bigRows/3)
	taskDone(t, db, "import_check")
	checked := time.Since(began)
	owner.open(page).send(owner.at.Path + "/start")
	began = time.Now()
	worker = worker.killedAt(db, "import", bigNew/4)
	worker = worker.killedAt(db, "import", bigNew*2/3)
	taskDone(t, db, "import")
	worker.remember()
	t.Logf("checked in %s, %.0f rows/s; imported in %s, %.0f rows/s; two cores, kills and starts included", checked.Round(time.Millisecond), bigRows/checked.Seconds(),
		time.Since(began).Round(time.Millisecond), float64(bigNew+bigKnown-bigSame)/time.Since(began).Seconds())
	bigResult(t, db)
	if owner.open(page); !strings.Contains(owner.page, "94,000") || !strings.Contains(owner.page, "Imported") {
		t.Errorf("the page does not tell the result: %s", owner.page)
	}
}

// bigResult compares the database with the file.
func bigResult(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	for question, want := range map[string]int{
		"SELECT count(*) FROM contact":                                                                                              bigNew + bigKnown,
		"SELECT count(DISTINCT email) FROM contact":                                                                                 bigNew + bigKnown,
		"SELECT count(*) FROM contact WHERE source = 'import'":                                                                      bigNew,
		"SELECT count(*) FROM contact_import_row":                                                                                   bigRows,
		"SELECT count(*) FROM contact_import_row WHERE outcome = 'new'":                                                             bigNew,
		"SELECT count(*) FROM contact_import_row WHERE outcome = 'updated'":                                                         bigKnown - bigSame,
		"SELECT count(*) FROM contact_import_row WHERE outcome = 'same'":                                                            bigSame,
		"SELECT count(*) FROM contact_import_row WHERE outcome = 'duplicate'":                                                       bigDuplicates,
		"SELECT count(*) FROM contact_import_row WHERE outcome = 'invalid'":                                                         bigInvalid,
		"SELECT (counts->>'new')::int FROM task WHERE kind = 'import_check'":                                                        bigNew,
		"SELECT (counts->>'new')::int FROM task WHERE kind = 'import'":                                                              bigNew,
		"SELECT (counts->>'updated')::int FROM task WHERE kind = 'import'":                                                          bigKnown - bigSame,
		"SELECT done::int FROM task WHERE kind = 'import' AND state = 'done'":                                                       bigNew + bigKnown - bigSame,
		"SELECT done::int FROM task WHERE kind = 'import_check' AND state = 'done'":                                                 bigRows,
		"SELECT count(*) FROM contact_import_row r JOIN contact c ON c.id = r.contact_id AND c.email = r.email AND c.name = r.name": bigNew + bigKnown - bigSame,
		`SELECT count(*) FROM contact WHERE name = 'Person ' || substring(email::text FROM '\d+') AND company LIKE 'Company %'
			AND cardinality(tags) = 2 AND tags @> '{all}' AND note = E'met at the fair;\nlikes "tea"'`: bigNew + bigKnown,
		"SELECT count(*) FROM tag": 21,
	} {
		var got int
		if err := db.QueryRow(t.Context(), question).Scan(&got); err != nil || got != want {
			t.Errorf("%s: got %d, want %d; %v", question, got, want, err)
		}
	}
}

// importer is a program that serves and works, and how much memory it had when it was ready.
type importer struct {
	*process
	variables map[string]string
	atStart   int // kB
}

func serveImports(t *testing.T, variables map[string]string) *importer {
	t.Helper()
	i := &importer{process: launch(t, variables, "serve").ready("Atrium serves"), variables: variables}
	i.atStart = i.memory("VmRSS")
	return i
}

// remember says how much memory the program needed at most, and fails when that is too much.
func (i *importer) remember() {
	i.t.Helper()
	const most = 150 << 10
	peak := i.memory("VmHWM")
	i.t.Logf("memory: %d MB at its start, %d MB at most", i.atStart>>10, peak>>10)
	if peak-i.atStart > most {
		i.t.Errorf("the program grew by %d MB", (peak-i.atStart)>>10)
	}
}

// killedAt waits until the task is so far, kills the program without a warning, and starts another. What the dead one held is let
// run out: its lease of the task and its office as leader of the workers last a quarter of a minute.
func (i *importer) killedAt(db *pgxpool.Pool, kind string, done int) *importer {
	i.t.Helper()
	until(i.t, 3*time.Minute, fmt.Sprintf("%d rows of %s", done, kind), func() bool { return progress(i.t, db, kind) >= done })
	i.remember()
	i.signal(syscall.SIGKILL)
	var unfinished bool
	err := db.QueryRow(i.t.Context(), "SELECT finished_at IS NULL AND leased_until IS NOT NULL FROM task WHERE kind = $1::task_kind", kind).Scan(&unfinished)
	if err != nil || !unfinished {
		i.t.Fatalf("the program was to be killed in the middle of %s: %v", kind, err)
	}
	i.t.Logf("killed at %d rows of %s", progress(i.t, db, kind), kind)
	for _, lapse := range []string{"UPDATE task SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL", "UPDATE river.river_leader SET expires_at = now()"} {
		if _, err := db.Exec(i.t.Context(), lapse); err != nil {
			i.t.Fatal(err)
		}
	}
	return serveImports(i.t, i.variables)
}

func progress(t *testing.T, db *pgxpool.Pool, kind string) (done int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT coalesce(max(done), 0) FROM task WHERE kind = $1::task_kind", kind).Scan(&done); err != nil {
		t.Fatal(err)
	}
	return done
}

func taskDone(t *testing.T, db *pgxpool.Pool, kind string) {
	t.Helper()
	until(t, 3*time.Minute, kind+" is done", func() (done bool) {
		err := db.QueryRow(context.WithoutCancel(t.Context()), "SELECT state = 'done' FROM task WHERE kind = $1::task_kind", kind).Scan(&done)
		return err == nil && done
	})
}

// attach sends a file by the form of the page with that action.
func (v *visitor) attach(action, name string, content []byte) *visitor {
	v.t.Helper()
	_, form, found := strings.Cut(v.page, `action="`+action+`" enctype="multipart/form-data"`)
	token := hiddenInput.FindStringSubmatch(form)
	if !found || token == nil {
		v.t.Fatalf("no form for %s in %s: %d %s", action, v.at, v.status, v.page)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	err := w.WriteField(token[1], token[2])
	if err == nil {
		part, fault := w.CreateFormFile("file", name)
		if err = fault; err == nil {
			_, err = part.Write(content)
		}
	}
	if err != nil || w.Close() != nil {
		v.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.at.ResolveReference(&url.URL{Path: action}).String(), &body)
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Content-Type", w.FormDataContentType())
	request.Header.Set("Origin", v.at.Scheme+"://"+v.at.Host)
	v.read(request)
	return v
}
