package mailbox

import (
	"html"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message is a mail as its reader sees it. A part the mail does not have is
// empty; a mail that cannot be read has only ID, Received and Raw.
type Message struct {
	ID        string // its key in the box: digits, ordered by time
	MessageID string // of the header, without angle brackets
	From      string // the header's, decoded: Name <address>
	ReplyTo   string // likewise
	To        string // the first recipient of the envelope, address only
	Subject   string // decoded
	Text      string // the text/plain part, lines end with \n
	HTML      string // the text/html part
	Received  time.Time
	Links     []string    // every http(s) address, in order, each once
	Code      string      // six digits that stand on a line of their own in Text
	Header    mail.Header // as sent, undecoded
	Raw       []byte      // everything, envelope lines included
}

var (
	bareLink = regexp.MustCompile(`https?://[^\s<>"]+`)
	hrefLink = regexp.MustCompile(`(?i)href="(https?://[^"]+)"`)
	codeLine = regexp.MustCompile(`(?m)^[ \t]*([0-9]{6})[ \t]*$`)
)

// parse reads a stored mail. What cannot be read stays empty: the sink shows
// what came, it does not judge.
func parse(id string, raw []byte) Message {
	message := Message{ID: id, Raw: raw}
	if nanoseconds, err := strconv.ParseInt(id, 10, 64); err == nil {
		message.Received = time.Unix(0, nanoseconds)
	}
	parsed, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return message
	}
	header := parsed.Header
	message.Header = header
	message.MessageID = strings.Trim(header.Get("Message-Id"), "<> ")
	message.From = address(header, "From")
	message.ReplyTo = address(header, "Reply-To")
	message.To, _, _ = strings.Cut(header.Get("Delivered-To"), ",")
	message.Subject = decoded(header.Get("Subject"))
	message.readBody(contentOf(header), parsed.Body)
	message.Links = links(message.Text, message.HTML)
	if code := codeLine.FindStringSubmatch(message.Text); code != nil {
		message.Code = code[1]
	}
	return message
}

// address is an address header with its name decoded, or as it stands when it
// cannot be parsed.
func address(header mail.Header, name string) string {
	value := header.Get(name)
	parsed, err := mail.ParseAddress(value)
	switch {
	case err != nil:
		return value
	case parsed.Name == "":
		return parsed.Address
	}
	return parsed.Name + " <" + parsed.Address + ">"
}

// links are the addresses of both parts, each once, text first.
func links(text, htmlPart string) []string {
	var found []string
	add := func(link string) {
		if !slices.Contains(found, link) {
			found = append(found, link)
		}
	}
	for _, link := range bareLink.FindAllString(text, -1) {
		add(strings.TrimRight(link, ".,;:!?)]'"))
	}
	for _, match := range hrefLink.FindAllStringSubmatch(htmlPart, -1) {
		add(html.UnescapeString(match[1]))
	}
	return found
}
