package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"atrium/queries/dbtest"
)

// TestRollingRestart restarts two web servers and a worker one after the other behind a proxy, while signed-in people read pages
// and send forms all the time: nobody is refused anything.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	box, db := newMailbox(t), dbtest.New(t)
	front := newFront(t, freeAddr(t), freeAddr(t))
	variables := with(mailVariables(t, box), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all of these programs, one after the other", "PUBLIC_PORT="+front.port(),
		"TRUSTED_PROXIES=127.0.0.0/8", "DRAIN_TIME=4s", "STOP_TIMEOUT=10s")
	serve := func(addr string) *process {
		return launch(t, with(variables, "ADDR="+addr, "DATA_DIR="+dataDir(t)), "serve", "--no-work").ready("Atrium serves")
	}
	work := func() *process {
		return launch(t, with(variables, "DATA_DIR="+dataDir(t)), "work").ready("Atrium runs")
	}
	webs, worker := []*process{serve(front.doors[0].addr), serve(front.doors[1].addr)}, work()
	front.untilReady(0, 1)

	owner := foundAccount(t, with(variables, "ADDR="+front.doors[0].addr), box)
	crowd := newCrowd(t)
	for n := range 4 {
		email := fmt.Sprintf("client%d@example.com", n)
		owner.open(owner.at.ResolveReference(&url.URL{Path: "/acme/invitations/new"}).String()).send("/acme/invitations", "people", email).arrivesAt("/acme")
		client := newVisitor(t).open(linkIn(t, receive(t, box, email))).send("/l/").arrivesAt("/welcome")
		client.send("/welcome", "name", fmt.Sprint("Client ", n), "password", "seven quiet harbours").arrivesAt("/").open(client.at.JoinPath("/profile").String())
		crowd.join(client, "/", "/profile", "POST /profile/name")
	}
	crowd.join(owner, "/acme", "/acme/contacts", "/acme/contacts?q=client", "/acme/mail-log")

	began := time.Now()
	crowd.until(crowd.answered.Load() + 50)
	for n, p := range webs {
		if took := p.signal(syscall.SIGTERM); took < 4*time.Second {
			t.Errorf("a web server that is to go on for four seconds ended after %s", took)
		}
		if p.code() != 0 || strings.Contains(p.errs.String(), "in time") {
			t.Errorf("exit code %d: %s", p.code(), p.errs.String())
		}
		crowd.until(crowd.answered.Load() + 50)
		serve(front.doors[n].addr)
		front.untilReady(0, 1)
		crowd.until(crowd.answered.Load() + 50)
	}
	worker.signal(syscall.SIGTERM)
	work()
	crowd.leave()

	times := crowd.times
	slices.Sort(times)
	t.Logf("%d requests in %s, %d of them forms, while both web servers and the worker were restarted: %d failed; half within %s, 99 %% within %s, all within %s; %d dials were refused and went next door",
		len(times), time.Since(began).Round(time.Millisecond), crowd.forms, len(crowd.failed), times[len(times)/2].Round(time.Millisecond/10), times[len(times)*99/100].Round(time.Millisecond/10),
		times[len(times)-1].Round(time.Millisecond), front.refused.Load())
	if n := front.refused.Load(); n > 0 {
		t.Errorf("the proxy was not warned in time of %d closed doors", n)
	}
	for _, failure := range crowd.failed {
		t.Error(failure)
	}
	var names int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM contact WHERE name LIKE 'Renamed %'").Scan(&names); err != nil || names != 4 {
		t.Errorf("%d clients have the name they gave themselves, want 4; %v", names, err)
	}
}
