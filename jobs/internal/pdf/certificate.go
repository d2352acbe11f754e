// Package pdf draws the documents that jobs make. It knows nothing of rows; what is printed comes in as text.
package pdf

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// Certificate is what a certificate says.
type Certificate struct {
	Account   string    // the business's name
	Accent    string    // its colour, such as #0f766e
	Logo      []byte    // PNG or JPEG; empty, or nothing that can be seen on white: the name stands alone
	Holder    string    // the client's name
	Course    string    // its title
	Completed time.Time // the day
	Signer    string    // below the line of signature; empty: there is no line
	Number    string
	URL       string // where the number can be looked up
	Issued    time.Time
}

// What stands in the place of a text whose letters our font does not have, such as Arabic or Chinese: better to point to where it
// can be read than to print boxes.
const (
	holderElsewhere = "the person named at the address below"
	courseElsewhere = "the course named at the address below"
)

// The sheet: A4, lying, in millimetres.
const (
	width, height = 297.0, 210.0
	middle        = width / 2
	widest        = 224.0 // of a line of text
)

const ink, quiet = 0x1f2430, 0x5b6270 // of text

// page is a sheet that is drawn on.
type page struct {
	*fpdf.Fpdf
	accent int
}

// Draw makes the document: the same bytes for the same certificate.
func (c Certificate) Draw() ([]byte, error) {
	p := page{fpdf.New("L", "mm", "A4", ""), darkened(c.Accent)}
	p.SetCatalogSort(true)
	p.SetCreationDate(c.Issued.UTC())
	p.SetModificationDate(c.Issued.UTC())
	p.SetTitle("Certificate "+c.Number, true)
	p.SetAuthor(c.Account, true)
	p.SetSubject(c.Course, true)
	p.SetLang("en")
	p.SetAutoPageBreak(false, 0)
	p.AddUTF8FontFromBytes("garamond", "", regular)
	p.AddUTF8FontFromBytes("garamond", "I", italic)
	p.AddPage()
	p.frame()
	p.head(c)
	p.words(c)
	p.foot(c)
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("drawing certificate %s: %w", c.Number, err)
	}
	return out.Bytes(), nil
}

// frame is two fine lines around the sheet, and a bar in the account's colour at its top.
func (p page) frame() {
	p.fill(p.accent)
	p.Rect(0, 0, width, 5, "F")
	p.draw(p.accent, 0.35)
	p.Rect(11, 16, width-22, height-27, "D")
	p.SetAlpha(0.35, "Normal")
	p.Rect(13, 18, width-26, height-31, "D")
	p.SetAlpha(1, "Normal")
}

// head is the logo, or the name of the business where there is none.
func (p page) head(c Certificate) {
	if p.logo(c.Logo) {
		return
	}
	if name := printable(c.Account); name != "" {
		p.line(name, 41, lineStyle{size: 22, least: 12, color: p.accent})
	}
}

// words is what the certificate is for.
func (p page) words(c Certificate) {
	p.spaced("CERTIFICATE OF COMPLETION", 63, 11.5)
	p.line("This certifies that", 77, lineStyle{font: "I", size: 15, color: quiet})
	p.title(printable(c.Holder), holderElsewhere, 94, 42, 27)
	p.draw(p.accent, 0.6)
	p.Line(middle-18, 103, middle+18, 103)
	p.line("has completed", 114, lineStyle{font: "I", size: 15, color: quiet})
	p.title(printable(c.Course), courseElsewhere, 127, 25, 20)
}

// title writes a name large, in one line as long as that is not smaller than least, or in two; or says where it is, if it cannot be
// printed.
func (p page) title(text, elsewhere string, y, size, least float64) {
	if text == "" {
		p.line(elsewhere, y, lineStyle{font: "I", size: 20, color: quiet})
		return
	}
	p.font("", least)
	if p.GetStringWidth(text) <= widest {
		p.line(text, y, lineStyle{size: size, least: least, color: ink})
		return
	}
	first, second := halves(text)
	p.line(first, y-3.5, lineStyle{size: 21, least: 11, color: ink})
	p.line(second, y+5, lineStyle{size: 21, least: 11, color: ink})
}

// halves parts a text at the blank nearest to its middle.
func halves(text string) (first, second string) {
	at := len(text) / 2
	for by := range len(text) / 2 {
		for _, i := range []int{at - by, at + by} {
			if i > 0 && i < len(text) && text[i] == ' ' {
				return text[:i], text[i+1:]
			}
		}
	}
	return text, ""
}

// foot is the day and the signature, and between them where the certificate can be looked up.
func (p page) foot(c Certificate) {
	const base, left, right, half = 168.0, 62.0, width - 62.0, 34.0
	p.at(c.Completed.Format("2 January 2006"), left, base-3, lineStyle{size: 15, color: ink, widest: 2 * half})
	p.rule(left, base, half)
	p.at("Date", left, base+5.5, lineStyle{font: "I", size: 11, color: quiet})
	if signer := printable(c.Signer); signer != "" {
		p.rule(right, base, half)
		p.at(signer, right, base+5.5, lineStyle{size: 12, least: 7, color: ink, widest: 2 * half})
		if account := printable(c.Account); account != signer && account != "" {
			p.at(account, right, base+10.5, lineStyle{font: "I", size: 11, least: 7, color: quiet, widest: 2 * half})
		}
	}
	p.code(c.URL, middle-12.5, 145, 25)
	p.at("No. "+c.Number, middle, 177, lineStyle{size: 12, color: ink})
	p.at("Look it up at "+strings.TrimPrefix(strings.TrimPrefix(c.URL, "https://"), "http://"), middle, 183, lineStyle{size: 10, least: 6, color: quiet})
	p.LinkString(middle-60, 179, 120, 6, c.URL)
}

func (p page) rule(x, y, half float64) {
	p.draw(quiet, 0.2)
	p.Line(x-half, y, x+half, y)
}

// code draws an address for cameras, as squares, so that it is sharp at any size.
func (p page) code(address string, x, y, size float64) {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil { // the address stands below as text
		return
	}
	p.fill(ink)
	p.squares(code, x, y, size/float64(code.Bounds().Dx()))
}

func (p page) squares(code barcode.Barcode, x, y, each float64) {
	for row := range code.Bounds().Dy() {
		for from := 0; from < code.Bounds().Dx(); from++ {
			to := from
			for ; to < code.Bounds().Dx(); to++ {
				if red, _, _, _ := code.At(to, row).RGBA(); red > 0 {
					break
				}
			}
			if to > from { // a run of dark ones at once, so that no light shines between them
				p.Rect(x+float64(from)*each, y+float64(row)*each, float64(to-from)*each, each+0.01, "F")
				from = to
			}
		}
	}
}
