package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/charmap"

	"atrium/queries"
)

// messy is a file as a spreadsheet in Germany saves it.
const messy = "Vorname;Nachname;E-Mail-Adresse;Handy;Firma;Gruppe;Bemerkung;Kundennr.\r\n" +
	"Jörg;Müller;joerg@example.com;+49 30 1234;Fjällräven;vip, Früh;Mag Züge;17\r\n" +
	"Zoë;;zoe@example.com;;;;;18\r\n" +
	"Niemand;;keine adresse;;;;;19\r\n"

func latin1(t testing.TB, text string) string {
	t.Helper()
	encoded, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// uploads sends a file by the form of the page and returns the page of its columns.
func (b *browser) uploads(content string) *page {
	b.t.Helper()
	f := b.get("/acme/contacts/import").is(http.StatusOK).form("#imports-upload")
	return b.send(f.method, f.action, url.Values{"_token": f.values["_token"], "@file": {"people.csv", content}})
}

// check has the task of an import done as the job would, with these rows as its result.
func (s *testSite) checked(t testing.TB, account, id uuid.UUID, rows ...queries.ImportRow) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		if err := q.ImportRowClear(t.Context(), queries.ImportRowClearParams{AccountID: account, ImportID: id}); err != nil {
			return err
		}
		counts, err := queries.CheckRows(t.Context(), q, account, id, rows)
		if err != nil {
			return err
		}
		s.ended(t, q, account, id, counts)
		return nil
	})
}

// ended ends the open task of an import.
func (s *testSite) ended(t testing.TB, q *queries.Queries, account, id uuid.UUID, counts queries.TaskCounts) {
	t.Helper()
	tasks, err := q.ImportTasks(t.Context(), queries.ImportTasksParams{AccountID: account, ImportID: &id})
	if err != nil || len(tasks) == 0 {
		t.Fatalf("%d tasks, %v", len(tasks), err)
	}
	total, stored := int64(0), []string{}
	for outcome, n := range counts {
		total += n
		stored = append(stored, `"`+string(outcome)+`": `+strconv.FormatInt(n, 10))
	}
	if err := q.TaskMoveOn(t.Context(), queries.TaskMoveOnParams{AccountID: account, ID: tasks[0].ID, After: uuid.Nil, Total: &total, Done: total,
		Counts: []byte("{" + strings.Join(stored, ",") + "}"), LeasedUntil: s.clock.now()}); err != nil {
		t.Fatal(err)
	}
	if err := q.TaskFinish(t.Context(), queries.TaskFinishParams{AccountID: account, ID: tasks[0].ID, State: queries.TaskStateDone, Now: s.clock.now()}); err != nil {
		t.Fatal(err)
	}
}

// checkedImport is a file of an account that was checked and would add one contact.
func (s *testSite) checkedImport(t testing.TB, a account, p staff) (id uuid.UUID) {
	t.Helper()
	id = queries.NewID()
	address := id.String() + "@imported.example"
	inTx(t, s.DB, func(q *queries.Queries) error {
		parts := [][]byte{[]byte("E-Mail\n" + address), nil}
		err := queries.AddImport(t.Context(), q, queries.NewImport{ImportInsertParams: queries.ImportInsertParams{AccountID: a.id, ID: id, StaffID: &p.id, FileName: "people.csv",
			SizeBytes: 30, Encoding: "utf-8", Delimiter: ",", HasHeader: true, Columns: []string{"E-Mail"}, Now: s.clock.now()}, Next: func() (part []byte, err error) {
			part, parts = parts[0], parts[1:]
			return part, nil
		}})
		if err == nil {
			_, err = queries.StartTask(t.Context(), q, queries.NewTask{AccountID: a.id, Kind: queries.TaskKindImportCheck, StaffID: p.id, ImportID: &id, Now: s.clock.now()})
		}
		return err
	})
	s.checked(t, a.id, id, queries.ImportRow{Line: 2, Email: address, Typed: address})
	return id
}

