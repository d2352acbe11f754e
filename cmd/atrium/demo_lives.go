package main

import (
	"slices"
	"time"
)

// lives are what happens in a business of the demo. It is written in the order of time, as it would have been: lists go by ids, and ids by
// when a row was written.
type lives struct{ moments []moment }

type moment struct {
	at   time.Time
	live func() error
}

// at has something happen at a time, once the lives pass.
func (l *lives) at(at time.Time, live func() error) {
	l.moments = append(l.moments, moment{at, live})
}

// pass has everything happen, the earliest first, until something fails.
func (l *lives) pass() error {
	slices.SortStableFunc(l.moments, func(a, b moment) int { return a.at.Compare(b.at) })
	for _, m := range l.moments {
		if err := m.live(); err != nil {
			return err
		}
	}
	return nil
}
