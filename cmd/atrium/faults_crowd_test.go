package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// company is the people of a scene, and what they were told.
type company struct {
	s       *scene
	ctx     context.Context // ends when they go
	leave   context.CancelFunc
	running sync.WaitGroup
	gone    sync.Once
	owner   *someone
	manager *someone // the owner in another tab
	letters int      // how many mails were looked through for invitations

	mutex    sync.Mutex
	invited  []string          // whose invitation the owner was told is on its way
	joined   map[string]bool   // who were in
	paid     []string          // whom Stripe told that they have paid
	failures map[string]int    // how many times what kind of failure was met
	acts     map[string]*count // by kind of act
	next     atomic.Int64      // numbers people
}

// count is how often a kind of act was done, and how often it did not work.
type count struct{ done, failed atomic.Int64 }

// everyAct is the kinds of act: the owner invites and looks at what is going on, those who were invited join, others buy, a client reads.
var everyAct = []string{"invite", "join", "buy", "read", "manage"}

// someone is a visitor who can bear that things do not work, so long as it is said properly.
type someone struct {
	*visitor
	crowd *company
	ip    string
}

func (c *company) someone() *someone {
	n := c.next.Add(1)
	p := &someone{visitor: newVisitor(c.s.t), crowd: c, ip: fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)}
	p.client.Timeout = 45 * time.Second // of a whole chain of redirects, each of which may take the three seconds of REQUEST_TIMEOUT
	return p
}

// failure is something that did not work while something was broken: no answer, or one that says so.
type failure struct{ what string }

func (f failure) Error() string { return f.what }

// innards are words that only somebody sees who is shown what is none of their business; none can be a part of a token.
var innards = []string{"pgx: ", "pgconn: ", "SQLSTATE", "goroutine ", "panic:", "connection refused", "context deadline", "context canceled", "failed to connect", ".go:", "dial tcp", "no space left", "file too large"}

// do sends a request and looks at what comes back.
func (p *someone) do(request *http.Request) error {
	request.Header.Set("X-Forwarded-For", p.ip)
	if err := p.asks(request); err != nil {
		if slow := net.Error(nil); errors.As(err, &slow) && slow.Timeout() && p.crowd.s.t.Context().Err() == nil {
			p.crowd.s.t.Errorf("%s %s is waited for for ever", request.Method, request.URL)
		}
		return failure{"no answer"}
	}
	if p.at.Port() != p.crowd.s.port { // Stripe's page
		return nil
	}
	return p.crowd.clean(p.visitor)
}

// clean says whether an answer is a failure, and complains about one that should not be shown to anybody.
func (c *company) clean(v *visitor) error {
	for _, word := range innards {
		if strings.Contains(v.page, word) {
			c.s.t.Errorf("%s shows %q: %d %s", v.at, word, v.status, v.page)
		}
	}
	id := v.header.Get("X-Request-Id")
	switch {
	case v.status < 400:
		return nil
	case v.status == http.StatusInternalServerError && id != "" && strings.Contains(v.page, "Something went wrong on our side") && strings.Contains(v.page, id),
		v.status == http.StatusServiceUnavailable && id != "" && v.header.Get("Retry-After") != "" && strings.Contains(v.page, "again"):
		return failure{fmt.Sprint(v.status)}
	}
	c.s.t.Errorf("%s is answered %d: %s", v.at, v.status, v.page)
	return failure{"wrong answer"}
}

func (p *someone) opens(address string) error {
	request, err := http.NewRequestWithContext(p.crowd.s.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return p.do(request)
}

func (p *someone) sends(action string, fields ...string) error {
	request, err := p.filled(action, fields...)
	if err != nil {
		p.crowd.s.t.Errorf("%v", err)
		return failure{"no form"}
	}
	return p.do(request)
}

// is says whether the visitor came to where they should.
func (p *someone) is(path string) error {
	if p.at.Path == path {
		return nil
	}
	return failure{"led to " + p.at.Path}
}

// newCrowd sets the owner up; nobody does anything until come.
func (s *scene) newCrowd() *company {
	s.t.Helper()
	c := &company{s: s, joined: map[string]bool{}, failures: map[string]int{}, acts: map[string]*count{}}
	for _, kind := range everyAct {
		c.acts[kind] = &count{}
	}
	c.owner = c.someone()
	c.owner.open(linkIn(s.t, receive(s.t, s.box, "maya@acme.example"))).send("/l/", "name", "Maya Lindqvist", "password", "seven quiet harbours").arrivesAt("/acme")
	c.manager = c.someone()
	c.manager.client.Jar = c.owner.client.Jar
	return c
}

// come begins the work of the people: each kind does one act after another, at a steady pace.
func (c *company) come() {
	c.ctx, c.leave = context.WithCancel(c.s.t.Context())
	c.s.t.Cleanup(c.goes)
	client := c.someone()
	for kind, act := range map[string]func() error{"invite": c.invite, "join": c.join, "buy": c.buy, "read": func() error { return c.read(client) }, "manage": c.manage} {
		c.running.Go(func() {
			pace := time.NewTicker(40 * time.Millisecond)
			defer pace.Stop()
			for {
				select {
				case <-c.ctx.Done():
					return
				case <-pace.C:
				}
				c.did(kind, act())
			}
		})
	}
	c.worksAgain()
}

// errNothingToDo is neither an act that worked nor one that did not.
var errNothingToDo = errors.New("nothing to do")

func (c *company) did(kind string, err error) {
	if errors.Is(err, errNothingToDo) {
		return
	}
	if err == nil {
		c.acts[kind].done.Add(1)
		return
	}
	c.acts[kind].failed.Add(1)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.failures[kind+": "+err.Error()]++
}

// worksAgain waits until each of these kinds of act has worked twice from now on: once may have been begun before. Without any, it is all.
func (c *company) worksAgain(kinds ...string) {
	c.s.t.Helper()
	if len(kinds) == 0 {
		kinds = everyAct
	}
	for _, kind := range kinds {
		n := c.acts[kind]
		from := n.done.Load()
		until(c.s.t, time.Minute, kind+" works", func() bool { return c.s.t.Failed() || n.done.Load() >= from+2 })
	}
}

// tried waits until each of these kinds of act was tried so often from now on, whether it worked or not; without any, all but joining,
// which only those can try whom a mail has reached.
func (c *company) tried(times int64, kinds ...string) {
	c.s.t.Helper()
	if len(kinds) == 0 {
		kinds = []string{"invite", "buy", "read", "manage"}
	}
	for _, kind := range kinds {
		n := c.acts[kind]
		from := n.done.Load() + n.failed.Load()
		until(c.s.t, time.Minute, kind+" is tried", func() bool { return c.s.t.Failed() || n.done.Load()+n.failed.Load() >= from+times })
	}
}

// goes has them go home: what they have begun they end.
func (c *company) goes() {
	c.gone.Do(c.leaves)
}

func (c *company) leaves() {
	c.leave()
	c.running.Wait()
	var told []string
	for kind, n := range c.acts {
		told = append(told, fmt.Sprintf("%s %d and %d not", kind, n.done.Load(), n.failed.Load()))
	}
	slices.Sort(told)
	c.s.t.Logf("the people: %s; failures: %v", strings.Join(told, ", "), c.failures)
}