// An upload becomes parts, with its encoding, delimiter and columns found out; the columns are guessed and checked by a task.
func TestImportsUpload(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	p := b.follow(b.uploads(latin1(t, messy))).is(http.StatusOK)
	s.rows(t, 1, "contact_import WHERE encoding = 'latin-1' AND delimiter = ';' AND has_header AND columns[3] = 'E-Mail-Adresse' AND staff_id = $1", maya.id)
	s.rows(t, 1, "contact_import_part WHERE content = $1", []byte(latin1(t, messy)))
	s.rows(t, 1, "audit WHERE action = 'import.upload' AND subject = 'people.csv' AND staff_id = $1", maya.id)
	form := p.form("#imports-columns")
	for n, want := range []string{"first_name", "last_name", "email", "phone", "company", "tags", "note", ""} {
		if got := form.values.Get("column-" + strconv.Itoa(n)); got != want {
			t.Errorf("column %d is guessed as %q, want %q", n, got, want)
		}
	}
	if !strings.Contains(p.words(), "Fjällräven") {
		t.Errorf("the first rows are not shown as they are: %s", p.words())
	}
	page := strings.TrimSuffix(form.action, "/columns")
	p = b.fill(p, "#imports-columns", "tags", "Spring, vip", "update", "", "invite", "on").leadsTo(page)
	s.rows(t, 1, "contact_import WHERE mapping = '{first_name,last_name,email,phone,company,tags,note,\"\"}' AND tags = '{Spring,vip}' AND NOT update_known AND invite")
	s.rows(t, 1, "task WHERE kind = 'import_check' AND state = 'queued' AND staff_id = $1", maya.id)
	s.inserted(t, "task_run")
	b.follow(p).has("#tasks-progress progress", "#cancel-task form").lacks("form[action='"+page+"/start']", "#imports-rows")
	b.get(page + "/columns").leadsTo(page) // its columns are being used
}

// What is no CSV is refused as what it is, and nothing of it is kept.
func TestImportsRefuseOtherFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	for content, names := range map[string]string{
		"": "empty", "PK\x03\x04....xl/workbook.xml": "Excel", "%PDF-1.7": "PDF", "\x89PNG\r\n\x1a\n\x00\x00": "picture", "\n;;\n": "nothing in this file",
		strings.Repeat(";", 300): "200 columns", "a\x00\x01b": "not a text file", "\"" + strings.Repeat("x", 70<<10): "Line 1",
	} {
		p := b.uploads(content).is(http.StatusUnprocessableEntity).has("#imports-upload input[name=file][aria-invalid=true]", "#field-file-error", "main")
		if text := words(p.one("#field-file-error")); !strings.Contains(text, names) {
			t.Errorf("%.20q: %s", content, text)
		}
		b.htmx().uploads(content).is(http.StatusUnprocessableEntity).has("#field-file-error").lacks("main")
	}
	f := b.get("/acme/contacts/import").form("#imports-upload")
	f.values["@none"] = []string{"", ""}
	b.send(f.method, f.action, f.values).is(http.StatusUnprocessableEntity).has("#field-file-error")
	s.rows(t, 0, "contact_import")
	b.get("/acme/contacts/import").is(http.StatusOK) // the connection is as good as before
}

func TestImportsRefuseLargeFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	row := "ana@example.com,Ana Souza\n"
	p := b.uploads(strings.Repeat(row, queries.ImportMost/len(row)+1)).is(http.StatusUnprocessableEntity)
	if text := words(p.one("#field-file-error")); !strings.Contains(text, "larger than 50 MB") {
		t.Error(text)
	}
	b.uploads(strings.Repeat(row, queries.ImportPartSize*2/len(row))).is(http.StatusSeeOther)
	s.rows(t, 2, "contact_import_part")
}

// The first rows stand in the columns as they are in the file: each line of all columns is one row, its empty cells too.
func TestImportsShowRowsWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	p := b.follow(b.uploads("Name;E-Mail;Telefon;Firma;Nichts\nGreta;greta@example.com;;;\nNo Mail;;+49 170 1;;\nCarl;carl@example.com\nDora;dora@example.com;;Acme;\n"))
	var got []string
	for _, row := range p.all("#imports-columns tbody tr") {
		line := []string{}
		for _, cell := range find(t, find(t, row, "td")[1], "span") {
			line = append(line, words(cell))
		}
		got = append(got, strings.Join(line, " | "))
	}
	want := []string{"Greta | No Mail | Carl", "greta@example.com | – | carl@example.com", "– | +49 170 1 | –", "– | – | – | further down: Acme", "Empty in the first rows"}
	if !slices.Equal(got, want) {
		t.Errorf("the columns show %q", got)
	}
}

