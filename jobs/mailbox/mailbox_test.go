package mailbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"atrium/jobs/mailbox"

	gosmtp "github.com/emersion/go-smtp"
)

// start starts a box for one test.
func start(t *testing.T, options mailbox.Options) *mailbox.Box {
	t.Helper()
	box, err := mailbox.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Stop() })
	return box
}

// post sends a plain mail to the box.
func post(box *mailbox.Box, to, subject string) error {
	text := fmt.Sprintf("From: Acme <portal@acme.test>\r\nTo: %s\r\nSubject: %s\r\n\r\nHello\r\n", to, subject)
	return smtp.SendMail(box.Addr(), nil, "portal@acme.test", []string{to}, []byte(text))
}

// subjects are those of the kept mails, newest first.
func subjects(box *mailbox.Box) string {
	var all []string
	for _, message := range box.Messages() {
		all = append(all, message.Subject)
	}
	return strings.Join(all, " ")
}

// mustPost sends mails that have to be taken.
func mustPost(t *testing.T, box *mailbox.Box, subjects ...string) {
	t.Helper()
	for _, subject := range subjects {
		if err := post(box, "ada@example.com", subject); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeepsTheNewest(t *testing.T) {
	t.Parallel()
	box := start(t, mailbox.Options{Keep: 2})
	mustPost(t, box, "one", "two", "three")
	if got := subjects(box); got != "three two" {
		t.Errorf("kept %q", got)
	}
	newest := box.Messages()[0]
	if got, found := box.Message(newest.ID); !found || got.Subject != "three" {
		t.Errorf("by ID: %v, %q", found, got.Subject)
	}
	if _, found := box.Message("1"); found {
		t.Error("found a mail that never was")
	}
}

func TestFilesOutliveTheBox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/mail"
	first := start(t, mailbox.Options{Dir: dir, Keep: 3})
	mustPost(t, first, "one", "two", "three", "four")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, mailbox.Options{Dir: dir, Keep: 2})
	if got := subjects(second); got != "four three" {
		t.Errorf("after the restart %q", got)
	}
	if first.Messages()[0].ID != second.Messages()[0].ID {
		t.Error("the ID changed over the restart")
	}
	mustPost(t, second, "five")
	if got := subjects(second); got != "five four" {
		t.Errorf("after one more %q", got)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	box := start(t, mailbox.Options{})
	mustPost(t, box, "early")
	go func() {
		post(box, "eve@example.com", "late")
		post(box, "Ada@Example.com", "late")
	}()
	got, err := box.Wait(t.Context(), "ada@example.com", func(m mailbox.Message) bool { return m.Subject == "late" })
	if err != nil || got.To != "Ada@Example.com" {
		t.Errorf("got %q, %v", got.To, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := box.Wait(ctx, "nobody@example.com", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestAnswersByScript(t *testing.T) {
	t.Parallel()
	box := start(t, mailbox.Options{})
	for _, stage := range []mailbox.Stage{mailbox.Hello, mailbox.Mail, mailbox.Rcpt, mailbox.Data} {
		box.Answer(func(at mailbox.Stage, _ string) *gosmtp.SMTPError {
			if at == stage {
				return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 3, 0}, Message: string(at)}
			}
			return nil
		})
		var reply *textproto.Error
		if err := post(box, "ada@example.com", "x"); !errors.As(err, &reply) || reply.Code != 451 || !strings.HasSuffix(reply.Msg, string(stage)) {
			t.Errorf("%s: %v", stage, err)
		}
	}
	if n := len(box.Messages()); n != 0 {
		t.Errorf("kept %d refused mails", n)
	}
	box.Answer(func(at mailbox.Stage, address string) *gosmtp.SMTPError {
		if at == mailbox.Stored && address == "ada@example.com" {
			return mailbox.HangUp
		}
		return nil
	})
	if err := post(box, "ada@example.com", "kept"); err == nil || subjects(box) != "kept" {
		t.Errorf("lost reply: %v, kept %q", err, subjects(box))
	}
	box.Answer(nil)
	mustPost(t, box, "next")
}

func TestAwayAndBack(t *testing.T) {
	t.Parallel()
	box := start(t, mailbox.Options{})
	addr := box.Addr()
	mustPost(t, box, "before")
	if err := errors.Join(box.Stop(), box.Stop()); err != nil {
		t.Fatal(err)
	}
	if err := post(box, "ada@example.com", "away"); err == nil {
		t.Error("a stopped box took a mail")
	}
	if err := box.Restart(); err != nil || box.Addr() != addr {
		t.Fatalf("restart at %s: %v", box.Addr(), err)
	}
	if err := box.Restart(); err == nil {
		t.Error("restarted a running box")
	}
	mustPost(t, box, "after")
	if got := subjects(box); got != "after before" {
		t.Errorf("kept %q", got)
	}
}

func TestDelayEndsWithTheBox(t *testing.T) {
	t.Parallel()
	box := start(t, mailbox.Options{})
	box.Delay(time.Hour)
	sent := make(chan error, 1)
	go func() { sent <- post(box, "ada@example.com", "slow") }()
	if _, err := box.Wait(t.Context(), "ada@example.com", nil); err != nil {
		t.Fatal(err)
	}
	box.Stop()
	if err := <-sent; err == nil {
		t.Error("confirmed after the stop")
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":2525", "192.0.2.1:0", "example.com:25", "nonsense"} {
		if box, err := mailbox.Start(mailbox.Options{Addr: addr}); err == nil {
			box.Stop()
			t.Errorf("%q: listens where others could reach it", addr)
		}
	}
	box := start(t, mailbox.Options{})
	if _, err := mailbox.Start(mailbox.Options{Addr: box.Addr()}); err == nil {
		t.Error("two boxes on one address")
	}
}
