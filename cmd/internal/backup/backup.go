// Package backup writes an installation into one archive and makes an installation of one: the database as pg_dump gives it, the
// uploaded files, and the secret where the program keeps it itself. Both ways everything is streamed, so memory stays flat.
//
// An archive is a ZIP file: database.dump (custom format of pg_dump), files/ACCOUNT/ID for each stored file, secret, and at the
// end manifest.json, without which it is not whole. Of our rooms this imports queries and jobs/filestore; only cmd imports it.
package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/jobs/filestore"
	"atrium/queries"
	"atrium/queries/localpg"
)

// Names in the archive.
const (
	databaseEntry = "database.dump"
	filesEntry    = "files/"
	secretEntry   = "secret"
	manifestEntry = "manifest.json"
)

// format is raised when an archive can no longer be read as before.
const format = 1

// Manifest says what an archive holds.
type Manifest struct {
	Format    int       `json:"format"`
	Program   string    `json:"program"` // version of the program that wrote it
	Schema    int64     `json:"schema"`  // number of the last migration
	Begun     time.Time `json:"begun"`   // the database is as it was then
	Accounts  int64     `json:"accounts"`
	Contacts  int64     `json:"contacts"`
	Files     int64     `json:"files"`
	FileBytes int64     `json:"file_bytes"`
	Secret    []byte    `json:"secret_fingerprint,omitempty"` // as the database has it; empty: no program has used that yet, or an archive from before this was written down
	Missing   int64     `json:"missing"`                      // files that the database knows and the storage did not have, or had cut short
	Names     []string  `json:"missing_names,omitempty"`      // the first of them, with what there is of those that are cut short
}

// mostNames is how many missing files are named.
const mostNames = 100

// Place is an installation: what is backed up, or restored into.
type Place struct {
	Pool       *pgxpool.Pool
	URL        string // of the same database
	Files      filestore.Store
	Secret     string // that the configuration gives; empty: none
	SecretFile string // where the program keeps a secret it made itself; empty where the configuration gives one
	Program    string // version of this program
	Now        func() time.Time
}

// readSecret is the one that programs in this place have; empty: none.
func (p Place) readSecret() (string, error) {
	if p.SecretFile == "" {
		return p.Secret, nil
	}
	text, err := os.ReadFile(p.SecretFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

// fits says whether a database with this fingerprint can be used with a secret.
func fits(known []byte, secret string) bool {
	return len(known) == 0 || secret != "" && bytes.Equal(known, queries.NewSecret(secret).Fingerprint())
}

// tool is pg_dump or pg_restore, of the version that suits the server. The password goes by the environment: every user of the
// machine can read command lines.
func (p Place) tool(ctx context.Context, name string, arguments ...string) (*exec.Cmd, error) {
	var version int
	if err := p.Pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return nil, fmt.Errorf("the database does not answer: %w", err)
	}
	dir, err := localpg.Tools(version / 10000)
	if err != nil {
		return nil, err
	}
	address, password, err := forTools(p.URL)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, filepath.Join(dir, name), append(arguments, "--dbname="+address)...)
	command.Env = os.Environ()
	if password != "" {
		command.Env = append(command.Env, "PGPASSWORD="+password)
	}
	return command, nil
}

// forTools parts the password from the address, and takes out the parameters that only pgx understands.
func forTools(address string) (without, password string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", errors.New("DATABASE_URL cannot be read as one")
	}
	parameters := u.Query()
	for name := range parameters {
		if strings.HasPrefix(name, "pool_") || strings.HasSuffix(name, "_cache_capacity") || name == "default_query_exec_mode" {
			parameters.Del(name)
		}
	}
	if password = parameters.Get("password"); password != "" {
		parameters.Del("password")
	} else if u.User != nil {
		password, _ = u.User.Password()
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery = parameters.Encode()
	return u.String(), password, nil
}

// ran is what went wrong with a tool: with what it was given or gave, of which its own end is only a consequence, or in its words.
func ran(name string, err, passed error, said string) error {
	if err == nil {
		return nil
	} else if passed != nil {
		return passed
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	var words []string
	for _, line := range lines {
		for _, kind := range []string{"error: ", "detail: "} { // what else it says is the statement, which tells nobody anything
			if rest, found := strings.CutPrefix(line, name+": "+kind); found {
				words = append(words, rest)
			}
		}
	}
	if len(words) == 0 {
		words = lines[len(lines)-1:]
	}
	return fmt.Errorf("%s: %w: %s", name, err, strings.Join(words, ": "))
}

// noted passes on and keeps the error that ended it: a tool whose pipe breaks only tells of that.
type noted struct {
	to   io.Writer
	from io.Reader
	err  error
}

func (n *noted) Write(text []byte) (int, error) {
	done, err := n.to.Write(text)
	n.err = err
	return done, err
}

func (n *noted) Read(into []byte) (int, error) {
	done, err := n.from.Read(into)
	if err != io.EOF {
		n.err = err
	}
	return done, err
}
