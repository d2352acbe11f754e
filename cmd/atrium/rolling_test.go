package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"atrium/queries/dbtest"
)

// TestRollingRestart restarts two web servers and a worker one after the other behind a proxy, while signed-in people read pages
// and send forms all the time: nobody is refused anything.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	box, db := newMailbox(t), dbtest.New(t)
	front := newFront(t, freeAddr(t), freeAddr(t))
	variables := with(mailVariables(t, box), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all of these programs, one after the other", "PUBLIC_PORT="+front.port(),
		"TRUSTED_PROXIES=127.0.0.0/8", "DRAIN_TIME=1s", "STOP_TIMEOUT=10s")
	serve := func(addr string) *process {
		return launch(t, with(variables, "ADDR="+addr, "DATA_DIR="+dataDir(t)), "serve", "--no-work").ready("Atrium serves")
	}
	work := func() *process {
		return launch(t, with(variables, "DATA_DIR="+dataDir(t)), "work").ready("Atrium runs")
	}
	webs, worker := []*process{serve(front.doors[0].addr), serve(front.doors[1].addr)}, work()
	front.untilReady(0, 1)

	owner := foundAccount(t, with(variables, "ADDR="+front.doors[0].addr), box)
	crowd := newCrowd(t)
	for n := range 4 {
		email := fmt.Sprintf("client%d@example.com", n)
		owner.open(owner.at.ResolveReference(&url.URL{Path: "/acme/invitations/new"}).String()).send("/acme/invitations", "people", email).arrivesAt("/acme")
		client := newVisitor(t).open(linkIn(t, receive(t, box, email))).send("/l/").arrivesAt("/welcome")
		client.send("/welcome", "name", fmt.Sprint("Client ", n), "password", "seven quiet harbours").arrivesAt("/").open(client.at.JoinPath("/profile").String())
		crowd.join(client, "/", "/profile", "POST /profile/name")
	}
	crowd.join(owner, "/acme", "/acme/contacts", "/acme/contacts?q=client", "/acme/mail-log")

	began := time.Now()
	crowd.until(crowd.answered.Load() + 50)
	for n, p := range webs {
		if took := p.signal(syscall.SIGTERM); took < time.Second {
			t.Errorf("a web server that is to go on for a second ended after %s", took)
		}
		if p.code() != 0 || strings.Contains(p.errs.String(), "in time") {
			t.Errorf("exit code %d: %s", p.code(), p.errs.String())
		}
		crowd.until(crowd.answered.Load() + 50)
		serve(front.doors[n].addr)
		front.untilReady(0, 1)
		crowd.until(crowd.answered.Load() + 50)
	}
	worker.signal(syscall.SIGTERM)
	work()
	crowd.leave()

	times := crowd.times
	slices.Sort(times)
	t.Logf("%d requests in %s, %d of them forms, while both web servers and the worker were restarted: %d failed; half within %s, 99 %% within %s, all within %s; %d dials were refused and went next door",
		len(times), time.Since(began).Round(time.Millisecond), crowd.forms, len(crowd.failed), times[len(times)/2].Round(time.Millisecond/10), times[len(times)*99/100].Round(time.Millisecond/10),
		times[len(times)-1].Round(time.Millisecond), front.refused.Load())
	if n := front.refused.Load(); n > 0 {
		t.Errorf("the proxy was not warned in time of %d closed doors", n)
	}
	for _, failure := range crowd.failed {
		t.Error(failure)
	}
	var names int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM contact WHERE name LIKE 'Renamed %'").Scan(&names); err != nil || names != 4 {
		t.Errorf("%d clients have the name they gave themselves, want 4; %v", names, err)
	}
}

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

// crowd are signed-in people, each of whom asks for one thing after the other, until they leave.
type crowd struct {
	t        *testing.T
	answered atomic.Int64
	gone     chan struct{} // closed when they are to leave
	ending   sync.Once
	people   sync.WaitGroup

	mutex  sync.Mutex // holds what follows
	times  []time.Duration
	failed []string
	forms  int
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{t: t, gone: make(chan struct{})}
	t.Cleanup(c.leave)
	return c
}

func (c *crowd) leave() {
	c.ending.Do(func() { close(c.gone) })
	c.people.Wait()
}

// until waits for so many answers.
func (c *crowd) until(answers int64) {
	c.t.Helper()
	until(c.t, time.Minute, "answers", func() bool { return c.answered.Load() >= answers })
}

// join lets somebody ask for these in turn: paths, and forms of the page they are on.
func (c *crowd) join(v *visitor, wants ...string) {
	token := hiddenInput.FindStringSubmatch(v.page)
	root := v.at.Scheme + "://" + v.at.Host
	c.people.Go(func() {
		tick := time.NewTicker(15 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-c.gone:
				return
			case <-tick.C:
			}
			path, isForm := strings.CutPrefix(wants[n%len(wants)], "POST ")
			request, err := http.NewRequest(http.MethodGet, root+path, nil) //nolint:noctx // it is to be answered, however long that takes
			if isForm {
				form := url.Values{token[1]: {token[2]}, "name": {fmt.Sprint("Renamed ", n)}}
				request, err = http.NewRequest(http.MethodPost, root+path, strings.NewReader(form.Encode())) //nolint:noctx // as above
				request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				request.Header.Set("Origin", root)
			}
			c.ask(v, request, err)
		}
	})
}

func (c *crowd) ask(v *visitor, request *http.Request, err error) {
	began, what := time.Now(), ""
	if err == nil {
		what, err = v.answer(request)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.times = append(c.times, time.Since(began))
	if request.Method == http.MethodPost {
		c.forms++
	}
	if err != nil || what != "" {
		c.failed = append(c.failed, fmt.Sprintf("%s %s: %s %v", request.Method, request.URL, what, err))
	}
	c.answered.Add(1)
}

// answer says what is wrong with the answer to a request of somebody who is signed in; empty: nothing.
func (v *visitor) answer(request *http.Request) (wrong string, err error) {
	answer, err := v.client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	switch {
	case answer.StatusCode != http.StatusOK:
		wrong = answer.Status
	case strings.Contains(string(body), `action="/sign-in"`):
		wrong = "signed out"
	}
	return wrong, err
}
