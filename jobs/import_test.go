package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// imported is a file that was uploaded, and how it is worked on.
type imported struct {
	*office
	id uuid.UUID
}

// upload keeps a file in parts of the usual size; its columns are e-mail, name, phone, company, tags and note unless change says so.
func (o *office) upload(content string, change ...func(*queries.ImportSetColumnsParams)) *imported {
	o.t.Helper()
	i := &imported{o, queries.NewID()}
	columns := queries.ImportSetColumnsParams{AccountID: o.account, ID: i.id, Encoding: "utf-8", Delimiter: ";", HasHeader: true, Columns: []string{},
		Mapping: []string{"email", "name", "phone", "company", "tags", "note"}, Tags: []string{}, UpdateKnown: true}
	for _, f := range change {
		f(&columns)
	}
	rest := []byte(content)
	o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		err := queries.AddImport(ctx, q, queries.NewImport{ImportInsertParams: queries.ImportInsertParams{AccountID: o.account, ID: i.id, FileName: "people.csv", SizeBytes: int64(len(rest)),
			Encoding: "utf-8", Delimiter: ";", Columns: []string{}, Now: o.now()}, Next: func() (part []byte, err error) {
			n := min(len(rest), queries.ImportPartSize)
			part, rest = rest[:n], rest[n:]
			return part, nil
		}})
		if err != nil {
			return err
		}
		return q.ImportSetColumns(ctx, columns)
	})
	return i
}

func (i *imported) start(kind queries.TaskKind) (task uuid.UUID) {
	i.t.Helper()
	i.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) (err error) {
		task, err = queries.StartTask(ctx, q, queries.NewTask{AccountID: i.account, Kind: kind, StaffID: i.owner(), ImportID: &i.id, Now: i.now()})
		return err
	})
	return task
}

// owner is a staff person who starts what is started.
func (o *office) owner() uuid.UUID {
	o.t.Helper()
	row, err := o.q.StaffUpsert(o.t.Context(), queries.StaffUpsertParams{ID: queries.NewID(), Email: "maya@acme.example", Now: o.now()})
	check(o.t, err)
	return row.ID
}

// does works on a task until it is over and demands how many rows came to each outcome.
func (i *imported) does(kind queries.TaskKind, want queries.TaskCounts) {
	i.t.Helper()
	task := i.start(kind)
	w := &taskRunWorker{db: i.pool, c: i.config, queue: i.queue}
	for over := false; !over; {
		var err error
		over, err = w.portion(i.t.Context(), i.account, task)
		check(i.t, err)
	}
	i.counted(task, want)
}

func (i *imported) counted(task uuid.UUID, want queries.TaskCounts) {
	i.t.Helper()
	row, err := i.q.TaskByID(i.t.Context(), queries.TaskByIDParams{AccountID: i.account, ID: task})
	check(i.t, err)
	got, err := queries.ParseTaskCounts(row.Counts)
	check(i.t, err)
	sum := int64(0)
	for _, n := range got {
		sum += n
	}
	if !maps.Equal(got, want) || row.State != queries.TaskStateDone || row.Done != sum || row.Total == nil || *row.Total != sum {
		i.t.Errorf("%s: got %v, want %v; %s, %d done", row.Kind, got, want, row.State, row.Done)
	}
}

// rows are the import's rows: line, outcome, reason.
func (i *imported) rows() (lines []string) {
	i.t.Helper()
	return read[[]string](i.office, "SELECT array_agg(row_number || ' ' || outcome || ' ' || reason ORDER BY row_number) FROM contact_import_row WHERE import_id = $1", i.id)
}

func (o *office) person(email string) string {
	o.t.Helper()
	return read[string](o, "SELECT concat_ws('|', email, name, phone, company, array_to_string(tags, ','), note, source) FROM contact WHERE email = $1", email)
}

const people = `E-Mail;Name;Phone;Company;Tags;Note
new@example.com;Ana Souza;+55 11 1234;Acme;vip, Spring;Likes mornings
ANA@example.com;Ana B. Souza;;;;
known@example.com;;;;VIP;
same@example.com;Sam;;;;
nonsense;Nobody;;;;
;No Address;;;;
New@Example.com;Again;;;;
long@example.com;` + "\x01" + `;;;;

quoted@example.com;"Zoë
of the ""Sea""";;;;
`

