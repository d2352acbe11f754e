package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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
// not into cmd, except for the stand-in for Stripe.
func TestRooms(t *testing.T) {
	seen := 0
	for _, pkg := range listed(t) {
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

// listedPackage is one of our packages, with what it imports outside of its tests.
type listedPackage struct {
	ImportPath string
	Imports    []string
}

// listed are all of our packages.
func listed(t *testing.T) (packages []listedPackage) {
	t.Helper()
	output, err := exec.Command("go", "list", "-json=ImportPath,Imports", "atrium/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var pkg listedPackage
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, pkg)
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

// TestStripesimIsForTestsAndDemo keeps the stand-in for Stripe out of everything that serves or works: only the program's demo may
// import it, it needs no room of ours, and what checks it is imported by tests alone, with the heavy libraries it brings along.
func TestStripesimIsForTestsAndDemo(t *testing.T) {
	t.Parallel()
	const standIn, check = "atrium/cmd/stripesim", "atrium/cmd/stripesim/simtest"
	heavy := []string{"github.com/stripe/stripe-mock", "github.com/getkin/kin-openapi"}
	for _, pkg := range listed(t) {
		for _, imported := range pkg.Imports {
			if imported == standIn && pkg.ImportPath != "atrium/cmd/atrium" && pkg.ImportPath != check {
				t.Errorf("%s imports the stand-in for Stripe", pkg.ImportPath)
			}
			if imported == check {
				t.Errorf("%s imports what only tests may", pkg.ImportPath)
			}
			if pkg.ImportPath == standIn && room(imported) != "" {
				t.Errorf("the stand-in for Stripe imports %s", imported)
			}
			for _, library := range heavy {
				if strings.HasPrefix(imported, library) && pkg.ImportPath != check {
					t.Errorf("%s imports %s, which is for checking the stand-in", pkg.ImportPath, library)
				}
			}
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "demo") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(standIn)) {
			t.Errorf("%s imports the stand-in for Stripe; only the demo's files may", file)
		}
	}
}
