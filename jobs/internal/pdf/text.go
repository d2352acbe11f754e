package pdf

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// The font has the letters of Latin, Greek and Cyrillic scripts; NOTICE has its licence. Only the letters in use go into a document.
var (
	//go:embed EBGaramond-Regular.ttf
	regular []byte
	//go:embed EBGaramond-Italic.ttf
	italic []byte
)

// letters looks into the font.
var letters = sync.OnceValues(func() (*sfnt.Font, error) { return sfnt.Parse(regular) })

// has says whether the font can print a letter. The library that draws knows those of the first plane only.
func has(letter rune) bool {
	font, err := letters()
	if err != nil || letter > 0xffff {
		return false
	}
	glyph, err := font.GlyphIndex(&sfnt.Buffer{}, letter)
	return err == nil && glyph != 0
}

// Prints says whether a text can be printed as it is, but for signs that are no letters, which are left out.
func Prints(text string) bool { return printable(text) != "" || strings.TrimSpace(text) == "" }

// printable is a text as it can be printed: without signs such as pictures that the font does not have, and empty when it lacks a
// letter.
func printable(text string) string {
	var out strings.Builder
	for _, letter := range norm.NFC.String(text) {
		switch {
		case unicode.IsSpace(letter):
			out.WriteRune(' ')
		case has(letter) && unicode.IsPrint(letter):
			out.WriteRune(letter)
		case unicode.IsLetter(letter) || unicode.IsDigit(letter) || unicode.IsMark(letter) && !unicode.Is(unicode.Variation_Selector, letter):
			return ""
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// lineStyle is how a line of text looks.
type lineStyle struct {
	font   string // "" or "I"
	size   float64
	least  float64 // what a long text may shrink to; 0: it does not
	color  int
	widest float64 // in millimetres; 0: as wide as lines can be
}

func (p page) font(style string, size float64) { p.SetFont("garamond", style, size) }

// line writes a line in the middle of the sheet, y being where its letters stand.
func (p page) line(text string, y float64, s lineStyle) { p.at(text, middle, y, s) }

// at writes a line around a point. One that is too long shrinks, and one that is still too long is cut with an ellipsis.
func (p page) at(text string, x, y float64, s lineStyle) {
	most := s.widest
	if most == 0 {
		most = widest
	}
	p.font(s.font, s.size)
	for size := s.size; s.least > 0 && size > s.least && p.GetStringWidth(text) > most; {
		size = max(size-0.5, s.least)
		p.font(s.font, size)
	}
	for cut := []rune(text); p.GetStringWidth(text) > most && len(cut) > 1; {
		cut = cut[:len(cut)-1]
		text = strings.TrimRight(string(cut), " ") + "…"
	}
	p.SetTextColor(rgb(s.color))
	p.Text(x-p.GetStringWidth(text)/2, y, text)
}

// spaced writes a heading in capitals with room between them, in the account's colour.
func (p page) spaced(text string, y, size float64) {
	const room = 1.15 // millimetres between two letters
	p.font("", size)
	p.SetTextColor(rgb(p.accent))
	x := middle - (p.GetStringWidth(text)+room*float64(len(text)-1))/2
	for _, letter := range text {
		p.Text(x, y, string(letter))
		x += p.GetStringWidth(string(letter)) + room
	}
}

func (p page) fill(color int) { p.SetFillColor(rgb(color)) }

func (p page) draw(color int, wide float64) {
	p.SetDrawColor(rgb(color))
	p.SetLineWidth(wide)
}

func rgb(color int) (r, g, b int) { return color >> 16 & 0xff, color >> 8 & 0xff, color & 0xff }

// darkened is a colour that reads on white: the account's own, or one like it that is dark enough (4.5:1 of WCAG, which for white
// is a luminance of at most 0.18).
func darkened(accent string) int {
	color, err := strconv.ParseInt(strings.TrimPrefix(accent, "#"), 16, 32)
	if err != nil {
		return ink
	}
	for at := int(color); ; {
		r, g, b := rgb(at)
		if 0.2126*linear(r)+0.7152*linear(g)+0.0722*linear(b) <= 0.18 {
			return at
		}
		at = r*95/100<<16 | g*95/100<<8 | b*95/100
	}
}
