package main

import (
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"atrium/queries/dbtest"
)

// TestServiceManagerIsTold is systemd for a while: it hears that the program is ready once it can be used, so that whoever restarts one
// program after the other waits for the right moment, and that it stops when it begins to.
func TestServiceManagerIsTold(t *testing.T) {
	t.Parallel()
	dbtest.New(t)
	at, addr := &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"}, freeAddr(t)
	manager, err := net.ListenUnixgram("unixgram", at)
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	hears := func(state string) {
		t.Helper()
		told := make([]byte, 100)
		if err := manager.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := manager.Read(told); err != nil || string(told[:n]) != state {
			t.Fatalf("the service manager hears %q instead of %q: %v", told[:n], state, err)
		}
	}
	p := launch(t, map[string]string{"DATABASE_URL": dbtest.URL(t), "DATA_DIR": dataDir(t), "ADDR": addr, "NOTIFY_SOCKET": at.Name}, "serve", "--no-work")
	hears("READY=1")
	if status := newVisitor(t).open("http://" + addr + "/readyz").status; status != 200 {
		t.Errorf("it says that it is ready, and /readyz answers %d", status)
	}
	p.signal(syscall.SIGTERM)
	hears("STOPPING=1")
	if p.code() != 0 {
		t.Errorf("exit code %d: %s", p.code(), p.errs.String())
	}
}
