package views

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Until is the end of the link's life: Tuesday, 1 December 2026, 15:04 CET.
func (p mailPage) Until() string { return p.until("Monday, 2 January 2006, 15:04") }

// DueOn is the day an invoice is due, where the reader is: Tuesday, 1 December 2026.
func (p mailPage) DueOn() string {
	return p.Invoice.Due.In(p.Location).Format("Monday, 2 January 2006")
}

// due is the same in the words after the invoice's name.
func (p mailPage) due() string {
	switch {
	case p.Invoice.Due.IsZero():
		return "is still to be paid"
	case p.Invoice.Overdue:
		return "was due on " + p.DueOn()
	}
	return "is due on " + p.DueOn()
}

// named is an invoice's number, with what it is for.
func (i MailInvoice) named() string {
	if i.For == "" {
		return i.Number
	}
	return i.Number + " (" + isolateName(i.For) + ")"
}

// access is how the link of a mail about a course works.
func (p mailPage) access() string {
	if !p.SignsIn {
		return "If you are asked to sign in, you come to the course right afterwards."
	}
	return "The link signs you in once, until " + p.Until() + ". Whoever has it can sign in as you, so do not pass it on. After that you come in on the portal’s sign-in page with this address."
}

// UntilTime is the same for lives of minutes: 15:04 CET.
func (p mailPage) UntilTime() string { return p.until("15:04") }

// until adds the zone, without which a time in a mail can mean any. A zone without letters is its distance from UTC.
func (p mailPage) until(layout string) string {
	at := p.ExpiresAt.In(p.Location)
	zone := at.Format("MST")
	if strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-") {
		zone = "UTC" + at.Format("-07:00")
	}
	return at.Format(layout) + " " + zone
}

// mailLine takes out what could end a line, hide in it or turn the text after it around.
func mailLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	}), " ")
}

// isolateName fences off a name that is written from right to left, so that the words around it keep their order. The two
// characters work in subjects and plain text too, where no element could.
func isolateName(name string) string {
	const firstStrongIsolate, popDirectionalIsolate = "\u2068", "\u2069"
	if strings.IndexFunc(name, rightToLeft) < 0 {
		return name
	}
	return firstStrongIsolate + name + popDirectionalIsolate
}

// rightToLeft reports whether a letter runs that way: the scripts in use that do.
func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam, unicode.Hanifi_Rohingya)
}

// preheaderFiller keeps a mail list from showing the mail's first words after its preheader: blanks that no program trims.
func preheaderFiller() string { return strings.Repeat("\u00a0\u200c\u034f", 60) }

// mailWord is what stays on one line: letters up to a blank, or a whole fenced name, whose fence would end with the line.
var mailWord = regexp.MustCompile(`(?:\x{2068}[^\x{2069}]*\x{2069}|[^ \n])+`)

// textWidth is how many characters a line of the text part has.
const textWidth = 72

// wrapParagraphs breaks lines at 72 characters, between words only, so that an address stays whole. A paragraph that begins with a
// blank is left alone, as is the line "-- " above a signature.
func wrapParagraphs(text string) string {
	var paragraphs []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		paragraph = strings.Trim(paragraph, "\n")
		if paragraph == "" {
			continue
		}
		if paragraph[0] != ' ' && paragraph != "-- " {
			paragraph = wrapWords(mailWord.FindAllString(paragraph, -1), textWidth)
		}
		paragraphs = append(paragraphs, paragraph)
	}
	return strings.Join(paragraphs, "\n\n") + "\n"
}

// wrapWords sets words in lines of at most that width, or of one word that is wider.
func wrapWords(words []string, width int) string {
	var out strings.Builder
	column := 0
	for _, word := range words {
		length := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+length > width:
			out.WriteByte('\n')
			column = 0
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		column += length
	}
	return out.String()
}
