package mail

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"

	"atrium/jobs/mailbox"
)

// startBox starts a mail server for one test.
func startBox(t *testing.T, options mailbox.Options) *mailbox.Box {
	t.Helper()
	box, err := mailbox.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Stop() })
	return box
}

// senderTo is a Sender for a server, without TLS unless the test says so.
func senderTo(t *testing.T, addr string, change func(*Config)) *Sender {
	t.Helper()
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	config := Config{Host: "127.0.0.1", Port: tcp.Port, TLS: None, HELO: "portal.test", Timeout: 10 * time.Second}
	if change != nil {
		change(&config)
	}
	s := New(config)
	t.Cleanup(s.Close)
	return s
}

// written is a complete message.
func written() Message {
	return Message{
		From:      Address{Name: "Acme Coaching", Email: "portal@atrium.test"},
		ReplyTo:   Address{Name: "Acme Coaching", Email: "help@acme.test"},
		To:        Address{Name: "Ada Lovelace", Email: "ada@example.com"},
		Subject:   "Acme Coaching invites you",
		Text:      "Hello Ada,\n\nhttps://acme.test/i/abc\n",
		HTML:      "<p>Hello Ada</p>",
		MessageID: "0198.1@atrium.test",
		Date:      time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	}
}

// replies are a server's lines by the verb they answer; "" is the greeting.
// HangUp as a reply closes the connection instead.
type replies map[string]string

const hangUp = ""

// startReplies serves exactly those replies, for the stages a real server
// library does not let a test refuse. The channel gets every line received.
func startReplies(t *testing.T, changed replies) (addr string, received chan string) {
	t.Helper()
	answers := replies{"": "220 here", "EHLO": "250 here", "HELO": "250 here", "MAIL": "250 ok", "RCPT": "250 ok",
		"DATA": "354 go", ".": "250 2.0.0 queued as 42", "RSET": "250 ok", "QUIT": "221 bye", "STARTTLS": "220 go", "AUTH": "235 ok", "*": "501 ok"}
	for verb, answer := range changed {
		answers[verb] = answer
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	received = make(chan string, 1000)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answers.serve(conn, received)
		}
	}()
	return listener.Addr().String(), received
}

// serve holds one conversation.
func (r replies) serve(conn net.Conn, received chan<- string) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	inData := false
	for verb := ""; ; {
		if answer := r[verb]; answer == hangUp {
			return
		} else if !inData || verb == "." {
			conn.Write([]byte(strings.ReplaceAll(answer, "\n", "\r\n") + "\r\n"))
			inData = verb == "DATA" && strings.HasPrefix(answer, "354")
		}
		if !lines.Scan() {
			return
		}
		line := lines.Text()
		received <- line
		if inData {
			verb = "DATA"
			if line == "." {
				verb = "."
			}
			continue
		}
		verb, _, _ = strings.Cut(strings.ToUpper(line), " ")
	}
}
