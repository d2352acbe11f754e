package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What garbage may come to before it is collected, in hundredths of what is in use: as Go has it, and as it is better here. What is in use
// are some 15 MB, and a busy program makes that many several times a second; whoever asks in the meantime waits for it.
const (
	garbageOfGo = 100
	garbageHere = 300
)

// A program asks for hardly any memory while it has nothing to do: for less than quietMost bytes between two looks, most of it to find out
// whether there is a job.
const (
	quietLook = 2 * time.Second
	quietMost = 1 << 20
)

// keepMemory has garbage collected less often than Go does by itself, where GOGC does not say how often, and gives back what was needed for
// work once there is none, until the context ends.
func keepMemory(ctx context.Context) {
	if set := debug.SetGCPercent(garbageHere); set != garbageOfGo {
		debug.SetGCPercent(set)
	}
	look := time.NewTicker(quietLook)
	defer look.Stop()
	asked := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(asked)
	for before, wasQuiet := asked[0].Value.Uint64(), false; ; {
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
