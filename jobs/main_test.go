package jobs

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
	"atrium/views"
)

// executed holds the name of each mail template that a test of this package had executed.
var executed sync.Map

// TestMain runs the tests and then fails when there is a mail template that none of them had sent. It says so only after a
// full run that went well, as it would be no news otherwise.
func TestMain(m *testing.M) {
	views.OnMailExecute = func(name string) { executed.Store(name, true) } // before the first mail is rendered
	code := dbtest.Main(m)
	if code == 0 && fullRun() {
		if missing := neverExecuted(); len(missing) > 0 {
			fmt.Fprintf(os.Stderr, "No test sent a mail with these templates: %s\n", strings.Join(missing, ", "))
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

func neverExecuted() (missing []string) {
	files, _ := filepath.Glob("../views/mail/*") // the pattern is a constant
	if len(files) == 0 {
		return []string{"not one in ../views/mail"}
	}
	for _, file := range files {
		name := strings.TrimPrefix(filepath.ToSlash(file), "../views/")
		if _, found := executed.Load(name); !found {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}
