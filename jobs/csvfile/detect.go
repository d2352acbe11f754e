package csvfile

import (
	"bytes"
	"unicode/utf8"
)

// NotCSV says that a file is something else, in words meant for whoever sent it.
type NotCSV string

func (n NotCSV) Error() string { return string(n) }

// headMost is how much of a file Detector keeps to recognise it by.
const headMost = 64 << 10

// Detector finds out what a file is while it is written to it: every byte counts, since a file can look like ASCII for
// thousands of rows. The zero value is ready.
type Detector struct {
	head []byte
	rest []byte // the beginning of a character that is still to come, of at most three bytes
	size int64
	nul  bool // there is a zero byte
	not8 bool // it is not UTF-8
}

// Write takes in the next part; it never fails.
func (d *Detector) Write(part []byte) (int, error) {
	d.size += int64(len(part))
	if missing := headMost - len(d.head); missing > 0 {
		d.head = append(d.head, part[:min(missing, len(part))]...)
	}
	d.nul = d.nul || bytes.IndexByte(part, 0) >= 0
	if !d.not8 {
		d.checkUTF8(part)
	}
	return len(part), nil
}

func (d *Detector) checkUTF8(part []byte) {
	if len(d.rest) > 0 { // a character that the last part cut: its end is within the next three bytes
		seam := append(d.rest, part[:min(len(part), utf8.UTFMax-1)]...)
		if !utf8.FullRune(seam) {
			d.rest = seam
			return
		}
		_, size := utf8.DecodeRune(seam)
		if size <= len(d.rest) {
			d.not8 = true
			return
		}
		part, d.rest = part[size-len(d.rest):], nil
	}
	end := len(part)
	for back := 1; back < utf8.UTFMax && back <= len(part); back++ {
		if utf8.RuneStart(part[len(part)-back]) {
			if !utf8.FullRune(part[len(part)-back:]) {
				end = len(part) - back
			}
			break
		}
	}
	d.not8 = !utf8.Valid(part[:end])
	d.rest = bytes.Clone(part[end:])
}

// Encoding is that of the file that was written; NotCSV when it is something else.
func (d *Detector) Encoding() (Encoding, error) {
	switch {
	case d.size == 0:
		return "", NotCSV("This file is empty.")
	case bytes.HasPrefix(d.head, []byte{0xff, 0xfe}):
		return UTF16LE, nil
	case bytes.HasPrefix(d.head, []byte{0xfe, 0xff}):
		return UTF16BE, nil
	}
	if kind := d.kind(); kind != "" {
		return "", NotCSV("This is " + kind + ", not a CSV file. In a spreadsheet, “Save as” or “Download” has CSV among its formats.")
	}
	if d.nul {
		return d.sixteen()
	}
	if d.not8 || len(d.rest) > 0 {
		return Latin1, nil
	}
	return UTF8, nil
}

// sixteen tells UTF-16 without a mark by where its zero bytes are: most letters of a file have one, always on the same side.
func (d *Detector) sixteen() (Encoding, error) {
	var zeros [2]int
	for i, b := range d.head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch pairs := len(d.head) / 2; {
	case zeros[1]*2 > pairs && zeros[0]*20 < pairs:
		return UTF16LE, nil
	case zeros[0]*2 > pairs && zeros[1]*20 < pairs:
		return UTF16BE, nil
	}
	return "", NotCSV("This is not a text file, so it cannot be read as CSV.")
}

// kinds are files that people take for CSV, by how they begin.
var kinds = []struct{ begins, name string }{
	{"%PDF", "a PDF"}, {"\xd0\xcf\x11\xe0", "an old Excel or Word file"}, {"\x1f\x8b", "a compressed file"}, {"Rar!", "a compressed file"},
	{"7z\xbc\xaf", "a compressed file"}, {"\x89PNG", "a picture"}, {"\xff\xd8\xff", "a picture"}, {"GIF8", "a picture"}, {"RIFF", "a picture or a sound"},
	{"SQLite format 3", "a database"}, {"{\\rtf", "a text document"}, {"bplist", "a document of a Mac"}, {"\x7fELF", "a program"}, {"MZ\x90", "a program"},
	{"BEGIN:VCARD", "a file of contact cards (vCard)"},
}

// kind is what the file is when it is not text; empty when it may be.
func (d *Detector) kind() string {
	for _, k := range kinds {
		if bytes.HasPrefix(d.head, []byte(k.begins)) {
			return k.name
		}
	}
	if bytes.HasPrefix(d.head, []byte("PK\x03\x04")) {
		for _, of := range []struct{ part, name string }{{"xl/", "an Excel workbook"}, {"word/", "a Word document"}, {"opendocument.spreadsheet", "a LibreOffice spreadsheet"},
			{"Index/", "a Numbers spreadsheet"}} {
			if bytes.Contains(d.head, []byte(of.part)) {
				return of.name
			}
		}
		return "a ZIP archive"
	}
	start := bytes.ToLower(bytes.TrimLeft(d.head[:min(len(d.head), 512)], "\xef\xbb\xbf \t\r\n"))
	if bytes.HasPrefix(start, []byte("<!doctype")) || bytes.HasPrefix(start, []byte("<html")) || bytes.HasPrefix(start, []byte("<?xml")) {
		return "a web page or an XML file"
	}
	return ""
}
