package handlers

import (
	"strconv"
	"time"
)

// The times that the link to a next page can carry: Postgres ends before 4713 BC, and pgx wraps what is further away than it can
// say. With the first, queries tell that something never happened.
var (
	cursorFirst = time.Time{}.UnixMicro()
	cursorEnd   = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

// cursorText is a time as such a link carries it, exact to what Postgres keeps.
func cursorText(at time.Time) string { return strconv.FormatInt(at.UnixMicro(), 10) }

// cursorTime reads it; not found for what is none, or of a year that no row has.
func cursorTime(text string) (at time.Time, found bool) {
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil || micros < cursorFirst || micros >= cursorEnd {
		return at, false
	}
	return time.UnixMicro(micros), true
}
