package main

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// stopwatch waits until a moment to some microseconds. Go's own timers come up to a millisecond late where nothing else goes on, as its poller
// waits in whole ones, and the load would come in bursts: https://go.dev/src/runtime/netpoll_epoll.go
type stopwatch struct {
	fd   int
	file *os.File // the same, which the poller knows
}

func newStopwatch() (*stopwatch, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	return &stopwatch{fd, os.NewFile(uintptr(fd), "stopwatch")}, err
}

// waitUntil returns at that moment, at once when it is over.
func (s *stopwatch) waitUntil(at time.Time) error {
	left := time.Until(at)
	if left <= 0 {
		return nil
	}
	if err := unix.TimerfdSettime(s.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(left))}, nil); err != nil {
		return err
	}
	var times [8]byte
	_, err := s.file.Read(times[:])
	return err
}

func (s *stopwatch) close() error { return s.file.Close() }
