package queries_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"unicode"

	"atrium/queries"
)

// What begins like a formula gets its mark, wherever a spreadsheet may cut; everything else stays as it is.
func TestPlainCells(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "Ana Souza": "Ana Souza", "O'Brien; Ana": "O'Brien; Ana", "a-b@c.example": "a-b@c.example", "one; two\nthree": "one; two\nthree", "1+1=2": "1+1=2",
		"+46 8 123": "+46 8 123", "-12.5": "-12.5", " +46 8 123": " +46 8 123", "-": "-",
		"=1+1": "'=1+1", "+cmd": "'+cmd", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)", "\tfine": "'\tfine", "\rfine": "'\rfine", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠A": "'＠A",
		" =1": "' =1", "\u00a0=1": "'\u00a0=1", "\ufeff=1": "'\ufeff=1", `"=1"`: `'"=1"`, "\n=1": "'\n'=1", "\t=1": "'\t'=1",
		"x;=cmd|'/C calc'!A1;": "x;'=cmd|'/C calc'!A1;", "x;  @A": "x;  '@A", "x\t+1": "x\t'+1", "x\r\n-1": "x\r\n'-1", "x\n=1": "x\n'=1", "x;＝1": "x;'＝1", `x;"=1"`: `x;"'=1"`, "a; -b": "a; '-b",
		"x;=1;=2;+3": "x;'=1;'=2;'+3", "=1;=2": "'=1;'=2", "x;\n\t;=1": "x;\n\t;'=1", "+46 8 1; +46 8 2": "'+46 8 1; '+46 8 2",
	} {
		if got := queries.PlainCells(cell)[0]; got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		} else if again := queries.PlainCells(got)[0]; again != got {
			t.Errorf("%q becomes %q the second time", got, again)
		}
	}
}

// However a row is read, no part of it is a formula but a number: by comma as it is written, or by semicolon or tab, where quotes in
// the midst of a cell are letters.
func FuzzPlainCells(f *testing.F) {
	for _, name := range []string{"x;=cmd|'/C calc'!A1;", "x;-1", "=1", "x\n=1", "x\t\" =1", `x;""=1`, "＝1;＋1", "+46 8 1", ";\r=1", "\xff;\xff=1"} {
		f.Add(name, "5+cmd|'/C calc'!A0")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		cells := queries.PlainCells("ana@example.com", one, two)
		var file bytes.Buffer
		lines := csv.NewWriter(&file)
		_ = lines.Write(cells) // a buffer takes everything
		lines.Flush()
		rows, err := csv.NewReader(&file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range rows[0][1:] {
			if runs(cell) && strings.Trim(cell, " +-0123456789()./") != "" {
				t.Errorf("%q, %q: the cell %q runs", one, two, cell)
			}
		}
		_ = lines.Write(cells)
		lines.Flush()
		for _, part := range strings.FieldsFunc(file.String(), func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) })[1:] {
			if runs(part) {
				t.Errorf("%q, %q: cut at semicolons and line ends, %q runs", one, two, part)
			}
		}
	})
}

// runs says whether a spreadsheet takes a text for a formula.
func runs(text string) bool {
	text = strings.TrimLeftFunc(text, func(r rune) bool {
		return r == '"' || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	return strings.IndexAny(text, "=+-@＝＋－＠") == 0
}
