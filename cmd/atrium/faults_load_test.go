package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"atrium/views"
)

// tooManyPeople has ten times as many strangers as can be served come at once: who finds no place is told so soon and in words, probes are
// answered, and those who are signed in go on as if nothing was.
func (s *scene) tooManyPeople() {
	s.t.Helper()
	ctx, ebb := context.WithCancel(s.t.Context())
	defer ebb()
	f := &flood{answers: map[int]int{}}
	for range 10 * (atOnce + atOnce) { // as many as have a place or wait for one
		f.people.Go(func() { f.asks(ctx, s) })
	}
	before := map[string]int64{}
	for _, kind := range signedInActs {
		before[kind] = s.crowd.acts[kind].failed.Load()
	}
	s.crowd.worksAgain(signedInActs...)
	if v := newVisitor(s.t).open(s.portal("/healthz")); v.status != http.StatusOK {
		s.t.Errorf("a probe is answered %d", v.status)
	}
	for _, kind := range signedInActs {
		if failed := s.crowd.acts[kind].failed.Load() - before[kind]; failed > 2 { // it takes two that worked to come here
			s.t.Errorf("%s did not work %d times", kind, failed)
		}
	}
	ebb()
	f.people.Wait()
	if len(f.refused) == 0 || f.answers[http.StatusOK] == 0 {
		s.t.Fatalf("the flood was answered %v", f.answers)
	}
	slices.Sort(f.refused)
	half, most := f.refused[len(f.refused)/2], f.refused[len(f.refused)-1]
	if s.t.Logf("the flood was answered %v; refused within %s by half, %s at most", f.answers, half, most); half > 5*time.Second {
		s.t.Errorf("who finds no place hears so after %s", half)
	}
}

// signedInActs are the acts of people who are signed in.
var signedInActs = []string{"read", "manage", "invite"}

// flood is strangers who all want the same page, and what they were told.
type flood struct {
	people  sync.WaitGroup
	mutex   sync.Mutex
	answers map[int]int
	refused []time.Duration // how long it took
}

func (f *flood) asks(ctx context.Context, s *scene) {
	v := newVisitor(s.t)
	defer v.client.CloseIdleConnections()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.portal("/o/clear-goals"), nil)
		if err != nil {
			s.t.Error(err)
			return
		}
		began := time.Now()
		if v.asks(request) != nil {
			continue // it ebbs
		}
		_ = s.crowd.clean(v) // which complains
		f.mutex.Lock()
		if f.answers[v.status]++; v.status == http.StatusServiceUnavailable {
			f.refused = append(f.refused, time.Since(began))
		}
		f.mutex.Unlock()
	}
}

// slowPeople send a letter now and then, a form that never comes whole, or do not take what they asked for. They hold neither a place nor a
// connection to the database, and are let go in the end.
func (s *scene) slowPeople() {
	head := "Host: acme.localhost:" + s.port + "\r\n"
	for range 5 * atOnce {
		for _, slow := range []struct{ first, drop string }{
			{"GET /sign-in HTTP/1.1\r\n", "X"},
			{"POST /sign-in HTTP/1.1\r\n" + head + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nemail=", "a"},
			{"POST /f/none HTTP/1.1\r\n" + head + "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n", ""},
		} {
			s.slow.Go(func() { s.drips(slow.first, slow.drop) })
		}
		s.slow.Go(func() { s.neverReads("GET " + views.AssetPath("atrium.css") + " HTTP/1.1\r\n" + head + "\r\n") })
	}
}

// drips sends a beginning and then a little now and then, until the other end has had enough.
func (s *scene) drips(first, drop string) {
	conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer conn.Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, conn) // an answer, and then the end
	}()
	_, _ = io.WriteString(conn, first)
	pace, enough := time.NewTicker(200*time.Millisecond), time.After(90*time.Second)
	defer pace.Stop()
	for {
		select {
		case <-ended:
			return
		case <-pace.C:
			_, _ = io.WriteString(conn, drop) // the other end may be gone, which is what is waited for
		case <-enough:
			s.t.Errorf("%q is waited for for ever", first[:20])
			return
		}
	}
}

// neverReads asks on and on and takes nothing, until the other end has had enough.
func (s *scene) neverReads(request string) {
	conn, err := net.Dial("tcp", "127.0.0.1:"+s.port)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(1 << 10)
	for n := 0; ; n++ {
		_ = conn.SetWriteDeadline(time.Now().Add(90 * time.Second))
		if _, err := io.WriteString(conn, request); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				s.t.Error("who takes nothing is waited for for ever")
			}
			return
		}
		if n > 100_000 {
			s.t.Error(fmt.Errorf("%d answers were sent that nobody takes", n))
			return
		}
	}
}
