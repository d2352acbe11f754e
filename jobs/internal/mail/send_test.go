package mail

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"atrium/jobs/mailbox"

	"github.com/emersion/go-smtp"
)

// send sends and fails the test on an error.
func send(t *testing.T, s *Sender) string {
	t.Helper()
	reply, err := s.Send(t.Context(), written())
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// failure is the *Failure in err, which must be of that kind.
func failure(t *testing.T, err error, kind Kind) *Failure {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) || f.Kind != kind {
		t.Fatalf("error %v (%T), want a Failure of kind %s", err, err, kind)
	}
	return f
}

func TestSendHandsOver(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	if reply := send(t, senderTo(t, box.Addr(), nil)); reply != "2.0.0 OK: queued" {
		t.Errorf("reply %q", reply)
	}
	got, err := box.Wait(t.Context(), "ada@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := written()
	for _, field := range [][3]string{
		{"From", got.From, "Acme Coaching <portal@atrium.test>"},
		{"ReplyTo", got.ReplyTo, "Acme Coaching <help@acme.test>"},
		{"To", got.Header.Get("To"), `"Ada Lovelace" <ada@example.com>`},
		{"Subject", got.Subject, want.Subject},
		{"Text", got.Text, want.Text},
		{"HTML", got.HTML, want.HTML},
		{"MessageID", got.MessageID, want.MessageID},
		{"Date", got.Header.Get("Date"), "Sun, 22 Nov 2026 10:00:00 +0000"},
		{"Auto-Submitted", got.Header.Get("Auto-Submitted"), "auto-generated"},
		{"User-Agent", got.Header.Get("User-Agent") + got.Header.Get("X-Mailer"), ""},
		{"Return-Path", got.Header.Get("Return-Path"), "<portal@atrium.test>"},
	} {
		if field[1] != field[2] {
			t.Errorf("%s %q, want %q", field[0], field[1], field[2])
		}
	}
}

func TestServerAwayForAWhile(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	s := senderTo(t, box.Addr(), nil)
	send(t, s)
	if err := box.Stop(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Send(t.Context(), written())
	if f := failure(t, err, Deferred); f.Code != 0 || !strings.Contains(f.Text, "cannot be reached") {
		t.Errorf("failure %v", f)
	}
	if err := box.Restart(); err != nil {
		t.Fatal(err)
	}
	send(t, s)
}

func TestReplyLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	s := senderTo(t, box.Addr(), nil)
	send(t, s)
	box.Answer(func(stage mailbox.Stage, _ string) *smtp.SMTPError {
		if stage == mailbox.Stored {
			return mailbox.HangUp
		}
		return nil
	})
	_, err := s.Send(t.Context(), written())
	if f := failure(t, err, Deferred); !strings.Contains(f.Text, "may have arrived") {
		t.Errorf("failure %v", f)
	}
	messages := box.Messages()
	if len(messages) != 2 || messages[0].MessageID != messages[1].MessageID {
		t.Errorf("%d mails, want 2 with one Message-ID", len(messages))
	}
}

func TestSlowServer(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	box.Delay(time.Hour)
	s := senderTo(t, box.Addr(), func(c *Config) { c.Timeout = 100 * time.Millisecond })
	_, err := s.Send(t.Context(), written())
	if f := failure(t, err, Deferred); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(f.Text, "in time") {
		t.Errorf("failure %v", f)
	}
}

func TestCancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	box := startBox(t, mailbox.Options{})
	box.Delay(time.Hour)
	s := senderTo(t, box.Addr(), func(c *Config) { c.Connections = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 2)
	for range 2 { // one waits for the server, the other for its turn
		go func() {
			_, err := s.Send(ctx, written())
			errs <- err
		}()
	}
	if _, err := box.Wait(t.Context(), "ada@example.com", nil); err != nil {
		t.Fatal(err)
	}
	cancel()
	for range 2 {
		err := <-errs
		if failure(t, err, Deferred); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want one that is context.Canceled", err)
		}
	}
}
