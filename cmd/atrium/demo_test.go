package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var webAddress = regexp.MustCompile(`http://\S+`)

// TestDemo is the life of a demo: begun, asked to end, begun again, killed, and begun once more; and what a client has written
// outlives it all.
func TestDemo(t *testing.T) { // by itself: how soon it is ready, as it logs, says nothing beside a dozen browsers
	if _, err := build(); err != nil { // building is not starting
		t.Fatal(err)
	}
	dir := dataDir(t)
	variables := map[string]string{"ADDR": "127.0.0.1:0", "DATA_DIR": dir}
	demo := func() (*process, string) {
		began := time.Now()
		p := launch(t, variables, "demo").ready("Ctrl-C ends it")
		t.Logf("the demo was ready after %s; it is to be within 5 s on an idle machine", time.Since(began).Round(time.Millisecond))
		return p, portalOf(t, p, "acme")
	}
	rename := func(root, name string) {
		ana := newVisitor(t).open(root+"/sign-in").send("/sign-in", "email", demoBusinesses[0].client, "password", demoPassword).arrivesAt("/")
		ana.open(root+"/profile").send("/profile/name", "name", name).arrivesAt("/profile")
	}
	isCalled := func(root, name string) {
		t.Helper()
		ana := newVisitor(t).open(root+"/sign-in").send("/sign-in", "email", demoBusinesses[0].client, "password", demoPassword).arrivesAt("/")
		if !strings.Contains(ana.page, name) {
			t.Errorf("%s is not known after the new start: %s", name, ana.page)
		}
	}

	first, root := demo()
	for _, address := range webAddress.FindAllString(first.out.String(), -1) { // all that is told works
		if v := newVisitor(t).open(address); v.status != http.StatusOK {
			t.Errorf("%s: status %d", address, v.status)
		}
	}
	rename(root, "Zuleika")
	stripe := filepath.Join(dir, "stripe", "address")
	kept, err := os.ReadFile(stripe)
	if err != nil || !strings.Contains(first.out.String(), "http://"+string(kept)+"\n") {
		t.Errorf("the address of the stand-in for Stripe is not kept: %q, %v", kept, err)
	}
	inUse := fmt.Sprintf("process %d", first.command.Process.Pid)
	for _, command := range []string{"demo", "serve"} {
		second := launch(t, variables, command)
		if code := second.code(); code != 1 {
			t.Errorf("a second %s: exit code %d", command, code)
		}
		if line := second.oneLine(); !strings.Contains(line, inUse) {
			t.Errorf("a second %s does not say that %s has the folder: %q", command, inUse, line)
		}
	}
	if now, err := os.ReadFile(stripe); err != nil || string(now) != string(kept) {
		t.Errorf("a second demo has left its own address of the stand-in for Stripe: %q, %v", now, err)
	}
	if living := livingIn(t, dir); len(living) == 0 {
		t.Error("no PostgreSQL was found while the demo ran, so that none is found later shows nothing")
	}
	if took := first.signal(syscall.SIGINT); took > 5*time.Second || first.code() != 0 {
		t.Errorf("the demo ended with %d after %s: %s", first.code(), took, first.errs.String())
	}
	if living := livingIn(t, dir); len(living) != 0 {
		t.Errorf("the demo left %q", living)
	}

	second, root := demo()
	isCalled(root, "Zuleika")
	rename(root, "Xanthippe")
	second.signal(syscall.SIGKILL)

	third, root := demo()
	isCalled(root, "Xanthippe")
	if took := third.signal(syscall.SIGINT); took > 5*time.Second || third.code() != 0 {
		t.Errorf("the demo ended with %d after %s: %s", third.code(), took, third.errs.String())
	}
	if living := livingIn(t, dir); len(living) != 0 {
		t.Errorf("the demo left %q", living)
	}
}

// portalOf is the root of a portal, as the program has told it.
func portalOf(t *testing.T, p *process, slug string) string {
	t.Helper()
	for _, address := range webAddress.FindAllString(p.out.String(), -1) {
		if strings.HasPrefix(address, "http://"+slug+".localhost:") {
			return address
		}
	}
	t.Fatalf("the portal of %s is not told: %s", slug, p.out.String())
	return ""
}

// livingIn is every process that works in a folder: each of PostgreSQL's does in that of its cluster.
func livingIn(t *testing.T, dir string) (commands []string) {
	t.Helper()
	places, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil || len(places) == 0 {
		t.Fatalf("the processes cannot be looked at: %v", err)
	}
	for _, place := range places {
		works, err := os.Readlink(place)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) || !strings.HasPrefix(works, dir) {
			continue // gone, or somebody else's
		}
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(place), "cmdline")) // empty when it is gone by now
		commands = append(commands, string(command))
	}
	return commands
}
