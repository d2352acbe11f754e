package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// overtaken has a newer program bring the database a step further, by what the rules of house.md allow a step to be. This one serves and works
// on, and starts anew in front of it, as it does when the newer one is taken back. The step is made up, so it does not matter which was last.
func (s *scene) overtaken() {
	s.t.Helper()
	s.exec(`ALTER TABLE contact ADD COLUMN nickname text NOT NULL DEFAULT ''`)
	s.exec(`ALTER TABLE sales_order ADD COLUMN channel text NOT NULL DEFAULT 'web'`)
	s.exec(`CREATE TABLE newcomer (account_id uuid NOT NULL, contact_id uuid NOT NULL, CONSTRAINT newcomer_pkey PRIMARY KEY (account_id, contact_id),
		CONSTRAINT newcomer_contact_fkey FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE)`)
	s.exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`)
	s.crowd.worksAgain()
	for _, p := range []*process{s.web, s.worker} {
		if p.signal(syscall.SIGTERM); p.command.ProcessState.ExitCode() != 0 {
			s.t.Errorf("%v ended with %s: %s", p.command.Args[1:], p.command.ProcessState, p.errs.String())
		}
	}
	s.startWeb()
	s.startWorker()
}

// The program of before the newest migration serves and works on the database that today's has brought up, each beside the other: first the
// older answers people and the newer works, then the other way round. It is built from the history, so this is for make faults.
func TestLastReleaseBesideThisOne(t *testing.T) {
	t.Parallel()
	if !*faultsAtLength {
		return
	}
	before := buildBeforeNewestMigration(t)
	s := startScene(t, 0) // the release of before takes the time from its machine
	s.crowd.come()
	for range 3 {
		s.web.signal(syscall.SIGTERM)
		s.web = launchFrom(t, before, s.variables, "serve", "--no-work").ready("Atrium serves")
		s.crowd.worksAgain()
		s.worker.signal(syscall.SIGTERM)
		s.worker = launchFrom(t, before, s.variables, "work").ready("Atrium runs")
		s.crowd.worksAgain()
		s.web.signal(syscall.SIGTERM)
		s.startWeb()
		s.crowd.worksAgain()
		s.worker.signal(syscall.SIGTERM)
		s.startWorker()
		s.crowd.worksAgain()
	}
	s.ends()
}

// buildBeforeNewestMigration makes the program as it was before the newest migration came: along the line of what was released, since the
// branches that were merged into it have states that nobody ever ran.
func buildBeforeNewestMigration(t *testing.T) (path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	run := func(dir, name string, arguments ...string) string {
		t.Helper()
		command := exec.CommandContext(ctx, name, arguments...)
		command.Dir, command.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%s %v: %v", name, arguments, err)
		}
		return strings.TrimSpace(string(output))
	}
	root := run(".", "git", "rev-parse", "--show-toplevel")
	newest := run(root, "git", "log", "-1", "--first-parent", "-m", "--format=%H", "--diff-filter=A", "--", "queries/migrations")
	dir := t.TempDir()
	source := filepath.Join(dir, "source")
	run(root, "git", "worktree", "add", "--detach", source, newest+"~1")
	t.Cleanup(func() {
		command := exec.Command("git", "worktree", "remove", "--force", source)
		command.Dir = root
		if err := command.Run(); err != nil {
			t.Errorf("the worktree stays: %v", err)
		}
	})
	path = filepath.Join(dir, "atrium")
	run(source, "go", "build", "-buildvcs=false", "-trimpath", "-o", path, "./cmd/atrium")
	return path
}
