package filestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/uuid"
)

// Folder keeps files in a folder, one below it for each account. Several programs can share it.
type Folder struct{ root string }

// coming is what the name of a file ends with that is not whole yet.
const coming = ".part"

// NewFolder makes the folder unless it is there.
func NewFolder(root string) (*Folder, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("the folder for files: %w", err)
	}
	return &Folder{root}, nil
}

func (f *Folder) path(k Key) string { return filepath.Join(f.root, k.Account.String(), k.ID.String()) }

// Put writes beside the file's name, has it reach the disk, and then renames it.
func (f *Folder) Put(_ context.Context, k Key, content io.Reader, most int64) (size int64, err error) {
	name := f.path(k)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return 0, full(err)
	}
	file, err := os.OpenFile(name+coming, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, full(err)
	}
	// Its methods that would read the whole of content by other ways are hidden, so that no more than one buffer of it is held.
	size, err = io.CopyBuffer(struct{ io.Writer }{file}, &counted{from: content, most: most}, make([]byte, 256<<10))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(name+coming, name)
	}
	if err != nil {
		return 0, errors.Join(full(err), os.Remove(name+coming))
	}
	return size, syncFolder(filepath.Dir(name))
}

// syncFolder has a new name reach the disk.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// full tells a full disk from other faults.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errors.Join(ErrFull, err)
	}
	return err
}

// Open reads from the disk.
func (f *Folder) Open(_ context.Context, k Key, offset, length int64) (io.ReadCloser, error) {
	file, err := os.Open(f.path(k))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	} else if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(file, offset, length), file}, nil
}

// Delete removes the file, its beginnings, and the account's folder once it is empty.
func (f *Folder) Delete(_ context.Context, k Key) error {
	name := f.path(k)
	for _, each := range []string{name, name + coming} {
		if err := os.Remove(each); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	_ = os.Remove(filepath.Dir(name)) // it goes only when nothing is in it
	return nil
}

// All walks through the folder, a few names at a time.
func (f *Folder) All(ctx context.Context) iter.Seq2[Found, error] {
	return func(yield func(Found, error) bool) {
		err := filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil || entry.IsDir() {
				return ignoreGone(err)
			}
			name, err := filepath.Rel(f.root, path)
			if err != nil {
				return err
			}
			key, ours := parseKey(strings.TrimSuffix(filepath.ToSlash(name), coming))
			info, err := entry.Info()
			if err != nil || !ours {
				return ignoreGone(err)
			}
			if !yield(Found{key, info.ModTime()}, nil) {
				return filepath.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Found{}, err)
		}
	}
}

// ignoreGone lets a file go that somebody removed meanwhile.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Check writes a file and removes it.
func (f *Folder) Check(ctx context.Context) error { return checkBy(ctx, f) }

// checkBy keeps a file, reads it and removes it.
func checkBy(ctx context.Context, s Store) error {
	k := Key{ID: uuid.New()}
	if _, err := s.Put(ctx, k, strings.NewReader("atrium"), 6); err != nil {
		return err
	}
	file, err := s.Open(ctx, k, 2, 3)
	if err == nil {
		var read []byte
		if read, err = io.ReadAll(file); err == nil && string(read) != "riu" {
			err = fmt.Errorf("a part of a file came back as %q", read)
		}
		err = errors.Join(err, file.Close())
	}
	return errors.Join(err, s.Delete(ctx, k))
}
