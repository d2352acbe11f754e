package handlers

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// A browser that has opened a connection and said nothing on it, and one that keeps its connection for later, hold up no stop.
func TestStopWaitsForNobodySilent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	dial := func() net.Conn {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.dial)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	silent, idle := dial(), dial()
	if _, err := io.WriteString(idle, "GET /healthz HTTP/1.1\r\nHost: app.test\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(idle), nil)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer, err)
	}
	_ = answer.Body.Close()
	eventually(t, "both connections are served", func() bool { return s.server.GetOpenConnectionsCount() == 2 })
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // less than the server leaves a new connection
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	for _, conn := range []net.Conn{silent, idle} {
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		if n, err := conn.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Error("a connection is still open")
		}
	}
}

// A connection that a stop closes while a request on it is worked on takes the request with it, and not the program.
func TestClosedUnderRequest(t *testing.T) {
	t.Parallel()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: time.Minute, Logger: quiet{}, Handler: func(ctx *fasthttp.RequestCtx) {
		if string(ctx.Path()) == "/closed" {
			_ = ctx.Conn().Close()
		}
	}}
	served := make(chan error, 1)
	go func() { served <- server.Serve(new(silence).on(ln)) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	ask := func(path string) error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+ln.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err == nil {
			_ = answer.Body.Close()
		}
		return err
	}
	if err := ask("/closed"); err == nil {
		t.Error("there was an answer on a closed connection")
	}
	if err := ask("/"); err != nil {
		t.Error("the next request:", err)
	}
	if err := errors.Join(server.Shutdown(), <-served); err != nil {
		t.Error(err)
	}
}

// Before it stops, a program tells the proxy in front to send people elsewhere, and serves those who come all the same.
func TestDrain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.portal(t, s.acme)
	ask := func(path string, status int, closes bool) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.root+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := b.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != status || answer.Close != closes {
			t.Errorf("%s: %s, closes %t", path, answer.Status, answer.Close)
		}
	}
	ask("/readyz", http.StatusOK, false)
	s.Drain()
	ask("/readyz", http.StatusServiceUnavailable, true)
	ask("/healthz", http.StatusOK, true)
	ask("/sign-in", http.StatusOK, true)
}
