package localpg

import (
	"fmt"
	"os"
	"syscall"
)

// setDeathSignal has the kernel send signal to the child when the thread that
// started it ends.
func setDeathSignal(attributes *syscall.SysProcAttr, signal syscall.Signal) {
	attributes.Pdeathsig = signal
}

// isPostmaster reports whether pid is a live process at work in the cluster: a
// server's working folder is its cluster. A process of another user, which
// cannot be asked, is none of ours.
func isPostmaster(pid int, cluster string) bool {
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && dir == cluster
}
