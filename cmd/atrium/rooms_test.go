package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// doors says which rooms a room may look into. cmd may look into all of them.
var doors = map[string][]string{
	"handlers": {"handlers", "jobs", "queries", "views"},
	"jobs":     {"jobs", "queries", "views"},
	"queries":  {"queries"},
	"views":    {"views"},
}

// TestRooms keeps the arrows between the rooms, which the compiler only keeps for internal folders. Tests may look further, but
// not into cmd.
func TestRooms(t *testing.T) {
	command := exec.Command("go", "list", "-json=ImportPath,Imports", "atrium/...")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		allowed, kept := doors[room(pkg.ImportPath)]
		if !kept {
			continue
		}
		seen++
		for _, imported := range pkg.Imports {
			if other := room(imported); other != "" && !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s: there is no door from %s to %s", pkg.ImportPath, imported, room(pkg.ImportPath), other)
			}
		}
	}
	if seen < len(doors) {
		t.Errorf("only %d packages looked at", seen)
	}
}

// room is the first folder of one of our packages; empty for anybody else's.
func room(path string) string {
	rest, ours := strings.CutPrefix(path, "atrium/")
	if !ours {
		return ""
	}
	first, _, _ := strings.Cut(rest, "/")
	return first
}
