package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/sys/unix"

	"atrium/cmd/stripesim"
)

// speedConnections is how many visitors ask at once, each for one page after the other.
var speedConnections = 4 * runtime.NumCPU()

// load is what came of asking for one page for a while.
type load struct {
	count    int64
	rate     float64 // answers a second
	p50, p99 time.Duration
}

// load asks for a page for a while, perSecond times or, with 0, as often as it is answered. An answer that is not the page's is a fault.
func (c *caller) load(page speedPage, during time.Duration, perSecond float64) (load, error) {
	a := &asking{page: page, until: time.Now().Add(during)}
	if perSecond > 0 {
		a.every = time.Duration(float64(time.Second) / perSecond)
	}
	return a.run(c.client.Addr)
}

// warm asks for a page until each connection to PostgreSQL has had its statements often enough to have planned them for good.
func (c *caller) warm(page speedPage, during time.Duration) error {
	each := min(int(during/(10*time.Millisecond)), 10)
	_, err := (&asking{page: page, until: time.Now().Add(time.Minute), most: each * speedConnections}).run(c.client.Addr)
	return err
}

// asking is one page being asked for by all visitors, in one thread, which sleeps in poll and calls the system by itself.
//
// What asks has no core of its own here, so its work is taken from what is measured. With fortio's runner and fasthttp's client, the cheapest of the
// libraries, an answer of the sign-in page cost them 65 µs of processor time where it cost the program 43: at half of its pace the machine was
// busy for 83 % and what was measured was the queue for a core. This one takes 30. vegeta's client is net/http, and wrk keeps no pace.
type asking struct {
	page     speedPage
	until    time.Time
	most     int           // how often, 0: no matter
	every    time.Duration // from one request to the next, whoever makes it; 0: as soon as there is an answer
	due      time.Time     // when the next one is, with a pace
	asked    int
	visitors []*asker
	waiting  []unix.PollFd // the connections of visitors, in their order
	times    []time.Duration
}

// run has them ask until it is over.
func (a *asking) run(addr string) (load, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer func() {
		for _, v := range a.visitors {
			_ = unix.Close(v.connection) // all answers are here, or it is a fault already
		}
	}()
	for range speedConnections {
		v, err := newAsker(addr, a.page)
		if err != nil {
			return load{}, err
		}
		a.visitors = append(a.visitors, v)
		a.waiting = append(a.waiting, unix.PollFd{Fd: int32(v.connection), Events: unix.POLLIN})
	}
	began := time.Now()
	a.due = began
	for a.ask() {
		if err := a.answers(); err != nil {
			return load{}, fmt.Errorf("%s: %w", a.page.Name, err)
		}
	}
	took := time.Since(began)
	slices.Sort(a.times)
	n := len(a.times)
	return load{int64(n), float64(n) / took.Seconds(), a.times[n/2], a.times[n*99/100]}, nil
}

// ask has those ask whose turn it is, and tells whether there is anything to wait for. A time counts from asking: who is due while all others
// wait for their answers asks once there is one.
func (a *asking) ask() bool {
	now, more, busy := time.Now(), false, false
	for _, v := range a.visitors {
		more = now.Before(a.until) && (a.most == 0 || a.asked < a.most)
		if more && !v.busy && (a.every == 0 || !now.Before(a.due)) {
			v.ask(now)
			a.asked++
			a.due = a.due.Add(a.every)
		}
		busy = busy || v.busy
	}
	return more || busy
}

// answers waits until there are answers or somebody is due, and reads what is there.
func (a *asking) answers() error {
	left := time.Until(a.until)
	switch free := slices.ContainsFunc(a.visitors, func(v *asker) bool { return !v.busy }); {
	case left < -10*time.Second:
		return errors.New("no answer in ten seconds")
	case left <= 0: // the last answers are still to come
		left = time.Second
	case free && a.every > 0:
		left = min(left, time.Until(a.due))
	}
	if err := poll(a.waiting, max(left, 0)); err != nil {
		return err
	}
	for i, v := range a.visitors {
		if a.waiting[i].Revents == 0 {
			continue
		}
		if err := v.read(a.page.Answer); err != nil {
			return err
		}
		if !v.busy {
			a.times = append(a.times, time.Since(v.asked))
		}
	}
	return nil
}

// asker is one of those who ask.
type asker struct {
	connection int
	page       speedPage
	request    *fasthttp.Request
	out        bytes.Buffer // the request as it is sent
	fault      error        // of sending it
	busy       bool         // it waits for its answer
	asked      time.Time
	in         []byte // the answer
	got        int    // bytes of it that are here
	header     fasthttp.ResponseHeader
	size       int // of it all; 0 until its header is here
}

