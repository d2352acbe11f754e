//go:build !linux

package main

import "time"

// stopwatch waits until a moment, as exactly as Go's timers do.
type stopwatch struct{}

func newStopwatch() (*stopwatch, error) { return &stopwatch{}, nil }

// waitUntil returns at that moment, at once when it is over.
func (*stopwatch) waitUntil(at time.Time) error {
	<-time.After(time.Until(at))
	return nil
}

func (*stopwatch) close() error { return nil }
