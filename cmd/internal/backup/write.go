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
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// Write makes the archive at path, which must not be there yet. It comes into being under another name and is moved when it is
// whole, so nobody takes half a backup for one; what killed backups have left under such names is removed first. The program may
// serve meanwhile.
func Write(ctx context.Context, from Place, path string) (m Manifest, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("%s is there already; choose another name", path)
	}
	clearAway(path, from.Now())
	file, err := begin(path)
	if err != nil {
		return m, fmt.Errorf("the archive cannot be made: %w", err)
	}
	defer file.Close() // not before it has its name, or it would look like one that was left; what there is to tell, Sync tells
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	w := writer{Place: from, zip: zip.NewWriter(file)}
	if err = errors.Join(w.write(ctx), file.Sync()); err != nil {
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
	var refused *pgconn.PgError
	if w.m.Schema, err = queries.Schema(ctx, w.Pool); errors.As(err, &refused) && refused.Code == "42P01" { // undefined_table
		return errors.New("there is nothing to back up: the database has no tables of ours")
	} else if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{w.secretFits, w.count, w.database, w.files, w.secret} {
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

// secretFits refuses what could not be used: nothing would start on the database without the secret it was set up with.
func (w *writer) secretFits(ctx context.Context) (err error) {
	if w.m.Secret, err = queries.KnownFingerprint(ctx, w.Pool); err != nil {
		return err
	}
	secret, err := w.readSecret()
	switch {
	case err != nil || fits(w.m.Secret, secret):
		return err
	case secret == "":
		return errors.New("SECRET is not set and DATA_DIR keeps none, and this database was set up with one; set SECRET, or DATA_DIR to the folder that keeps it")
	case w.SecretFile != "":
		return fmt.Errorf("%s does not hold the secret that this database was set up with; set SECRET, or DATA_DIR to the folder that keeps it", w.SecretFile)
	}
	return errors.New("SECRET is not the one that this database was set up with")
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
	entry, err := w.stored(databaseEntry)
	if err != nil {
		return err
	}
	taken := &noted{to: entry}
	command.Stdout, command.Stderr = taken, &said
	err = command.Run()
	return ran("pg_dump", err, taken.err, said.String())
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
	if errors.Is(err, filestore.ErrNotFound) {
		if !w.gone(ctx, k.ID) {
			w.missing(k.String())
		}
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
	if err != nil {
		return fmt.Errorf("file %s: %w", k, err)
	}
	if n != size {
		w.missing(fmt.Sprintf("%s (%d bytes of %d)", k, n, size))
	}
	w.m.Files++
	w.m.FileBytes += n
	return nil
}

// missing takes down a file of which there is not all. One that somebody lost must not cost the backups of everything else.
func (w *writer) missing(name string) {
	if w.m.Missing++; len(w.m.Names) < mostNames {
		w.m.Names = append(w.m.Names, name)
	}
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
