package backup

import (
	"archive/zip"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/google/uuid"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// check refuses what cannot end well before anything is written.
func (r *reader) check(ctx context.Context) error {
	text, err := r.text(manifestEntry)
	if err != nil {
		return errors.New("this is no whole backup: it has no manifest at its end")
	}
	if err := json.Unmarshal(text, &r.m); err != nil {
		return fmt.Errorf("the manifest of this backup cannot be read: %w", err)
	}
	r.mark.ID = uuid.NewSHA1(uuid.Nil, text)
	if r.m.Format != format || r.m.Schema > queries.NewestSchema() {
		return fmt.Errorf("this backup was written by a newer Atrium (%s); restore it with that version or a later one", r.m.Program)
	}
	empty, err := queries.Empty(ctx, r.Pool)
	if err == nil && !empty {
		err = errors.New("the database is not empty; a backup is restored into a new one only")
	}
	for _, step := range []func(context.Context) error{r.secretFits, r.list, r.room, r.whole} {
		if err != nil {
			return err
		}
		err = step(ctx)
	}
	return err
}

// secretFits refuses to lay a kept secret over another one, and a place whose programs would have another than the database.
func (r *reader) secretFits(context.Context) error {
	ours, err := r.text(secretEntry)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	here, err := r.readSecret()
	if err != nil {
		return err
	}
	if r.SecretFile != "" && here != "" && len(ours) > 0 && here != string(ours) {
		return fmt.Errorf("%s holds another secret than the backup; remove it if nothing else uses it", r.SecretFile)
	}
	r.kept, r.used = len(ours) > 0, cmp.Or(here, string(ours))
	return r.usable(r.m.Secret)
}

// usable says whether programs here will go on with a database of that fingerprint, or what to set that they do.
func (r *reader) usable(fingerprint []byte) error {
	switch {
	case fits(fingerprint, r.used):
		return nil
	case r.used == "":
		return errors.New("the backup holds no secret, as its installation has SECRET set; set it to the same")
	case r.SecretFile != "":
		return fmt.Errorf("%s does not hold the secret that the backup's database was set up with; set SECRET to that", r.SecretFile)
	case r.kept:
		return errors.New("SECRET is not the one that the backup's database was set up with; the backup holds that one, so set none")
	}
	return errors.New("SECRET is not the one that the backup's database was set up with; set it to that")
}

// list finds the files in the archive, and whether they are all that its manifest tells of.
func (r *reader) list(context.Context) error {
	r.entries = map[filestore.Key]*zip.File{}
	bytes := uint64(0)
	for _, entry := range r.archive.File {
		name, ours := strings.CutPrefix(entry.Name, filesEntry)
		if !ours {
			continue
		}
		account, id, _ := strings.Cut(name, "/")
		var k filestore.Key
		var faults [2]error
		k.Account, faults[0] = uuid.Parse(account)
		k.ID, faults[1] = uuid.Parse(id)
		if err := errors.Join(faults[:]...); err != nil {
			return fmt.Errorf("file %s: %w", name, err)
		}
		r.entries[k], r.keys = entry, append(r.keys, k)
		bytes += entry.UncompressedSize64
	}
	if n := int64(len(r.keys)); n != r.m.Files || bytes != uint64(r.m.FileBytes) {
		return fmt.Errorf("the backup holds %d files of %d bytes where its manifest says %d of %d", n, bytes, r.m.Files, r.m.FileBytes)
	}
	return nil
}

// room refuses a place that has files, as the nightly sweep would remove what the restored database knows nothing of, and another
// installation's sweep what is restored. What an earlier try with this archive has left may lie there: its mark says so.
func (r *reader) room(ctx context.Context) error {
	marked, left := false, filestore.Key{}
	for found, err := range r.Files.All(ctx) {
		switch {
		case err != nil:
			return fmt.Errorf("the place for files: %w", err)
		case found.Key == r.mark:
			marked = true
		case r.entries[found.Key] == nil:
			return taken(found.Key)
		default:
			left = found.Key
		}
	}
	if left != (filestore.Key{}) && !marked {
		return taken(left)
	}
	return nil
}

func taken(k filestore.Key) error {
	return fmt.Errorf("the place for files has some already, such as %s; a backup is restored into a folder or bucket without any: set FILES_DIR or S3_BUCKET to another", k)
}

// whole reads every entry to its end, where its checksum is compared: pg_restore would have committed by then.
func (r *reader) whole(ctx context.Context) error {
	if _, err := fs.Stat(r.archive, databaseEntry); err != nil {
		return fmt.Errorf("this is no whole backup: %w", err)
	}
	for _, entry := range r.archive.File {
		content, err := entry.Open()
		if err == nil {
			_, err = io.Copy(io.Discard, stoppable{ctx, content})
			err = errors.Join(err, content.Close())
		}
		if err != nil {
			return fmt.Errorf("the backup is damaged, in %s: %w", entry.Name, err)
		}
	}
	return nil
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx  context.Context
	from io.Reader
}

func (s stoppable) Read(into []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(into)
}
