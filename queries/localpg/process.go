package localpg

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// process is a child that runs or has run.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // how it ended; set before done is closed
}

// launch starts cmd as the owner. death is what it gets when this program dies.
func (p *place) launch(cmd *exec.Cmd, said *messages, death syscall.Signal) (*process, error) {
	// A fixed environment: PG* and LC_* variables of the caller would change
	// the cluster and the language of the messages.
	cmd.Dir, cmd.Env = p.dir, []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.Stdout, cmd.Stderr = said, said
	// Grandchildren may hold the pipe for a while after their parent was killed.
	cmd.WaitDelay = 2 * time.Second
	cmd.SysProcAttr = p.owner.attributes(death)

	child := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The death signal is sent when the thread that started the child ends,
		// so this one has to stay with it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			child.err = cmd.Wait()
			close(child.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cmd.Path), err)
	}
	return child, nil
}

// end sends the signal and waits; when ctx ends first it uses force.
func (c *process) end(ctx context.Context, signal syscall.Signal) error {
	_ = c.cmd.Process.Signal(signal) // fails only when it has ended
	return c.wait(ctx, syscall.SIGQUIT)
}

// wait waits for the child's end and returns nil; when ctx ends first it forces
// the end and returns ctx's error.
func (c *process) wait(ctx context.Context, signal syscall.Signal) error {
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		c.force(signal)
		return ctx.Err()
	}
}

// force ends the child by the signal, or a second later by SIGKILL. SIGQUIT
// makes PostgreSQL leave without a checkpoint.
func (c *process) force(signal syscall.Signal) {
	_ = c.cmd.Process.Signal(signal)
	select {
	case <-c.done:
	case <-time.After(time.Second):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}
