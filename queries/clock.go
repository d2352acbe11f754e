package queries

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// Clock tells the time of an installation: its database's, which all programs on it share. A program looks at it now and then and in between
// counts on by the machine's monotonic clock, so neither a machine whose clock is wrong nor one whose clock jumps, as when somebody sets it,
// opens a link again, ends everybody's session, lets a job wait for hours or removes what is to be kept.
type Clock struct {
	db   DB
	log  *slog.Logger
	last atomic.Pointer[reading]

	said time.Duration // by how much this machine's clock was last said to be ahead; of Keep alone
}

// reading is what the database's clock said, and what this machine's did then.
type reading struct{ there, here time.Time }

// at is the time at a moment of this machine's, counted by its monotonic clock.
func (r reading) at(here time.Time) time.Time { return r.there.Add(here.Sub(r.here)) }

// ClockOff is by how much a clock may be off before somebody should set it: more than a network's delay and less than anybody waits for.
const ClockOff = 5 * time.Second

// clockEvery is how often a program looks at the database's clock; clockSure how long the answer may take to be worth more than counting on.
const clockEvery, clockSure = 10 * time.Second, time.Second

// NewClock looks at the database's clock for the first time.
func NewClock(ctx context.Context, db DB, log *slog.Logger) (*Clock, error) {
	c := &Clock{db: db, log: log}
	first, _, err := c.read(ctx)
	c.last.Store(&first)
	return c, err
}

// Now is the time.
func (c *Clock) Now() time.Time { return c.last.Load().at(time.Now()) }

// Ahead is by how much this machine's clock is ahead of the time; negative: behind.
func (c *Clock) Ahead() time.Duration {
	here := time.Now()
	return here.Round(0).Sub(c.last.Load().at(here)) // without its monotonic reading a time is what the wall's clock says
}

// StampIDs has the ids that this process makes go by this clock (see NewID).
func (c *Clock) StampIDs() { idClock.Store(c) }

// Keep looks at the database's clock until the context ends, and logs when this machine's or that one becomes wrong, and when it is right again.
func (c *Clock) Keep(ctx context.Context) {
	c.compare()
	for every := time.NewTicker(clockEvery); ; {
		select {
		case <-ctx.Done():
			every.Stop()
			return
		case <-every.C:
		}
		c.look(ctx)
		c.compare()
	}
}

// look takes what the database says where counting on cannot be as right; a database that is away or slow says nothing worth it.
func (c *Clock) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, clockSure)
	defer cancel()
	now, took, err := c.read(ctx)
	if err != nil {
		return // whoever needs the database tells
	}
	moved := now.there.Sub(c.last.Load().at(now.here))
	if moved.Abs() > ClockOff {
		c.log.Warn("the database's clock has jumped, or this machine has slept", "by", moved.Round(time.Millisecond))
	}
	if moved.Abs() > took {
		c.last.Store(&now)
	}
}

func (c *Clock) compare() {
	ahead := c.Ahead()
	switch {
	case (ahead - c.said).Abs() <= ClockOff:
		return
	case ahead.Abs() <= ClockOff:
		c.log.Info("this machine's clock is the database's again")
		ahead = 0
	default:
		c.log.Warn("this machine's clock is not the database's; people and jobs go by the database's, certificates, buckets and the log by this one: set them by NTP",
			"ahead", ahead.Round(time.Millisecond))
	}
	c.said = ahead
}

// read asks the database, and says how long that took; its answer is of somewhere within.
func (c *Clock) read(ctx context.Context) (now reading, took time.Duration, err error) {
	asked := time.Now()
	there, err := New(c.db).ClockRead(ctx)
	took = time.Since(asked)
	return reading{there, asked.Add(took / 2)}, took, err
}
