package handlers

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// silence knows the connections on which nobody has said anything yet. Browsers open some ahead of need, and the server counts
// each as a request that is being read: without this, every stop would wait for them until its time is up.
type silence struct {
	mutex sync.Mutex
	conns map[*silentConn]struct{}
	over  bool
}

// on is the listener with its connections watched.
func (s *silence) on(ln net.Listener) net.Listener { return &silentListener{ln, s} }

// end closes those that are silent, and from then on every new one.
func (s *silence) end() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.over = true
	for c := range s.conns {
		_ = c.Conn.Close() // nothing was to be read and nothing to be answered
	}
}

func (s *silence) watch(c net.Conn) net.Conn {
	silent := &silentConn{Conn: c, of: s}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.over {
		_ = c.Close()
		return silent
	}
	if s.conns == nil {
		s.conns = map[*silentConn]struct{}{}
	}
	s.conns[silent] = struct{}{}
	return silent
}

func (s *silence) forget(c *silentConn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.conns, c)
}

type silentListener struct {
	net.Listener
	of *silence
}

// Accept is as the listener's own.
func (l *silentListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.of.watch(c), nil
}

// silentConn is a connection that says when its first byte is there. After it, it differs from its own only in this: one that was closed
// meanwhile, as a stop does with those that are idle, takes deadlines. The server holds an error for a bug of its own there and panics,
// outside of every handler, which would end the program (fasthttp 1.51; later ones do not). What is read or written next fails instead.
type silentConn struct {
	net.Conn
	of    *silence
	heard atomic.Bool
}

// Read is as the connection's own.
func (c *silentConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if (n > 0 || err != nil) && c.heard.CompareAndSwap(false, true) {
		c.of.forget(c)
	}
	return n, err
}

// SetDeadline is as the connection's own, but for a closed one.
func (c *silentConn) SetDeadline(t time.Time) error { return unlessClosed(c.Conn.SetDeadline(t)) }

// SetReadDeadline is as the connection's own, but for a closed one.
func (c *silentConn) SetReadDeadline(t time.Time) error {
	return unlessClosed(c.Conn.SetReadDeadline(t))
}

// SetWriteDeadline is as the connection's own, but for a closed one.
func (c *silentConn) SetWriteDeadline(t time.Time) error {
	return unlessClosed(c.Conn.SetWriteDeadline(t))
}

func unlessClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
