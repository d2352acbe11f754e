package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// build makes the program once for all tests, by the same line as make build, so that it finds what that has compiled.
var build = sync.OnceValues(func() (path string, err error) {
	dir, err := os.MkdirTemp("", "atrium-binary-")
	if err != nil {
		return "", err
	}
	binaryDir = dir
	command := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-X main.version=v0.0.0-test", "-o", filepath.Join(dir, "atrium"), ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return filepath.Join(dir, "atrium"), nil
})

var binaryDir string // empty until a test has built the program

func removeBinary() {
	if binaryDir != "" {
		_ = os.RemoveAll(binaryDir) // a test process that ends has nobody to tell
	}
}

// process is one run of the program.
type process struct {
	t         *testing.T
	command   *exec.Cmd
	out, errs logged
	ended     chan struct{} // closed when it has ended
}

// dataDir is a folder for DATA_DIR. Others can pass through it, as PostgreSQL is somebody else when we are root.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "atrium-data-") //nolint:usetesting // its path would be too long for a socket, and others could not enter
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// launch starts the program with these variables and no others but those every program has, in an empty folder. It is ended with
// the test.
func launch(t *testing.T, variables map[string]string, arguments ...string) *process {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return launchFrom(t, path, variables, arguments...)
}

// launchFrom is launch of another build of the program.
func launchFrom(t *testing.T, path string, variables map[string]string, arguments ...string) *process {
	t.Helper()
	p := &process{t: t, command: exec.Command(path, arguments...), ended: make(chan struct{})}
	p.command.Dir, p.command.Stdout, p.command.Stderr = t.TempDir(), &p.out, &p.errs
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		p.command.Env = append(p.command.Env, name+"="+os.Getenv(name))
	}
	for name, value := range variables {
		p.command.Env = append(p.command.Env, name+"="+value)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // how it ended is in the command's state
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Signal(syscall.SIGTERM) // it may have ended already
		select {
		case <-p.ended:
		case <-time.After(10 * time.Second):
			t.Errorf("%v does not end", arguments)
			_ = p.command.Process.Kill()
			<-p.ended
		}
	})
	return p
}

// ready waits until the program has said on standard output that it is.
func (p *process) ready(sign string) *process {
	p.t.Helper()
	until(p.t, 20*time.Second, fmt.Sprintf("%q from %v", sign, p.command.Args[1:]), func() bool {
		select {
		case <-p.ended:
			p.t.Fatalf("%v ended with %v: %s", p.command.Args[1:], p.command.ProcessState, p.errs.String())
		default:
		}
		return strings.Contains(p.out.String(), sign)
	})
	return p
}

// code waits for the end and is the exit code.
func (p *process) code() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Fatalf("%v does not end; it has said: %s%s", p.command.Args[1:], p.out.String(), p.errs.String())
	}
	return p.command.ProcessState.ExitCode()
}

// signal sends one and returns how long the program then took to end.
func (p *process) signal(s syscall.Signal) time.Duration {
	p.t.Helper()
	sent := time.Now()
	if err := p.command.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	p.code()
	return time.Since(sent)
}

// with is the variables and a few more.
func with(variables map[string]string, more ...string) map[string]string {
	all := maps.Clone(variables)
	for _, variable := range more {
		name, value, _ := strings.Cut(variable, "=")
		all[name] = value
	}
	return all
}

// until waits for what another process does.
func until(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for end := time.After(limit); !done(); {
		select {
		case <-look.C:
		case <-end:
			t.Fatalf("it did not come within %s: %s", limit, what)
		}
	}
}

// oneLine fails when a program said more or less than one line on standard error, and returns it.
func (p *process) oneLine() string {
	p.t.Helper()
	lines := bytes.Split(bytes.TrimSuffix([]byte(p.errs.String()), []byte("\n")), []byte("\n"))
	if len(lines) != 1 || len(lines[0]) == 0 {
		p.t.Errorf("%v: want one line: %q", p.command.Args[1:], lines)
	}
	return string(lines[0])
}

// memory is a figure of the process in kB (proc(5), /proc/pid/status).
func (p *process) memory(figure string) int {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	found := regexp.MustCompile(figure + `:\s+(\d+) kB`).FindSubmatch(status)
	if err != nil || found == nil {
		p.t.Fatalf("no %s of the program: %v", figure, err)
	}
	kB, err := strconv.Atoi(string(found[1]))
	if err != nil {
		p.t.Fatal(err)
	}
	return kB
}
