package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
)

// auditLogExport sends the trail that fits the filters as CSV, as it is read: nobody holds all of it.
func (s *Site) auditLogExport(c *fiber.Ctx) error {
	v, asked := at(c), auditAsked(c)
	asked.Size = exportPage
	zone := v.now.Location()
	return s.sendCSV(c, "audit-log-"+v.account.Slug+"-"+v.now.Format(time.DateOnly)+".csv", func(ctx context.Context, w io.Writer) error {
		file := csv.NewWriter(w)
		_ = file.Write([]string{"\ufeffTime", "Who", "What", "Action", "On", "On (id)", "Note", "From address", "Before", "After"}) // its errors come with Flush
		for {
			lines, more, err := queries.ListAudit(ctx, s.q, asked)
			if err != nil {
				return err
			}
			for _, line := range lines {
				_ = file.Write(auditCells(line, zone))
				asked.Before = line.ID
			}
			if file.Flush(); file.Error() != nil || !more {
				return file.Error()
			}
		}
	})
}

func auditCells(line queries.AuditLine, zone *time.Location) []string {
	word, id, ip := auditWordOf(line.Action), "", ""
	if line.SubjectID != nil {
		id = line.SubjectID.String()
	}
	if line.IP != nil {
		ip = line.IP.String()
	}
	return queries.PlainCells(line.At.In(zone).Format(time.RFC3339), line.Actor, word.Lead+line.Subject+word.Tail, line.Action, line.Subject, id, line.Note, ip,
		compactJSON(line.Was), compactJSON(line.Became))
}

func compactJSON(stored []byte) string {
	var compact bytes.Buffer
	if len(stored) == 0 || json.Compact(&compact, stored) != nil {
		return ""
	}
	return compact.String()
}
