package handlers

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"atrium/queries/dbtest"
)

// executed holds the name of each template that a test of this package had executed.
var executed sync.Map

// TestMain runs the tests and then fails when there is a template that none of them executed: a page nobody has looked at
// by machine breaks first in front of a person. It says so only after a full run that went well, as it would be no news
// otherwise.
func TestMain(m *testing.M) {
	code := dbtest.Main(m)
	if code == 0 && fullRun() {
		if missing := neverExecuted(); len(missing) > 0 {
			fmt.Fprintf(os.Stderr, "No test had these templates executed: %s\n", strings.Join(missing, ", "))
			code = 1
		}
	}
	os.Exit(code)
}

func fullRun() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return !testing.Short()
}

// neverExecuted leaves out mails, which jobs send, and ui, the vocabulary that views tries word for word.
func neverExecuted() (missing []string) {
	files, _ := filepath.Glob("../views/*/*.html") // the pattern is a constant
	if len(files) == 0 {
		return []string{"not one in ../views"}
	}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), "../views/"), ".html")
		folder, _, _ := strings.Cut(name, "/")
		if _, found := executed.Load(name); !found && folder != "mail" && folder != "ui" {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}
