package backup

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/google/uuid"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// Restore makes an installation of an archive, in a place that has none. Files come first and the database in one transaction
// at the end: whatever stops it, the database is empty still, and it can be begun again.
func Restore(ctx context.Context, to Place, path string) (m Manifest, err error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return m, fmt.Errorf("%s cannot be read as a backup: %w", path, err)
	}
	defer archive.Close()
	r := reader{Place: to, archive: &archive.Reader}
	if err := r.check(ctx); err != nil {
		return m, err
	}
	for _, step := range []func(context.Context) error{r.files, r.database, r.secret} {
		if err := step(ctx); err != nil {
			return m, err
		}
	}
	return r.m, queries.Migrate(ctx, to.URL)
}

type reader struct {
	Place
	archive *zip.Reader
	m       Manifest
}

// check refuses what cannot end well before anything is written.
func (r *reader) check(ctx context.Context) error {
	text, err := r.text(manifestEntry)
	if err != nil {
		return errors.New("this is no whole backup: it has no manifest at its end")
	}
	if err := json.Unmarshal(text, &r.m); err != nil {
		return fmt.Errorf("the manifest of this backup cannot be read: %w", err)
	}
	if r.m.Format != format || r.m.Schema > queries.NewestSchema() {
		return fmt.Errorf("this backup was written by a newer Atrium (%s); restore it with that version or a later one", r.m.Program)
	}
	empty, err := queries.Empty(ctx, r.Pool)
	if err == nil && !empty {
		err = errors.New("the database is not empty; a backup is restored into a new one only")
	}
	return errors.Join(err, r.secretFits())
}

// secretFits refuses to lay a kept secret over another one.
func (r *reader) secretFits() error {
	ours, err := r.text(secretEntry)
	if errors.Is(err, fs.ErrNotExist) || err == nil && r.SecretFile == "" {
		return nil // given by the configuration, there or here
	} else if err != nil {
		return err
	}
	here, err := os.ReadFile(r.SecretFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && string(here) != string(ours) {
		err = fmt.Errorf("%s holds another secret than the backup; remove it if nothing else uses it", r.SecretFile)
	}
	return err
}

func (r *reader) files(ctx context.Context) error {
	n, bytes := int64(0), int64(0)
	for _, entry := range r.archive.File {
		name, ours := strings.CutPrefix(entry.Name, filesEntry)
		if !ours {
			continue
		}
		size, err := r.file(ctx, name, entry)
		if err != nil {
			return fmt.Errorf("file %s: %w", name, err)
		}
		n, bytes = n+1, bytes+size
	}
	if n != r.m.Files || bytes != r.m.FileBytes {
		return fmt.Errorf("the backup holds %d files of %d bytes where its manifest says %d of %d", n, bytes, r.m.Files, r.m.FileBytes)
	}
	return nil
}

func (r *reader) file(ctx context.Context, name string, entry *zip.File) (int64, error) {
	account, id, _ := strings.Cut(name, "/")
	var k filestore.Key
	var faults [2]error
	k.Account, faults[0] = uuid.Parse(account)
	k.ID, faults[1] = uuid.Parse(id)
	if err := errors.Join(faults[:]...); err != nil {
		return 0, err
	}
	content, err := entry.Open()
	if err != nil {
		return 0, err
	}
	defer content.Close()
	return r.Files.Put(ctx, k, content, math.MaxInt64-1)
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
	command.Stdin, command.Stderr = dump, &said
	return ran("pg_restore", command.Run(), said.String())
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
