//go:build !linux

package localpg

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// setDeathSignal does nothing: only Linux ties a child's life to ours. Elsewhere
// a server outlives a killed program and the next start ends it.
func setDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}

// isPostmaster reports whether pid is a live postgres. It cannot see which
// cluster it serves, so a stranger that got the number counts as ours until the
// wait for it is over.
func isPostmaster(pid int, _ string) bool {
	said, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasSuffix(strings.TrimSpace(string(said)), "postgres")
}
