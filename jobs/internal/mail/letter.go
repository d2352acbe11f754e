package mail

import (
	"bytes"
	"errors"
	"fmt"
	netmail "net/mail"

	gomail "github.com/wneessen/go-mail"
)

// letter is a message in its envelope, as the server gets it.
type letter struct {
	from, to  string // with angle brackets
	content   []byte
	needsUTF8 bool // an address has letters outside ASCII
	utf8At    step // whose
}

// seal builds the letter. A malformed recipient is a *Failure of kind Bounced.
func (m Message) seal() (*letter, error) {
	to, err := m.To.parse()
	if err != nil {
		return nil, &Failure{Kind: Bounced, Text: "the address is not valid", at: recipient, cause: err}
	}
	from, fromErr := m.From.parse()
	replyTo, replyErr := m.replyTo()
	if err := errors.Join(fromErr, replyErr, m.check()); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	built := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	built.FromMailAddress(from)
	built.ToMailAddress(to)
	built.ReplyToMailAddress(replyTo)
	m.fill(built)
	var content bytes.Buffer
	if _, err := built.WriteTo(&content); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	sealed := &letter{from: envelope(from), to: envelope(to), content: content.Bytes()}
	sealed.needsUTF8 = !isASCII(from.Address + to.Address + m.ReplyTo.Email)
	sealed.utf8At = sender
	if !isASCII(to.Address) {
		sealed.utf8At = recipient
	}
	return sealed, nil
}

// replyTo is nil, which go-mail leaves out, when there is no such address.
func (m Message) replyTo() (*netmail.Address, error) {
	if m.ReplyTo.Email == "" {
		return nil, nil
	}
	return m.ReplyTo.parse()
}
