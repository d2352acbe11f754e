package localpg

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
)

// oldest is the first major version the product is tested with.
const oldest = 15

// ErrNoBinaries says that this machine has no PostgreSQL server of version 15 or
// newer; its text holds the one line that installs it.
var ErrNoBinaries = errors.New("no PostgreSQL server, version 15 or newer, on this machine; install it with: " + installLine())

// installations are folders in which PostgreSQL's packages put their programs
// without putting them on PATH: Debian, Fedora, Homebrew (arm, intel), Postgres.app.
var installations = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// binaries is one installed PostgreSQL.
type binaries struct {
	dir   string
	major int
}

// Find returns the folder with initdb and postgres: the one on PATH if it is new
// enough, else the newest installed. Its error is ErrNoBinaries.
func Find() (dir string, err error) {
	found := findAll()
	if len(found) == 0 {
		return "", ErrNoBinaries
	}
	return found[0].dir, nil
}

// findAll lists what Find chooses from, best first.
func findAll() []binaries {
	var installed []binaries
	for _, pattern := range installations {
		dirs, _ := filepath.Glob(pattern) // fails only on a malformed pattern
		for _, dir := range dirs {
			installed = appendUsable(installed, dir)
		}
	}
	slices.SortStableFunc(installed, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })

	postgres, err := exec.LookPath("postgres")
	if err != nil {
		return installed
	}
	// The name on PATH may be a link into a folder with all the programs.
	if target, err := filepath.EvalSymlinks(postgres); err == nil {
		postgres = target
	}
	return append(appendUsable(nil, filepath.Dir(postgres)), installed...)
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// appendUsable adds dir when it holds a server that runs here and is new enough.
func appendUsable(found []binaries, dir string) []binaries {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return found
	}
	said, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return found
	}
	match := versionPattern.FindSubmatch(said)
	if match == nil {
		return found
	}
	if major, _ := strconv.Atoi(string(match[1])); major >= oldest {
		return append(found, binaries{dir, major})
	}
	return found
}

func (b binaries) program(name string) string { return filepath.Join(b.dir, name) }

func installLine() string {
	switch {
	case runtime.GOOS == "darwin":
		return "brew install postgresql@17"
	case os.Geteuid() == 0:
		return "apt-get update && apt-get install postgresql"
	default:
		return "sudo apt-get update && sudo apt-get install postgresql"
	}
}

// Tools returns the folder with pg_dump and pg_restore for a server of a major version: of the same version where there is one,
// because newer tools write what an older server does not understand, else of the next newer. Older ones cannot read it at all.
func Tools(major int) (dir string, err error) {
	best := binaries{}
	for _, b := range findAll() {
		if b.major >= major && (best.major == 0 || b.major < best.major) {
			best = b
		}
	}
	if best.major == 0 {
		return "", fmt.Errorf("pg_dump and pg_restore of PostgreSQL %d or newer are not on this machine", major)
	}
	return best.dir, nil
}
