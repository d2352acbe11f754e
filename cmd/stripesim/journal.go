package stripesim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// journal keeps what is asked for and may change something, in the order it is done. Everything here follows from that and from
// the clock, ids included but for those of calls, so asking it all again makes the same.
type journal struct {
	s    *Server
	mu   sync.Mutex // held while a kept request is answered, so that the order of lines is the order of deeds
	file *os.File
}

// kept requests are lines of JSON.
type journalLine struct {
	At     time.Time         `json:"at"` // by the stand-in's clock
	Method string            `json:"method"`
	Path   string            `json:"path"` // with its query
	Header map[string]string `json:"header,omitempty"`
	Body   string            `json:"body,omitempty"`
}

// journalHeaders are the headers that decide what a request does.
var journalHeaders = []string{"Authorization", "Content-Type", "Idempotency-Key", "Stripe-Account", "Stripe-Version"}

// keeps says whether a request is kept: what only reads is not, nor is what goes wrong on demand.
func (j *journal) keeps(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead &&
		!strings.HasPrefix(r.URL.Path, "/_control/webhooks/") && r.URL.Path != "/_control/faults" && r.URL.Path != "/_control/reset"
}

// ServeHTTP writes down what is kept before it is done: what is written and not done is done at the next start.
func (j *journal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !j.keeps(r) {
		j.s.mux.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	j.mu.Lock()
	defer j.mu.Unlock()
	line := journalLine{At: j.s.Now(), Method: r.Method, Path: r.URL.RequestURI(), Header: map[string]string{}, Body: string(body)}
	for _, name := range journalHeaders {
		if value := r.Header.Get(name); value != "" {
			line.Header[name] = value
		}
	}
	if err := json.NewEncoder(j.file).Encode(line); err != nil {
		http.Error(w, "stripesim: the journal cannot be written: "+err.Error(), http.StatusInternalServerError)
		return
	}
	j.s.mux.ServeHTTP(w, r)
}

// forget empties the file. Whoever resets the server wants nothing of it any more; that it stays full would come out at the next start.
func (j *journal) forget() { _ = j.file.Truncate(0) }

// openJournal asks again what a journal has, and goes on writing it. Nothing is reported meanwhile: whoever listened was told then.
func (s *Server) openJournal(name string) (*journal, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("stripesim: %w", err)
	}
	if err := s.replay(file); err != nil {
		return nil, errors.Join(fmt.Errorf("stripesim: %s: %w", name, err), file.Close())
	}
	return &journal{s: s, file: file}, nil
}

func (s *Server) replay(file *os.File) error {
	s.Misdeliver(Mischief{Drop: true, Count: -1})
	defer func() {
		s.mu.Lock()
		s.webhooks.mischief = nil
		s.mu.Unlock()
	}()
	lines, read := json.NewDecoder(file), int64(0)
	for first := true; ; first = false {
		var line journalLine
		err := lines.Decode(&line)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF): // whoever wrote it was killed in the middle of a line, before doing what it says
			return file.Truncate(read)
		case err != nil:
			return err
		}
		if first {
			s.mu.Lock()
			s.clock = newClock(line.At)
			s.mu.Unlock()
		}
		if at := s.Now(); line.At.After(at) {
			if err := s.AdvanceTo(line.At); err != nil {
				return err
			}
		}
		if err := s.again(line); err != nil {
			return err
		}
		read = lines.InputOffset()
	}
}

// again asks once more. What was refused then is refused again.
func (s *Server) again(line journalLine) error {
	to, err := url.ParseRequestURI(line.Path)
	if err != nil {
		return err
	}
	r := httptest.NewRequestWithContext(s.ctx, line.Method, s.URL+to.RequestURI(), strings.NewReader(line.Body))
	for name, value := range line.Header {
		r.Header.Set(name, value)
	}
	s.mux.ServeHTTP(httptest.NewRecorder(), r)
	return nil
}
