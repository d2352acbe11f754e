// Package mailbox is a mail server that keeps what it is sent instead of
// delivering it: the other end of every mail test, and the mailbox of
// `atrium demo`.
//
// It speaks real SMTP, so whatever passes here has been through dialling,
// encoding and parsing. It listens on loopback only, since it takes mail for
// anybody. Its answers can be scripted: refusals at any stage, delays,
// connections that break, a server that is away for a while.
//
// Tests and cmd may import it; nothing that serves customers does.
package mailbox

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Options says how a Box listens and what it keeps. The zero value is a plain
// server without sign-in on a free port that keeps its mails in memory.
type Options struct {
	// Addr is the host and port to listen on; the host must be a loopback
	// address. Default: 127.0.0.1:0, a free port.
	Addr string

	// Dir is a folder that holds one .eml file for each mail, so that a
	// restart finds them again. It is made when missing. Empty: memory only.
	Dir string

	// Keep is how many mails are kept; older ones go, with their files.
	// Default: 500.
	Keep int

	// TLS offers STARTTLS with this certificate. Nil: no TLS.
	TLS *tls.Config

	// Implicit speaks TLS from the first byte instead of offering STARTTLS.
	Implicit bool

	// Username and Password are asked for before a mail is taken, by the
	// mechanisms PLAIN and LOGIN. Both empty: no sign-in.
	Username, Password string
}

// Box is a running mail server and the mails it has taken. Its methods may be
// called from several goroutines.
type Box struct {
	options Options
	addr    string

	mutex       sync.Mutex
	messages    []Message // oldest first
	last        int64     // the newest ID given out, in nanoseconds
	changed     chan struct{}
	server      *smtp.Server
	done        chan struct{} // closed by Stop
	listener    *countingListener
	connections int
	answer      func(Stage, string) *smtp.SMTPError
	delay       time.Duration
}

// Start listens and serves until Stop. It fails when the address is taken or
// not on loopback, or when the folder cannot be read.
func Start(options Options) (*Box, error) {
	if options.Addr == "" {
		options.Addr = "127.0.0.1:0"
	}
	if options.Keep <= 0 {
		options.Keep = 500
	}
	if err := loopbackOnly(options.Addr); err != nil {
		return nil, err
	}
	b := &Box{options: options, addr: options.Addr, changed: make(chan struct{})}
	if err := b.load(); err != nil {
		return nil, err
	}
	if err := b.Restart(); err != nil {
		return nil, err
	}
	return b, nil
}

// loopbackOnly refuses an address that other machines could reach.
func loopbackOnly(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("mailbox: address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("mailbox: address %q is not on loopback", addr)
	}
	return nil
}

// Addr is the host and port the box listens on. It stays the same over Stop
// and Restart.
func (b *Box) Addr() string { return b.addr }

// Stop closes the port and all connections at once, as a server that goes
// away does. The mails stay. Stopping twice does nothing.
func (b *Box) Stop() error {
	b.mutex.Lock()
	server, listener := b.server, b.listener
	if server != nil {
		close(b.done)
	}
	b.server = nil
	b.mutex.Unlock()
	if server == nil {
		return nil
	}
	listener.stop()
	if err := server.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("mailbox: %w", err)
	}
	return nil
}

// Restart listens again on the same address after Stop. It fails when the
// address was taken meanwhile or the box still runs.
func (b *Box) Restart() error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.server != nil {
		return errors.New("mailbox: already running")
	}
	socket, err := net.Listen("tcp", b.addr)
	if err != nil {
		return fmt.Errorf("mailbox: %w", err)
	}
	b.addr = socket.Addr().String()
	b.done = make(chan struct{})
	b.listener = &countingListener{Listener: socket, box: b}
	b.server = b.newServer()
	server, serving := b.server, b.serving()  // Stop may have taken them by the time they are used
	go func() { _ = server.Serve(serving) }() // its end is Stop's to see
	return nil
}
