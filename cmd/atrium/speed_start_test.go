package main

import (
	"fmt"
	"net/http"
	"slices"
	"syscall"
	"time"
)

// What is promised of a start, and of a program that has nothing to do.
const (
	startMost = 300 * time.Millisecond
	idleMost  = 60 // MB
)

// starts prints how long the program takes from its start, as a process, to its first answer on a database that is migrated, and how much
// memory it holds when it serves and works and has nothing to do.
func (s *town) starts(variables map[string]string) {
	s.t.Helper()
	variables = with(variables, "ADDR="+freeAddr(s.t), "DATA_DIR="+dataDir(s.t))
	took := make([]time.Duration, min(10, 2**speedRounds-1))
	for i := range took {
		took[i] = s.start(variables)
	}
	p := launch(s.t, variables, "serve").ready("Atrium serves")
	<-time.After(60 * *speedTime) // until what the schedule does at the start is done
	idle := p.memory("VmRSS") >> 10
	fmt.Printf("start to first answer: %s%s, median of %d, the slowest %s\nmemory when idle, serving and working: %d MB%s\n",
		brief(median(took)), star(median(took) > startMost), len(took), brief(slices.Max(took)), idle, star(idle > idleMost))
}

// start is how long one start takes.
func (s *town) start(variables map[string]string) time.Duration {
	s.t.Helper()
	caller, page := newCaller(variables["ADDR"]), speedPage{Name: "health", Host: "app.localhost", Path: "/healthz"}
	if _, err := build(); err != nil {
		s.t.Fatal(err)
	}
	began := time.Now()
	p := launch(s.t, variables, "serve")
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for range look.C {
		if a, err := caller.ask(page); err == nil && a.Status == http.StatusOK {
			break
		} else if time.Since(began) > 20*time.Second {
			s.t.Fatalf("no answer: %v; %s", err, p.errs.String())
		}
	}
	took := time.Since(began)
	p.signal(syscall.SIGTERM)
	return took
}
