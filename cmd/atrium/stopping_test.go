package main

import (
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/jobs/mailbox"
	"atrium/queries/dbtest"
)

// TestStopLetsWorkFinish tells a web server and a worker to stop while a request and a job wait for the database: both get their
// time, nobody new is let in, and then the programs end.
func TestStopLetsWorkFinish(t *testing.T) {
	t.Parallel()
	box, db, addr := newMailbox(t), dbtest.New(t), freeAddr(t)
	variables := with(mailVariables(t, box), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all of these programs, one after the other", "ADDR="+addr, "STOP_TIMEOUT=20s")
	web := launch(t, with(variables, "DATA_DIR="+dataDir(t)), "serve", "--no-work").ready("Atrium serves")
	worker := launch(t, with(variables, "DATA_DIR="+dataDir(t)), "work").ready("Atrium runs")
	owner := foundAccount(t, variables, box)
	invite := func(email string) {
		owner.open("http://app.localhost:"+owner.at.Port()+"/acme/invitations/new").send("/acme/invitations", "people", email).arrivesAt("/acme")
	}

	locked := lockTables(t, db, "mail_copy") // written with "sent", when the mail server has taken the mail
	invite("ana@example.com")
	untilWaiting(t, db, 1)
	trail := lockTables(t, db, "audit")
	answer := make(chan int, 1)
	page := owner.at.JoinPath("audit-log").String()
	go func() { answer <- owner.fetch(page) }()
	untilWaiting(t, db, 2)
	ends := make(chan time.Duration, 2)
	for _, p := range []*process{web, worker} {
		go func() { ends <- p.signal(syscall.SIGTERM) }()
	}
	until(t, 10*time.Second, "nobody new is let in", func() bool {
		conn, err := net.Dial("tcp", addr)
		return err != nil || conn.Close() != nil
	})
	select {
	case <-ends:
		t.Error("a program ended and left its work")
	case status := <-answer:
		t.Errorf("the request was answered with %d too early", status)
	default:
	}
	unlock(t, trail)
	if status := <-answer; status != 200 {
		t.Errorf("the request that was waiting is answered with %d", status)
	}
	unlock(t, locked)
	for range 2 {
		<-ends
	}
	for _, p := range []*process{web, worker} {
		if p.code() != 0 || strings.Contains(p.errs.String(), "in time") {
			t.Errorf("%v: exit code %d: %s", p.command.Args[1:], p.code(), p.errs.String())
		}
	}
	if states := mailStates(t, db); states != "sent sent" || len(box.Messages()) != 2 {
		t.Errorf("the mails are %s, and %d came", states, len(box.Messages()))
	}
}

// TestStopWhileStarting presses Ctrl-C while the first start makes its database: that is no fault, and the next start makes it.
func TestStopWhileStarting(t *testing.T) {
	t.Parallel()
	variables := map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": dataDir(t)}
	p := launch(t, variables, "serve")
	until(t, 20*time.Second, "the database is being made", func() bool {
		begun, _ := filepath.Glob(filepath.Join(variables["DATA_DIR"], "postgres", "unfinished-*")) // fails only on a malformed pattern
		return len(begun) > 0
	})
	if took := p.signal(syscall.SIGINT); took > 5*time.Second {
		t.Errorf("it ended after %s", took)
	}
	if code := p.code(); code != 0 || !strings.Contains(p.oneLine(), "ended before it was ready") {
		t.Errorf("exit code %d", code)
	}
	launch(t, variables, "serve").ready("Atrium serves")
}

// TestStopPutsLongJobsBack tells a worker to stop while a job waits for longer than it has: the job is done by the next worker.
func TestStopPutsLongJobsBack(t *testing.T) {
	t.Parallel()
	box, db := newMailbox(t), dbtest.New(t)
	variables := with(mailVariables(t, box), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all of these programs, one after the other", "ADDR="+freeAddr(t))
	hurried := launch(t, with(variables, "DATA_DIR="+dataDir(t), "STOP_TIMEOUT=500ms"), "work").ready("Atrium runs")
	locked := lockTables(t, db, "mail_copy")
	create := launch(t, with(variables, "DATA_DIR="+dataDir(t)), "account", "create", "--slug=acme", "--name=Acme Coaching", "--owner=maya@acme.example")
	if create.code() != 0 {
		t.Fatal(create.errs.String())
	}
	untilWaiting(t, db, 1)
	if took := hurried.signal(syscall.SIGTERM); took > 10*time.Second {
		t.Errorf("a worker with half a second to stop took %s", took)
	}
	unlock(t, locked)
	launch(t, with(variables, "DATA_DIR="+dataDir(t)), "work").ready("Atrium runs")
	until(t, 30*time.Second, "the mail is sent by the next worker", func() bool { return mailStates(t, db) == "sent" })
	ids := map[string]bool{}
	for _, m := range box.Messages() {
		ids[m.MessageID] = true
	}
	if len(ids) != 1 {
		t.Errorf("Maya has mails with the ids %v; whoever receives one twice has to see that it is one", ids)
	}
}

// foundAccount makes the account acme beside running programs, and signs its owner in.
func foundAccount(t *testing.T, variables map[string]string, box *mailbox.Box) *visitor {
	t.Helper()
	create := launch(t, with(variables, "DATA_DIR="+dataDir(t)), "account", "create", "--slug=acme", "--name=Acme Coaching", "--owner=maya@acme.example")
	if create.code() != 0 {
		t.Fatal(create.errs.String())
	}
	link := linkIn(t, receive(t, box, "maya@acme.example"))
	knows(t, link)
	return newVisitor(t).open(link).send("/l/", "name", "Maya Brandt", "password", "nine blue kayaks").arrivesAt("/acme")
}

// knows waits until the program at an address knows the new account.
func knows(t *testing.T, address string) {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	until(t, 10*time.Second, "the new account's portal", func() bool {
		return newVisitor(t).open("http://acme.localhost:"+at.Port()+"/sign-in").status == http.StatusOK
	})
}

// fetch asks for a page and is its status; 0: there was no answer. It may be called from any goroutine.
func (v *visitor) fetch(address string) int {
	answer, err := v.client.Get(address) //nolint:noctx // a test's client, of its own
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// lockTables holds a table from everybody else until unlock.
func lockTables(t *testing.T, db *pgxpool.Pool, table string) pgx.Tx {
	t.Helper()
	tx, err := db.Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE")
	}
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func unlock(t *testing.T, tx pgx.Tx) {
	t.Helper()
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// untilWaiting waits until so many queries wait for a lock.
func untilWaiting(t *testing.T, db *pgxpool.Pool, n int) {
	t.Helper()
	until(t, 20*time.Second, "queries wait for a lock", func() bool {
		var waiting int
		err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting)
		return err == nil && waiting >= n
	})
}

func mailStates(t *testing.T, db *pgxpool.Pool) (states string) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT coalesce(string_agg(state::text, ' ' ORDER BY id), '') FROM mail").Scan(&states); err != nil {
		t.Fatal(err)
	}
	return states
}

// TestStopEndsInItsTime has a request wait for longer than the program may take to stop: it ends all the same, without waiting for as long
// as a request may work.
func TestStopEndsInItsTime(t *testing.T) {
	t.Parallel()
	box, db, addr := newMailbox(t), dbtest.New(t), freeAddr(t)
	variables := with(mailVariables(t, box), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all of these programs, one after the other", "ADDR="+addr,
		"STOP_TIMEOUT=300ms", "REQUEST_TIMEOUT=60s")
	web := launch(t, with(variables, "DATA_DIR="+dataDir(t)), "serve").ready("Atrium serves")
	owner := foundAccount(t, variables, box)
	locked := lockTables(t, db, "audit")
	defer unlock(t, locked)
	page, answer := owner.at.JoinPath("audit-log").String(), make(chan int, 1)
	go func() { answer <- owner.fetch(page) }()
	untilWaiting(t, db, 1)
	if took := web.signal(syscall.SIGTERM); took > 10*time.Second || web.code() != 0 {
		t.Errorf("it ended after %s with %d", took, web.code())
	}
	<-answer
	for _, line := range []string{`level=INFO msg=started version=`, "web=true work=true address=" + addr, `level=INFO msg="told to stop" drain_time=0s stop_timeout=300ms`, "level=INFO msg=ended after="} {
		if !strings.Contains(web.errs.String(), line) {
			t.Errorf("the log lacks %q: %s", line, web.errs.String())
		}
	}
}

// TestStopToldTwice tells a program that drains a second time to stop, as somebody does who does not want to wait.
func TestStopToldTwice(t *testing.T) {
	t.Parallel()
	dbtest.New(t)
	addr := freeAddr(t)
	p := launch(t, map[string]string{"DATABASE_URL": dbtest.URL(t), "DATA_DIR": dataDir(t), "ADDR": addr, "DRAIN_TIME": "1h"}, "serve", "--no-work").ready("Atrium serves")
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(t, 10*time.Second, "it drains", func() bool {
		return newVisitor(t).open("http://"+addr+"/readyz").status == http.StatusServiceUnavailable
	})
	if took := p.signal(syscall.SIGINT); took > 10*time.Second || p.code() != 0 {
		t.Errorf("it ended after %s with %d: %s", took, p.code(), p.errs.String())
	}
}
