package mailbox

import (
	"time"

	"github.com/emersion/go-smtp"
)

// Stage is the point of an SMTP conversation an answer belongs to.
type Stage string

// The stages, in the order a conversation reaches them.
const (
	Hello  Stage = "hello"  // EHLO or HELO; the address is the name the client gives
	Auth   Stage = "auth"   // the sign-in; the address is the user name
	Mail   Stage = "mail"   // MAIL FROM; the address is the sender
	Rcpt   Stage = "rcpt"   // RCPT TO; the address is the recipient
	Data   Stage = "data"   // the mail is here, not yet kept; the address is the recipient
	Stored Stage = "stored" // the mail is kept, the client not yet told; the address is the recipient
)

// HangUp as an answer closes the connection without a word. At Stored that is
// a delivery whose confirmation is lost.
var HangUp = &smtp.SMTPError{Message: "hang up"}

// Answer sets who decides on each stage: script returns what to refuse with,
// HangUp, or nil to go on. It is called from the connections' goroutines. A
// nil script accepts everything, which is the default.
func (b *Box) Answer(script func(stage Stage, address string) *smtp.SMTPError) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.answer = script
}

// Delay makes the box wait that long before it answers to a mail. Stop cuts
// the wait short. Default: 0.
func (b *Box) Delay(wait time.Duration) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.delay = wait
}

// scripted is what the script has for this stage, nil when there is none.
func (b *Box) scripted(stage Stage, address string) *smtp.SMTPError {
	b.mutex.Lock()
	script := b.answer
	b.mutex.Unlock()
	if script == nil {
		return nil
	}
	return script(stage, address)
}

// pause waits for the scripted delay, and answers HangUp when the box stops before it is over.
func (b *Box) pause(done <-chan struct{}) *smtp.SMTPError {
	b.mutex.Lock()
	delay := b.delay
	b.mutex.Unlock()
	if delay <= 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-done:
		return HangUp
	}
}
