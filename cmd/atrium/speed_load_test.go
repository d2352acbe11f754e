package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"time"

	"fortio.org/fortio/periodic"
	"fortio.org/log"
	"github.com/valyala/fasthttp"

	"atrium/cmd/stripesim"
)

// speedConnections is how many visitors ask at once, each for one page after the other.
var speedConnections = 4 * runtime.NumCPU()

// visitorsFirst has this process, which asks, run before all others, until wait is called. Visitors are elsewhere in life; here they take their share of
// the cores, and would they have to queue for it behind the program and PostgreSQL, that would be measured as time of the program's.
func (s *town) visitorsFirst() (wait func()) {
	s.t.Helper()
	schedule := func(how ...string) {
		if out, err := exec.Command("chrt", append(append([]string{"--all-tasks"}, how...), strconv.Itoa(os.Getpid()))...).CombinedOutput(); err != nil {
			s.t.Fatalf("-speed.first needs the right to it, as root has: %v %s", err, out)
		}
	}
	if !*speedFirst {
		return func() {}
	}
	schedule("--fifo", "--pid", "1")
	return func() { schedule("--other", "--pid", "0") }
}

// load is what came of asking for one page for a while.
type load struct {
	count    int64
	rate     float64 // answers a second
	p50, p99 time.Duration
}

// load asks for a page for a while, perSecond times or, with 0, as often as it is answered. An answer that is not the page's is a fault.
//
// The runner is fortio's, which takes any function. Its own HTTP client is not used, nor vegeta, whose client is net/http: on a machine of
// two cores what the load costs is taken from what is measured, and fasthttp's is the cheapest there is. Nor is its pace, which sleeps.
func (c *caller) load(page speedPage, during time.Duration, perSecond float64) (load, error) {
	return c.run(page, perSecond, periodic.RunnerOptions{Duration: during})
}

// warm asks for a page until each connection to PostgreSQL has had its statements often enough to have planned them for good.
func (c *caller) warm(page speedPage, during time.Duration) error {
	each := min(during/(10*time.Millisecond), 10)
	_, err := c.run(page, 0, periodic.RunnerOptions{Exactly: int64(each) * int64(speedConnections)})
	return err
}

// run has all visitors ask, perSecond times together and one after the other, or with 0 as often as they are answered.
func (c *caller) run(page speedPage, perSecond float64, o periodic.RunnerOptions) (load, error) {
	log.SetLogLevelQuiet(log.Error)
	o.NumThreads, o.QPS, o.Out, o.Stop = speedConnections, -1, io.Discard, periodic.NewAborter() // -1: as often as they can; they wait by themselves
	runner := periodic.NewPeriodicRunner(&o)
	runners := runner.Options().Runners // none yet
	visitors := make([]visitorRun, len(runners))
	for i := range runners {
		v := &visitors[i]
		v.caller, v.page, v.request = c, page, page.request()
		if perSecond > 0 {
			watch, err := newStopwatch()
			if err != nil {
				return load{}, err
			}
			defer watch.close()
			v.watch, v.every = watch, time.Duration(float64(len(runners))/perSecond*float64(time.Second))
			v.next = time.Now().Add(v.every * time.Duration(i) / time.Duration(len(runners)))
		}
		runners[i] = v
	}
	result := runner.Run()
	var times []time.Duration
	for i := range visitors {
		if err := visitors[i].fault; err != nil {
			return load{}, fmt.Errorf("%s: %w", page.Name, err)
		}
		times = append(times, visitors[i].times...)
	}
	slices.Sort(times)
	return load{int64(len(times)), result.ActualQPS, times[len(times)/2], times[len(times)*99/100]}, nil
}

// visitorRun is one of those who ask.
type visitorRun struct {
	caller  *caller
	page    speedPage
	request *fasthttp.Request
	answer  fasthttp.Response
	times   []time.Duration // how long each answer took
	fault   error           // the first
	watch   *stopwatch      // nil: there is no pace
	next    time.Time       // when to ask, with a watch; one that is late asks at once until it is not
	every   time.Duration
}

// Run is called by fortio.
func (v *visitorRun) Run(context.Context, periodic.ThreadID) (bool, string) {
	if v.page.Event {
		sign(v.request)
	}
	var err error
	if v.watch != nil {
		err = v.watch.waitUntil(v.next)
		v.next = v.next.Add(v.every)
	}
	if err == nil {
		began := time.Now()
		err = v.caller.client.Do(v.request, &v.answer)
		v.times = append(v.times, time.Since(began))
	}
	if err == nil && v.answer.StatusCode() != v.page.Answer.Status {
		err = fmt.Errorf("answered %d: %.200s", v.answer.StatusCode(), v.answer.Body())
	}
	if err == nil && v.page.Answer.Status == fasthttp.StatusOK && len(v.answer.Body())*10 < len(v.page.Answer.Body)*9 {
		err = fmt.Errorf("answered %d bytes instead of %d", len(v.answer.Body()), len(v.page.Answer.Body))
	}
	if v.fault == nil {
		v.fault = err
	}
	return err == nil, ""
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
