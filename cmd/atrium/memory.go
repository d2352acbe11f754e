package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// garbageRoom is how many bytes of garbage there may be before it is collected, or as many as are in use, where that is more. Go by itself lets there
// be as many as are in use, which is little here, some 10 MB, and a busy program makes that several times a second. While it is collected,
// for 5 to 10 ms, whoever asks waits for a core; with this much room, at half of what it can do, that is less than one time in a hundred.
const garbageRoom = 128 << 20

// garbageOfGo is what Go has GOGC be: garbage, in hundredths of what is in use.
const garbageOfGo = 100

// garbageFor is GOGC for that room where so many bytes are in use.
func garbageFor(inUse uint64) int {
	return int(max(garbageOfGo, garbageRoom*100/max(inUse, 4<<20))) // of less in use, Go reckons with 4 MB
}

// A program asks for hardly any memory while it has nothing to do: for less than quietMost bytes between two looks, most of it to find out
// whether there is a job.
const (
	quietLook = 2 * time.Second
	quietMost = 1 << 20
)

// keepMemory has garbage collected when it fills its room, where GOGC does not say when, and gives back what was needed for work once there is
// none, until the context ends.
func keepMemory(ctx context.Context) {
	percent := debug.SetGCPercent(garbageOfGo)
	ours := percent == garbageOfGo // nobody said otherwise
	if !ours {
		debug.SetGCPercent(percent)
	}
	look := time.NewTicker(quietLook)
	defer look.Stop()
	asked := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(asked)
	for before, wasQuiet := asked[0].Value.Uint64(), false; ; {
		if fitting := garbageFor(asked[1].Value.Uint64()); ours && (fitting*4 < percent*3 || fitting*3 > percent*4) { // to set it stops the program for a moment
			percent = fitting
			debug.SetGCPercent(percent)
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		metrics.Read(asked)
		now := asked[0].Value.Uint64()
		quiet := now-before < quietMost
		if quiet && !wasQuiet {
			debug.FreeOSMemory()
		}
		before, wasQuiet = now, quiet
	}
}
