package mailbox

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// maxMessageBytes is the largest mail taken, as most servers have it.
const maxMessageBytes = 25 << 20

// newServer is the SMTP server of one run. The caller holds the mutex.
func (b *Box) newServer() *smtp.Server {
	done := b.done
	server := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return newSession(b, conn, done)
	}))
	server.Domain = "mailbox.localhost"
	server.MaxMessageBytes = maxMessageBytes
	server.MaxRecipients = 50
	server.ReadTimeout = 10 * time.Minute
	server.WriteTimeout = time.Minute
	server.AllowInsecureAuth = true // the wire is loopback
	server.EnableSMTPUTF8 = true
	// What it reports are clients that went away, which here is on purpose.
	server.ErrorLog = log.New(io.Discard, "", 0)
	if !b.options.Implicit {
		server.TLSConfig = b.options.TLS
	}
	return server
}

// serving is the listener the server accepts from. The caller holds the mutex.
func (b *Box) serving() net.Listener {
	if b.options.Implicit && b.options.TLS != nil {
		return tls.NewListener(b.listener, b.options.TLS)
	}
	return b.listener
}

// Connections is how many connections were accepted since Start, open or not.
func (b *Box) Connections() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.connections
}

// Disconnect closes the connections that are open now, without a word, and
// goes on listening.
func (b *Box) Disconnect() {
	b.mutex.Lock()
	listener := b.listener
	b.mutex.Unlock()
	listener.closeAll()
}

// countingListener counts what it accepts and remembers what is open.
type countingListener struct {
	net.Listener
	box *Box

	mutex   sync.Mutex
	stopped bool
	open    map[net.Conn]struct{}
}

// Accept waits for the next connection and counts it.
func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.box.mutex.Lock()
	l.box.connections++
	l.box.mutex.Unlock()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.stopped {
		// It came while the port was being closed; nobody would end it.
		conn.Close()
		return nil, net.ErrClosed
	}
	if l.open == nil {
		l.open = make(map[net.Conn]struct{})
	}
	tracked := &trackedConn{Conn: conn, listener: l}
	l.open[tracked] = struct{}{}
	return tracked, nil
}

// stop closes the port and every open connection. The server's own Close
// misses a connection it has accepted but not yet begun to serve.
func (l *countingListener) stop() {
	l.mutex.Lock()
	l.stopped = true
	l.mutex.Unlock()
	l.Listener.Close()
	l.closeAll()
}

// closeAll closes every open connection.
func (l *countingListener) closeAll() {
	l.mutex.Lock()
	open := l.open
	l.open = nil
	l.mutex.Unlock()
	for conn := range open {
		conn.Close()
	}
}

// trackedConn leaves its listener's list when it closes.
type trackedConn struct {
	net.Conn
	listener *countingListener
}

// Close ends the connection.
func (c *trackedConn) Close() error {
	c.listener.mutex.Lock()
	delete(c.listener.open, c)
	c.listener.mutex.Unlock()
	return c.Conn.Close()
}
