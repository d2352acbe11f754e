package backup

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"atrium/queries/dbtest"
)

// A backup that could not be used is none: nothing starts on a database without its secret.
func TestBackupWithAnotherSecret(t *testing.T) {
	t.Parallel()
	p, _ := installation(t)
	nowhere := filepath.Join(t.TempDir(), "secret")
	for _, run := range []struct{ secret, file, says string }{
		{"another one", "", "SECRET is not the one"},
		{"", nowhere, "SECRET is not set and DATA_DIR keeps none"},
		{"", secretIn(t, "another one"), "does not hold the secret"},
	} {
		p.Secret, p.SecretFile = run.secret, run.file
		unwritten(t, p, run.says)
	}
	if _, err := p.Pool.Exec(t.Context(), "DELETE FROM installation"); err != nil {
		t.Fatal(err)
	}
	p.Secret, p.SecretFile = "", nowhere
	if _, m := written(t, p); len(m.Secret) != 0 { // no program has used the database: there is none to lose
		t.Errorf("the manifest has the fingerprint %x", m.Secret)
	}
}

// unwritten backs up and wants to hear why not, with nothing left behind.
func unwritten(t *testing.T, p Place, says string) {
	t.Helper()
	dir := t.TempDir()
	if _, err := Write(t.Context(), p, filepath.Join(dir, "backup.zip")); err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("written with %v, want %q", err, says)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("there are left %v, %v", left, err)
	}
}

func TestBackupOfNothing(t *testing.T) {
	t.Parallel()
	unwritten(t, newPlace(t, dbtest.Empty(t)), "nothing to back up")
}

// Files that are gone or cut short are named, and everything else is backed up and comes back.
func TestBackupWithoutAFile(t *testing.T) {
	t.Parallel()
	p, files := installation(t)
	if err := p.Files.Delete(t.Context(), files[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Files.Put(t.Context(), files[1], strings.NewReader("work"), 4); err != nil {
		t.Fatal(err)
	}
	path, m := written(t, p)
	want := []string{files[0].String(), files[1].String() + " (4 bytes of 9)"}
	if m.Missing != 2 || !slices.Equal(m.Names, want) || m.Files != 1 || m.FileBytes != 4 {
		t.Errorf("the manifest is %+v; want it to name %v", m, want)
	}
	to := newPlace(t, dbtest.Empty(t))
	if m := restored(t, to, path); m.Missing != 2 || !slices.Equal(m.Names, want) {
		t.Errorf("restored with %+v", m)
	}
	if n := stored(t, to.Files); n != 1 {
		t.Errorf("%d files came back", n)
	}
}

// full is a disk that takes nothing more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// A full disk is told as that, and not as the pipe that broke by it.
func TestBackupOntoAFullDisk(t *testing.T) {
	t.Parallel()
	p, _ := installation(t)
	w := writer{Place: p, zip: zip.NewWriter(full{})}
	if err := w.write(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the disk is full: %v", err)
	}
}
