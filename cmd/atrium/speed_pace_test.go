//go:build unix && !linux

package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// poll waits until there is something to read from one of these, or the time has passed, which is counted in milliseconds here: the pace is less even.
func poll(connections []unix.PollFd, left time.Duration) error {
	for i := range connections {
		connections[i].Revents = 0
	}
	if _, err := unix.Poll(connections, int(left.Milliseconds())); err != nil && err != unix.EINTR {
		return err
	}
	return nil
}
