package localpg

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestServerServesItsOwner(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	server := start(t, Options{Dir: dir})
	conn := connect(t, server.URL(""))

	var user, settings, ctype string
	var superuser bool
	err := conn.QueryRow(t.Context(), `SELECT current_user, rolsuper,
		concat_ws(' ', current_setting('server_encoding'), current_setting('listen_addresses'), current_setting('fsync')),
		lower('Ä') FROM pg_roles WHERE rolname = current_user`).Scan(&user, &superuser, &settings, &ctype)
	if err != nil {
		t.Fatal(err)
	}
	if user != "atrium" || superuser || settings != "UTF8  on" || ctype != "ä" {
		t.Errorf("user %q, superuser %v, settings %q, lower case of Ä %q", user, superuser, settings, ctype)
	}
	execute(t, conn, "CREATE EXTENSION citext", "CREATE EXTENSION pg_trgm", "CREATE EXTENSION btree_gin",
		"CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")

	stop(t, server)
	again := start(t, Options{Dir: dir})
	stop(t, server) // a second time: it must not touch what is another's now
	if kept := keptRow(t, connect(t, again.URL(""))); kept != 7 {
		t.Errorf("after a restart the row is %d", kept)
	}
}

func TestFolderHeldByAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	server := start(t, Options{Dir: dir, Fast: true})
	_, err := Start(t.Context(), Options{Dir: dir, Log: quiet})
	var held *HeldError
	if !errors.As(err, &held) || held.PID != os.Getpid() || !strings.Contains(err.Error(), dir) {
		t.Fatalf("second start: %v", err)
	}
	connect(t, held.URL)
	stop(t, server)
	stop(t, start(t, Options{Dir: dir, Fast: true}))
}

func TestUnusualPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{strings.Repeat("long", 20) + "/" + strings.Repeat("name", 20), "Ada, my files"} {
		server := start(t, Options{Dir: filepath.Join(dataFolder(t), name), Fast: true})
		connect(t, server.URL(""))
		if len(server.socketDir) > 60 {
			t.Errorf("the socket is in %s", server.socketDir)
		}
		if info, err := os.Stat(server.socketDir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the socket's folder: %v, %v", info, err)
		}
		stop(t, server)
		if _, err := os.Stat(server.socketDir); !os.IsNotExist(err) {
			t.Errorf("the socket's folder is left behind: %v", err)
		}
	}
}

func TestAnotherVersion(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	if err := os.MkdirAll(filepath.Join(dir, "cluster"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cluster", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Dir: dir, Log: quiet})
	var version *VersionError
	if !errors.As(err, &version) || version.Cluster != 9 || version.Found < oldest {
		t.Errorf("start: %v", err)
	}
}

func TestStartGivenUp(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, Options{Dir: dir, Log: quiet}); err == nil {
		t.Error("a start came in 50 ms")
	}
	stop(t, start(t, Options{Dir: dir, Fast: true}))
}

func TestFailureIsExplained(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{Dir: dataFolder(t), Log: quiet, Fast: true, Settings: map[string]string{"work_mem": "much"}})
	if err == nil || !strings.Contains(err.Error(), "work_mem") {
		t.Errorf("start: %v", err)
	}
}

func TestStopRunsOutOfTime(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: dataFolder(t), Fast: true})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Stop(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	select {
	case <-server.Done():
	default:
		t.Error("the server still runs")
	}
	stop(t, server)
}

func TestLogKeepsWarnings(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	m := &messages{log: slog.New(slog.NewTextHandler(&log, nil))}
	for _, part := range []string{"LOG:  ready\nWARN", "ING:  disk\nERROR:  key\n"} {
		if _, err := io.WriteString(m, part); err != nil {
			t.Fatal(err)
		}
	}
	if got := log.String(); !strings.Contains(got, "WARNING:  disk") || strings.Contains(got, "ready") || strings.Contains(got, "key") {
		t.Errorf("logged: %s", got)
	}
}
