package views

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// MailText is what one kind of mail says to a client, in the account's own words or in ours.
type MailText struct {
	Subject string // one line with placeholders; at most [MailSubjectMax] characters
	Body    string // markdown with placeholders; at most [MailBodyMax] characters
}

// The most characters of a text, as the database takes them.
const (
	MailSubjectMax = 200
	MailBodyMax    = 10000
)

// MailTextKinds are the mails that an account can word itself, in the order in which they are listed.
var MailTextKinds = []MailKind{MailInvitation, MailReminder, MailMagicLink, MailWelcome, MailCourseReady, MailCertificateReady, MailInvoiceReminder}

// MailPlaceholder is a word in braces that stands for something else in each mail.
type MailPlaceholder struct {
	Name     string // without braces
	Meaning  string // in words for staff
	Required bool   // a body without it is refused
	BodyOnly bool   // a subject cannot hold it
}

// placeholderMeanings is every placeholder that a text can have.
var placeholderMeanings = map[string]string{
	"name":       "the client's name; without one, the blank before it goes too",
	"first_name": "the first word of the name",
	"business":   "the name of your business",
	"portal":     "the address of your portal",
	"invited_by": "who invited: “Maya Okafor from Acme Coaching”, or your business alone",
	"sent_by":    "who made the link: “Maya Okafor from Acme Coaching”, or your business alone",
	"place":      "where the link leads, such as “your client portal”",
	"expires":    "until when the link works, with day and time",
	"course":     "the title of the course",
	"access":     "how the link works: that it signs in and until when, or that signing in leads to the course",
	"proof":      "the address where others see that the certificate is right",
	"number":     "the invoice’s number",
	"invoice":    "the invoice’s number and what it is for, such as “ACME-0102 (Three sessions)”",
	"amount":     "what is left to pay, as its reader writes sums",
	"due":        "“was due on” or “is due on” with the day; “is still to be paid” for an invoice without one",
	"button":     "the button with its link, alone on a line; {button: your words} words it differently",
}

// placeholdersOf are the names that the texts of each kind may use.
var placeholdersOf = map[MailKind][]string{
	MailInvitation: {"button", "name", "first_name", "business", "invited_by", "expires", "portal"},
	MailReminder:   {"button", "name", "first_name", "business", "invited_by", "expires", "portal"},
	MailMagicLink:  {"button", "name", "first_name", "business", "sent_by", "place", "expires", "portal"},
	MailWelcome:    {"button", "name", "first_name", "business", "portal"},

	MailCourseReady:      {"button", "name", "first_name", "business", "course", "access", "portal"},
	MailCertificateReady: {"button", "name", "first_name", "business", "course", "proof", "portal"},
	MailInvoiceReminder:  {"button", "name", "first_name", "business", "number", "invoice", "amount", "due", "portal"},
}

// isAddress says whether a placeholder stands for a web address, which a text can link to and a subject has no room for.
func isAddress(placeholder string) bool { return placeholder == "portal" || placeholder == "proof" }

// MailPlaceholders are those that a text of this kind may hold; none for a kind that has no texts.
func MailPlaceholders(kind MailKind) (list []MailPlaceholder) {
	for _, name := range placeholdersOf[kind] {
		list = append(list, MailPlaceholder{Name: name, Meaning: placeholderMeanings[name], BodyOnly: name == "button" || name == "access" || isAddress(name),
			Required: name == "button" && kind != MailWelcome})
	}
	return list
}

// OurMailText is the text that is sent where an account has none of its own; false for a kind that has no texts.
func OurMailText(kind MailKind) (MailText, bool) {
	ours, found := ourTexts[kind]
	return ours.MailText, found
}

// ourText is one of mail/*.md: a text with the two lines that stay ours in every mail of its kind.
type ourText struct {
	MailText
	Preheader string
	Because   string // why the reader gets this mail
}

var ourTexts = map[MailKind]ourText{}

// parseOurText reads a file of mail/*.md: its lines, an empty one, and the body.
func parseOurText(source string) ourText {
	head, body, _ := strings.Cut(source, "\n\n")
	return ourText{MailText{sharedLine(head, "Subject"), strings.TrimSpace(body)}, sharedLine(head, "Preheader"), sharedLine(head, "Because")}
}

