package localpg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// elsewhere keeps the clusters of data folders that PostgreSQL cannot reach: as
// root it runs as another user, and that user cannot enter, say, root's home.
// Tests put another folder here.
var elsewhere = "/var/lib/atrium"

// longestSocket is how long a socket's path can be, in bytes: 107 on Linux, 103
// on macOS.
const longestSocket = 103

// place is a data folder, locked for this program.
type place struct {
	dir   string
	owner owner
	lock  *folderLock
}

// openPlace makes the folder where needed and locks it.
func openPlace(ctx context.Context, wanted string, log *slog.Logger) (*place, error) {
	_, absent := os.Stat(wanted)
	dir, err := makeReachable(wanted)
	if err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	p := &place{dir: dir}
	if p.owner, err = ownerOf(p.cluster()); err != nil {
		return nil, err
	}
	if linked(dir) || !p.owner.canEnter(dir) {
		if p.dir, err = placeElsewhere(dir, errors.Is(absent, fs.ErrNotExist)); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
		log.Info("the database is kept elsewhere, where PostgreSQL's user can enter", "wanted", dir, "kept", p.dir)
		if p.owner, err = ownerOf(p.cluster()); err != nil {
			return nil, err
		}
	}
	p.lock, err = lockFolder(ctx, p.dir)
	var held *HeldError
	if errors.As(err, &held) {
		held.Dir, held.URL = dir, address(p.socketDir(), Role, Database)
	}
	return p, err
}

// linkName is of the link in a data folder that leads to what is kept elsewhere.
const linkName = "elsewhere"

func linked(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, linkName))
	return err == nil
}

// placeElsewhere is the folder that stands for dir where PostgreSQL can reach it: a link in dir leads there, made with it. So a dir
// that was removed begins with nothing when it is made anew, as it would if the cluster were inside, and a new secret beside it meets
// no database of the old one; and one that was moved still has its own. A dir from before there were links, which is not fresh, has its cluster in a folder named by its path.
func placeElsewhere(dir string, fresh bool) (string, error) {
	link := filepath.Join(dir, linkName)
	if kept, err := os.Readlink(link); err == nil {
		return makeReachable(kept)
	}
	if _, err := makeReachable(elsewhere); err != nil {
		return "", err
	}
	kept := filepath.Join(elsewhere, short(dir))
	if _, err := os.Stat(filepath.Join(kept, "cluster")); fresh || err != nil {
		if kept, err = os.MkdirTemp(elsewhere, short(dir)+"-"); err != nil {
			return "", err
		}
		if err := os.Chmod(kept, 0o711); err != nil {
			return "", err
		}
	}
	if err := os.Symlink(kept, link); errors.Is(err, fs.ErrExist) { // another start was quicker
		return os.Readlink(link)
	} else if err != nil {
		return "", err
	}
	return kept, nil
}

// Made says whether a data folder has a cluster, and makes nothing. Where that cannot be seen it says so too: Start tells what is wrong.
func Made(dir string) bool {
	for _, at := range []string{dir, filepath.Join(dir, linkName), keptBefore(dir)} {
		if _, err := os.Stat(filepath.Join(at, "cluster")); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// keptBefore is where a folder from before there were links has its cluster; the folder itself when it is not there.
func keptBefore(dir string) string {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return dir
	}
	return filepath.Join(elsewhere, short(abs))
}

// makeReachable makes a folder that others can pass through, whatever the umask,
// and returns its one true name. A folder that is there is left as it is.
func makeReachable(dir string) (string, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		if err := os.Chmod(dir, 0o711); err != nil {
			return "", err
		}
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// short is a name for a path that fits where the path does not.
func short(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}

func (p *place) cluster() string { return filepath.Join(p.dir, "cluster") }

// socketDir is the folder of the socket: with the cluster, or in the system's
// folder for temporary files where the path is too long or has what means
// something else in a list of folders or an address.
func (p *place) socketDir() string {
	dir := filepath.Join(p.dir, "socket")
	if len(filepath.Join(dir, ".s.PGSQL."+port)) <= longestSocket && !strings.ContainsAny(dir, `," `) {
		return dir
	}
	temp := os.TempDir()
	if !p.owner.canEnter(temp) {
		temp = "/tmp"
	}
	return filepath.Join(temp, "atrium-"+short(p.dir))
}

// renewSocketDir makes the folder of the socket, anew each time: a socket's lock
// file that outlived its server would name a process that is somebody else now.
func (p *place) renewSocketDir(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("renew the socket folder: %w", err)
	}
	if err := p.owner.makeDir(dir); err != nil {
		return fmt.Errorf("make the socket folder: %w", err)
	}
	return nil
}
