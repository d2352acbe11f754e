package mailbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one client's conversation.
type session struct {
	box      *Box
	conn     *smtp.Conn
	done     <-chan struct{}
	signedIn bool
	from     string
	to       []string
}

// newSession begins a conversation after EHLO.
func newSession(box *Box, conn *smtp.Conn, done <-chan struct{}) (smtp.Session, error) {
	s := &session{box: box, conn: conn, done: done}
	if err := s.ask(Hello, conn.Hostname()); err != nil {
		return nil, err
	}
	return s, nil
}

// ask lets the script decide on a stage. Its result is an untyped nil when
// the script has nothing against it.
func (s *session) ask(stage Stage, address string) error {
	return s.answer(s.box.scripted(stage, address))
}

// answer is what is said instead of going on; an untyped nil for nothing.
func (s *session) answer(answer *smtp.SMTPError) error {
	if answer == nil {
		return nil
	}
	if answer == HangUp {
		s.conn.Conn().Close()
	}
	return answer
}

// AuthMechanisms lists how to sign in; nothing when no sign-in is asked for.
func (s *session) AuthMechanisms() []string {
	if s.box.options.Username == "" {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth checks a name and password.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(username, password string) error {
		if err := s.ask(Auth, username); err != nil {
			return err
		}
		if username != s.box.options.Username || password != s.box.options.Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error {
		return check(username, password)
	}), nil
}

// Mail begins a mail from this sender.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.box.options.Username != "" && !s.signedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.from = from
	return s.ask(Mail, from)
}

// Rcpt adds a recipient.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.ask(Rcpt, to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data takes the mail, keeps it and confirms it. What is kept begins with the
// envelope, as a server that delivers into a mailbox writes it.
func (s *session) Data(r io.Reader) error {
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "Return-Path: <%s>\r\nDelivered-To: %s\r\n", s.from, strings.Join(s.to, ", "))
	if _, err := raw.ReadFrom(r); err != nil {
		return err
	}
	if err := s.ask(Data, s.to[0]); err != nil {
		return err
	}
	if err := s.box.store(raw.Bytes()); err != nil {
		return err
	}
	if err := s.answer(s.box.pause(s.done)); err != nil {
		return err
	}
	return s.ask(Stored, s.to[0])
}

// Reset forgets the mail in hand.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the conversation.
func (s *session) Logout() error { return nil }

// loginServer is the LOGIN mechanism, which go-sasl has for clients only.
type loginServer struct {
	check    func(username, password string) error
	username *string
}

// Next takes the name first and then the password.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response == nil {
		return []byte("Username:"), false, nil
	}
	if l.username == nil {
		name := string(response)
		l.username = &name
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.username, string(response))
}
