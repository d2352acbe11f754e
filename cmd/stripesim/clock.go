package stripesim

import (
	"errors"
	"time"
)

// clock tells the stand-in's time: it stands still or runs with the wall clock, and can only be moved forward.
type clock struct {
	still  bool
	at     time.Time     // where it stands
	ahead  time.Duration // of the wall clock
	moment int64         // set while something happens by itself: when it was due
	done   int64         // until when everything has happened, so that nothing happens before it any more
}

func newClock(at time.Time) clock { return clock{still: !at.IsZero(), at: at} }

func (c *clock) time() time.Time {
	if c.still {
		return c.at
	}
	return time.Now().Add(c.ahead)
}

// now is the time in seconds, or the moment of what is happening by itself.
func (s *Server) now() int64 {
	if s.clock.moment != 0 {
		return s.clock.moment
	}
	return s.clock.time().Unix()
}

// Now is the stand-in's time.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.time()
}

// Advance moves the clock forward, and everything that is due until then happens, each thing at its own time and in order: renewals,
// the end of trials, retries, sessions and keys that expire.
func (s *Server) Advance(by time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if by < 0 {
		return errors.New("stripesim: the clock cannot go back")
	}
	if s.clock.still {
		s.clock.at = s.clock.at.Add(by)
	} else {
		s.clock.ahead += by
	}
	s.catchUp()
	return nil
}

// AdvanceTo moves the clock forward to a moment; see Advance.
func (s *Server) AdvanceTo(to time.Time) error { return s.Advance(to.Sub(s.Now())) }

// Run lets a clock that stands still run on from where it stands, as fast as any other. The demo makes its past first and then runs.
func (s *Server) Run() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clock.still {
		s.clock.still, s.clock.ahead = false, time.Until(s.clock.at)
		s.begin(s.tick)
	}
}

// due is something that happens by itself.
type due struct {
	at int64
	do func()
}

// before keeps the earlier one. What has no time (0) never happens.
func (d *due) before(at int64, do func()) {
	if at != 0 && (d.at == 0 || at < d.at) {
		d.at, d.do = at, do
	}
}

// catchUp does all that is due, oldest first. Whatever happens may make something else due.
func (s *Server) catchUp() {
	if s.clock.moment != 0 {
		return
	}
	defer func() { s.clock.moment = 0 }()
	for until := s.clock.time().Unix(); ; {
		var next due
		for _, b := range s.everyBooks() {
			b.dueSession(&next)
			b.dueSubscription(&next)
			b.dueInvoice(&next)
		}
		if next.do == nil || next.at > until {
			s.clock.done = until
			return
		}
		s.clock.done = max(next.at, s.clock.done)
		s.clock.moment = s.clock.done
		next.do()
	}
}
