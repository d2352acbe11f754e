package backup

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// Write makes the archive at path, which must not be there yet. It comes into being under another name and is moved when it is
// whole, so nobody takes half a backup for one. The program may serve meanwhile.
func Write(ctx context.Context, from Place, path string) (m Manifest, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("%s is there already; choose another name", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*") // for its owner only, as it holds everything
	if err != nil {
		return m, fmt.Errorf("the archive cannot be made: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	w := writer{Place: from, zip: zip.NewWriter(file)}
	err = w.write(ctx)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return m, err
	}
	return w.m, os.Rename(file.Name(), path)
}

type writer struct {
	Place
	zip *zip.Writer
	m   Manifest
}

// write puts the database first: a file that comes later has no row in it and is swept away, where a row without its file would
// be a fault. A file with a row in it is there for a day at least after it was removed.
func (w *writer) write(ctx context.Context) error {
	w.m = Manifest{Format: format, Program: w.Program, Begun: w.Now().UTC()}
	var err error
	if w.m.Schema, err = queries.Schema(ctx, w.Pool); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{w.count, w.database, w.files, w.secret} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	entry, err := w.zip.Create(manifestEntry)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(entry).Encode(w.m); err != nil {
		return err
	}
	return w.zip.Close()
}

func (w *writer) count(ctx context.Context) (err error) {
	w.m.Accounts, w.m.Contacts, err = queries.InstallationSize(ctx, w.Pool)
	return err
}

func (w *writer) database(ctx context.Context) error {
	command, err := w.tool(ctx, "pg_dump", "--format=custom", "--no-owner", "--no-privileges")
	if err != nil {
		return err
	}
	var said strings.Builder
	if command.Stdout, err = w.stored(databaseEntry); err != nil {
		return err
	}
	command.Stderr = &said
	return ran("pg_dump", command.Run(), said.String())
}

// stored begins an entry that is not packed: dumps are already, and so are most pictures and videos.
func (w *writer) stored(name string) (io.Writer, error) {
	return w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: w.m.Begun})
}

func (w *writer) files(ctx context.Context) error {
	q, last := queries.New(w.Pool), queries.FileListReadyRow{}
	for {
		rows, err := q.FileListReady(ctx, queries.FileListReadyParams{AfterAccount: last.AccountID, AfterID: last.ID, PageSize: 500})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if err := w.file(ctx, filestore.Key{Account: row.AccountID, ID: row.ID}, row.SizeBytes); err != nil {
				return err
			}
		}
		last = rows[len(rows)-1]
	}
}

func (w *writer) file(ctx context.Context, k filestore.Key, size int64) error {
	content, err := w.Files.Open(ctx, k, 0, size)
	if errors.Is(err, filestore.ErrNotFound) && w.gone(ctx, k.ID) {
		return nil
	} else if err != nil {
		return fmt.Errorf("file %s: %w", k, err)
	}
	defer content.Close()
	entry, err := w.stored(filesEntry + k.String())
	if err != nil {
		return err
	}
	n, err := io.Copy(entry, content)
	if err == nil && n != size {
		err = fmt.Errorf("it has %d bytes where its row says %d", n, size)
	}
	if err != nil {
		return fmt.Errorf("file %s: %w", k, err)
	}
	w.m.Files++
	w.m.FileBytes += n
	return nil
}

// gone says whether the row of a file went since it was listed.
func (w *writer) gone(ctx context.Context, id uuid.UUID) bool {
	rows, err := queries.New(w.Pool).FileKnown(ctx, []uuid.UUID{id})
	return err == nil && len(rows) == 0
}

func (w *writer) secret(context.Context) error {
	if w.SecretFile == "" {
		return nil
	}
	text, err := os.ReadFile(w.SecretFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // never started: nothing was made from one
	} else if err != nil {
		return err
	}
	entry, err := w.zip.Create(secretEntry)
	if err != nil {
		return err
	}
	_, err = entry.Write(text)
	return err
}