// The way a file is read can be corrected, and what the columns are as well; what cannot be meant is said.
func TestImportsColumns(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme))
	p := b.follow(b.uploads("Ana Souza,ana@example.com,\"a;b\"\nBen Okri,ben@example.com,c\n"))
	path := p.form("#imports-columns").action
	p.has("#imports-columns select[name=column-2]", "#imports-reading select[name=heading] option[value=no][selected]")
	if got := p.form("#imports-columns").values; got.Get("column-0") != "name" || got.Get("column-1") != "email" {
		t.Errorf("guessed by what is in them: %v", got)
	}
	b.htmx().get(path+"?delimiter=semicolon").is(http.StatusOK).has("#imports-columns input[name=delimiter][value=semicolon]").lacks("main", "select[name=column-2]")
	b.get(path+"?heading=yes").has("#imports-columns input[name=heading][value=yes]", "main")
	b.get(path + "?encoding=utf-16le").is(http.StatusOK)
	for problem, fields := range map[string][]string{
		"which column is the e-mail address": {"column-1", ""}, "Two columns": {"column-0", "email"}, "Choose what each column is": {"column-0", "evil"},
		"at most 40 characters": {"tags", strings.Repeat("x", 41)},
	} {
		refused := b.fill(p, "#imports-columns", fields...).is(http.StatusUnprocessableEntity)
		if !strings.Contains(refused.words(), problem) {
			t.Errorf("%v: %s", fields, refused.words())
		}
		b.htmx().fill(p, "#imports-columns", fields...).is(http.StatusUnprocessableEntity).lacks("main")
	}
	s.rows(t, 0, "task")
	b.fill(p, "#imports-columns", "column-2", "tags").leadsTo(strings.TrimSuffix(path, "/columns"))
	b.fill(p, "#imports-columns").leadsTo(strings.TrimSuffix(path, "/columns")) // twice is once
	s.rows(t, 1, "task")
	s.rows(t, 1, "contact_import WHERE mapping = '{name,email,tags}'")
}

// The result of the check is shown row by row, by outcome and as a file, and starts the real run once.
func TestImportsShow(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	id := s.checkedImport(t, s.acme, maya)
	path := "/acme/contacts/import/" + id.String()
	s.contact(t, s.acme, "ana@example.com", "Ana")
	s.checked(t, s.acme.id, id, queries.ImportRow{Line: 2, Email: "ana@example.com", Name: "=1+1", Tags: []string{"vip"}}, queries.ImportRow{Line: 3, Email: "new@example.com", Phone: "+49 30 1"},
		queries.ImportRow{Line: 5, Typed: "nonsense", Name: "Nadia", Phone: strings.Repeat("7", 400), Company: "Acme", Tags: []string{"vip", "spring"}, Note: "Called", Reason: "This is no address."}, queries.ImportRow{Line: 6, Email: "NEW@example.com"})
	p := b.get(path).is(http.StatusOK).has("#imports-row-2 .badge-info", "#imports-row-3 .badge-success", "#imports-row-5 .badge-error", "form[action='"+path+"/start']", "a[href='"+path+"/columns']")
	for _, text := range []string{"Changes name, tags.", "Line 3 has this address first.", "This is no address.", "Import 2 contacts", "Cannot be taken 1", "Nadia", strings.Repeat("7", 60) + "… · Acme · vip, spring · Called"} {
		if !strings.Contains(p.words(), text) {
			t.Errorf("the page lacks %q: %s", text, p.words())
		}
	}
	b.get(path+"?outcome=invalid").has("#imports-row-5", "nav a[aria-current][href='"+path+"?outcome=invalid']").lacks("#imports-row-2")
	b.get(path + "?outcome=same").has(".empty").lacks("#imports-rows")
	if more := b.htmx().get(path + "?after=3").is(http.StatusOK); !strings.Contains(more.body, `id="imports-row-5"`) || strings.Contains(more.body, `id="imports-row-3"`) {
		t.Errorf("after line 3 comes %s", more.body)
	}
	file := b.get(path + "/outcome.csv").is(http.StatusOK)
	if want := "\ufeffLine,E-mail,Name,Phone,Company,Tags,Note,Result,Reason\n2,ana@example.com,'=1+1,,,vip,,Updated,\"Changes name, tags.\"\n3,new@example.com,,+49 30 1,,,,New,\n" +
		"5,nonsense,Nadia," + strings.Repeat("7", 400) + ",Acme,\"vip, spring\",Called,Cannot be taken,This is no address.\n6,NEW@example.com,,,,,,Twice in the file,Line 3 has this address first.\n"; file.body != want {
		t.Errorf("the file is\n%s", file.body)
	}
	s.jobs(t)
	b.fill(p, "form[action='"+path+"/start']").leadsTo(path)
	b.follow(b.fill(p, "form[action='"+path+"/start']").leadsTo(path)).has("#notice .flash-info", "#tasks-progress")
	s.rows(t, 1, "task WHERE kind = 'import' AND import_id = $1", id)
	s.rows(t, 1, "audit WHERE action = 'import.start' AND subject_id = $1", id)
	s.inserted(t, "task_run")

	inTx(t, s.DB, func(q *queries.Queries) error { // one row is done, and then it is stopped
		made, _, counts, err := queries.ApplyRows(t.Context(), q, s.acme.id, id, []queries.ImportRowNextRow{{RowNumber: 2, Email: "ana@example.com"}}, s.clock.now())
		if err == nil && len(made) == 0 {
			s.ended(t, q, s.acme.id, id, counts)
		}
		return err
	})
	p = b.get(path).has("#imports-stopped", "#imports-row-2 a", "#imports-row-3 .badge-warning", "form[action='"+path+"/start']").lacks("a[href='" + path + "/columns']")
	if !strings.Contains(p.words(), "Import the remaining 1 contact") {
		t.Error(p.words())
	}
	b.get(path + "/columns").leadsTo(path)
	b.fill(p, "form[action='"+path+"/start']").leadsTo(path)
	inTx(t, s.DB, func(q *queries.Queries) error {
		_, _, counts, err := queries.ApplyRows(t.Context(), q, s.acme.id, id, []queries.ImportRowNextRow{{RowNumber: 3, Email: "new@example.com"}}, s.clock.now())
		s.ended(t, q, s.acme.id, id, counts)
		return err
	})
	p = b.get(path).lacks("form[action='"+path+"/start']", "#imports-stopped")
	if !strings.Contains(p.words(), "New 1Updated 1") {
		t.Error(p.words())
	}
	b.get("/acme/contacts/import").has("#imports-past a[href='"+path+"']", "#imports-past .badge-success")
}

