package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// releaseLimit is how long a start waits for an earlier server of the folder to
// die. After its program was killed that takes milliseconds, or seconds when it
// still writes.
const releaseLimit = 10 * time.Second

// lockLimit is how long a start tries to lock the folder.
const lockLimit = time.Second

// HeldError says that a live process holds the data folder.
type HeldError struct {
	Dir string
	PID int // 0 when it could not be learned
	// URL is the address of Database for Role while that process serves it; empty
	// when it is no program of ours.
	URL string
}

func (e *HeldError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("the data folder %s is in use by another process", e.Dir)
	}
	return fmt.Sprintf("the data folder %s is in use by process %d", e.Dir, e.PID)
}

// folderLock is the file that a program keeps locked while it has the folder.
// The kernel gives the lock back however the program ends. Inside are the pids
// of the program and of its server.
type folderLock struct {
	file      *os.File
	oldServer int // the server of the program before us, 0 if none
}

// lockFolder takes dir or says with *HeldError who has it. It tries for a while:
// a child that was being started when its program was killed holds the lock too,
// until it is started.
func lockFolder(ctx context.Context, dir string) (*folderLock, error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	limit, cancel := context.WithTimeout(ctx, lockLimit)
	defer cancel()
	var held error
	_ = poll(limit, func() bool { // held says whether it was in vain
		held = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		return !errors.Is(held, syscall.EWOULDBLOCK)
	})
	content := make([]byte, 64)
	n, _ := file.ReadAt(content, 0) // an empty file names nobody
	program, server := parsePIDs(string(content[:n]))
	lock := &folderLock{file: file, oldServer: server}
	switch {
	case errors.Is(held, syscall.EWOULDBLOCK):
		err = &HeldError{Dir: dir, PID: program}
	case held != nil:
		err = fmt.Errorf("lock the data folder: %w", held)
	default:
		err = lock.note(0)
	}
	if err != nil {
		lock.release()
		return nil, err
	}
	return lock, nil
}

func parsePIDs(content string) (program, server int) {
	fields := append(strings.Fields(content), "", "")
	program, _ = strconv.Atoi(fields[0])
	server, _ = strconv.Atoi(fields[1])
	return program, server
}

// note writes down who has the folder, in one write of a fixed length so that
// nobody reads half of it.
func (l *folderLock) note(server int) error {
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%-10d\n%-10d\n", os.Getpid(), server), 0)
	return err
}

// release gives the folder back. A second call does nothing.
func (l *folderLock) release() { _ = l.file.Close() }

// awaitRelease waits for a server that outlived its program, and clears away a
// pid file that would stop PostgreSQL for no reason. The folder is locked, so
// such a server is either ours, and told to end, or was started by hand, and
// named in a *HeldError if it stays.
func (p *place) awaitRelease(ctx context.Context, wait time.Duration) error {
	pid, found := p.postmaster()
	if !found {
		return nil
	}
	if !isPostmaster(pid, p.cluster()) {
		// A file naming nobody, or a stranger that has got the number since,
		// makes PostgreSQL refuse. One naming a dead process it handles itself,
		// and looks for survivors by it; so that one stays.
		if pid == 0 || syscall.Kill(pid, 0) == nil {
			return os.Remove(filepath.Join(p.cluster(), "postmaster.pid"))
		}
		return nil
	}
	if pid == p.lock.oldServer {
		_ = syscall.Kill(pid, syscall.SIGINT)
	}
	limit, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := poll(limit, func() bool { return !isPostmaster(pid, p.cluster()) })
	if err != nil && ctx.Err() == nil {
		return &HeldError{Dir: p.dir, PID: pid}
	}
	return err
}

// postmaster reads the pid of the server that has, or had, the cluster; 0 when
// the file is not readable as such.
func (p *place) postmaster() (pid int, found bool) {
	content, err := os.ReadFile(filepath.Join(p.cluster(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, _ = strconv.Atoi(first)
	return pid, true
}

// poll waits until ok, asking at growing intervals of 2 to 100 ms.
func poll(ctx context.Context, ok func() bool) error {
	for pause := 2 * time.Millisecond; !ok(); pause = min(2*pause, 100*time.Millisecond) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	return nil
}
