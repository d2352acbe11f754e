package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

type serveCmd struct {
	NoWork bool `help:"Web only; the jobs run in programs started with 'atrium work'."`
}

// Run serves until it is told to stop.
func (cmd *serveCmd) Run(e *env) error {
	return e.runUntilStopped(parts{web: true, work: !cmd.NoWork}, func(pr *program) {
		fmt.Fprintf(e.out, "Atrium serves the admin side at %s and portals at %s\n", pr.addresses.Admin(), pr.addresses.Portal("SLUG", ""))
	})
}

type workCmd struct{}

// Run works until it is told to stop.
func (*workCmd) Run(e *env) error {
	return e.runUntilStopped(parts{work: true}, func(*program) { fmt.Fprintln(e.out, "Atrium runs the jobs") })
}

func (e *env) runUntilStopped(p parts, ready func(*program)) error {
	c, err := e.read()
	if err != nil {
		return err
	}
	if !p.web {
		if err := installed(c); err != nil {
			return err
		}
	}
	log := newLog(c)
	pr, err := start(e, c, log, p)
	if err != nil && e.Err() != nil { // told to end: whatever was not finished then is no fault
		log.Info("ended before it was ready", "error", err)
		return nil
	} else if err != nil {
		return err
	}
	if made := pr.database.made; made != "" {
		log.Info("there was no installation in DATA_DIR, so a new database was made", "folder", made)
	}
	log.Info("started", pr.says(p)...)
	ready(pr)
	tellService(log, daemon.SdNotifyReady)
	debug.FreeOSMemory() // a third of what it has is left over from the start, and an idle program would keep it for minutes
	lasting, cease := context.WithCancel(e)
	defer cease()
	go keepMemory(lasting)
	ended := pr.wait(e)
	tellService(log, daemon.SdNotifyStopping)
	told := time.Now()
	if ended == nil {
		log.Info("told to stop", "drain_time", c.DrainTime, "stop_timeout", c.StopTimeout)
		hurry, stop := signal.NotifyContext(context.WithoutCancel(e), os.Interrupt, syscall.SIGTERM) // e has ended with the first
		ended = pr.drain(hurry)
		stop()
	}
	if err := pr.stop(e); err != nil {
		pr.log.Warn("not everything ended in time", "error", err)
	}
	log.Info("ended", "after", time.Since(told).Round(time.Millisecond))
	return ended
}

// says is what a program's first line tells of it.
func (pr *program) says(p parts) []any {
	line := []any{"version", version, "web", p.web, "work", p.work}
	if p.web {
		line = append(line, "address", pr.listener.Addr().String())
	}
	return line
}

// tellService tells systemd how far the program is, where it asks for that (Type=notify): a restart is over when the program can be used.
func tellService(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("cannot tell the service manager", "state", state, "error", err)
	}
}
