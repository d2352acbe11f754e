package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Request is one request of a window.
type Request struct {
	Method string
	URL    *url.URL
	Bytes  int  // as they came over the line, headers and all; 0 until it is over
	Over   bool // answered whole, failed, or given up with its page
	id     network.RequestID
	page   cdp.LoaderID
}

// record is what a window has sent and what its pages complained about.
type record struct {
	mutex      sync.Mutex
	requests   []*Request
	changed    time.Time
	complaints []string
}

// event is called in the order of what happened, and must not wait.
func (r *record) event(event any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.RedirectResponse != nil { // a request that is sent on keeps its id
			r.over(e.RequestID, e.RedirectResponse.EncodedDataLength)
		}
		address, err := url.Parse(e.Request.URL)
		if err != nil || address.Scheme == "data" {
			return
		}
		r.requests, r.changed = append(r.requests, &Request{Method: e.Request.Method, URL: address, id: e.RequestID, page: e.LoaderID}), time.Now()
	case *page.EventFrameNavigated:
		if e.Frame.ParentID == "" {
			r.left(e.Frame.LoaderID)
		}
	case *network.EventLoadingFinished:
		r.over(e.RequestID, e.EncodedDataLength)
	case *network.EventLoadingFailed:
		r.over(e.RequestID, 0)
	case *runtime.EventExceptionThrown:
		details := e.ExceptionDetails
		if details.Exception != nil {
			r.complaints = append(r.complaints, details.Exception.Description)
			return
		}
		r.complaints = append(r.complaints, details.Text)
	case *log.EventEntryAdded:
		// Answers of 400 and up are among the entries of the network; whether they are right is for the test to say.
		if e.Entry.Source != log.EntrySourceNetwork && (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) {
			r.complaints = append(r.complaints, fmt.Sprintf("%s (%s)", e.Entry.Text, e.Entry.URL))
		}
	}
}

func (r *record) over(id network.RequestID, bytes float64) {
	for _, request := range slices.Backward(r.requests) {
		if request.id == id {
			request.Bytes, request.Over, r.changed = int(bytes), true, time.Now()
			return
		}
	}
}

// left gives up what other pages than the one that is there now were still waiting for: of that nothing more is told.
func (r *record) left(now cdp.LoaderID) {
	for _, request := range r.requests {
		if !request.Over && request.page != now {
			request.Over, r.changed = true, time.Now()
		}
	}
}

// Requests is everything the window has asked for so far.
func (w *Window) Requests() []Request {
	w.seen.mutex.Lock()
	defer w.seen.mutex.Unlock()
	all := make([]Request, len(w.seen.requests))
	for i, request := range w.seen.requests {
		all[i] = *request
	}
	return all
}

// Complaints are what the window's pages have written to its console since they were last asked for; whoever asks says that they are
// as they should be.
func (w *Window) Complaints() []string {
	w.seen.mutex.Lock()
	defer w.seen.mutex.Unlock()
	complaints := w.seen.complaints
	w.seen.complaints = nil
	return complaints
}

// Sent is how many requests of that method and path the window has sent so far.
func (w *Window) Sent(method, path string) (times int) {
	for _, request := range w.Requests() {
		if request.Method == method && request.URL.Path == path {
			times++
		}
	}
	return times
}

// UntilQuiet waits until nothing is on its way and half a second has passed without anything new: the network idle that
// scripted browsers wait for. The half second begins with the call at the earliest, since what the page was just made to send is
// not told at once.
func (w *Window) UntilQuiet() {
	w.t.Helper()
	called := time.Now()
	w.wait("see the network at rest", func(context.Context) (bool, error) {
		w.seen.mutex.Lock()
		defer w.seen.mutex.Unlock()
		if i := slices.IndexFunc(w.seen.requests, func(r *Request) bool { return !r.Over }); i >= 0 {
			return false, fmt.Errorf("%s %s is on its way", w.seen.requests[i].Method, w.seen.requests[i].URL)
		}
		return min(time.Since(called), time.Since(w.seen.changed)) > 500*time.Millisecond, nil
	})
}
