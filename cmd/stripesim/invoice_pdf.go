package stripesim

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// invoiceText is an invoice as lines of text, amounts apart from words by a tab.
func (b *books) invoiceText(invoice *Invoice) []string {
	view := b.invoiceView(invoice)
	lines := []string{"Invoice " + string(invoice.Number), "Stripe stand-in: no money moves, and nothing is owed.", "", "From " + string(invoice.AccountName), "For " + string(invoice.CustomerName) + " " + string(invoice.CustomerEmail), view.State, ""}
	for _, line := range invoice.Lines.all {
		lines = append(lines, string(line.Description)+"\t"+money(line.Amount, line.Currency))
	}
	for _, extra := range []struct {
		words  string
		amount int64
	}{{"Discount", -view.Discount}, {"Tax", view.Tax}, {"Credit used", -view.Credit}} {
		if extra.amount != 0 {
			lines = append(lines, extra.words+"\t"+money(extra.amount, invoice.Currency))
		}
	}
	return append(lines, "", "Total\t"+money(invoice.Total, invoice.Currency), "Paid\t"+money(invoice.AmountPaid, invoice.Currency), "Due\t"+money(invoice.AmountRemaining, invoice.Currency))
}

// pdf sets lines on pages of A4, in Helvetica. Letters that Western Europe does not write become question marks.
func pdf(lines []string) []byte {
	const onPage = 48
	var pages []string
	for from := 0; from < len(lines); from += onPage {
		pages = append(pages, pdfPage(lines[from:min(len(lines), from+onPage)]))
	}
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"}
	var kids []string
	for _, content := range pages {
		first := len(objects) + 1
		kids = append(kids, fmt.Sprintf("%d 0 R", first))
		objects = append(objects, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents %d 0 R >>", first+1),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(kids))
	var file bytes.Buffer
	file.WriteString("%PDF-1.4\n")
	offsets := make([]int, len(objects))
	for n, object := range objects {
		offsets[n] = file.Len()
		fmt.Fprintf(&file, "%d 0 obj\n%s\nendobj\n", n+1, object)
	}
	start := file.Len()
	fmt.Fprintf(&file, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&file, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&file, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return file.Bytes()
}

func pdfPage(lines []string) string {
	var content strings.Builder
	for n, line := range lines {
		words, amount, _ := strings.Cut(line, "\t")
		fmt.Fprintf(&content, "BT /F 11 Tf 60 %d Td (%s) Tj ET\n", 780-n*15, pdfString(words))
		if amount != "" {
			fmt.Fprintf(&content, "BT /F 11 Tf 440 %d Td (%s) Tj ET\n", 780-n*15, pdfString(amount))
		}
	}
	return content.String()
}

var pdfEscape = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "−", "-")

func pdfString(line string) string {
	var western strings.Builder
	for _, letter := range pdfEscape.Replace(line) {
		if code, can := charmap.Windows1252.EncodeRune(letter); can {
			western.WriteByte(code)
		} else {
			western.WriteByte('?')
		}
	}
	return western.String()
}