// Each row comes to what it would do, and then does it: once, whatever is in the file twice.
func TestImport(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec("INSERT INTO tag VALUES ($1, 'VIP', now())", o.account)
	o.contact("ana@example.com", "Ana Souza")
	o.contact("same@example.com", "Sam")
	o.contact("known@example.com", "Kofi")
	o.exec("UPDATE contact SET phone = '123', note = 'mine', tags = '{VIP}' WHERE email IN ('known@example.com', 'ana@example.com')")
	i := o.upload(people)
	before := read[string](o, "SELECT string_agg(c::text, '' ORDER BY id) FROM contact c")
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"new": 2, "updated": 1, "same": 2, "invalid": 3, "duplicate": 1})
	want := []string{"2 new ", "3 updated Changes name.", "4 same ", "5 same ", "6 invalid An address has a name, an @ and a domain, like ana@example.com.",
		"7 invalid There is no e-mail address.", "8 duplicate Line 2 has this address first.", "9 invalid This name contains characters that cannot be shown.", "11 new "}
	if got := i.rows(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := read[string](o, "SELECT string_agg(name || ' <' || typed || '>', ', ' ORDER BY row_number) FROM contact_import_row WHERE outcome = 'invalid'"); got != "Nobody <nonsense>, No Address <>, \x01 <long@example.com>" {
		t.Errorf("of refused rows is kept %q", got)
	}
	if read[string](o, "SELECT string_agg(c::text, '' ORDER BY id) FROM contact c") != before {
		t.Error("the check changed a contact")
	}
	o.exec("UPDATE contact_import SET read_bytes = 0, read_lines = 0") // its columns are chosen once more
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"new": 2, "updated": 1, "same": 2, "invalid": 3, "duplicate": 1})
	i.does(queries.TaskKindImport, queries.TaskCounts{"new": 2, "updated": 1})
	for email, want := range map[string]string{
		"new@example.com":    "new@example.com|Ana Souza|+55 11 1234|Acme|Spring,VIP|Likes mornings|import",
		"ana@example.com":    "ana@example.com|Ana B. Souza|123||VIP|mine|manual",
		"known@example.com":  "known@example.com|Kofi|123||VIP|mine|manual",
		"quoted@example.com": "quoted@example.com|Zoë of the \"Sea\"|||||import",
	} {
		if got := o.person(email); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if n := read[int](o, "SELECT count(*) FROM contact_import_row WHERE contact_id IS NOT NULL"); n != 3 {
		t.Errorf("%d rows have a contact", n)
	}
	if read[int](o, "SELECT count(*) FROM contact") != 5 || read[int](o, "SELECT count(*) FROM mail") != 0 || read[int](o, "SELECT count(*) FROM tag") != 2 {
		t.Error("more came of it than contacts and their tags")
	}
	i.does(queries.TaskKindImport, queries.TaskCounts{}) // nothing is left
}

// The real run goes by what is there when it runs.
func TestImportOfWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contact("gone@example.com", "Gone")
	o.contact("caught.up@example.com", "Old")
	i := o.upload("E-Mail;Name\nappeared@example.com;Ana\nalike@example.com;Ben\ngone@example.com;Cid\ncaught.up@example.com;Dee\n")
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"new": 2, "updated": 2})
	o.contact("Appeared@example.com", "")
	o.contact("alike@example.com", "Ben")
	o.exec("DELETE FROM contact WHERE email = 'gone@example.com'")
	o.exec("UPDATE contact SET name = 'Dee' WHERE email = 'caught.up@example.com'")
	i.does(queries.TaskKindImport, queries.TaskCounts{"updated": 1, "same": 2, "new": 1})
	want := []string{"2 updated This contact was added after the check.", "3 same This contact was added after the check.",
		"4 new This contact was deleted after the check, and is here again.", "5 same This contact was changed after the check, and nothing was left to do."}
	if got := i.rows(); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if got := o.person("appeared@example.com"); got != "Appeared@example.com|Ana|||||manual" {
		t.Errorf("got %s", got)
	}
}

