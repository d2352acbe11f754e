package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

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
