package mail

import (
	"net"
	"strings"
	"testing"
)

func TestPasswordNeverTravelsInTheClear(t *testing.T) {
	t.Parallel()
	addr, received := startReplies(t, replies{"EHLO": "250-here\n250 AUTH PLAIN LOGIN"})
	s := senderTo(t, addr, withUser)
	socket, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	// Only a server by one of localhost's names may have it without TLS.
	s.config.Host = "mail.example.com"
	conn := &connection{raw: socket}
	at, err := s.introduce(conn)
	if kind := failed(at, err).Kind; kind != Misconfigured {
		t.Errorf("kind %s, want %s", kind, Misconfigured)
	}
	for line := range received {
		if strings.HasPrefix(line, "AUTH") {
			t.Fatalf("sent %q", line)
		}
		if line == "QUIT" {
			return
		}
	}
}

func TestSignInByLOGIN(t *testing.T) {
	t.Parallel()
	// The server asks for "Username:" and "Password:"; it knows no other answers
	// than atrium and secret, in base64 (the test server ignores case).
	addr, received := startReplies(t, replies{"EHLO": "250-here\n250 AUTH LOGIN", "AUTH": "334 VXNlcm5hbWU6",
		"YXRYAXVT": "334 UGFzc3dvcmQ6", "C2VJCMV0": "235 welcome"})
	if err := senderTo(t, addr, withUser).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	for line := range received {
		if line == "AUTH LOGIN" {
			return
		}
	}
}
