package localpg

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// fast are the settings of Options.Fast. Shared memory as files of the cluster
// goes away with the folder when a test process is killed.
var fast = map[string]string{
	"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
	"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off",
	"dynamic_shared_memory_type": "mmap",
}

// serverArguments are the command line of the server. What stands there cannot
// be changed by the cluster's own configuration files.
func serverArguments(opts Options, cluster, socketDir string) []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": socketDir,
		"unix_socket_permissions": "0700",
		"port":                    port,
		"cluster_name":            "atrium",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"log_line_prefix":         "",
		// Statements and details hold people's addresses; the caller gets them
		// with the error, the log does not.
		"log_min_error_statement": "panic",
		"log_error_verbosity":     "terse",
		// The product's queries are short: compiling them costs more than it saves.
		"jit": "off",
	}
	if opts.Fast {
		maps.Copy(settings, fast)
	}
	maps.Copy(settings, opts.Settings)
	arguments := []string{"-D", cluster}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		arguments = append(arguments, "-c", name+"="+settings[name])
	}
	return arguments
}

// startServer starts PostgreSQL and returns when it accepts connections. When
// children of a killed server still have its memory it tries again for a while.
func (p *place) startServer(ctx context.Context, bin binaries, arguments []string, log *slog.Logger) (*process, error) {
	limit, cancel := context.WithTimeout(ctx, releaseLimit)
	defer cancel()
	var server *process
	var err error
	_ = poll(limit, func() bool { // at its end err says why, better than the limit does
		server, err = p.tryServer(ctx, bin, arguments, log)
		return err == nil || !strings.Contains(err.Error(), "pre-existing shared memory block")
	})
	return server, err
}

func (p *place) tryServer(ctx context.Context, bin binaries, arguments []string, log *slog.Logger) (*process, error) {
	said := &messages{log: log}
	server, err := p.launch(exec.Command(bin.program("postgres"), arguments...), said, syscall.SIGQUIT)
	if err != nil {
		return nil, err
	}
	err = p.lock.note(server.cmd.Process.Pid)
	if err == nil {
		err = p.awaitReady(ctx, server)
	}
	if err != nil {
		server.force(syscall.SIGQUIT)
		return nil, said.explain(err)
	}
	return server, nil
}

// awaitReady waits until the server accepts connections, which it writes on the
// eighth line of its pid file; after a crash it first recovers, however long
// that takes.
func (p *place) awaitReady(ctx context.Context, server *process) error {
	var ended error
	err := poll(ctx, func() bool {
		select {
		case <-server.done:
			ended = fmt.Errorf("postgres ended before it was ready (%v)", server.cmd.ProcessState)
			return true
		default:
		}
		content, _ := os.ReadFile(filepath.Join(p.cluster(), "postmaster.pid"))
		lines := strings.Split(string(content), "\n")
		return len(lines) > 7 && lines[0] == fmt.Sprint(server.cmd.Process.Pid) && strings.TrimSpace(lines[7]) == "ready"
	})
	return cmp.Or(ended, err)
}
