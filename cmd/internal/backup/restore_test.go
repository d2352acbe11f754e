package backup

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"atrium/jobs/filestore"
	"atrium/queries"
	"atrium/queries/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const aSecret = "a secret of the tests, long enough"

// newPlace is an installation without a database of its own yet: an empty one, an empty folder for files, and its secret.
func newPlace(t *testing.T, url string) Place {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	files, err := filestore.NewFolder(filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	return Place{Secret: aSecret, Pool: pool, URL: url, Files: files, Program: "v0", Now: time.Now}
}

// installation is a place in use, with an account and two files.
func installation(t *testing.T) (p Place, files []filestore.Key) {
	t.Helper()
	p = newPlace(t, dbtest.URL(t))
	account, now := uuid.Must(uuid.NewV7()), time.Now()
	q := queries.New(p.Pool)
	_, err := p.Pool.Exec(t.Context(), "INSERT INTO account (id, slug, name, support_email, created_at, changed_at) VALUES ($1, 'acme', 'Acme', 'maya@acme.example', $2, $2)", account, now)
	if err == nil {
		_, err = q.InstallationClaim(t.Context(), queries.InstallationClaimParams{SecretFingerprint: queries.NewSecret(aSecret).Fingerprint(), Now: now})
	}
	for range 2 {
		k := filestore.Key{Account: account, ID: uuid.Must(uuid.NewV7())}
		if err == nil {
			err = q.FileInsert(t.Context(), queries.FileInsertParams{AccountID: k.Account, ID: k.ID, Name: "worksheet.pdf", Now: now})
		}
		if err == nil {
			_, err = q.FileReady(t.Context(), queries.FileReadyParams{AccountID: k.Account, ID: k.ID, MediaType: "application/pdf", SizeBytes: 9, Now: now})
		}
		put(t, p.Files, k)
		files = append(files, k)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p, files
}

func put(t *testing.T, s filestore.Store, k filestore.Key) {
	t.Helper()
	if _, err := s.Put(t.Context(), k, strings.NewReader("worksheet"), 9); err != nil {
		t.Fatal(err)
	}
}

// written is a backup of a place.
func written(t *testing.T, p Place) (path string, m Manifest) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "backup.zip")
	m, err := Write(t.Context(), p, path)
	if err != nil {
		t.Fatal(err)
	}
	return path, m
}

// refused restores and wants to hear why not, with nothing in the database afterwards.
func refused(t *testing.T, p Place, path, says string) {
	t.Helper()
	_, err := Restore(t.Context(), p, path)
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("restored with %v, want %q", err, says)
	}
	if empty, err := queries.Empty(t.Context(), p.Pool); err != nil || !empty {
		t.Errorf("something is in the database: %v", err)
	}
}

