// Package backup writes an installation into one archive and makes an installation of one: the database as pg_dump gives it, the
// uploaded files, and the secret where the program keeps it itself. Both ways everything is streamed, so memory stays flat.
//
// An archive is a ZIP file: database.dump (custom format of pg_dump), files/ACCOUNT/ID for each stored file, secret, and at the
// end manifest.json, without which it is not whole. Of our rooms this imports queries and jobs/filestore; only cmd imports it.
package backup

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/jobs/filestore"
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
}

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

// ran is what went wrong with a tool, in its own last words.
func ran(name string, err error, said string) error {
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return fmt.Errorf("%s: %w: %s", name, err, lines[len(lines)-1])
}
