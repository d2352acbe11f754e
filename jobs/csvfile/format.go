// Package csvfile reads files of comma separated values as people have them: in four encodings, with three delimiters, with
// quotation marks that are not always right. It needs no more memory than one row, and can go on reading where it stopped.
// Handlers and jobs may import it; it knows nothing of what is in the rows.
package csvfile

import (
	"bytes"
	"strings"
)

// Encoding is how the characters of a file are stored.
type Encoding string

// The encodings that are read. Latin1 stands for Windows-1252, which has every printable character of it.
const (
	UTF8    Encoding = "utf-8"
	UTF16LE Encoding = "utf-16le"
	UTF16BE Encoding = "utf-16be"
	Latin1  Encoding = "latin-1"
)

// Valid says whether it is one of the encodings above.
func (e Encoding) Valid() bool { return e == UTF8 || e == UTF16LE || e == UTF16BE || e == Latin1 }

// Format is how a file is to be read.
type Format struct {
	Encoding  Encoding
	Delimiter rune // one of Delimiters
}

// Delimiters are the characters that can stand between cells.
const Delimiters = ",;\t"

// What a file may have.
const (
	RowMost     = 64 << 10 // bytes of one row
	ColumnsMost = 200
)

// FindDelimiter tells by the first part of a file what stands between its cells: what parts the most rows in the same way.
// A comma when nothing does.
func FindDelimiter(head []byte, e Encoding) rune {
	if named := []rune(firstLine(head, e)); len(named) == 5 && string(named[:4]) == "sep=" && strings.ContainsRune(Delimiters, named[4]) {
		return named[4]
	}
	best, most := ',', 0
	for _, d := range Delimiters {
		rows := Sample(head, Format{e, d}, 20)
		if len(rows) == 0 { // the file has nothing but delimiters
			return d
		}
		columns, alike := rows[0].width(), 0
		for _, row := range rows {
			if row.width() == columns {
				alike++
			}
		}
		if score := alike * (columns - 1); score > most {
			best, most = d, score
		}
	}
	return best
}

// width is how many columns a row has; one that cannot be taken may have too many.
func (row Row) width() int {
	if row.Problem != "" {
		return ColumnsMost + 1
	}
	return len(row.Cells)
}

// firstLine is the first line as it stands.
func firstLine(head []byte, e Encoding) string {
	r := NewReader(bytes.NewReader(head), Format{e, -1}, Position{})
	r.begin()
	return strings.Join(r.row().Cells, "")
}

// Sample is the first rows of a file, of which head is the beginning; a row that head cuts off may be shortened.
func Sample(head []byte, f Format, most int) (rows []Row) {
	r := NewReader(bytes.NewReader(head), f, Position{})
	for len(rows) < most {
		row, err := r.Next()
		if err != nil {
			break
		}
		rows = append(rows, row)
	}
	return rows
}

// HasHeading tells whether the first row of a file names its columns: an address does not.
func HasHeading(first Row) bool {
	for _, cell := range first.Cells {
		if strings.Contains(cell, "@") {
			return false
		}
	}
	return true
}
