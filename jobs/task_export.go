package jobs

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// exportAtOnce is how many contacts one part of the file has.
const exportAtOnce = 1000

// exportHead is the first line of an export; an import understands it.
var exportHead = []string{"E-mail", "Name", "Phone", "Company", "Tags", "Note", "Source", "Added", "Invited", "Joined", "Last seen", "Bounced"}

// exportContacts writes a portion of contacts as one more part of the task's CSV file: UTF-8 with a byte order mark, which
// spreadsheets need to see that it is.
func (w *taskRunWorker) exportContacts(ctx context.Context, q *queries.Queries, _ pgx.Tx, t *taskAtWork) (p portion, err error) {
	contacts, err := queries.NextContacts(ctx, q, t.TaskForWorkRow, t.Choice.Filter, exportAtOnce)
	if err != nil {
		return p, err
	}
	var file bytes.Buffer
	lines := csv.NewWriter(&file)
	if t.Done == 0 {
		file.WriteString("\ufeff")
		_ = lines.Write(exportHead) // a buffer takes everything
	}
	for _, c := range contacts {
		_ = lines.Write(queries.PlainCells(c.Email, c.Name, c.Phone, c.Company, strings.Join(c.Tags, ", "), c.Note, string(c.Source),
			c.CreatedAt.UTC().Format(time.RFC3339), timeCell(c.InvitedAt), timeCell(c.JoinedAt), timeCell(c.LastSeenAt), timeCell(c.BouncedAt)))
		p.after = c.ID
	}
	lines.Flush()
	p.counts, p.last = queries.TaskCounts{queries.TaskOutcomeDone: int64(len(contacts))}, len(contacts) < exportAtOnce
	if file.Len() == 0 {
		return p, nil
	}
	return p, q.TaskFileAppend(ctx, queries.TaskFileAppendParams{AccountID: t.AccountID, TaskID: t.ID, Content: file.Bytes()})
}

func timeCell(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
