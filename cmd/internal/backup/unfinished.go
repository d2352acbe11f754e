package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// unfinished stands between the name of an archive and a number while it comes into being. Nobody else names files so; what somebody
// has cut an archive into may be called .part-01.
const unfinished = ".unfinished-"

var unfinishedName = regexp.MustCompile(`^(.+)` + regexp.QuoteMeta(unfinished) + `[0-9]+$`)

// leftAlone is how long nothing has come to an unfinished archive of another name when it is taken for what a killed backup has left.
// It is longer than one waits for anything: not every share tells a machine what another one has locked.
const leftAlone = 24 * time.Hour

// begin makes the file that is to become the archive at path, for its owner only, as it holds everything. It is locked until it is
// closed, which tells it from what a killed backup has left: the kernel gives a lock back however its program ends.
func begin(path string) (*os.File, error) {
	for {
		file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+unfinished+"*")
		if err != nil {
			return nil, err
		}
		held := lock(file) // where nothing can be locked nothing is removed either
		if _, err := os.Lstat(file.Name()); !errors.Is(held, syscall.EWOULDBLOCK) && !errors.Is(err, fs.ErrNotExist) {
			return file, nil
		}
		_ = file.Close() // another backup has locked it first, taking it for a left one, and removes it
	}
}

// clearAway removes what killed backups have left in the folder of path: of the same archive, and of any other that was left alone
// for long, since most have a date in their name. What cannot be removed is no fault of the backup that begins.
func clearAway(path string, now time.Time) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, entry := range entries {
		of := unfinishedName.FindStringSubmatch(entry.Name())
		if of == nil || !entry.Type().IsRegular() {
			continue
		}
		if info, err := entry.Info(); of[1] == filepath.Base(path) || err == nil && now.Sub(info.ModTime()) > leftAlone {
			removeLeft(filepath.Join(filepath.Dir(path), entry.Name()))
		}
	}
}

// removeLeft removes a file unless somebody writes it.
func removeLeft(path string) {
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0) // to write, as some shares lock no other
	if err != nil {
		return
	}
	defer file.Close()
	if lock(file) != nil {
		return
	}
	opened, err := file.Stat()
	if err != nil {
		return
	}
	if there, err := os.Lstat(path); err == nil && os.SameFile(opened, there) {
		_ = os.Remove(path)
	}
}

func lock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
