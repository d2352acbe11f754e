package main

import (
	"os"
	"time"

	"github.com/prometheus/procfs"
)

// othersMost is the part of a core that others may take of a measurement at half load, and othersTries how often it is made until they do not.
//
// Whoever watches over a machine, as a monitor that looks around once a second, takes a core for ten milliseconds: of half a second
// at half load that is just the hundredth part of the answers whose time p99 is.
const (
	othersMost  = 0.01
	othersTries = 10
)

// othersTook is how much processor time all programs on this machine have had so far that are not of this bench: neither it, nor what it started. The
// system's own work is not counted, as most of it is done for the bench. Where there is no /proc to ask, it is nothing.
func othersTook() (took time.Duration) {
	all, err := procfs.AllProcs()
	if err != nil {
		return 0
	}
	parents := map[int]int{}
	for _, p := range all {
		if stat, err := p.Stat(); err == nil { // else it has ended
			parents[p.PID] = stat.PPID
		}
	}
	for pid := range parents {
		if descends(parents, pid, os.Getpid()) || descends(parents, pid, kernelThreads) {
			continue
		}
		threads, err := procfs.AllThreads(pid)
		if err != nil {
			continue
		}
		for _, thread := range threads {
			if spent, err := thread.Schedstat(); err == nil {
				took += time.Duration(spent.RunningNanoseconds)
			}
		}
	}
	return took
}

// kernelThreads is the process whose children they are.
const kernelThreads = 2

func descends(parents map[int]int, pid, from int) bool {
	for ; pid != 0; pid = parents[pid] {
		if pid == from {
			return true
		}
	}
	return false
}

// alone measures until others have left the machine alone meanwhile, or have not often enough.
func (f *figures) alone(measure func() load) (l load) {
	for range othersTries {
		before := othersTook()
		l = measure()
		if othersTook()-before <= time.Duration(othersMost*float64(*speedTime)) {
			break
		}
		f.disturbed++
	}
	return l
}
