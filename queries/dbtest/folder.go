package dbtest

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// prefix begins the folders' names; the pid of their test process follows.
const prefix = "atrium-test-"

// memory is a folder in shared memory, or on disk where there is none or, as in
// a container, hardly any.
func memory() string {
	const shm, enough = "/dev/shm", 1 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shm, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) >= enough {
		return shm
	}
	return os.TempDir()
}

// removeLeftovers removes the folders of test processes that were killed.
func removeLeftovers(base string) {
	dirs, _ := filepath.Glob(filepath.Join(base, prefix+"*"))
	for _, dir := range dirs {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), prefix), "-")
		pid, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		// One with our own pid is from a namesake: we have made none yet.
		if pid == os.Getpid() || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(dir)
		}
	}
}
