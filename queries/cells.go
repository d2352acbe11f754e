package queries

import (
	"regexp"
	"strings"
)

// PlainCells makes texts safe to open in a spreadsheet: one that begins like a formula gets an apostrophe before it, because
// what a client typed as their name must not run on the machine of whoever opens the file
// (OWASP, CSV injection). Signs before digits alone, as of a telephone number, call nothing and stay.
func PlainCells(cells ...string) []string {
	for i, cell := range cells {
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) && !numberForm.MatchString(cell) {
			cells[i] = "'" + cell
		}
	}
	return cells
}

var numberForm = regexp.MustCompile(`^[+-][0-9 ()./-]*$`)
