package jobs

import (
	"context"
	"errors"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs/csvfile"
	"atrium/queries"
)

// checkAtOnce is how many rows of a file a portion of the check takes.
const checkAtOnce = 1000

// checkImport reads the next rows of a file and writes down what each would do. Where it goes on is kept with the rows, as a
// place in the file, so that nothing is read twice but the part it stands in.
func (w *taskRunWorker) checkImport(ctx context.Context, q *queries.Queries, _ pgx.Tx, t *taskAtWork) (p portion, err error) {
	i, err := q.ImportForWork(ctx, queries.ImportForWorkParams{AccountID: t.AccountID, ID: *t.ImportID})
	if err != nil {
		return p, err
	}
	if i.ReadBytes == 0 { // the first portion: what an earlier check wrote counts no more
		if err := q.ImportRowClear(ctx, queries.ImportRowClearParams{AccountID: t.AccountID, ImportID: i.ID}); err != nil {
			return p, err
		}
		total, err := countRows(newImportFile(ctx, q, t.AccountID, i, csvfile.Position{}), i.HasHeader)
		if err != nil {
			return p, err
		}
		t.Total = &total
	}
	file := newImportFile(ctx, q, t.AccountID, i, csvfile.Position{Bytes: i.ReadBytes, Lines: i.ReadLines})
	if i.ReadBytes == 0 && i.HasHeader {
		if _, err := file.Next(); err != nil && !errors.Is(err, io.EOF) {
			return p, err
		}
	}
	rows, err := nextRows(file, i.Mapping)
	if err != nil {
		return p, err
	}
	p.last = len(rows) < checkAtOnce
	if p.counts, err = queries.CheckRows(ctx, q, t.AccountID, i.ID, rows); err != nil {
		return p, err
	}
	at := file.Position()
	return p, q.ImportSetRead(ctx, queries.ImportSetReadParams{AccountID: t.AccountID, ID: i.ID, ReadBytes: at.Bytes, ReadLines: at.Lines})
}

// nextRows reads a portion and understands it.
func nextRows(file *csvfile.Reader, mapping []string) (rows []queries.ImportRow, err error) {
	for len(rows) < checkAtOnce {
		row, err := file.Next()
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, err
		case row.Problem != "":
			rows = append(rows, queries.ImportRow{Line: row.Line, Reason: row.Problem})
		default:
			rows = append(rows, queries.UnderstandRow(row.Line, mapping, row.Cells))
		}
	}
	return rows, nil
}

// countRows is how many rows a file has; it reads all of it.
func countRows(file *csvfile.Reader, hasHeader bool) (n int64, err error) {
	for {
		switch _, err := file.Next(); {
		case errors.Is(err, io.EOF):
			if hasHeader && n > 0 {
				n--
			}
			return n, nil
		case err != nil:
			return 0, err
		}
		n++
	}
}

// newImportFile reads the file of an import from a place in it.
func newImportFile(ctx context.Context, q *queries.Queries, account uuid.UUID, i queries.ImportForWorkRow, from csvfile.Position) *csvfile.Reader {
	format := csvfile.Format{Encoding: csvfile.Encoding(i.Encoding), Delimiter: []rune(i.Delimiter)[0]}
	parts := &importParts{ctx: ctx, q: q, account: account, id: i.ID, part: int32(from.Bytes / queries.ImportPartSize)}
	return csvfile.NewReader(&skipping{parts, from.Bytes % queries.ImportPartSize}, format, from)
}

// importParts is the file of an import, read part by part.
type importParts struct {
	ctx     context.Context
	q       *queries.Queries
	account uuid.UUID
	id      uuid.UUID
	part    int32
	left    []byte
}

func (p *importParts) Read(into []byte) (int, error) {
	if len(p.left) == 0 {
		row, err := p.q.ImportPart(p.ctx, queries.ImportPartParams{AccountID: p.account, ImportID: p.id, Part: p.part})
		if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
			return 0, io.EOF
		} else if err != nil {
			return 0, err
		}
		p.left = row.Content
		p.part++
	}
	n := copy(into, p.left)
	p.left = p.left[n:]
	return n, nil
}

// skipping leaves out the first bytes of what it reads.
type skipping struct {
	io.Reader
	left int64
}

func (s *skipping) Read(into []byte) (int, error) {
	if s.left > 0 {
		if _, err := io.CopyN(io.Discard, s.Reader, s.left); err != nil {
			return 0, err
		}
		s.left = 0
	}
	return s.Reader.Read(into)
}
