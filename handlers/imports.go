package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/csvfile"
	"atrium/queries"
	"atrium/views"
)

// importsPage takes a new file, and lists those that came before.
type importsPage struct {
	views.Page
	File    views.Field
	Most    string // how large a file may be, in words
	Imports []importLine
}

// importLine is one import in the list.
type importLine struct {
	Name    string
	Href    string
	By      string // empty: somebody who is gone
	Created views.Moment
	State   contactState
	Note    string // what it did, in numbers; may be empty
}

func (s *Site) newImportsPage(c *fiber.Ctx) *importsPage {
	return &importsPage{Page: s.page(c, "Import contacts"), Most: tooLarge{queries.ImportMost}.words(),
		File: views.Field{Name: "file", Label: "CSV file", Required: true}}
}

func (s *Site) importsIndex(c *fiber.Ctx) error {
	v := at(c)
	rows, err := s.q.ImportList(c.UserContext(), v.account.ID)
	if err != nil {
		return err
	}
	p := s.newImportsPage(c)
	for _, row := range rows {
		counts, err := queries.ParseTaskCounts(row.Counts)
		if err != nil {
			return err
		}
		line := importLine{Name: row.FileName, Href: v.base() + "/contacts/import/" + row.ID.String(), By: row.StaffName, Created: v.moment(&row.CreatedAt)}
		line.State, line.Note = importListState(queries.TaskKind(row.Kind), queries.TaskState(row.State), counts)
		p.Imports = append(p.Imports, line)
	}
	return render(c, views.FrameAdmin, "imports/index", "", p)
}

// importListState tells how far an import is by its newest task.
func importListState(kind queries.TaskKind, state queries.TaskState, counts queries.TaskCounts) (contactState, string) {
	open := state == queries.TaskStateQueued || state == queries.TaskStateRunning
	switch {
	case kind == queries.TaskKindImport && open:
		return contactState{"Importing", "info", "clock"}, ""
	case kind == queries.TaskKindImport:
		note := fmt.Sprintf("%d added, %d updated", counts[queries.TaskOutcomeNew], counts[queries.TaskOutcomeUpdated])
		if state == queries.TaskStateDone {
			return contactState{"Imported", "success", "circle-check"}, note
		}
		return contactState{"Stopped", "warning", "circle-alert"}, note
	case open:
		return contactState{"Checking", "info", "clock"}, ""
	case state == queries.TaskStateDone:
		return contactState{"Checked", "", "list-checks"}, "Nothing is imported yet"
	}
	return contactState{"Uploaded", "", "file-text"}, "Nothing is imported yet"
}

// importsUpload takes a file in. What cannot be read as CSV is refused with what it is instead.
func (s *Site) importsUpload(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	i, problem, err := s.takeImport(c)
	if problem != "" || err != nil {
		s.leave(c)
	}
	if problem != "" {
		p := s.newImportsPage(c)
		p.File.Error = problem
		invalid(c)
		return render(c, views.FrameAdmin, "imports/index", "imports/_upload", p)
	} else if err != nil {
		return err
	}
	defer i.file.Close()
	err = queries.InTx(ctx, s.DB, func(q *queries.Queries, _ pgx.Tx) error {
		if err := queries.AddImport(ctx, q, queries.NewImport{ImportInsertParams: i.ImportInsertParams, Next: i.next}); err != nil {
			return err
		}
		return v.did(ctx, q, "import.upload", queries.AuditSubject{Kind: "import", ID: &i.ID, Name: i.FileName})
	})
	if err != nil {
		return err
	}
	return redirect(c, v.base()+"/contacts/import/"+i.ID.String()+"/columns")
}

// takenImport is a file that lies on the disk, so that neither memory nor a connection to Postgres waits for its sender.
type takenImport struct {
	queries.ImportInsertParams
	file *os.File
}

// next is the next part of the file.
func (i takenImport) next() ([]byte, error) {
	part := make([]byte, queries.ImportPartSize)
	n, err := io.ReadFull(i.file, part)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return part[:n], err
}