// Rows beyond the first hundred come page by page.
func TestImportsShowMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	b := s.staff(t, maya)
	id := s.checkedImport(t, s.acme, maya)
	var rows []queries.ImportRow
	for line := range int64(importRowsPerPage + 2) {
		rows = append(rows, queries.ImportRow{Line: line + 2, Email: strconv.FormatInt(line, 10) + "@example.com"})
	}
	s.checked(t, s.acme.id, id, rows...)
	p := b.get("/acme/contacts/import/" + id.String()).has("#imports-row-101").lacks("#imports-row-102")
	more := b.htmx().get(attr(p.one("#imports-more a"), "href")).is(http.StatusOK)
	if n := strings.Count(more.body, `<tr class="row"`); n != 2 || strings.Contains(more.body, "imports-more") {
		t.Errorf("%d more rows: %s", n, more.body)
	}
}

// An import is told by its newest work.
func TestImportsIndex(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme, s.lumen)
	b := s.staff(t, maya)
	b.get("/acme/contacts/import").has("#imports-upload").lacks("#imports-past")
	b.get("/acme/contacts").has("a[href='/acme/contacts/import']")
	b.uploads("E-Mail\nana@example.com").is(http.StatusSeeOther)
	s.clock.move(time.Second)
	s.checkedImport(t, s.acme, maya)
	s.checkedImport(t, s.lumen, maya)
	p := b.get("/acme/contacts/import")
	if n := len(p.all("#imports-past li")); n != 2 || !strings.Contains(p.words(), "Checked") || !strings.Contains(p.words(), "Uploaded") {
		t.Errorf("%d imports: %s", n, p.words())
	}
}

func TestGuessMapping(t *testing.T) {
	for heading, want := range map[string]queries.ImportField{"E-mail Address": "email", "Courriel": "email", "Correo electrónico": "email", "Prénom": "first_name", "NAME": "name",
		"Téléphone": "phone", "Société": "company", "Étiquettes": "tags", "メールアドレス": "email", "Имя": "name", "Customer ID": "", "": ""} {
		if got := fieldOfHeading(heading); got != want {
			t.Errorf("%s is %q, want %q", heading, got, want)
		}
	}
}

// Beside a first name, a name is the last one; and no word means two things.
func TestGuessMappingOfParts(t *testing.T) {
	if got := guessMapping([]string{"Nom", "Prénom", "Courriel"}, nil, true); !slices.Equal(got, []string{"last_name", "first_name", "email"}) {
		t.Error(got)
	}
	seen := map[string]queries.ImportField{}
	for field, words := range headingWords {
		for word := range strings.FieldsSeq(words) {
			if other, twice := seen[bareWord(word)]; twice {
				t.Errorf("%s is %s and %s", word, field, other)
			}
			seen[bareWord(word)] = field
		}
	}
}

func TestFileName(t *testing.T) {
	for sent, want := range map[string]string{"../../etc/people.csv": "people.csv", `C:\Users\Ana\people.csv`: "people.csv", "": "contacts.csv", "a\x00\u202eb.csv": "ab.csv",
		strings.Repeat("ü", 200): strings.Repeat("ü", 100) + "…"} {
		if got := fileName(sent); got != want {
			t.Errorf("%q is %q, want %q", sent, got, want)
		}
	}
}
