package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// front is a proxy such as stands before real web servers: it asks each of its doors whether it is ready, and sends people to those
// that are. What was sent once it never sends again; only when a door does not open at all the next one is tried.
type front struct {
	t       *testing.T
	server  *httptest.Server
	doors   []*door
	turn    atomic.Int64
	refused atomic.Int64
}

type door struct {
	addr  string
	ready atomic.Bool
}

func newFront(t *testing.T, addrs ...string) *front {
	t.Helper()
	f := &front{t: t}
	for _, addr := range addrs {
		f.doors = append(f.doors, &door{addr: addr})
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 20, DialContext: f.dial}
	f.server = httptest.NewServer(&httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetXForwarded()
		r.Out.Host, r.Out.URL.Scheme, r.Out.URL.Host = r.In.Host, "http", f.open()[0]
	}})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var asking sync.WaitGroup
	for _, d := range f.doors {
		asking.Go(func() { d.watch(ctx) })
	}
	t.Cleanup(func() {
		cancel()
		asking.Wait()
		f.server.Close()
		transport.CloseIdleConnections()
	})
	return f
}

func (f *front) port() string {
	_, port, _ := strings.Cut(f.server.Listener.Addr().String(), ":")
	return port
}

// open are the doors in the order to try them: those that are ready first, and a different one each time.
func (f *front) open() (addrs []string) {
	turn := int(f.turn.Add(1))
	for i := range f.doors {
		if d := f.doors[(turn+i)%len(f.doors)]; d.ready.Load() {
			addrs = append([]string{d.addr}, addrs...)
		} else {
			addrs = append(addrs, d.addr)
		}
	}
	return addrs
}

func (f *front) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	for _, other := range f.open() {
		if errors.Is(err, syscall.ECONNREFUSED) && other != addr {
			f.refused.Add(1)
			conn, err = new(net.Dialer).DialContext(ctx, network, other)
		}
	}
	return conn, err
}

// watch asks a door twenty times a second, on a new connection each time.
func (d *door) watch(ctx context.Context) {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		answer, err := client.Get("http://" + d.addr + "/readyz") //nolint:noctx // a test's client, with a time-out
		if err == nil {
			_ = answer.Body.Close()
		}
		d.ready.Store(err == nil && answer.StatusCode == http.StatusOK)
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func (f *front) untilReady(doors ...int) {
	f.t.Helper()
	for _, n := range doors {
		until(f.t, 20*time.Second, "the door is ready", f.doors[n].ready.Load)
	}
}
