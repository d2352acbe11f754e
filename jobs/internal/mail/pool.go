package mail

import (
	"sync"
	"time"
)

// idlePool keeps connections between two mails.
type idlePool struct {
	mutex  sync.Mutex
	conns  []*idleConnection
	closed bool
}

// idleConnection is a connection and the timer that ends it.
type idleConnection struct {
	*connection
	expiry *time.Timer
}

// take returns the connection used last, which the server is least likely to
// have closed; nil when there is none.
func (p *idlePool) take() *connection {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if len(p.conns) == 0 {
		return nil
	}
	last := p.conns[len(p.conns)-1]
	p.conns = p.conns[:len(p.conns)-1]
	last.expiry.Stop()
	last.reused = true
	return last.connection
}

// put keeps a connection for at most that long, or ends it when it is broken
// or the pool closed.
func (p *idlePool) put(conn *connection, idleTimeout time.Duration) {
	p.mutex.Lock()
	keep := !conn.broken && !p.closed
	if keep {
		idle := &idleConnection{connection: conn}
		idle.expiry = time.AfterFunc(idleTimeout, func() { p.expire(idle) })
		p.conns = append(p.conns, idle)
	}
	p.mutex.Unlock()
	if !keep {
		conn.quit()
	}
}

// expire ends a connection unless it was taken while its timer fired.
func (p *idlePool) expire(idle *idleConnection) {
	p.mutex.Lock()
	found := false
	for i, conn := range p.conns {
		if conn == idle {
			p.conns = append(p.conns[:i], p.conns[i+1:]...)
			found = true
			break
		}
	}
	p.mutex.Unlock()
	if found {
		idle.quit()
	}
}

// close ends all connections, side by side, and keeps no more.
func (p *idlePool) close() {
	p.mutex.Lock()
	conns := p.conns
	p.conns, p.closed = nil, true
	p.mutex.Unlock()
	var ending sync.WaitGroup
	for _, conn := range conns {
		conn.expiry.Stop()
		ending.Go(conn.quit)
	}
	ending.Wait()
}
