package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// VersionError says that the cluster was made by a PostgreSQL of another major
// version, which no other can read.
type VersionError struct {
	Dir     string
	Cluster int // major version the cluster was made by
	Found   int // newest major version on this machine
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("the database in %s was made by PostgreSQL %d and cannot be read by PostgreSQL %d, the newest here; "+
		"install PostgreSQL %d, or dump it there and restore it here", e.Dir, e.Cluster, e.Found, e.Cluster)
}

// binaries chooses the PostgreSQL that can read the cluster, or the best one
// when there is none yet.
func (p *place) binaries() (binaries, error) {
	found := findAll()
	if len(found) == 0 {
		return binaries{}, ErrNoBinaries
	}
	version, err := p.clusterVersion()
	if err != nil || version == 0 {
		return found[0], err
	}
	newest := 0
	for _, b := range found {
		if b.major == version {
			return b, nil
		}
		newest = max(newest, b.major)
	}
	return binaries{}, &VersionError{Dir: p.dir, Cluster: version, Found: newest}
}

// clusterVersion is the major version the cluster was made by, 0 when there is
// no cluster.
func (p *place) clusterVersion() (int, error) {
	content, err := os.ReadFile(filepath.Join(p.cluster(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of the database: %w", err)
	}
	return strconv.Atoi(strings.TrimSpace(string(content)))
}