// An address of a contact who was merged into another leads to the one that stayed, also when they are merged after the check.
func TestImportOfMergedContacts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	merge := func(kept, gone uuid.UUID) {
		t.Helper()
		o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
			_, _, err := queries.MergeContacts(ctx, q, o.account, kept, gone, nil, o.now())
			return err
		})
	}
	ana, ben := o.contact("ana@example.com", "Ana"), o.contact("ben@example.com", "Ben")
	merge(ana, o.contact("ana@old.example", ""))
	i := o.upload("E-Mail;Name;Phone\nANA@old.example;Ana Souza;12\nana@example.com;Other\nben@old.example;;34\nben@example.com;Ben B.\nana@old.example;Third\n")
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"updated": 2, "duplicate": 2, "new": 1})
	merge(ben, o.contact("ben@old.example", ""))
	i.does(queries.TaskKindImport, queries.TaskCounts{"updated": 3})
	want := []string{"2 updated ANA@old.example was merged into this contact. Changes name, phone.", "3 duplicate Line 2 has this address first.",
		"4 updated This contact was added after the check.", "5 updated Changes name.", "6 duplicate ana@old.example was merged into this contact. Line 2 has this contact first."}
	if got := i.rows(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for email, want := range map[string]string{"ana@example.com": "ana@example.com|Ana Souza|12||||manual", "ben@example.com": "ben@example.com|Ben|34||||manual"} {
		if got := o.person(email); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if n := read[int](o, "SELECT count(*) FROM contact"); n != 2 {
		t.Errorf("%d contacts", n)
	}
}

// Known contacts are left alone when that is asked for, and everybody else gets the file's tags.
func TestImportLeavesKnownOnes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contact("known@example.com", "Kofi")
	before := o.person("known@example.com")
	i := o.upload("known@example.com;Somebody\nnew@example.com;\nlater@example.com;Lea", func(c *queries.ImportSetColumnsParams) {
		c.HasHeader, c.UpdateKnown, c.Tags = false, false, []string{"Spring", "vip"}
	})
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"same": 1, "new": 2})
	o.contact("later@example.com", "")
	i.does(queries.TaskKindImport, queries.TaskCounts{"new": 1, "same": 1})
	if got := o.person("known@example.com"); got != before {
		t.Errorf("a known contact is %s", got)
	}
	if got := o.person("new@example.com"); got != "new@example.com||||Spring,vip||import" {
		t.Errorf("a new one is %s", got)
	}
}

// The new contacts are invited, each by one mail, and nobody else.
func TestImportInvites(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.contact("known@example.com", "Kofi")
	text := "E-Mail;Name\nknown@example.com;Somebody\n"
	for n := range inviteAtOnce + 5 {
		text += fmt.Sprintf("new%d@example.com;New\n", n)
	}
	i := o.upload(text, func(c *queries.ImportSetColumnsParams) { c.Invite = true })
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"updated": 1, "new": inviteAtOnce + 5})
	if n := read[int](o, "SELECT count(*) FROM mail"); n != 0 {
		t.Errorf("the check wrote %d mails", n)
	}
	i.does(queries.TaskKindImport, queries.TaskCounts{"updated": 1, "new": inviteAtOnce + 5})
	if n := read[int](o, "SELECT count(DISTINCT contact_id) FROM invitation JOIN contact c ON c.id = contact_id WHERE c.source = 'import'"); n != inviteAtOnce+5 {
		t.Errorf("%d are invited", n)
	}
	if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = 'mail_send' AND priority = 2"); n != inviteAtOnce+5 {
		t.Errorf("%d mails are to be sent", n)
	}
}

