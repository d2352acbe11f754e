package csvfile

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// all reads every row, and fails when reading does.
func all(t testing.TB, from io.Reader, f Format) (rows []Row) {
	t.Helper()
	r := NewReader(from, f, Position{})
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestRows(t *testing.T) {
	for text, want := range map[string][]Row{
		"":                                 nil,
		"\n\r\n;;\n  \n":                   nil,
		"a;b":                              {{Line: 1, Cells: []string{"a", "b"}}},
		"a;b\n":                            {{Line: 1, Cells: []string{"a", "b"}}},
		"a;\n;b":                           {{Line: 1, Cells: []string{"a", ""}}, {Line: 2, Cells: []string{"", "b"}}},
		"a\r\nb\rc\nd":                     {{Line: 1, Cells: []string{"a"}}, {Line: 2, Cells: []string{"b"}}, {Line: 3, Cells: []string{"c"}}, {Line: 4, Cells: []string{"d"}}},
		"sep=;\na;b":                       {{Line: 2, Cells: []string{"a", "b"}}},
		"a;b\nsep=;":                       {{Line: 1, Cells: []string{"a", "b"}}, {Line: 2, Cells: []string{"sep=", ""}}},
		"\ufeffa;b":                        {{Line: 1, Cells: []string{"a", "b"}}},
		`"a;1";"say ""hi"""`:               {{Line: 1, Cells: []string{"a;1", `say "hi"`}}},
		"\"one\r\ntwo\";b\nc;d":            {{Line: 1, Cells: []string{"one\ntwo", "b"}}, {Line: 3, Cells: []string{"c", "d"}}},
		`a "quoted" word;5" pipe`:          {{Line: 1, Cells: []string{`a "quoted" word`, `5" pipe`}}},
		`"Ana "the boss" Souza";b`:         {{Line: 1, Cells: []string{`Ana "the boss" Souza`, "b"}}},
		`"";b`:                             {{Line: 1, Cells: []string{"", "b"}}},
		"a\x00b;c\nd;e":                    {{Line: 1, Problem: "This row has characters that are no text (NUL)."}, {Line: 2, Cells: []string{"d", "e"}}},
		`"open;b`:                          {{Line: 1, Problem: "A quotation mark opens in this row and is not closed."}},
		"a;b\n\"open;b\nc;d\ne":            {{Line: 1, Cells: []string{"a", "b"}}, {Line: 2, Problem: "A quotation mark opens here and is not closed, so lines 2 to 3 cannot be read."}},
		strings.Repeat(";", 200) + "a\nb":  {{Line: 1, Problem: "This row has more than 200 columns."}, {Line: 2, Cells: []string{"b"}}},
		strings.Repeat("x", 70000) + "\nb": {{Line: 1, Problem: "This row is longer than 64 KB."}, {Line: 2, Cells: []string{"b"}}},
	} {
		if got := all(t, strings.NewReader(text), Format{UTF8, ';'}); !reflect.DeepEqual(got, want) {
			t.Errorf("%.60q: got\n%+v, want\n%+v", text, got, want)
		}
	}
}

// What an open quotation mark swallows is bounded, and said.
func TestOpenQuotationMarkEnds(t *testing.T) {
	text := "a;b\n\"open;b\n" + strings.Repeat("name;address\n", 10_000) + "last;row"
	rows := all(t, strings.NewReader(text), Format{UTF8, ';'})
	if !strings.Contains(rows[1].Problem, "lines 2 to 50") || len(rows) < 4_000 || rows[len(rows)-1].Cells[0] != "last" || rows[2].Problem != "" {
		t.Errorf("%d rows, the second %+v, the third %+v", len(rows), rows[1], rows[2])
	}
}

// in is a text as an encoding stores it.
func in(t testing.TB, e Encoding, text string) []byte {
	t.Helper()
	switch e {
	case Latin1:
		b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	case UTF16LE, UTF16BE:
		var order binary.AppendByteOrder = binary.LittleEndian
		if e == UTF16BE {
			order = binary.BigEndian
		}
		var b []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, unit)
		}
		return b
	}
	return []byte(text)
}

// Every encoding, with its mark and without, is recognised and read the same.
func TestEncodings(t *testing.T) {
	const text = "E-Mail;Name\njörg@example.com;Jörg Müller – “Coach”\nzoë@example.com;Zoë"
	for _, e := range []Encoding{UTF8, UTF16LE, UTF16BE, Latin1} {
		for _, mark := range []string{"", "\ufeff"} {
			if e == Latin1 && mark != "" {
				continue
			}
			for _, size := range []int{1, 2, 3, 7, 4096} { // whatever way it comes
				content, d := in(t, e, mark+text), &Detector{}
				for from := 0; from < len(content); from += size {
					_, _ = d.Write(content[from:min(from+size, len(content))])
				}
				found, err := d.Encoding()
				if err != nil || found != e {
					t.Errorf("%s with mark %q in parts of %d: found %s, %v", e, mark, size, found, err)
				}
			}
			if d := FindDelimiter(in(t, e, mark+text), e); d != ';' {
				t.Errorf("%s: delimiter %q", e, d)
			}
			rows := all(t, iotest.OneByteReader(bytes.NewReader(in(t, e, mark+text))), Format{e, ';'})
			if len(rows) != 3 || rows[0].Cells[0] != "E-Mail" || rows[1].Cells[1] != "Jörg Müller – “Coach”" || rows[2].Cells[1] != "Zoë" {
				t.Errorf("%s: %+v", e, rows)
			}
		}
	}
	emoji := all(t, bytes.NewReader(append(in(t, UTF16LE, "😀;b\n"), 'x')), Format{UTF16LE, ';'}) // a pair, and half a character at the end
	if len(emoji) != 1 || emoji[0].Cells[0] != "😀" {
		t.Errorf("%+v", emoji)
	}
}

