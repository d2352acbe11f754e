package localpg

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	folders := t.TempDir()
	fake := func(name, said string, programs ...string) string {
		dir := filepath.Join(folders, name, "bin")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, program := range programs {
			if err := os.WriteFile(filepath.Join(dir, program), []byte("#!/bin/sh\necho '"+said+"'\n"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	fake("14", "postgres (PostgreSQL) 14.2", "initdb", "postgres")
	fifteen := fake("15", "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "initdb", "postgres")
	seventeen := fake("17", "postgres (PostgreSQL) 17beta1", "initdb", "postgres")
	fake("18", "postgres (PostgreSQL) 18.1", "postgres")
	fake("19", "what?", "initdb", "postgres")

	before := installations
	t.Cleanup(func() { installations = before })
	installations = []string{filepath.Join(folders, "*", "bin")}

	t.Setenv("PATH", folders)
	if dir, err := Find(); dir != seventeen || err != nil {
		t.Errorf("newest installed: %s, %v", dir, err)
	}
	t.Setenv("PATH", fifteen)
	if dir, err := Find(); dir != fifteen || err != nil {
		t.Errorf("on PATH: %s, %v", dir, err)
	}
	installations = nil
	t.Setenv("PATH", filepath.Join(folders, "14", "bin"))
	if _, err := Find(); !errors.Is(err, ErrNoBinaries) || !strings.Contains(err.Error(), "install postgresql") {
		t.Errorf("only an old one: %v", err)
	}
	if _, err := Start(t.Context(), Options{Dir: dataFolder(t), Log: quiet}); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("start: %v", err)
	}
}

// A cluster is served by its own version even when a newer one is installed.
func TestMatchingVersion(t *testing.T) {
	dir, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	server := start(t, Options{Dir: dataFolder(t), Fast: true})
	stop(t, server)
	bin, err := server.place.binaries()
	if err != nil || bin.dir != dir {
		t.Errorf("chosen %v, %v", bin, err)
	}
}
