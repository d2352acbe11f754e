package queries

import "regexp"

// PlainCells makes texts safe to open in a spreadsheet: where one begins like a formula it gets an apostrophe before it, because
// what a client typed as their name must not run on the machine of whoever opens the file
// (OWASP, CSV injection). Signs before digits alone, as of a telephone number, call nothing and stay.
//
// A spreadsheet that separates by semicolon or tab, as where the comma is a decimal one, cuts our cells where they have one,
// and at line ends, since our quotes stand within what it takes for a cell. So each such part gets its own apostrophe, also before
// digits: there the part goes on with what follows in the row.
func PlainCells(cells ...string) []string {
	for i, cell := range cells {
		plain := formulaWithin.ReplaceAllString(cell, "$1'$2")
		if formulaFirst.MatchString(cell) && !numberForm.MatchString(cell) {
			plain = "'" + plain
		}
		cells[i] = plain
	}
	return cells
}

// Before a sign, blanks and what is not seen are passed over, and quotes, which are gone once the spreadsheet has read them. The
// full-width signs are formulas to some.
const (
	passedOver   = `[\p{Z}\p{Cc}\p{Cf}"]*`
	formulaSigns = `[=+\-@＝＋－＠]`
)

var (
	formulaFirst  = regexp.MustCompile(`^(?:[\t\r]|` + passedOver + formulaSigns + `)`)
	formulaWithin = regexp.MustCompile(`([;\t\r\n]` + passedOver + `)(` + formulaSigns + `)`)
	numberForm    = regexp.MustCompile(`^ *[+-][0-9 ()./-]*$`)
)