// takeImport reads what is sent and finds out how it is to be read; a problem is a sentence for whoever sent it.
func (s *Site) takeImport(c *fiber.Ctx) (i takenImport, problem string, err error) {
	v := at(c)
	name, content, err := v.upload.file("file")
	if errors.Is(err, errNoFile) {
		return i, "Choose a file first.", nil
	}
	detector := &csvfile.Detector{}
	if err == nil {
		i.file, i.SizeBytes, err = spool(content, detector)
	}
	var large tooLarge
	if errors.As(err, &large) || i.SizeBytes > queries.ImportMost {
		err = errors.Join(closeFile(i.file))
		return i, fmt.Sprintf("This file is larger than %s. Part it in two and import them one after the other.", tooLarge{queries.ImportMost}.words()), err
	} else if err != nil {
		return i, "", errors.Join(err, closeFile(i.file))
	}
	if problem, err = i.understand(detector); problem != "" || err != nil {
		return i, problem, errors.Join(err, closeFile(i.file))
	}
	i.AccountID, i.ID, i.StaffID, i.FileName, i.Now = v.account.ID, queries.NewID(), &v.staff.StaffID, fileName(name), v.now
	return i, "", nil
}

func closeFile(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

// spool writes what comes into a file that has no name any more: it is gone when it is closed, also by a crash.
func spool(content io.Reader, also io.Writer) (*os.File, int64, error) {
	file, err := os.CreateTemp("", "atrium-import-")
	if err != nil {
		return nil, 0, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return file, 0, err
	}
	size, err := io.Copy(io.MultiWriter(file, also), content)
	if err != nil && !errors.As(err, new(tooLarge)) {
		err = unreadablePart(err)
	}
	return file, size, err
}

// understand finds out the format of the file and leaves it to be read from its beginning.
func (i *takenImport) understand(d *csvfile.Detector) (problem string, err error) {
	encoding, err := d.Encoding()
	if not := csvfile.NotCSV(""); errors.As(err, &not) {
		return not.Error(), nil
	} else if err != nil {
		return "", err
	}
	if _, err := i.file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	head, err := i.next()
	if err != nil {
		return "", err
	}
	format := csvfile.Format{Encoding: encoding, Delimiter: csvfile.FindDelimiter(head, encoding)}
	rows := csvfile.Sample(head, format, sampleRows)
	if len(rows) == 0 {
		return "There is nothing in this file.", nil
	}
	if rows[0].Problem != "" {
		return fmt.Sprintf("Line %d: %s", rows[0].Line, rows[0].Problem), nil
	}
	i.Encoding, i.Delimiter, i.HasHeader = string(encoding), string(format.Delimiter), csvfile.HasHeading(rows[0])
	i.Columns = headings(rows, i.HasHeader)
	_, err = i.file.Seek(0, io.SeekStart)
	return "", err
}

// fileName is what a file is called, without where it was and without what cannot be shown.
func fileName(sent string) string {
	name := sent[strings.LastIndexAny(sent, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 100 {
		name = string(runes[:100]) + "…"
	}
	return orElse(name, "contacts.csv")
}

// importOf is the id in the path.
func importOf(c *fiber.Ctx) (uuid.UUID, error) {
	id, err := uuid.Parse(c.Params("import"))
	if err != nil {
		return id, queries.ErrNotFound
	}
	return id, nil
}

// startImportTask starts long work on an import, with its line in the trail.
func (s *Site) startImportTask(ctx context.Context, v *visit, q *queries.Queries, tx pgx.Tx, id uuid.UUID, name string, kind queries.TaskKind) error {
	task, err := queries.StartTask(ctx, q, queries.NewTask{AccountID: v.account.ID, Kind: kind, StaffID: v.staff.StaffID, ImportID: &id, Now: v.now})
	if err != nil {
		return err
	}
	if err := s.Queue.Task(ctx, tx, v.account.ID, task); err != nil {
		return err
	}
	action := map[queries.TaskKind]string{queries.TaskKindImportCheck: "import.check", queries.TaskKindImport: "import.start"}[kind]
	return v.did(ctx, q, action, queries.AuditSubject{Kind: "import", ID: &id, Name: name})
}
