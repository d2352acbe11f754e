package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// locales are tried in turn: sorting by code point, letters by Unicode. C.UTF-8
// is that by name, macOS has to put it together, and C is everywhere.
var locales = [][]string{
	{"--locale=C.UTF-8"},
	{"--locale=C", "--lc-ctype=en_US.UTF-8"},
	{"--locale=C"},
}

// setUp runs in the new cluster before it is first served. Single-user mode
// takes one statement a line.
const setUp = "CREATE ROLE " + Role + " LOGIN\nCREATE DATABASE " + Database + " OWNER " + Role + "\n"

// makeCluster makes the cluster where there is none. It is made beside and
// renamed when it is complete, so that a kill leaves no half of one.
func (p *place) makeCluster(ctx context.Context, bin binaries, fast bool) error {
	if version, err := p.clusterVersion(); err != nil || version != 0 {
		return err
	}
	unfinished, err := os.MkdirTemp(p.dir, "unfinished-")
	if err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	// Not before: a killed start's last child may be at work in one for a moment.
	defer p.removeUnfinished()
	if err := p.owner.own(unfinished); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	if err := p.initialize(ctx, bin, unfinished, fast); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	single := exec.Command(bin.program("postgres"), "--single", "-D", unfinished, "-c", "exit_on_error=on", "postgres")
	single.Stdin = strings.NewReader(setUp)
	// A server that is killed, and not asked, leaves its shared memory behind.
	if err := p.run(ctx, single, syscall.SIGTERM); err != nil {
		return fmt.Errorf("set up the cluster: %w", err)
	}
	if err := os.Rename(unfinished, p.cluster()); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	return syncDir(p.dir)
}

// initialize runs initdb with the first locale this machine has.
func (p *place) initialize(ctx context.Context, bin binaries, dir string, fast bool) error {
	arguments := []string{"-D", dir, "-U", superuser, "-E", "UTF8", "--auth-local=trust", "--auth-host=reject", "--no-instructions"}
	if fast {
		arguments = append(arguments, "--no-sync", "--wal-segsize=1")
	} else {
		arguments = append(arguments, "--data-checksums")
	}
	var err error
	for _, locale := range locales {
		// Asked to end, initdb removes the folder under its own child, which
		// then cannot tidy up; killed, it leaves that to us.
		err = p.run(ctx, exec.Command(bin.program("initdb"), append(arguments, locale...)...), syscall.SIGKILL)
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

// removeUnfinished clears away what killed starts left. Failing is no harm: each
// start makes its own folder.
func (p *place) removeUnfinished() {
	left, _ := filepath.Glob(filepath.Join(p.dir, "unfinished-*"))
	for _, dir := range left {
		_ = os.RemoveAll(dir)
	}
}

// run executes one of PostgreSQL's programs to its end, as the owner. It gets the
// signal when ctx ends first, or this program does.
func (p *place) run(ctx context.Context, cmd *exec.Cmd, signal syscall.Signal) error {
	said := &messages{}
	process, err := p.launch(cmd, said, signal)
	if err != nil {
		return err
	}
	if err := process.wait(ctx, signal); err != nil {
		return err
	}
	return said.explain(process.err)
}

// syncDir makes a rename in dir survive a power cut.
func syncDir(dir string) error {
	file, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
