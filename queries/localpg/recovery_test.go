package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// asProgram names the variable that makes this test binary a program which
// serves a folder and prints "ready": something to kill.
const asProgram = "LOCALPG_TEST_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asProgram); dir != "" {
		if _, err := Start(context.Background(), Options{Dir: dir, Fast: true}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready")
		select {}
	}
	os.Exit(m.Run())
}

func TestKilledServer(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	server := start(t, Options{Dir: dir})
	execute(t, connect(t, server.URL("")), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1)")
	if err := server.process.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-server.Done()
	stop(t, server)
	if kept := keptRow(t, connect(t, start(t, Options{Dir: dir}).URL(""))); kept != 1 {
		t.Errorf("the row is %d", kept)
	}
}

func TestKilledProgram(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	for round := range 3 {
		program, lines := startProgram(t, dir)
		if !lines.Scan() || lines.Text() != "ready" {
			t.Fatalf("round %d: the program said %q", round, lines.Text())
		}
		kill(t, program)
	}
	connect(t, start(t, Options{Dir: dir}).URL(""))
}

// A program killed at any moment of the first start leaves nothing that stops
// the next one.
func TestKilledFirstStart(t *testing.T) {
	t.Parallel()
	for _, sign := range []string{"lock", "unfinished-*/base/1/PG_VERSION", "unfinished-*/base/5/PG_VERSION", "cluster"} {
		dir := dataFolder(t)
		program, _ := startProgram(t, dir)
		await(t, sign, func() bool { return exists(dir, sign) })
		kill(t, program)
		connect(t, start(t, Options{Dir: dir, Fast: true}).URL(""))
		if exists(dir, "unfinished-*") {
			t.Errorf("killed at %s: an unfinished cluster is left", sign)
		}
	}
}

// A pid file may name a stranger, who got the number since, or nobody.
func TestStalePIDFile(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	for _, content := range []string{"", strconv.Itoa(stranger(t, dir)) + "\n" + dir + "/cluster\n", "4194000\n"} {
		server := start(t, Options{Dir: dir, Fast: true})
		stop(t, server)
		path := filepath.Join(dir, "cluster", "postmaster.pid")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := server.place.owner.own(path); err != nil {
			t.Fatal(err)
		}
		stop(t, start(t, Options{Dir: dir, Fast: true}))
	}
}

// A server that outlived its program is ended when it is ours; one that was
// started by hand is named.
func TestServerWithoutProgram(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: dataFolder(t), Fast: true})
	pid := server.process.cmd.Process.Pid
	server.place.lock.oldServer = 0
	err := server.place.awaitRelease(t.Context(), 20*time.Millisecond)
	var held *HeldError
	if !errors.As(err, &held) || held.PID != pid {
		t.Errorf("started by hand: %v", err)
	}
	server.place.lock.oldServer = pid
	if err := server.place.awaitRelease(t.Context(), releaseLimit); err != nil {
		t.Errorf("ours: %v", err)
	}
	<-server.Done()
}

// A child of a killed server may live on for a while. No other server writes to
// the cluster meanwhile, not even when the pid file is lost; the start waits.
func TestSurvivingChild(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	server := start(t, Options{Dir: dir, Fast: true})
	var child int
	if err := connect(t, server.URL("")).QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&child); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(syscall.Kill(child, syscall.SIGSTOP), server.process.cmd.Process.Kill()); err != nil {
		t.Fatal(err)
	}
	<-server.Done()
	stop(t, server)
	if err := os.Remove(filepath.Join(dir, "cluster", "postmaster.pid")); err != nil {
		t.Fatal(err)
	}
	refusal := &wakeOnRefusal{Handler: slog.DiscardHandler, child: child}
	start(t, Options{Dir: dir, Fast: true, Log: slog.New(refusal)})
	if !refusal.seen.Load() {
		t.Error("a server was started beside a survivor")
	}
}

// wakeOnRefusal lets the child go on, and so end, when a server has refused to
// start because of it.
type wakeOnRefusal struct {
	slog.Handler
	child int
	seen  atomic.Bool
}

func (w *wakeOnRefusal) Enabled(context.Context, slog.Level) bool { return true }

func (w *wakeOnRefusal) Handle(_ context.Context, record slog.Record) error {
	if strings.Contains(record.Message, "still in use") {
		w.seen.Store(true)
		return syscall.Kill(w.child, syscall.SIGCONT)
	}
	return nil
}
