package main

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"atrium/queries/dbtest"
)

// TestStart starts the program several times on a database that is there already. It answers within 300 ms where it has the
// machine to itself; a machine with other work is slower by the clock, so what is held to that here is what the start costs the
// processor. Idle it fits into 60 MB.
func TestStart(t *testing.T) {
	t.Parallel()
	const starts, most, idle = 5, 300 * time.Millisecond, 60 << 10
	dbtest.New(t)
	variables := with(mailVariables(t, newMailbox(t)), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all of these, one after the other", "DATA_DIR="+dataDir(t), "STOP_TIMEOUT=2s")
	var answered, worked []time.Duration
	for range starts {
		addr := freeAddr(t)
		p := launch(t, with(variables, "ADDR="+addr), "serve")
		began := time.Now() // the first one was also built
		until(t, 20*time.Second, "the port is open", func() bool {
			conn, err := net.Dial("tcp", addr)
			return err == nil && conn.Close() == nil
		})
		if page := newVisitor(t).open("http://" + addr + "/healthz"); page.status != 200 { // waits for the answer: the port opens first
			t.Fatalf("/healthz: %d", page.status)
		}
		answered = append(answered, time.Since(began))
		until(t, 20*time.Second, "an idle program is small", func() bool { return p.memory("VmRSS") < idle })
		t.Logf("%d MB when idle", p.memory("VmRSS")>>10)
		p.signal(syscall.SIGTERM)
		worked = append(worked, p.command.ProcessState.UserTime()+p.command.ProcessState.SystemTime())
	}
	slices.Sort(answered)
	t.Logf("answered after %s, half of them within %s; it took %s of the processor", answered, answered[starts/2], worked)
	if best := slices.Min(worked); best > most {
		t.Errorf("to start and stop takes %s of the processor at best", best)
	}
}

// A program that had much to do and has nothing to do now gives the memory back.
func TestMemoryComesBack(t *testing.T) {
	const idle = 60 << 10 // kB
	addr := freeAddr(t)
	p := launch(t, with(map[string]string{"DATABASE_URL": dbtest.URL(t), "DATA_DIR": dataDir(t)}, "ADDR="+addr), "serve").ready("Atrium serves")
	caller, page := newCaller(addr), speedPage{Name: "sign-in", Host: "app.localhost", Path: "/sign-in"}
	atRest := p.memory("VmRSS")
	for asked := 0; p.memory("VmRSS") < idle; asked++ {
		if asked == 100_000 {
			t.Fatal("it does not grow, so this proves nothing")
		}
		if a, err := caller.ask(page); err != nil || a.Status != http.StatusOK {
			t.Fatalf("status %d, %v", a.Status, err)
		}
	}
	until(t, 20*time.Second, "an idle program is small", func() bool { return p.memory("VmRSS") < idle })
	t.Logf("%d MB at rest, then more than %d, then %d", atRest>>10, idle>>10, p.memory("VmRSS")>>10)
}

// TestNewerDatabase starts the program where a later one has been: it goes on, and tells.
func TestNewerDatabase(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := db.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)"); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"DATABASE_URL": dbtest.URL(t), "DATA_DIR": dataDir(t), "ADDR": freeAddr(t)}
	for _, command := range []string{"migrate", "check"} {
		p := launch(t, variables, command)
		p.code() // check also looks for a mail server
		if said := p.out.String(); !strings.Contains(said, "newer than this program") || !strings.Contains(said, "99999") || strings.Contains(said, "newest schema") {
			t.Errorf("%s says %q", command, said)
		}
	}
	web := launch(t, variables, "serve").ready("Atrium serves")
	if log := web.errs.String(); !strings.Contains(log, "level=WARN msg=\"the database is newer than this program") {
		t.Errorf("the log says %q", log)
	}
}
