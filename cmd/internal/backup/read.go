package backup

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// Restore makes an installation of an archive, in a place that has none. Files come first and the database in one transaction
// at the end: whatever stops it, the database is empty still, and it can be begun again. An *AfterError is of what came later.
func Restore(ctx context.Context, to Place, path string) (m Manifest, err error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return m, fmt.Errorf("%s cannot be read as a backup: %w", path, err)
	}
	defer archive.Close()
	r := reader{Place: to, archive: &archive.Reader}
	for _, step := range []func(context.Context) error{r.check, r.files, r.secret, r.database} {
		if err := step(ctx); err != nil {
			return m, err
		}
	}
	_ = to.Files.Delete(ctx, r.mark) // should it stay, the nightly sweep takes it: it has no row
	if err := r.finish(ctx); err != nil {
		return r.m, &AfterError{err}
	}
	return r.m, nil
}

// AfterError is what went wrong when everything was restored already.
type AfterError struct{ Err error }

func (e *AfterError) Error() string { return e.Err.Error() }
func (e *AfterError) Unwrap() error { return e.Err }

type reader struct {
	Place
	archive *zip.Reader
	m       Manifest
	mark    filestore.Key // lies among the files while this archive is being restored
	entries map[filestore.Key]*zip.File
	keys    []filestore.Key // in the archive's order
	kept    bool            // the archive holds a secret
	used    string          // the secret that programs here will have; empty: none
}

// begun is what the mark holds, for whoever looks into it.
const begun = "a backup is being restored into this place\n"

func (r *reader) files(ctx context.Context) error {
	if _, err := r.Files.Put(ctx, r.mark, strings.NewReader(begun), int64(len(begun))); err != nil {
		return fmt.Errorf("the place for files: %w", err)
	}
	for _, k := range r.keys {
		if err := r.file(ctx, k, r.entries[k]); err != nil {
			return fmt.Errorf("file %s: %w", k, err)
		}
	}
	return nil
}

func (r *reader) file(ctx context.Context, k filestore.Key, entry *zip.File) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	content, err := entry.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = r.Files.Put(ctx, k, content, math.MaxInt64-1)
	return err
}

func (r *reader) database(ctx context.Context) error {
	command, err := r.tool(ctx, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
	if err != nil {
		return err
	}
	dump, err := r.archive.Open(databaseEntry)
	if err != nil {
		return fmt.Errorf("this is no whole backup: %w", err)
	}
	defer dump.Close()
	var said strings.Builder
	given := &noted{from: dump}
	command.Stdin, command.Stderr = given, &said
	err = command.Run()
	return ran("pg_restore", err, given.err, said.String())
}

// finish brings the database to the newest schema. Archives from before the manifest had the fingerprint are looked at only here.
func (r *reader) finish(ctx context.Context) error {
	if err := queries.Migrate(ctx, r.URL); err != nil {
		return err
	}
	known, err := queries.KnownFingerprint(ctx, r.Pool)
	if err == nil {
		err = r.usable(known)
	}
	return err
}

func (r *reader) secret(context.Context) error {
	text, err := r.text(secretEntry)
	if errors.Is(err, fs.ErrNotExist) || err == nil && r.SecretFile == "" {
		return nil
	} else if err != nil {
		return err
	}
	return os.WriteFile(r.SecretFile, text, 0o600)
}

// text is an entry that is short.
func (r *reader) text(name string) ([]byte, error) {
	entry, err := r.archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer entry.Close()
	return io.ReadAll(io.LimitReader(entry, 1<<20))
}
