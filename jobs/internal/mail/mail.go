// Package mail hands finished mails to one SMTP server and says what became
// of them. It does not know why a mail is sent, renders nothing and keeps no
// record: the jobs do. Only jobs can import it, so a mail is never sent from
// inside a request.
//
// The message is built by go-mail; the conversation is held here, on go-mail's
// SMTP client, because whose fault a refusal is depends on the step at which
// the server refused.
package mail

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"strconv"
	"time"
)

// TLSMode says how the connection to the server is protected.
type TLSMode string

// The TLS modes. A value that is none of them counts as STARTTLS, the safe one.
const (
	// STARTTLS begins in the clear and insists on TLS before anything else.
	STARTTLS TLSMode = "starttls"
	// Implicit speaks TLS from the first byte.
	Implicit TLSMode = "implicit"
	// None sends in the clear: for a server on the same machine.
	None TLSMode = "none"
)

// Config says which server takes the mails and how to speak to it.
type Config struct {
	Host string // its name; also the one its certificate must carry
	Port int
	TLS  TLSMode

	// Username and Password sign in by PLAIN or LOGIN, and only over TLS or
	// to localhost. An empty Username: no sign-in.
	Username, Password string

	// HELO is the name this installation gives itself. Default: the
	// machine's host name.
	HELO string

	// Timeout bounds connecting (TLS and sign-in included) and, separately,
	// the conversation about one mail. Default: 60 s.
	Timeout time.Duration

	// Connections is how many may be open at once; a mail beyond them waits
	// for its turn. Default: 4.
	Connections int

	// IdleTimeout is how long an unused connection is kept. Default: 30 s.
	IdleTimeout time.Duration

	// Roots are the certificate authorities to trust. Default: the system's.
	Roots *x509.CertPool
}

// Sender hands mails to the server of its Config over connections it reuses.
// Its methods may be called from several goroutines.
type Sender struct {
	config Config
	turns  chan struct{} // one token for each connection in use
	idle   idlePool
}

// New returns a Sender. It connects to nothing yet; Check does.
func New(config Config) *Sender {
	if config.HELO == "" {
		config.HELO = hostname()
	}
	if config.Timeout <= 0 {
		config.Timeout = 60 * time.Second
	}
	if config.Connections <= 0 {
		config.Connections = 4
	}
	if config.IdleTimeout <= 0 {
		config.IdleTimeout = 30 * time.Second
	}
	return &Sender{config: config, turns: make(chan struct{}, config.Connections)}
}

// hostname is the machine's name, or localhost when it has none.
func hostname() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return name
	}
	return "localhost"
}

// addr is the server's host and port.
func (s *Sender) addr() string {
	return net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port))
}

// Check connects, signs in as configured and leaves again, without sending
// anything. Its error is a *Failure.
func (s *Sender) Check(ctx context.Context) error {
	conn, failure := s.dial(ctx)
	if failure != nil {
		return failure
	}
	conn.quit()
	return nil
}

// Close ends the unused connections; those in use end after their mail. A
// Sender that is closed goes on to send, but keeps no connection.
func (s *Sender) Close() { s.idle.close() }