// A file of many parts is taken in portions, each beginning where the one before ended; with a portion that failed in between.
func TestImportInPortions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const lines = 2*checkAtOnce + 500
	var text strings.Builder
	text.WriteString("E-Mail;Name;;;;Note\n")
	for n := range lines {
		fmt.Fprintf(&text, "person%d@example.com;Person %d;;;;\"%s\n\"\n", n, n, strings.Repeat("ü", 100+n%50))
	}
	i := o.upload(text.String())
	if parts := read[int](o, "SELECT count(*) FROM contact_import_part"); parts < 3 {
		t.Fatalf("only %d parts", parts)
	}
	task := i.start(queries.TaskKindImportCheck)
	w := &taskRunWorker{db: o.pool, c: o.config, queue: o.queue}
	for portion := 0; ; portion++ {
		o.exec(fmt.Sprintf("ALTER TABLE task ADD CONSTRAINT broken CHECK (done = %d) NOT VALID", portion*checkAtOnce))
		if _, err := w.portion(t.Context(), o.account, task); err == nil {
			t.Fatal("the portion was to fail")
		}
		o.exec("ALTER TABLE task DROP CONSTRAINT broken")
		over, err := w.portion(t.Context(), o.account, task)
		check(t, err)
		if over {
			break
		}
		if n := read[int](o, "SELECT count(*) FROM contact_import_row"); n != (portion+1)*checkAtOnce {
			t.Fatalf("%d rows after %d portions", n, portion+1)
		}
	}
	i.counted(task, queries.TaskCounts{"new": lines})
	i.does(queries.TaskKindImport, queries.TaskCounts{"new": lines})
	if n := read[int](o, "SELECT count(DISTINCT email) FROM contact WHERE note LIKE 'ü%'"); n != lines {
		t.Errorf("%d contacts", n)
	}
}

// What is stopped can be gone on with, and nothing is done twice.
func TestImportGoesOnAfterCancel(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var text strings.Builder
	text.WriteString("E-Mail\n")
	for n := range importAtOnce + 10 {
		fmt.Fprintf(&text, "person%d@example.com\n", n)
	}
	i := o.upload(text.String())
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"new": importAtOnce + 10})
	task := i.start(queries.TaskKindImport)
	w := &taskRunWorker{db: o.pool, c: o.config, queue: o.queue}
	_, err := w.portion(t.Context(), o.account, task)
	check(t, err)
	_, err = o.q.TaskAskCancel(t.Context(), queries.TaskAskCancelParams{AccountID: o.account, ID: task, Now: o.now()})
	check(t, err)
	over, err := w.portion(t.Context(), o.account, task)
	check(t, err)
	if n := read[int](o, "SELECT count(*) FROM contact"); !over || n != importAtOnce {
		t.Errorf("over: %v, with %d contacts", over, n)
	}
	i.does(queries.TaskKindImport, queries.TaskCounts{"new": 10})
	if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = 'metric_count'"); n != 1 {
		t.Errorf("%d counts of the figures wait", n)
	}
}

// A file and its rows are gone after 30 days, unless they are being worked on; its contacts stay.
func TestImportPurge(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	old := o.upload("E-Mail\nana@example.com\n")
	old.does(queries.TaskKindImportCheck, queries.TaskCounts{"new": 1})
	old.does(queries.TaskKindImport, queries.TaskCounts{"new": 1})
	open := o.upload("E-Mail\nben@example.com\n")
	open.start(queries.TaskKindImportCheck)
	o.later(queries.ImportKeep + time.Minute)
	young := o.upload("E-Mail\ncid@example.com\n")
	check(t, (&purgeWorker{db: o.pool, c: o.config}).Work(t.Context(), nil))
	left := read[[]uuid.UUID](o, "SELECT array_agg(DISTINCT import_id ORDER BY import_id) FROM contact_import_part")
	if !slices.Equal(left, []uuid.UUID{open.id, young.id}) || read[int](o, "SELECT count(*) FROM contact_import_row") != 0 || read[int](o, "SELECT count(*) FROM contact") != 1 {
		t.Errorf("left are %v, of %v, %v and %v", left, old.id, open.id, young.id)
	}
}

// Stripe is told of those whose name an import changed, who pay there.
func TestImportTellsStripe(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, name := range []string{"ana", "ben"} {
		o.exec("INSERT INTO stripe_customer VALUES ($1, $2, $3, now())", o.account, "cus_"+name, o.contact(name+"@example.com", name))
	}
	o.contact("cem@example.com", "cem")
	i := o.upload("E-mail;Name\nana@example.com;Ana Souza\nben@example.com;ben\ncem@example.com;Cem Kaya\nnew@example.com;New\n")
	i.does(queries.TaskKindImportCheck, queries.TaskCounts{"new": 1, "updated": 2, "same": 1})
	i.does(queries.TaskKindImport, queries.TaskCounts{"new": 1, "updated": 2})
	if told := read[string](o, "SELECT coalesce(string_agg(args->>'customer', ' '), '') FROM river.river_job WHERE kind = 'stripe_customer'"); told != "cus_ana" {
		t.Errorf("Stripe is told of %q", told)
	}
}