func newAsker(addr string, page speedPage) (*asker, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	connection, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	v := &asker{connection: connection, page: page, request: page.request(), in: make([]byte, len(page.Answer.Body)+8<<10)}
	err = errors.Join(unix.Connect(connection, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}), unix.SetNonblock(connection, true), v.write())
	return v, err
}

// write makes out of the request.
func (v *asker) write() error {
	v.out.Reset()
	w := bufio.NewWriter(&v.out)
	return errors.Join(v.request.Write(w), w.Flush())
}

func (v *asker) ask(now time.Time) {
	if v.page.Event {
		sign(v.request)
		v.fault = v.write()
	}
	v.busy, v.asked, v.got, v.size = true, now, 0, 0
	n, err := unix.Write(v.connection, v.out.Bytes())
	if err == nil && n < v.out.Len() {
		err = io.ErrShortWrite
	}
	v.fault = errors.Join(v.fault, err)
}

// read takes what is there of the answer.
func (v *asker) read(page speedAnswer) error {
	n, err := unix.Read(v.connection, v.in[v.got:])
	if err = errors.Join(v.fault, err); err != nil {
		return err
	}
	if n == 0 {
		return io.ErrUnexpectedEOF
	}
	v.got += n
	if v.size == 0 {
		end := bytes.Index(v.in[:v.got], []byte("\r\n\r\n"))
		if end < 0 {
			return nil
		}
		end += len("\r\n\r\n")
		if err := v.header.Read(bufio.NewReader(bytes.NewReader(v.in[:end]))); err != nil {
			return err
		}
		status, length := v.header.StatusCode(), v.header.ContentLength()
		if v.size = end + length; status != page.Status || length*10 < len(page.Body)*9 || v.size > len(v.in) {
			return fmt.Errorf("answered %d with %d bytes instead of %d with %d: %.500s", status, length, page.Status, len(page.Body), v.in[end:v.got])
		}
	}
	if v.got > v.size {
		return fmt.Errorf("%d bytes more than it said", v.got-v.size)
	}
	v.busy = v.got < v.size
	return nil
}

// caller asks a server on this machine for pages.
type caller struct{ client *fasthttp.HostClient }

func newCaller(addr string) *caller {
	return &caller{&fasthttp.HostClient{Addr: addr, MaxConns: 2 * speedConnections, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}}
}

// speedPage is one request that is measured, and what it is answered.
type speedPage struct {
	Name       string
	Host, Path string
	Cookie     string
	Fragment   bool // asked for as htmx does
	Packed     bool // by a browser that takes gzip
	Event      bool // an event of Stripe's, another one each time
	Answer     speedAnswer
}

type speedAnswer struct {
	Status int
	Header [][2]string
	Body   []byte
}

// request is one for the page.
func (p speedPage) request() *fasthttp.Request {
	r := &fasthttp.Request{}
	r.SetRequestURI(p.Path)
	r.UseHostHeader = true
	r.Header.SetHost(p.Host)
	if p.Cookie != "" {
		r.Header.Set("Cookie", p.Cookie)
	}
	if p.Fragment {
		r.Header.Set("HX-Request", "true")
	}
	if p.Packed {
		r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.Header.SetUserAgent("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
	if p.Event {
		r.Header.SetMethod(fasthttp.MethodPost)
		sign(r)
	}
	return r
}

// ask asks once.
func (c *caller) ask(p speedPage) (speedAnswer, error) {
	r := fasthttp.AcquireResponse()
	defer fasthttp.ReleaseResponse(r)
	if err := c.client.Do(p.request(), r); err != nil {
		return speedAnswer{}, fmt.Errorf("%s: %w", p.Name, err)
	}
	a := speedAnswer{Status: r.StatusCode(), Body: append([]byte{}, r.Body()...)}
	r.Header.VisitAll(func(name, value []byte) {
		switch string(name) {
		case "Date", "Server", "Content-Length", "X-Request-Id":
		default:
			a.Header = append(a.Header, [2]string{string(name), string(value)})
		}
	})
	return a, nil
}

const speedSecret = "whsec_of_the_bench"

// sign makes a request an event that nobody has sent yet. The floor, which reads no event, is told its id in a header.
func sign(r *fasthttp.Request) {
	now := time.Now()
	id := "evt_" + rand.Text()
	body := append(r.Body()[:0], `{"id": "`...)
	body = append(append(body, id...), `", "object": "event", "type": "invoice.updated", "created": `...)
	body = append(strconv.AppendInt(body, now.Unix(), 10), `, "data": {"object": {"id": "in_none"}}}`...)
	r.SetBody(body)
	r.Header.Set("Event", id)
	r.Header.Set("Stripe-Signature", stripesim.Sign(now, body, speedSecret))
}
