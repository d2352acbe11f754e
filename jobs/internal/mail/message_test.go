package mail

import (
	"bytes"
	"errors"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"atrium/jobs/mailbox"
)

// through sends the message to a real server and reads what came.
func through(t *testing.T, message Message) mailbox.Message {
	t.Helper()
	box := startBox(t, mailbox.Options{})
	if _, err := senderTo(t, box.Addr(), nil).Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	return box.Messages()[0]
}

func TestNamesInManyLetters(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Zoë Müller-Łukasiewicz",
		"מרים אבו־עיסא",
		"山田 花子",
		`Quote " and \ and <b>`,
		"Sixty characters of a name that a person really might have it",
		strings.Repeat("ж", 60),
	} {
		message := written()
		message.From.Name, message.To.Name, message.Subject = name, name, name+" invites you to a place with a rather long subject line"
		got := through(t, message)
		if want := name + " <portal@atrium.test>"; got.From != want {
			t.Errorf("From %q, want %q", got.From, want)
		}
		if got.Subject != message.Subject {
			t.Errorf("Subject %q, want %q", got.Subject, message.Subject)
		}
		for line := range bytes.Lines(got.Raw) {
			if len(line) > 200 || bytes.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
				t.Errorf("line %q is long or not ASCII", line)
			}
		}
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	const attack = "Ada\r\nBcc: victim@example.com\r\n\r\nNew body\u2028x"
	message := written()
	message.From.Name, message.ReplyTo.Name, message.To.Name, message.Subject = attack, attack, attack, attack
	message.Headers = map[string]string{"X-Note": attack}
	got := through(t, message)
	if len(got.Header["Bcc"]) > 0 || got.Text != message.Text {
		t.Errorf("headers %v, text %q", got.Header, got.Text)
	}
	if want := "Ada Bcc: victim@example.com New body x"; got.Subject != want {
		t.Errorf("Subject %q, want %q", got.Subject, want)
	}
}

// What looks like an encoded word is not decoded into letters that were never typed.
func TestEncodedWordsStayWords(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"=?utf-8?q?evil=0D=0ABcc:x@y.example?=":    "＝?utf-8?q?evil=0D=0ABcc:x@y.example?=",
		"Acme =?utf-8?b?4oCuZXZpbA==?= (x) é":      "Acme ＝?utf-8?b?4oCuZXZpbA=＝?= (x) é",
		"=\x00?utf-8?q?x?=, 1 = 1? ==?utf-8?q?x?=": "= ?utf-8?q?x?=, 1 = 1? =＝?utf-8?q?x?=",
	} {
		message := written()
		message.From.Name, message.ReplyTo.Name, message.To.Name, message.Subject = typed, typed, typed, "Your code for "+typed
		message.Headers = map[string]string{"X-Note": typed}
		got := through(t, message)
		if want := "Your code for " + want; got.Subject != want {
			t.Errorf("Subject %q, want %q", got.Subject, want)
		}
		if want += " <portal@atrium.test>"; got.From != want {
			t.Errorf("From %q, want %q", got.From, want)
		}
		for _, field := range []string{"From", "Reply-To", "To", "X-Note"} {
			if header := got.Header.Get(field); strings.Contains(header, "=?utf-8?q?evil") || strings.Contains(header, "4oCuZXZpbA==?") {
				t.Errorf("%s is %q", field, header)
			}
		}
	}
}

// A reader's program can end such mails with one POST (RFC 8058), and is offered nothing where there is nothing to end.
func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]string{
		"":                           {"", ""},
		"https://acme.test/stop/x-1": {"<https://acme.test/stop/x-1>", "List-Unsubscribe=One-Click"},
	} {
		message := written()
		message.Unsubscribe = address
		got := through(t, message)
		if in := [2]string{got.Header.Get("List-Unsubscribe"), got.Header.Get("List-Unsubscribe-Post")}; in != want {
			t.Errorf("%q: the headers are %q, want %q", address, in, want)
		}
	}
}

func TestMessagesThatCannotBeBuilt(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Message){
		"from":               func(m *Message) { m.From.Email = "portal" },
		"from, two":          func(m *Message) { m.From.Email = "a@b.test, c@d.test" },
		"reply":              func(m *Message) { m.ReplyTo.Email = "help@acme.test\r\nBcc: x@y.test" },
		"message ID, none":   func(m *Message) { m.MessageID = "" },
		"message ID, spaced": func(m *Message) { m.MessageID = "1@a>\r\nBcc: <x@y.test" },
		"date":               func(m *Message) { m.Date = time.Time{} },
		"text":               func(m *Message) { m.Text = "" },
		"stop, two":          func(m *Message) { m.Unsubscribe = "https://acme.test/1>, <https://eve.test" },
		"stop, scheme":       func(m *Message) { m.Unsubscribe = "mailto:stop@acme.test" },
		"header name":        func(m *Message) { m.Headers = map[string]string{"X: y\r\nBcc": "x@y.test"} },
		"header of ours":     func(m *Message) { m.Headers = map[string]string{"bCC": "x@y.test"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			message := written()
			change(&message)
			var f *Failure
			if _, err := message.seal(); err == nil || errors.As(err, &f) {
				t.Errorf("error %v, want one that is no Failure", err)
			}
		})
	}
}

func TestMalformedRecipientBounces(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "ada", "ada@", "a b@example.com", "Ada <ada@example.com>", "ada@example.com>\r\nRCPT TO:<eve@example.com"} {
		message := written()
		message.To.Email = address
		_, err := message.seal()
		failure(t, err, Bounced)
	}
}

func TestAddressesOutsideASCII(t *testing.T) {
	t.Parallel()
	message := written()
	message.To.Email = "käthe@example.com"
	if got := through(t, message); got.To != message.To.Email {
		t.Errorf("To %q", got.To)
	}

	addr, _ := startReplies(t, nil) // without SMTPUTF8
	s := senderTo(t, addr, nil)
	_, err := s.Send(t.Context(), message)
	failure(t, err, Bounced)
	message = written()
	message.ReplyTo.Email = "hilfe@müller.test"
	_, err = s.Send(t.Context(), message)
	failure(t, err, Misconfigured)
}

func TestTheSameMessageIsTheSameMail(t *testing.T) {
	t.Parallel()
	// Lone dots, bare line feeds and long lines must arrive as they were written.
	message := written()
	message.Text = ".\n..\n" + strings.Repeat("long ", 400) + "\n\ttab = 100 %\n"
	sealed, err := message.seal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := netmail.ReadMessage(bytes.NewReader(sealed.content)); err != nil {
		t.Error(err)
	}
	if got := through(t, message); got.Text != message.Text {
		t.Errorf("Text %q, want %q", got.Text, message.Text)
	}
}
