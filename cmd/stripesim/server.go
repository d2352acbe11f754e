package stripesim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Version is the API version spoken here, the one that stripe-go v76 pins.
const Version = "2023-10-16"

// Options say how a stand-in behaves. The zero value is what the demo wants: any key, the wall clock, everything goes well.
type Options struct {
	Addr      string    // where to listen; empty: a free port of 127.0.0.1
	SecretKey string    // the platform's only key; empty: any that begins with sk_test_
	Now       time.Time // the clock stands still here until it is moved, or Run; zero: the wall clock, which runs
	Business  string    // the platform's name on the hosted pages; empty: Stand-in business

	// RetryDays are the days between the attempts to collect a renewal that failed; nil: 3, 5, 7. After the last, the
	// subscription becomes AfterRetries: canceled (empty means that), unpaid or past_due.
	RetryDays    []int
	AfterRetries string

	// ReceiptPause is what passes between each of the steps in which a payment's invoice is made (see invoice_creation): a draft, final,
	// paid; in whole seconds. 0: all of it happens with the payment.
	ReceiptPause time.Duration

	// WebhookRetries is how often a delivery that was not answered with 2xx is tried again; 0: three times, negative: never.
	// The first pause is WebhookPause (0: 200 ms), each next one twice as long, in real time.
	WebhookRetries int
	WebhookPause   time.Duration

	// Journal is a file that keeps all that is asked for, so that a later start goes on with what this one had, under the same ids:
	// what was asked is asked again, at its time. The clock then stands where the last of it happened. Empty: nothing is kept.
	// What is asked by the methods of Server, and not by a call or a page, is not in it, and neither are faults.
	Journal string

	// Observe sees every call of the API when it is answered, and Emitted every event when it happens, under the lock: they must not
	// call the server. Package simtest checks with them.
	Observe func(Exchange)
	Emitted func(*Event)
}

// Exchange is one call of the API and what was answered; for Options.Observe.
type Exchange struct {
	Method, Path, Query, Body string
	Header                    http.Header
	Pattern                   string // of the endpoint, as in routes.go; empty: there is none
	Status                    int
	Answer                    []byte
}

// Server is one running stand-in.
type Server struct {
	options Options
	URL     string // http://127.0.0.1:PORT, for the three backends of stripe-go

	mux     *http.ServeMux
	http    *http.Server
	ctx     context.Context // ends with Close, and with it all that waits
	stop    context.CancelFunc
	running sync.WaitGroup
	journal *journal // nil: nothing is kept

	mu      sync.Mutex
	state   // what Reset forgets
	changed *sync.Cond
}

// state is everything that a Reset forgets.
type state struct {
	clock    clock
	counters map[string]int
	platform *books
	accounts table[*Account]
	books    map[string]*books // of connected accounts, by account id
	links    map[string]*linkState
	keys     map[string]*kept
	current  *request // the call that is being answered; nil: a hosted page, the clock
	unknown  []string
	faults   []*Fault
	webhooks *webhooks
}

// Start listens and answers until Close.
func Start(options Options) (*Server, error) {
	if options.Addr == "" {
		options.Addr = "127.0.0.1:0"
	}
	if options.RetryDays == nil {
		options.RetryDays = []int{3, 5, 7}
	}
	if options.AfterRetries == "" {
		options.AfterRetries = statusCanceled
	}
	if options.WebhookRetries == 0 {
		options.WebhookRetries = 3
	}
	if options.Business == "" {
		options.Business = "Stand-in business"
	}
	if options.WebhookPause == 0 {
		options.WebhookPause = 200 * time.Millisecond
	}
	listener, err := net.Listen("tcp", options.Addr)
	if err != nil {
		return nil, fmt.Errorf("stripesim: %w", err)
	}
	s := &Server{options: options, URL: "http://" + listener.Addr().String(), mux: http.NewServeMux()}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.changed = sync.NewCond(&s.mu)
	s.state = s.newState()
	s.route()
	var handler http.Handler = s.mux
	if options.Journal != "" {
		if s.journal, err = s.openJournal(options.Journal); err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		handler = s.journal
	}
	s.http = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	s.running.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(fmt.Sprintf("stripesim stopped listening: %v", err)) // nobody is there to be told
		}
	})
	if !s.clock.still {
		s.begin(s.tick)
	}
	return s, nil
}

func (s *Server) newState() state {
	return state{
		clock:    newClock(s.options.Now),
		counters: map[string]int{},
		platform: newBooks(s, ""),
		books:    map[string]*books{},
		links:    map[string]*linkState{},
		keys:     map[string]*kept{},
		webhooks: newWebhooks(),
	}
}

// Reset forgets everything, also faults, webhook endpoints and where the clock was; ids begin anew. A delivery on its way is left alone.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = s.newState()
	if s.journal != nil {
		s.journal.forget()
	}
}

// Close ends it: no call is answered any more, and no webhook is on its way when it returns.
func (s *Server) Close() error {
	s.mu.Lock()
	s.stop() // under the lock, since nothing new is begun after it
	s.changed.Broadcast()
	s.mu.Unlock()
	err := s.http.Close()
	s.running.Wait()
	if s.journal != nil {
		err = errors.Join(err, s.journal.file.Close())
	}
	return err
}

// tick keeps what happens by itself happening while nobody calls.
func (s *Server) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
			s.mu.Lock()
			s.catchUp()
			s.mu.Unlock()
		}
	}
}

// Unknown lists what was asked for and is not here: endpoints, parameters and expansions. A test that ends with any is no proof.
func (s *Server) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.unknown...)
}

// everyBooks are the platform's and the connected accounts', in the order they were made.
func (s *Server) everyBooks() []*books {
	all := []*books{s.platform}
	for account := range s.accounts.all() {
		all = append(all, s.books[account.ID])
	}
	return all
}
