// Package mediatype tells what a file is by its content, since names and what browsers say of them prove nothing. Only handlers
// use it.
package mediatype

import (
	"bytes"
	"net/http"
	"strings"
)

// Head is how much of the beginning of a file is looked at, in bytes.
const Head = 4096

// The types that this program treats in a way of their own.
const (
	HTML      = "text/html"
	SVG       = "image/svg+xml"
	XML       = "text/xml"
	Text      = "text/plain"
	PDF       = "application/pdf"
	Zip       = "application/zip"
	MP4       = "video/mp4"
	WebM      = "video/webm"
	QuickTime = "video/quicktime"
	Matroska  = "video/x-matroska"
	Unknown   = "application/octet-stream"
)

const office = "application/vnd.openxmlformats-officedocument."

// inZip are the types of files that are archives inside, by what stands near their beginning.
var inZip = []struct{ sign, is string }{
	{"word/", office + "wordprocessingml.document"},
	{"xl/", office + "spreadsheetml.sheet"},
	{"ppt/", office + "presentationml.presentation"},
}

// Of tells the type of a file, without parameters, by its first bytes. What it does not know is Unknown.
func Of(head []byte) string {
	is, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch {
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return byBrand(string(head[8:12]))
	case bytes.HasPrefix(head, []byte("\x1a\x45\xdf\xa3")): // EBML, of which WebM is one kind
		if bytes.Contains(head[:min(len(head), 64)], []byte("webm")) {
			return WebM
		}
		return Matroska
	case is == Zip:
		return byEntries(head)
	case is == Text || is == XML:
		return byMarkup(head, is)
	}
	return is
}

// byBrand tells apart what is kept in boxes as MP4 has them (ISO/IEC 14496-12, and mp4ra.org for the brands).
func byBrand(brand string) string {
	switch strings.TrimSpace(brand) {
	case "qt":
		return QuickTime
	case "heic", "heix", "hevc", "mif1", "msf1":
		return "image/heic"
	case "avif", "avis":
		return "image/avif"
	case "M4A", "M4B":
		return "audio/mp4"
	}
	return MP4
}

// byEntries tells office documents and e-books from other archives.
func byEntries(head []byte) string {
	if name, ok := bytes.CutPrefix(head[min(len(head), 30):], []byte("mimetype")); ok { // the first entry, of OpenDocument and EPUB
		is, _, _ := strings.Cut(string(name[:min(len(name), 100)]), "PK")
		if strings.HasPrefix(is, "application/") && strings.Trim(is, "abcdefghijklmnopqrstuvwxyz./+-") == "" {
			return is
		}
	}
	for _, kind := range inZip {
		if bytes.Contains(head, []byte(kind.sign)) {
			return kind.is
		}
	}
	return Zip
}

// byMarkup finds drawings and pages that begin in a way of their own. Whatever a text is taken for, it is never shown as a page.
func byMarkup(head []byte, is string) string {
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n\f"))
	switch {
	case !bytes.HasPrefix(text, []byte("<")):
		return is
	case bytes.Contains(text, []byte("<svg")):
		return SVG
	case bytes.Contains(text, []byte("<html")) || bytes.Contains(text, []byte("<script")):
		return HTML
	}
	return is
}

// Inline says whether a browser may show a file of that type by itself: pictures in pixels and videos, which run nothing.
func Inline(is string) bool {
	switch is {
	case "image/png", "image/jpeg", "image/webp", MP4, WebM:
		return true
	}
	return false
}

// Sent is what a file of that type is called when it is sent: itself where no program takes it for something that runs, and
// otherwise bytes for keeping.
func Sent(is string) string {
	switch {
	case Inline(is), is == PDF, is == Zip, strings.HasPrefix(is, office), strings.HasPrefix(is, "audio/"):
		return is
	case is == Text:
		return Text + "; charset=utf-8"
	}
	return Unknown
}

// Words is what a person would call a file of that type.
func Words(is string) string {
	switch kind, _, _ := strings.Cut(is, "/"); {
	case is == PDF:
		return "PDF"
	case strings.HasPrefix(is, office+"word"):
		return "Word document"
	case strings.HasPrefix(is, office+"spreadsheet"):
		return "Excel workbook"
	case strings.HasPrefix(is, office+"presentation"):
		return "PowerPoint slides"
	case is == Zip || strings.Contains(is, "gzip") || strings.Contains(is, "compressed"):
		return "Archive"
	case is == HTML:
		return "Web page"
	case is == SVG:
		return "Drawing"
	case kind == "image":
		return "Picture"
	case kind == "video":
		return "Video"
	case kind == "audio":
		return "Audio"
	case kind == "text":
		return "Text"
	}
	return "File"
}
