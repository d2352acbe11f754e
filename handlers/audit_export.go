package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
)

// auditLogExport sends the trail that fits the filters as CSV, as it is read: nobody holds all of it.
func (s *Site) auditLogExport(c *fiber.Ctx) error {
	v, asked := at(c), auditAsked(c)
	asked.Size = 500
	c.Attachment("audit-log-" + v.account.Slug + "-" + v.now.Format(time.DateOnly) + ".csv")
	c.Type("csv", "utf-8")
	if c.Method() == fiber.MethodHead {
		return nil
	}
	file := &auditFile{q: s.q, asked: asked, zone: v.now.Location(), deadline: s.Deadline}
	if conn := c.Context().Conn(); conn != nil {
		file.patience = func() { _ = conn.SetWriteDeadline(time.Now().Add(30 * time.Second)) } // a connection that cannot will not hang either: it is closed
	}
	if err := file.fill(); err != nil { // the first page: a fault is still an answer of its own
		return err
	}
	return c.SendStream(file)
}

// auditFile reads the trail page by page. When Postgres fails in the middle the connection breaks off, so that half a file does
// not pass for a whole one.
type auditFile struct {
	q        *queries.Queries
	asked    queries.AuditAsked
	zone     *time.Location
	deadline time.Duration // of one page
	patience func()        // gives the reader time for the next page; nil: no need

	ready bytes.Buffer
	begun bool
	atEnd bool
}

func (f *auditFile) Read(into []byte) (int, error) {
	for f.ready.Len() == 0 && !f.atEnd {
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	if f.ready.Len() == 0 {
		return 0, io.EOF
	}
	return f.ready.Read(into)
}

// fill writes the next page.
func (f *auditFile) fill() error {
	ctx, cancel := context.WithTimeout(context.Background(), f.deadline) // the request's own ends before the file does
	defer cancel()
	if f.patience != nil {
		f.patience()
	}
	lines, more, err := queries.ListAudit(ctx, f.q, f.asked)
	if err != nil {
		return err
	}
	out := csv.NewWriter(&f.ready)
	if !f.begun {
		f.begun = true
		_ = out.Write([]string{"Time", "Who", "What", "Action", "On", "On (id)", "Note", "From address", "Before", "After"}) // into memory: it cannot fail
	}
	for _, line := range lines {
		_ = out.Write(f.cells(line))
	}
	out.Flush()
	if f.atEnd = !more; more {
		f.asked.Before = lines[len(lines)-1].ID
	}
	return out.Error()
}

func (f *auditFile) cells(line queries.AuditLine) []string {
	word, id, ip := auditWordOf(line.Action), "", ""
	if line.SubjectID != nil {
		id = line.SubjectID.String()
	}
	if line.IP != nil {
		ip = line.IP.String()
	}
	cells := []string{line.At.In(f.zone).Format(time.RFC3339), line.Actor, word.Lead + line.Subject + word.Tail, line.Action, line.Subject, id, line.Note, ip,
		compactJSON(line.Was), compactJSON(line.Became)}
	for i := range cells {
		cells[i] = safeCell(cells[i])
	}
	return cells
}

func compactJSON(stored []byte) string {
	var compact bytes.Buffer
	if len(stored) == 0 || json.Compact(&compact, stored) != nil {
		return ""
	}
	return compact.String()
}

// safeCell keeps a spreadsheet from taking text that somebody wrote for a formula (OWASP, CSV injection).
func safeCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