func restored(t *testing.T, p Place, path string) Manifest {
	t.Helper()
	m, err := Restore(t.Context(), p, path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// stored is how many files a store has.
func stored(t *testing.T, s filestore.Store) (n int) {
	t.Helper()
	for _, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func bucket(t *testing.T) filestore.Store {
	t.Helper()
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL+"/atrium", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	b, err := filestore.NewBucket(filestore.BucketConfig{Endpoint: server.URL, Name: "atrium", Region: "us-east-1", AccessKey: "key", SecretKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	k := filestore.Key{ID: uuid.New()} // without a first upload this server knows of no uploads at all
	put(t, b, k)
	if err := b.Delete(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever lies where the files go keeps a backup out, as the nightly sweep of the one installation would remove the files of the
// other, and stays as it was. What a try with the same archive has left does not.
func TestRestoreWhereFilesAre(t *testing.T) {
	t.Parallel()
	from, files := installation(t)
	path, _ := written(t, from)
	for name, store := range map[string]filestore.Store{"folder": newPlace(t, from.URL).Files, "bucket": bucket(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := newPlace(t, dbtest.Empty(t))
			to.Files = store
			others := filestore.Key{Account: uuid.New(), ID: uuid.New()}
			for _, k := range []filestore.Key{others, files[0]} { // the same file: another copy of this installation lives there
				put(t, store, k)
				refused(t, to, path, "has some already, such as "+k.String())
				if n := stored(t, store); n != 1 {
					t.Errorf("%d files lie there, want the one of before", n)
				}
				if err := store.Delete(t.Context(), k); err != nil {
					t.Fatal(err)
				}
			}
			broken := to
			broken.Files = breaking{store, files[1]}
			refused(t, broken, path, "the disk broke")
			put(t, store, others)
			refused(t, to, path, "such as "+others.String())
			if err := store.Delete(t.Context(), others); err != nil {
				t.Fatal(err)
			}
			restored(t, to, path)
			if n := stored(t, store); n != 2 {
				t.Errorf("%d files lie there, want the two of the backup and no mark", n)
			}
		})
	}
}

// breaking is a store that one file does not get into.
type breaking struct {
	filestore.Store
	at filestore.Key
}

func (b breaking) Put(ctx context.Context, k filestore.Key, content io.Reader, most int64) (int64, error) {
	if k == b.at {
		return 0, errors.New("the disk broke")
	}
	return b.Store.Put(ctx, k, content, most)
}

// A restore says before it writes anything that programs here have another secret than the database, or none, and what to set. Of an
// archive from before the manifest had the fingerprint that is known only when all is there.
func TestRestoreWithAnotherSecret(t *testing.T) {
	t.Parallel()
	from, _ := installation(t)
	given, _ := written(t, from)
	from.Secret, from.SecretFile = "", secretIn(t, aSecret)
	kept, _ := written(t, from)
	to := newPlace(t, dbtest.Empty(t))
	with := func(secret, file string) Place {
		p := to
		p.Secret, p.SecretFile = secret, file
		return p
	}
	nowhere := filepath.Join(t.TempDir(), "secret")
	refused(t, with("", nowhere), given, "the backup holds no secret")
	refused(t, with("", secretIn(t, "another one")), given, "does not hold the secret")
	refused(t, with("another one", ""), given, "SECRET is not the one")
	refused(t, with("another one", ""), kept, "the backup holds that one, so set none")
	refused(t, with("", secretIn(t, "another one")), kept, "another secret than the backup")
	if n := stored(t, to.Files); n != 0 {
		t.Errorf("%d files were written", n)
	}
	old := without(t, given, func(m *Manifest) { m.Secret = nil })
	var after *AfterError
	if _, err := Restore(t.Context(), with("another one", ""), old); !errors.As(err, &after) || !strings.Contains(err.Error(), "SECRET is not the one") {
		t.Errorf("an old archive: %v", err)
	}
	for path, place := range map[string]Place{given: newPlace(t, dbtest.Empty(t)), kept: newPlace(t, dbtest.Empty(t))} {
		if path == kept {
			place.Secret, place.SecretFile = "", nowhere
		}
		restored(t, place, path)
	}
	if text, err := os.ReadFile(nowhere); err != nil || string(text) != aSecret {
		t.Errorf("the kept secret became %q, %v", text, err)
	}
}

func secretIn(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// without is an archive with a manifest that lacks something.
func without(t *testing.T, path string, change func(*Manifest)) (changed string) {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var into bytes.Buffer
	out := zip.NewWriter(&into)
	for _, entry := range archive.File {
		if entry.Name != manifestEntry {
			if err := out.Copy(entry); err != nil {
				t.Fatal(err)
			}
			continue
		}
		var m Manifest
		from, err := entry.Open()
		if err == nil {
			err = json.NewDecoder(from).Decode(&m)
		}
		change(&m)
		var to io.Writer
		if err == nil {
			to, err = out.Create(manifestEntry)
		}
		if err == nil {
			err = json.NewEncoder(to).Encode(m)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	changed = filepath.Join(t.TempDir(), "changed.zip")
	if err := errors.Join(out.Close(), os.WriteFile(changed, into.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return changed
}

// What PostgreSQL refuses is told in its words, and not the statement.
func TestRestoreWithoutTheRight(t *testing.T) {
	t.Parallel()
	from, _ := installation(t)
	path, _ := written(t, from)
	to := newPlace(t, dbtest.Empty(t))
	if _, err := to.Pool.Exec(t.Context(), `DO $$BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM CURRENT_USER', current_database()); END$$`); err != nil {
		t.Fatal(err)
	}
	refused(t, to, path, "pg_restore: exit status 1: could not execute query: ERROR:  permission denied for database")
}

// One letter that changed, in whichever entry, is found before anything is written.
func TestRestoreOfADamagedArchive(t *testing.T) {
	t.Parallel()
	from, files := installation(t)
	path, _ := written(t, from)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	to := newPlace(t, dbtest.Empty(t))
	for _, entry := range archive.File {
		begin, err := entry.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		says := map[string]string{databaseEntry: "damaged, in " + databaseEntry, filesEntry + files[1].String(): "damaged, in " + filesEntry + files[1].String()}[entry.Name]
		if says == "" {
			continue
		}
		flipped := bytes.Clone(whole)
		flipped[begin+int64(entry.CompressedSize64)-1] ^= 1 // the very last, of which pg_restore makes nothing
		bad := filepath.Join(t.TempDir(), "bad.zip")
		if err := os.WriteFile(bad, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, to, bad, says)
		if n := stored(t, to.Files); n != 0 {
			t.Errorf("%s: %d files were written", entry.Name, n)
		}
	}
	restored(t, to, path)
}
