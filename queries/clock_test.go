package queries

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// elsewhere is a database that tells nothing but the time: this machine's and some more.
type elsewhere struct {
	DB
	ahead, takes time.Duration
	err          error
}

func (e *elsewhere) QueryRow(ctx context.Context, _ string, _ ...any) pgx.Row { return told{e, ctx} }

type told struct {
	*elsewhere
	ctx context.Context
}

func (t told) Scan(into ...any) error {
	select {
	case <-time.After(t.takes):
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
	*into[0].(*time.Time) = time.Now().Round(0).Add(t.ahead)
	return t.err
}

// The time is the database's, counted on in between; who runs the machine hears once when its clock is another, when the database's jumps, and
// when it is well again. An answer that took long moves nothing that it cannot know better, and none moves nothing.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, log := &elsewhere{ahead: 3 * time.Hour}, &strings.Builder{}
		c, err := NewClock(t.Context(), db, slog.New(slog.NewTextHandler(log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			what  string
			set   elsewhere
			ahead time.Duration // of the database's clock, as it is known after
			says  string
		}{
			{"hours away", elsewhere{ahead: 3 * time.Hour}, 3 * time.Hour, `level=WARN msg="this machine's clock is not the database's`},
			{"still", elsewhere{ahead: 3 * time.Hour}, 3 * time.Hour, ""},
			{"a little drift", elsewhere{ahead: 3*time.Hour + 20*time.Millisecond}, 3*time.Hour + 20*time.Millisecond, ""},
			{"a slow answer", elsewhere{ahead: 3 * time.Hour, takes: 100 * time.Millisecond}, 3*time.Hour + 20*time.Millisecond, ""},
			{"too slow an answer", elsewhere{ahead: time.Hour, takes: time.Minute}, 3*time.Hour + 20*time.Millisecond, ""},
			{"no answer", elsewhere{ahead: time.Hour, err: errors.New("away")}, 3*time.Hour + 20*time.Millisecond, ""},
			{"further away", elsewhere{ahead: 5 * time.Hour}, 5 * time.Hour, `level=WARN msg="this machine's clock is not the database's`},
			{"set right", elsewhere{}, 0, `level=INFO msg="this machine's clock is the database's again`},
			{"set wrong the other way", elsewhere{ahead: -time.Minute}, -time.Minute, `level=WARN msg="this machine's clock is not the database's`},
		} {
			*db = step.set
			log.Reset()
			ctx, cancel := context.WithTimeout(t.Context(), clockEvery+2*clockSure)
			c.Keep(ctx)
			cancel()
			if is := time.Until(c.Now()).Round(time.Millisecond); is != step.ahead || c.Ahead().Round(time.Millisecond) != -step.ahead {
				t.Errorf("%s: the time is ahead of this machine's by %s, which is ahead by %s", step.what, is, c.Ahead())
			}
			if text := log.String(); !strings.Contains(text, step.says) || step.says == "" && text != "" {
				t.Errorf("%s: the log says %q", step.what, text)
			}
		}
	})
}

// A program that cannot ask for the time does not start with another.
func TestClockNeedsTheDatabase(t *testing.T) {
	t.Parallel()
	if _, err := NewClock(t.Context(), &elsewhere{err: errors.New("away")}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("there is a clock without a database")
	}
}

// Ids are UUIDv7 of the installation's time, and each sorts after the one before, however many there are in a moment.
func TestIDsGoByTheClock(t *testing.T) {
	c, err := NewClock(t.Context(), &elsewhere{ahead: 5 * time.Hour}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	before := idClock.Load()
	c.StampIDs()
	defer func() { idClock.Store(before); lastStamp.Store(0) }() // others are not five hours ahead
	var last uuid.UUID
	for range 10_000 {
		id := NewID()
		if id.Version() != 7 || id.Variant() != uuid.RFC4122 || id.String() <= last.String() {
			t.Fatalf("%s follows %s", id, last)
		}
		last = id
	}
	sec, nano := last.Time().UnixTime()
	if off := time.Unix(sec, nano).Sub(c.Now()); off.Abs() > time.Minute {
		t.Errorf("an id is off by %s", off)
	}
}
