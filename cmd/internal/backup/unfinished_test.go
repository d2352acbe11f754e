package backup

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// What killed backups have left is removed by the next one into the same folder, and nothing else.
func TestLeftBackupsAreRemoved(t *testing.T) {
	t.Parallel()
	p, _ := installation(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "all[1].zip") // which a pattern would not find
	old := p.Now().Add(-leftAlone - time.Hour)
	for name, touched := range map[string]time.Time{
		"all[1].zip.unfinished-4711":  p.Now(),
		"yesterday.zip.unfinished-12": old,
	} {
		leave(t, filepath.Join(dir, name), touched)
	}
	stays := []string{"all[1].zip.part-01", "all[1].zip.unfinished-notes", "all[1].zip.unfinished-", "another.zip", "another.zip.unfinished-9"}
	for _, name := range stays[:4] {
		leave(t, filepath.Join(dir, name), old)
	}
	leave(t, filepath.Join(dir, stays[4]), p.Now()) // perhaps another machine writes it
	elsewhere := filepath.Join(t.TempDir(), "all")
	leave(t, elsewhere, old)
	if err := os.Symlink(elsewhere, filepath.Join(dir, "all[1].zip.unfinished-1")); err != nil {
		t.Fatal(err)
	}
	stays = append(stays, "all[1].zip.unfinished-1")
	for _, of := range []string{path, filepath.Join(dir, "older.zip")} { // begun long ago, and written still
		writing, err := begin(of)
		if err == nil {
			err = os.Chtimes(writing.Name(), old, old)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer writing.Close()
		stays = append(stays, filepath.Base(writing.Name()))
	}
	if _, err := Write(t.Context(), p, path); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, dir), append(stays, filepath.Base(path)); !slices.Equal(got, sorted(want)) {
		t.Errorf("there are %q, want %q", got, want)
	}
}

// Backups that begin at one moment, each of which clears away before, take none of another's away.
func TestBackupsBeginAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "all.zip")
	files := make([]*os.File, 200)
	var all sync.WaitGroup
	for i := range files {
		all.Go(func() {
			clearAway(path, time.Now())
			var err error
			if files[i], err = begin(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	want := []string{}
	for _, file := range files {
		want = append(want, filepath.Base(file.Name()))
		defer file.Close()
	}
	if got := names(t, filepath.Dir(path)); !slices.Equal(got, sorted(want)) {
		t.Errorf("there are %d of the %d that are written", len(got), len(want))
	}
}

func leave(t *testing.T, path string, touched time.Time) {
	t.Helper()
	if err := os.WriteFile(path, fmt.Append(nil, "half a backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, touched, touched); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return sorted(names)
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }
