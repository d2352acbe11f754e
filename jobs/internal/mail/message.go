package mail

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is one mail to one person, finished.
//
// Names and the subject may hold anything: they are encoded, control
// characters in them become spaces, and what looks encoded already stays what
// was typed. Addresses, the Message-ID and the names of
// headers are refused when they are not well-formed, so nothing a person typed
// can add a header or a recipient.
type Message struct {
	From    Address // the installation's address under the account's name
	ReplyTo Address // the account's support address; zero: no such header
	To      Address // its domain in ASCII (IDNA)
	Subject string
	Text    string // required
	HTML    string // empty: a text mail

	// MessageID is left@right without angle brackets. The same mail sent again
	// has the same one, by which a reader's program knows it.
	MessageID string

	// Date is when the mail was written; the clock is never asked.
	Date time.Time

	// Unsubscribe is the address whose POST ends mails of this sort, which a
	// reader's program may offer beside the mail (RFC 8058). It has to be
	// http(s) and to ask for nothing more. Empty: there is nothing to end.
	Unsubscribe string

	// Headers are more headers. They cannot replace
	// one that is built from the fields above. Every mail already says that a
	// program wrote it (Auto-Submitted).
	Headers map[string]string
}

var (
	messageID   = regexp.MustCompile(`^[!-;=?-~]+@[!-;=?-~]+$`)
	unsubscribe = regexp.MustCompile(`^https?://[!-;=?-~]+$`)
	headerName  = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
	ownHeaders  = []string{"auto-submitted", "bcc", "cc", "content-transfer-encoding", "content-type", "date", "from",
		"list-unsubscribe", "list-unsubscribe-post", "message-id", "mime-version", "reply-to", "sender", "subject", "to", "x-auto-response-suppress"}
)

// check refuses what go-mail would fill in by itself, from the clock and the
// machine's name, or write down as it stands.
func (m Message) check() error {
	switch {
	case !messageID.MatchString(m.MessageID):
		return fmt.Errorf("message ID %q", m.MessageID)
	case m.Date.IsZero():
		return errors.New("no date")
	case m.Unsubscribe != "" && !unsubscribe.MatchString(m.Unsubscribe):
		return errors.New("the address that unsubscribes is malformed") // it is a way to act, so it is not told
	case m.Text == "":
		return errors.New("no text")
	}
	for name := range m.Headers {
		if !headerName.MatchString(name) || slices.Contains(ownHeaders, strings.ToLower(name)) {
			return fmt.Errorf("header %q cannot be set", name)
		}
	}
	return nil
}

// fill writes headers and parts.
func (m Message) fill(built *gomail.Msg) {
	built.Subject(singleLine(m.Subject))
	built.SetMessageIDWithValue(m.MessageID)
	built.SetDateWithValue(m.Date)
	built.SetGenHeader("Auto-Submitted", "auto-generated")
	// Exchange answers a mail with absence notes unless told so in its own way.
	built.SetGenHeader("X-Auto-Response-Suppress", "All")
	if m.Unsubscribe != "" {
		built.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		built.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	for name, value := range m.Headers {
		built.SetGenHeader(gomail.Header(name), singleLine(value))
	}
	built.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		built.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
}