// Check says what is wrong with a text of this kind, in words for the one who wrote it; empty for what is right.
func (t MailText) Check(kind MailKind) (subject, body string) {
	var inSubject []string
	for _, p := range MailPlaceholders(kind) {
		if !p.BodyOnly {
			inSubject = append(inSubject, p.Name)
		}
	}
	switch length := utf8.RuneCountInString(t.Subject); {
	case strings.TrimSpace(t.Subject) == "":
		subject = "Enter a subject."
	case length > MailSubjectMax:
		subject = fmt.Sprintf("A subject has at most %d characters; this one has %d.", MailSubjectMax, length)
	case mailLine(t.Subject) != strings.Join(strings.Fields(t.Subject), " "):
		subject = "A subject is one line of letters that can be seen."
	default:
		subject = unknownIn(placeholderForm.FindAllString(t.Subject, -1), inSubject, "a subject of this mail")
	}
	switch length := utf8.RuneCountInString(t.Body); {
	case strings.TrimSpace(t.Body) == "":
		body = "Enter what the mail says."
	case length > MailBodyMax:
		body = fmt.Sprintf("A mail has at most %d characters; this one has %d.", MailBodyMax, length)
	default:
		body = checkBody(kind, t.Body)
	}
	return subject, body
}

func checkBody(kind MailKind, body string) string {
	parsed, known := parseMailBody(body), placeholdersOf[kind]
	if problem := unknownIn(slices.Concat(parsed.typed, parsed.inLinks), known, "this mail"); problem != "" {
		return problem
	}
	switch {
	case parsed.pictures:
		return "A mail text has no pictures: many mail programs do not show them. Link to the picture instead."
	case slices.ContainsFunc(parsed.inLinks, func(typed string) bool { return !isAddress(placeholderName(typed)) }):
		return "Only " + strings.Join(addressesOf(known), " and ") + " can be the address of a link. The mail's own link is {button}."
	case parsed.stray:
		return "{button} has to stand alone on its line, not in a list or quotation."
	case parsed.buttons == 0 && kind != MailWelcome:
		return "{button} is missing. Without it the mail has no link. Put it alone on a line. " + placeholdersThereAre(known)
	}
	return ""
}

// placeholderForm is what is taken for a placeholder: anything in braces on one line.
var placeholderForm = regexp.MustCompile(`\{[^{}\n]*\}`)

// placeholderName is the name in "{name}" or "{name: words}".
func placeholderName(typed string) string {
	name, _, _ := strings.Cut(strings.Trim(typed, "{}"), ":")
	return strings.TrimSpace(name)
}

// unknownIn names the first placeholder there is none of, and those there are.
func unknownIn(typed, known []string, where string) string {
	for _, one := range typed {
		if name := placeholderName(one); !slices.Contains(known, name) || strings.Contains(one, ":") && name != "button" {
			return fmt.Sprintf("%s is not a placeholder of %s. %s", one, where, placeholdersThereAre(known))
		}
	}
	return ""
}

// addressesOf are those that stand for a web address, in braces.
func addressesOf(known []string) (typed []string) {
	for _, name := range known {
		if isAddress(name) {
			typed = append(typed, "{"+name+"}")
		}
	}
	return typed
}

func placeholdersThereAre(known []string) string {
	return "There are {" + strings.Join(known, "}, {") + "}."
}

// placeholderValues is what each placeholder stands for in this mail. A mail's own lines also know {email}.
func (p mailPage) placeholderValues() map[string]string {
	first, _, _ := strings.Cut(p.To.Name, " ")
	by, place := isolateName(p.Account.Name), "your client portal"
	if p.InvitedBy != "" {
		by = isolateName(p.InvitedBy) + " from " + by
	}
	if p.Target != "" {
		place = isolateName(p.Target)
	}
	values := map[string]string{"name": isolateName(p.To.Name), "first_name": isolateName(first), "business": isolateName(p.Account.Name),
		"portal": p.Account.PortalURL, "invited_by": by, "sent_by": by, "place": place, "email": p.To.Email,
		"course": isolateName(p.Course), "proof": p.CheckURL, "number": p.Invoice.Number, "invoice": p.Invoice.named(), "amount": p.Invoice.Left, "due": p.due(), "access": p.access()}
	if !p.ExpiresAt.IsZero() {
		values["expires"] = p.Until()
	}
	return values
}

// fillLine puts values into a line that is no markdown. What has no value goes with the blank before it; what is no
// placeholder stays as it is.
func fillLine(line string, values map[string]string) string {
	return strings.TrimSpace(blankAndPlaceholder.ReplaceAllStringFunc(mailLine(line), func(found string) string {
		value, known := values[placeholderName(strings.TrimPrefix(found, " "))]
		switch {
		case !known:
			return found
		case value == "":
			return ""
		}
		return found[:len(found)-len(strings.TrimPrefix(found, " "))] + value
	}))
}

var blankAndPlaceholder = regexp.MustCompile(` ?` + placeholderForm.String())
