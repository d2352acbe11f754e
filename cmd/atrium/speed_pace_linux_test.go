package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// poll waits until there is something to read from one of these, or the time has passed.
func poll(connections []unix.PollFd, left time.Duration) error {
	for i := range connections {
		connections[i].Revents = 0
	}
	limit := unix.NsecToTimespec(int64(left))
	if _, err := unix.Ppoll(connections, &limit, nil); err != nil && err != unix.EINTR {
		return err
	}
	return nil
}
