package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// Kind says what a Failure means for the mail, and whose it is.
type Kind string

// The kinds of failure.
const (
	// Bounced: the server refused this recipient or this message for good.
	// The same mail will not get through; do not send it again.
	Bounced Kind = "bounced"
	// Deferred: not now. The server is away, slow or says "later". Send again.
	Deferred Kind = "deferred"
	// Misconfigured: the server refused this installation (its sign-in, its
	// sender address) whoever the recipient is. Send again, and tell who runs it.
	Misconfigured Kind = "misconfigured"
)

// Failure is why a mail was not confirmed by the server.
type Failure struct {
	Kind Kind
	Code int    // the server's reply code, 0 when it gave none
	Text string // the server's words or ours: one line, at most 300 characters, safe to show to staff

	at    step
	cause error
}

// Error is the kind, the code and the words.
func (f *Failure) Error() string {
	if f.Code == 0 {
		return fmt.Sprintf("mail %s: %s", f.Kind, f.Text)
	}
	return fmt.Sprintf("mail %s: %d %s", f.Kind, f.Code, f.Text)
}

// Unwrap is what lies beneath, so that errors.Is finds a cancelled context.
func (f *Failure) Unwrap() error { return f.cause }

// Away says that it was not about this mail: the server could not be reached, said
// "later" before it knew for whom the mail is, or stopped answering.
func (f *Failure) Away() bool {
	return f.Kind == Deferred && (f.at < recipient || f.Code == 0)
}

// step is how far the conversation had come.
type step int

const (
	connecting step = iota
	greeting
	hello
	startTLS
	signIn
	sender
	recipient
	data
	handedOver // the closing dot is out: from here on the server may have the mail
)

// failed makes a Failure of whatever went wrong at a step.
func failed(at step, err error) *Failure {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		kind := kindOf(at, reply.Code, reply.Msg)
		return &Failure{Kind: kind, Code: reply.Code, Text: oneLine(reply.Msg), at: at, cause: err}
	}
	kind := Deferred
	if errors.Is(err, smtp.ErrUnencrypted) || errors.Is(err, errUnsupported) {
		kind = refusedAt(at)
	}
	text := wording(at, err)
	if at == handedOver {
		text = "no answer after the message was handed over, it may have arrived: " + text
	}
	return &Failure{Kind: kind, Text: oneLine(text), at: at, cause: err}
}

// errUnsupported marks something we need and the server does not offer.
var errUnsupported = errors.New("not supported by the mail server")

// kindOf judges a reply by its code and the step it came at.
func kindOf(at step, code int, text string) Kind {
	switch {
	case code < 500:
		return Deferred
	case refusesUs(code, text):
		return Misconfigured
	}
	return refusedAt(at)
}

// refusedAt judges a refusal for good by its step: before the recipient is
// named, it can only mean this installation.
func refusedAt(at step) Kind {
	if at < recipient {
		return Misconfigured
	}
	return Bounced
}

// refusesUs recognises a refusal that names the recipient's step but means
// the client: sign in first (RFC 4954: 530, 534, 535, 538), wrong order of
// commands (503), or a server that does not relay for us. Taken for a bounce,
// each of them would mark every contact's good address as bad.
func refusesUs(code int, text string) bool {
	switch code {
	case 503, 530, 534, 535, 538:
		return true
	}
	return strings.Contains(strings.ToLower(text), "relay")
}
