package mail

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"atrium/jobs/mailbox"

	"github.com/emersion/go-smtp"
)

func TestConnectionIsReused(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	s := senderTo(t, box.Addr(), nil)
	for range 5 {
		send(t, s)
	}
	// A refused recipient does not cost the connection either.
	box.Answer(func(stage mailbox.Stage, _ string) *smtp.SMTPError {
		if stage == mailbox.Rcpt {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user"}
		}
		return nil
	})
	_, err := s.Send(t.Context(), written())
	failure(t, err, Bounced)
	box.Answer(nil)
	send(t, s)
	if n := box.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	if n := len(box.Messages()); n != 6 {
		t.Errorf("%d mails, want 6", n)
	}
}

func TestManyAtOnceShareTheConnections(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	s := senderTo(t, box.Addr(), func(c *Config) { c.Connections = 3 })
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			message := written()
			message.MessageID = fmt.Sprintf("%d@atrium.test", i)
			if _, err := s.Send(t.Context(), message); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	ids := map[string]bool{}
	for _, message := range box.Messages() {
		ids[message.MessageID] = true
	}
	if len(ids) != 60 || box.Connections() > 3 {
		t.Errorf("%d different mails over %d connections, want 60 over at most 3", len(ids), box.Connections())
	}
}

func TestBrokenIdleConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	s := senderTo(t, box.Addr(), nil)
	send(t, s)
	box.Disconnect()
	send(t, s)
	if box.Connections() != 2 || len(box.Messages()) != 2 {
		t.Errorf("%d connections, %d mails, want 2 and 2", box.Connections(), len(box.Messages()))
	}
}

func TestClosingAnnouncedOnIdleConnection(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	s := senderTo(t, box.Addr(), nil)
	send(t, s)
	var once sync.Once
	box.Answer(func(stage mailbox.Stage, _ string) (answer *smtp.SMTPError) {
		if stage == mailbox.Mail {
			once.Do(func() { answer = &smtp.SMTPError{Code: 421, Message: "Too many mails, closing"} })
		}
		return answer
	})
	send(t, s)
	if n := box.Connections(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

func TestIdleConnectionEnds(t *testing.T) {
	t.Parallel()
	addr, received := startReplies(t, nil)
	send(t, senderTo(t, addr, func(c *Config) { c.IdleTimeout = 20 * time.Millisecond }))
	for line := range received {
		if line == "QUIT" {
			return
		}
	}
}

func TestCloseEndsConnections(t *testing.T) {
	t.Parallel()
	addr, received := startReplies(t, nil)
	s := senderTo(t, addr, nil)
	send(t, s)
	s.Close()
	for range 2 { // the second mail's connection is not kept at all
		for line := range received {
			if line == "QUIT" {
				break
			}
		}
		send(t, s)
	}
}
