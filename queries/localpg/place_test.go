package localpg

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// closedFolder is a folder that nobody but its owner can enter, and elsewhere one for what cannot be kept in it.
func closedFolder(t *testing.T) string {
	t.Helper()
	before := elsewhere
	t.Cleanup(func() { elsewhere = before })
	elsewhere = filepath.Join(dataFolder(t), "elsewhere")
	closed := dataFolder(t)
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	return closed
}

// visit serves a data folder for a moment. It says where the cluster is and whether an earlier visit was to the same one.
func visit(t *testing.T, dir string) (place string, again bool) {
	t.Helper()
	server := start(t, Options{Dir: dir, Fast: true, Log: quiet})
	defer stop(t, server)
	conn := connect(t, server.URL(""))
	if err := conn.QueryRow(t.Context(), "SELECT to_regclass('visited') IS NOT NULL").Scan(&again); err != nil {
		t.Fatal(err)
	}
	if !again {
		execute(t, conn, "CREATE TABLE visited ()")
	}
	var held *HeldError
	if _, err := Start(t.Context(), Options{Dir: dir, Log: quiet}); !errors.As(err, &held) || held.Dir != dir {
		t.Errorf("a second start names another folder than it was given: %v", err)
	}
	return server.place.dir, again
}

// made wants a data folder to have a cluster, or to have none and not be made by asking.
func made(t *testing.T, dir string, want bool) {
	t.Helper()
	if got := Made(dir); got != want {
		t.Errorf("%s has a cluster: %v", dir, got)
	}
	if _, err := os.Stat(dir); !want && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("asking makes %s: %v", dir, err)
	}
}

// Root lends PostgreSQL another user, who cannot enter every folder of root's. What belongs to a folder comes and goes with it all
// the same.
func TestUnreachableFolder(t *testing.T) {
	dir := filepath.Join(closedFolder(t), "data")
	made(t, dir, false)
	place, again := visit(t, dir)
	made(t, dir, true)
	if parent := filepath.Dir(place); again || parent != elsewhere && os.Geteuid() == 0 || place != dir && os.Geteuid() != 0 {
		t.Errorf("the first cluster is in %s, and it was there before: %v", place, again)
	}
	if second, again := visit(t, dir); !again || second != place {
		t.Errorf("the second start is of another cluster, in %s", second)
	}
	moved := filepath.Join(dataFolder(t), "data") // where PostgreSQL could enter
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	if _, again := visit(t, moved); !again {
		t.Error("the folder was moved, and what was in it is lost")
	}
	if err := os.RemoveAll(moved); err != nil {
		t.Fatal(err)
	}
	made(t, dir, false)
	if _, again := visit(t, dir); again {
		t.Error("the folder was removed, and a new one of that name has what was in it")
	}
}

// Once the cluster was in a folder that only the data folder's path led to.
func TestUnreachableFolderWithoutLink(t *testing.T) {
	if os.Geteuid() != 0 {
		return // everybody but root enters what is theirs
	}
	dir := filepath.Join(closedFolder(t), "data")
	place, _ := visit(t, dir)
	if err := errors.Join(os.Rename(place, filepath.Join(elsewhere, short(dir))), os.Remove(filepath.Join(dir, linkName))); err != nil {
		t.Fatal(err)
	}
	made(t, dir, true)
	for range 2 {
		if second, again := visit(t, dir); !again {
			t.Errorf("the cluster was lost; another is in %s", second)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	made(t, dir, false)
	if _, again := visit(t, dir); again {
		t.Error("the folder was removed, and a new one of that name has what was in it")
	}
}
