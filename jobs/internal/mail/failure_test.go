package mail

import (
	"strings"
	"testing"
)

func TestRefusalsByStage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		replies replies
		change  func(*Config)
		kind    Kind
		code    int
		text    string
	}{
		{"greeting 5xx", replies{"": "554 5.7.1 Your address is blocked"}, nil, Misconfigured, 554, "5.7.1 Your address is blocked"},
		{"greeting 4xx", replies{"": "421 Too busy"}, nil, Deferred, 421, "Too busy"},
		{"greeting hang-up", replies{"": hangUp}, nil, Deferred, 0, "EOF"},
		{"greeting is not SMTP", replies{"": "HTTP/1.1 400 Bad Request"}, nil, Deferred, 0, "HTTP/1.1"},
		{"EHLO 5xx", replies{"EHLO": "550 5.7.1 Bad name", "HELO": "550 Bad name"}, nil, Misconfigured, 550, "5.7.1 Bad name"},
		{"EHLO 4xx", replies{"EHLO": "451 Later", "HELO": "451 Later"}, nil, Deferred, 451, "Later"},
		{"EHLO unknown, HELO works", replies{"EHLO": "500 What", "RCPT": "550 No"}, nil, Bounced, 550, "No"},
		{"STARTTLS not offered", nil, withSTARTTLS, Misconfigured, 0, "STARTTLS is not supported by the mail server"},
		{"STARTTLS 4xx", replies{"EHLO": "250-here\n250 STARTTLS", "STARTTLS": "454 4.7.0 No TLS now"}, withSTARTTLS, Deferred, 454, "4.7.0 No TLS now"},
		{"STARTTLS 5xx", replies{"EHLO": "250-here\n250 STARTTLS", "STARTTLS": "502 Not today"}, withSTARTTLS, Misconfigured, 502, "Not today"},
		{"AUTH not offered", nil, withUser, Misconfigured, 0, "sign-in by PLAIN or LOGIN is not supported by the mail server"},
		{"AUTH 5xx", replies{"EHLO": "250-here\n250 AUTH PLAIN", "AUTH": "535 5.7.8 Wrong password"}, withUser, Misconfigured, 535, "5.7.8 Wrong password"},
		{"AUTH 4xx", replies{"EHLO": "250-here\n250 AUTH PLAIN", "AUTH": "454 4.7.0 Directory away"}, withUser, Deferred, 454, "4.7.0 Directory away"},
		{"MAIL 5xx", replies{"MAIL": "550 5.7.60 Not your address"}, nil, Misconfigured, 550, "5.7.60 Not your address"},
		{"MAIL 4xx", replies{"MAIL": "452 4.3.1 Disk full"}, nil, Deferred, 452, "4.3.1 Disk full"},
		{"RCPT 5xx", replies{"RCPT": "550-5.1.1 No such\n550 5.1.1 user here"}, nil, Bounced, 550, "5.1.1 No such 5.1.1 user here"},
		{"RCPT 4xx", replies{"RCPT": "450 4.2.0 Greylisted"}, nil, Deferred, 450, "4.2.0 Greylisted"},
		{"RCPT hang-up", replies{"RCPT": hangUp}, nil, Deferred, 0, "EOF"},
		{"RCPT wants a sign-in", replies{"RCPT": "530 5.7.0 Authenticate first"}, nil, Misconfigured, 530, "5.7.0 Authenticate first"},
		{"RCPT does not relay", replies{"RCPT": "554 5.7.1 <ada@example.com>: Relay access denied"}, nil, Misconfigured, 554, "5.7.1 <ada@example.com>: Relay access denied"},
		{"DATA 5xx", replies{"DATA": "554 5.5.1 No valid recipients"}, nil, Bounced, 554, "5.5.1 No valid recipients"},
		{"DATA 4xx", replies{"DATA": "451 4.3.0 Later"}, nil, Deferred, 451, "4.3.0 Later"},
		{"message 5xx", replies{".": "550 5.7.1 Looks like spam"}, nil, Bounced, 550, "5.7.1 Looks like spam"},
		{"message 4xx", replies{".": "451 4.7.1 Try later"}, nil, Deferred, 451, "4.7.1 Try later"},
		{"message hang-up", replies{".": hangUp}, nil, Deferred, 0, "no answer after the message was handed over, it may have arrived: EOF"},
		{"foreign characters", replies{"RCPT": "550 \x1b[31mno\xff \u202euser"}, nil, Bounced, 550, "[31mno? user"},
		{"long words", replies{"RCPT": "550 " + strings.Repeat("no ", 400)}, nil, Bounced, 550, strings.Repeat("no ", 99) + "no…"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			addr, _ := startReplies(t, test.replies)
			_, err := senderTo(t, addr, test.change).Send(t.Context(), written())
			if f := failure(t, err, test.kind); f.Code != test.code || f.Text != test.text && !(f.Code == 0 && strings.Contains(f.Text, test.text)) {
				t.Errorf("code %d, text %q; want %d, %q", f.Code, f.Text, test.code, test.text)
			}
		})
	}
}

func withSTARTTLS(c *Config) { c.TLS = STARTTLS }
func withUser(c *Config)     { c.Username, c.Password = "atrium", "secret" }

func TestFailureSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]*Failure{
		"mail bounced: 550 No such user":         {Kind: Bounced, Code: 550, Text: "No such user"},
		"mail deferred: the server is not there": {Kind: Deferred, Text: "the server is not there"},
	} {
		if f.Error() != want {
			t.Errorf("%q, want %q", f.Error(), want)
		}
	}
}

func TestUnknownServerName(t *testing.T) {
	t.Parallel()
	// RFC 6761 keeps .invalid from ever existing.
	s := senderTo(t, "127.0.0.1:25", func(c *Config) { c.Host = "mail.invalid" })
	if f := failure(t, s.Check(t.Context()), Deferred); !strings.Contains(f.Text, "mail.invalid") {
		t.Errorf("failure %v", f)
	}
}
