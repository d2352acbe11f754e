package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestInstall has what Makefile and CI install by look at a machine whose package manager reaches nothing. What is missing is then
// told in one line, with what installs it, and is a failure; what is there takes no package manager.
func TestInstall(t *testing.T) {
	t.Parallel()
	script, err := filepath.Abs("../../.ci/install")
	if err != nil {
		t.Fatal(err)
	}
	machine := func(programs ...string) (path string) {
		path = t.TempDir()
		for _, name := range []string{"bash", "cat", "env", "head", "id", "ls", "mkdir", "rm", "sed", "sh", "uname"} {
			program, err := exec.LookPath(name)
			if err == nil {
				err = os.Symlink(program, filepath.Join(path, name))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range append(programs, "apt-get", "brew") {
			if err := os.WriteFile(filepath.Join(path, name), []byte("#!/bin/sh\necho it was asked\nexit 100\n"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	install := func(path string, needs ...string) (code int, said string) {
		command := exec.Command(filepath.Join(path, "bash"), append([]string{script}, needs...)...)
		command.Env = []string{"PATH=" + path, "CI=true"}
		output, err := command.CombinedOutput()
		var failed *exec.ExitError
		if err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
		return command.ProcessState.ExitCode(), strings.TrimSpace(string(output))
	}

	code, said := install(machine("pdftotext"), "poppler", "node")
	last := said[strings.LastIndex(said, "\n")+1:]
	parts := []string{"Still missing: poppler, node.", "apt-get update && ", "apt-get install --no-install-recommends poppler-utils nodejs npm"}
	if runtime.GOOS == "darwin" {
		parts = []string{"Still missing: poppler, node.", "brew install poppler node"}
	}
	for _, part := range parts {
		if code != 1 || !strings.Contains(last, part) {
			t.Errorf("exit code %d, and no %q in %q", code, part, last)
		}
	}
	if code, said := install(machine("pdftotext", "pdfsig"), "poppler"); code != 0 || said != "" {
		t.Errorf("all is there: exit code %d, %q", code, said)
	}
}