// A byte that is no UTF-8 counts wherever it is.
func TestLateUmlaut(t *testing.T) {
	d := &Detector{}
	for range 100_000 {
		_, _ = d.Write([]byte("ana@example.com;Ana\n"))
	}
	if e, err := d.Encoding(); e != UTF8 || err != nil {
		t.Errorf("ASCII is %s, %v", e, err)
	}
	_, _ = d.Write([]byte("joerg@example.com;J\xf6rg\n"))
	if e, err := d.Encoding(); e != Latin1 || err != nil {
		t.Errorf("with an umlaut it is %s, %v", e, err)
	}
}

func TestWhatIsNoCSV(t *testing.T) {
	for content, names := range map[string]string{
		"": "empty", "PK\x03\x04....xl/workbook.xml": "Excel workbook", "PK\x03\x04....": "ZIP", "%PDF-1.7": "PDF", "\xd0\xcf\x11\xe0\xa1": "old Excel",
		"\x89PNG\r\n\x1a\n\x00": "picture", " <!DOCTYPE html><p>": "web page", "<?xml version": "XML", "a\x00b\x01\x02": "not a text file",
	} {
		d := &Detector{}
		_, _ = d.Write([]byte(content))
		_, err := d.Encoding()
		var not NotCSV
		if !errors.As(err, &not) || !strings.Contains(err.Error(), names) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestFindDelimiter(t *testing.T) {
	for text, want := range map[string]rune{
		"email,name\na@example.com,\"Souza; Ana\"\n": ',', "name;email\nSouza, Ana;a@example.com\nOkri, Ben;b@example.com": ';',
		"a\tb\nc\td": '\t', "a@example.com\nb@example.com": ',', "sep=;\na,b;c,d\n": ';', "": ',', ";;\n;": ';',
	} {
		if got := FindDelimiter([]byte(text), UTF8); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestHasHeading(t *testing.T) {
	if !HasHeading(Row{Cells: []string{"E-mail", "Name"}}) || HasHeading(Row{Cells: []string{"Ana", "ana@example.com"}}) {
		t.Error("a heading is mistaken for a row, or a row for a heading")
	}
}

// Whatever is read ends, in rows that keep their bounds; and from behind each row reading goes on as if it had not stopped.
func FuzzReader(f *testing.F) {
	for _, text := range []string{"a;b\n\"c\nd\";e\r\n\"", "sep=;\n\"\"\"a\"b\";\x00", "\xff\xfea\x00;\x00\n\x00", "\xef\xbb\xbfa\r\rb\xf6"} {
		for i := range 4 {
			f.Add([]byte(text), i)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte, which int) {
		content = content[:min(len(content), 4096)] // each row is read many times
		format := Format{[]Encoding{UTF8, UTF16LE, UTF16BE, Latin1}[which&3], rune(Delimiters[(which>>2&0xff)%3])}
		rows := all(t, bytes.NewReader(content), format)
		r := NewReader(bytes.NewReader(content), format, Position{})
		for i, row := range rows {
			if len(row.Cells) > ColumnsMost || (row.Problem == "") != (len(row.Cells) > 0) || i > 0 && row.Line <= rows[i-1].Line {
				t.Fatalf("row %d: %+v", i, row)
			}
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
			at := r.Position()
			if at.Bytes > int64(len(content)) {
				t.Fatalf("%d of %d bytes are read", at.Bytes, len(content))
			}
			on := NewReader(bytes.NewReader(content[at.Bytes:]), format, at)
			next, err := on.Next()
			if i+1 == len(rows) {
				if !errors.Is(err, io.EOF) {
					t.Fatalf("after the last row comes %+v, %v", next, err)
				}
			} else if err != nil || !reflect.DeepEqual(next, rows[i+1]) {
				t.Fatalf("on from %+v comes %+v, %v, want %+v", at, next, err, rows[i+1])
			}
		}
		d := &Detector{}
		_, _ = d.Write(content)
		if e, err := d.Encoding(); err == nil && !e.Valid() {
			t.Fatalf("encoding %q", e)
		}
		FindDelimiter(content, format.Encoding)
	})
}

// What encoding/csv writes is read as it was.
func TestReadsWhatOthersWrite(t *testing.T) {
	var content bytes.Buffer
	w := csv.NewWriter(&content)
	var want [][]string
	for i := range 500 {
		row := []string{fmt.Sprint("name ", i), strings.Repeat("\"", i%4) + ",;\n\t"[i%4:], "  spaces "}
		want = append(want, row)
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	var got [][]string
	for _, row := range all(t, &content, Format{UTF8, ','}) {
		got = append(got, row.Cells)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("the rows differ")
	}
}

// A file that breaks off while it is read is not taken for one that ends.
func TestReadingFails(t *testing.T) {
	broken := errors.New("broken")
	r := NewReader(io.MultiReader(strings.NewReader("a;b\nc;"), iotest.ErrReader(broken)), Format{UTF8, ';'}, Position{})
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); !errors.Is(err, broken) {
		t.Errorf("got %+v, %v", row, err)
	}
}

func BenchmarkReader(b *testing.B) {
	content := []byte(strings.Repeat("ana.souza@example.com;Ana Souza;\"Acme; Coaching\";+49 30 123\n", 10_000))
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		all(b, bytes.NewReader(content), Format{UTF8, ';'})
	}
}
