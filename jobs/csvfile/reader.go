package csvfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Position is how far a file is read.
type Position struct {
	Bytes int64
	Lines int64
}

// Row is one row of a file.
type Row struct {
	Line    int64 // where it begins, the first line being 1
	Cells   []string
	Problem string // why it cannot be taken, a sentence; empty when it can
}

// Reader reads the rows of a file one after the other. Rows in which nothing stands are left out.
type Reader struct {
	from      *bufio.Reader
	format    Format
	at        Position
	began     bool
	peeked    bool
	next      rune // what comes after what was read, when peeked
	nextSize  int
	nextError error

	line  int64 // where the row begins
	size  int   // its bytes so far
	cell  []byte
	cells []string
	fault string
}

// NewReader reads on from a position that a Reader of the same format was at; what it is given begins there. The zero
// position is the beginning of the file.
func NewReader(from io.Reader, f Format, at Position) *Reader {
	return &Reader{from: bufio.NewReaderSize(from, 32<<10), format: f, at: at, began: at.Bytes > 0}
}

// Position is the end of what was read.
func (r *Reader) Position() Position { return r.at }

// Next is the next row; io.EOF after the last. A row that cannot be taken is no error: it has a Problem.
func (r *Reader) Next() (Row, error) {
	r.begin()
	for {
		if _, err := r.peek(); err != nil {
			return Row{}, err
		}
		row := r.row()
		if r.nextError != nil && !errors.Is(r.nextError, io.EOF) {
			return Row{}, r.nextError // the row may go on behind the fault
		}
		if row.Problem != "" || !row.empty() && (row.Line > 1 || !row.names()) {
			return row, nil
		}
	}
}

// begin leaves out the mark of the encoding.
func (r *Reader) begin() {
	if c, err := r.peek(); !r.began && err == nil && c == '\ufeff' {
		r.take()
	}
	r.began = true
}

func (row Row) empty() bool {
	for _, cell := range row.Cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// names says whether it is the line by which some spreadsheets name the delimiter, and no row.
func (row Row) names() bool {
	return len(row.Cells) <= 2 && strings.HasPrefix(row.Cells[0], "sep=") && len(row.Cells[0]) <= len("sep=;")
}

// row reads up to the end of a line that is not within quotation marks.
func (r *Reader) row() Row {
	r.line, r.size, r.cells, r.fault = r.at.Lines+1, 0, nil, ""
	for r.field() {
	}
	row := Row{Line: r.line, Cells: r.cells, Problem: r.fault}
	if row.Problem != "" {
		row.Cells = nil
	}
	return row
}

// field reads one cell and what ends it; false when that ends the row as well.
func (r *Reader) field() (more bool) {
	r.cell = r.cell[:0]
	if c, err := r.peek(); err == nil && c == '"' {
		r.take()
		if !r.quoted() {
			return false
		}
	}
	for {
		c, err := r.peek()
		switch {
		case err != nil:
			r.add()
			return false
		case c == r.format.Delimiter:
			r.take()
			r.add()
			return true
		case c == '\n' || c == '\r':
			r.endLine()
			r.add()
			return false
		}
		r.take()
		r.keep(c)
	}
}

// quoted reads up to the quotation mark that ends the cell. One that ends nothing stands for itself, as two do. False when
// none ends it: then the row is over, at the end of the file or the beginning of a line.
func (r *Reader) quoted() (ends bool) {
	for {
		c, err := r.peek()
		switch {
		case err != nil:
			r.refuse(r.unclosed())
			return false
		case c == '"':
			r.take()
			next, err := r.peek()
			if err != nil || next == r.format.Delimiter || next == '\n' || next == '\r' {
				return true
			}
			if next == '"' {
				r.take()
			}
			r.keep('"')
		case c == '\n' || c == '\r':
			r.endLine()
			r.keep('\n')
			if r.size > RowMost {
				r.refuse(r.unclosed())
				return false
			}
		default:
			r.take()
			r.keep(c)
		}
	}
}

func (r *Reader) unclosed() string {
	if r.at.Lines <= r.line {
		return "A quotation mark opens in this row and is not closed."
	}
	return fmt.Sprintf("A quotation mark opens here and is not closed, so lines %d to %d cannot be read.", r.line, r.at.Lines)
}

// add ends a cell.
func (r *Reader) add() {
	if len(r.cells) >= ColumnsMost {
		r.refuse(fmt.Sprintf("This row has more than %d columns.", ColumnsMost))
		return
	}
	r.cells = append(r.cells, string(r.cell))
}

// keep adds a character to the cell, unless the row is refused already.
func (r *Reader) keep(c rune) {
	switch {
	case r.fault != "":
	case c == 0:
		r.refuse("This row has characters that are no text (NUL).")
	case r.size > RowMost:
		r.refuse(fmt.Sprintf("This row is longer than %d KB.", RowMost>>10))
	default:
		r.cell = utf8.AppendRune(r.cell, c)
	}
}

func (r *Reader) refuse(why string) {
	if r.fault == "" || strings.HasPrefix(why, "A quotation mark") { // which explains why it is too long
		r.fault = why
	}
	r.cells = nil
	r.cell = r.cell[:0]
}

// endLine takes a line's end, in any of the three ways there are.
func (r *Reader) endLine() {
	c := r.take()
	r.at.Lines++
	if next, err := r.peek(); c == '\r' && err == nil && next == '\n' {
		r.take()
	}
}
