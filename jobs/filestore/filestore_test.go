package filestore

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
)

// realServer is another S3 server, to try the same there: go test ./jobs/filestore -args -s3 http://key:secret@127.0.0.1:7070
var realServer = flag.String("s3", "", "address of an S3 server, with the keys; default: one in this process")

// stores are all there are, each empty.
func stores(t *testing.T) map[string]Store {
	t.Helper()
	folder, err := NewFolder(filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Store{"folder": folder, "bucket": newBucket(t)}
}

// newBucket makes one on an S3 server of this test, or on that of the flag.
func newBucket(t *testing.T) *Bucket {
	t.Helper()
	c := BucketConfig{Name: "atrium-" + uuid.NewString(), Region: "us-east-1", AccessKey: "key", SecretKey: "a secret of the tests"}
	if *realServer != "" {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, *realServer, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.AccessKey = request.URL.User.Username()
		c.SecretKey, _ = request.URL.User.Password()
		c.Endpoint = request.URL.Scheme + "://" + request.URL.Host
	} else {
		c.Endpoint = serveS3(t)
	}
	b, err := NewBucket(c)
	if err == nil {
		err = b.client.MakeBucket(t.Context(), b.name, minio.MakeBucketOptions{Region: c.Region})
	}
	if err != nil {
		t.Fatal(err)
	}
	k := newKey() // the server of these tests says of a bucket without a first upload that there is no such upload
	put(t, b, k, []byte("the first"))
	if err := b.Delete(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	return b
}

func serveS3(t *testing.T) (endpoint string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: gofakes3.New(s3mem.New()).Server(), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ln) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return "http://" + ln.Addr().String()
}

func newKey() Key { return Key{uuid.New(), uuid.New()} }

// keys is everything in a store, each once.
func keys(t *testing.T, s Store) (all []Key) {
	t.Helper()
	for found, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if since := time.Since(found.At); since > time.Minute || since < -time.Minute {
			t.Errorf("%s is of %s", found.Key, found.At)
		}
		if !slices.Contains(all, found.Key) {
			all = append(all, found.Key)
		}
	}
	return all
}

func put(t *testing.T, s Store, k Key, content []byte) {
	t.Helper()
	size, err := s.Put(t.Context(), k, bytes.NewReader(content), int64(len(content)))
	if err != nil || size != int64(len(content)) {
		t.Fatalf("%d bytes of %d kept: %v", size, len(content), err)
	}
}

func read(t *testing.T, s Store, k Key, offset, length int64) string {
	t.Helper()
	file, err := s.Open(t.Context(), k, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Whichever store it is: what was put comes back, whole and in parts, until it is deleted.
func TestStoresKeepFiles(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			large := make([]byte, 2*partSize+12345) // three parts of an upload
			if _, err := rand.Read(large); err != nil {
				t.Fatal(err)
			}
			small, big := newKey(), newKey()
			put(t, s, small, []byte("a small one"))
			put(t, s, small, []byte("another in its place"))
			put(t, s, big, large)
			if got := keys(t, s); len(got) != 2 {
				t.Errorf("%d files lie there: %v", len(got), got)
			}
			for _, c := range []struct {
				of             Key
				offset, length int64
				want           string
			}{
				{small, 0, 20, "another in its place"}, {small, 8, 2, "in"}, {small, 19, 1, "e"}, {small, 3, 0, ""},
				{big, 0, int64(len(large)), string(large)}, {big, partSize - 5, 10, string(large[partSize-5 : partSize+5])}, {big, int64(len(large)) - 1, 1, string(large[len(large)-1:])},
			} {
				if got := read(t, s, c.of, c.offset, c.length); got != c.want {
					t.Errorf("%d bytes from %d on are not those that were put", c.length, c.offset)
				}
			}
			for range 2 { // the second time there is nothing to delete
				for _, k := range []Key{small, big} {
					if err := s.Delete(t.Context(), k); err != nil {
						t.Error(err)
					}
				}
			}
			if _, err := s.Open(t.Context(), small, 0, 1); !errors.Is(err, ErrNotFound) {
				t.Errorf("what is deleted: %v", err)
			}
			if got := keys(t, s); len(got) != 0 {
				t.Errorf("there are left %v", got)
			}
		})
	}
}

// broken gives so many bytes and then an error.
type broken struct {
	left int64
	err  error
}

func (b *broken) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.err
	}
	n := min(int64(len(into)), b.left)
	b.left -= n
	return int(n), nil
}

// Of what is too large, breaks off or is no longer wanted, nothing can be opened and nothing stays.
func TestStoresKeepNothingByHalves(t *testing.T) {
	t.Parallel()
	gone := errors.New("the connection broke off")
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			for what, c := range map[string]struct {
				content io.Reader
				ctx     context.Context
				want    error
			}{
				"a byte too much":           {strings.NewReader("12345678901"), t.Context(), ErrTooLarge},
				"parts too much":            {&broken{4 * partSize, io.EOF}, t.Context(), ErrTooLarge},
				"broken off":                {&broken{5, gone}, t.Context(), gone},
				"broken off between parts":  {&broken{2 * partSize, gone}, t.Context(), gone},
				"broken off before a byte":  {&broken{0, gone}, t.Context(), gone},
				"cancelled by whoever asks": {&broken{5, context.Canceled}, cancelled, context.Canceled},
			} {
				k, most := newKey(), int64(10)
				if strings.Contains(what, "parts") {
					most = 3 * partSize
				}
				if _, err := s.Put(c.ctx, k, c.content, most); !errors.Is(err, c.want) {
					t.Errorf("%s: %v, want %v", what, err, c.want)
				}
				if file, err := s.Open(t.Context(), k, 0, 1); err == nil {
					t.Errorf("%s: it can be opened", what)
					file.Close()
				}
			}
			if got := keys(t, s); len(got) != 0 {
				t.Errorf("there are left %v", got)
			}
		})
	}
}

// What a program that was killed has left of an upload is found and can be deleted.
func TestStoresFindWhatAKillLeaves(t *testing.T) {
	t.Parallel()
	all, k := stores(t), newKey()
	folder, bucket := all["folder"].(*Folder), all["bucket"].(*Bucket)
	if err := os.MkdirAll(filepath.Dir(folder.path(k)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder.path(k)+coming, []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	core := minio.Core{Client: bucket.client}
	id, err := core.NewMultipartUpload(t.Context(), bucket.name, k.String(), minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := core.PutObjectPart(t.Context(), bucket.name, k.String(), id, 1, strings.NewReader("half a fi"), 9, minio.PutObjectPartOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, s := range all {
		if got := keys(t, s); !slices.Equal(got, []Key{k}) {
			t.Errorf("%s: found %v", name, got)
		}
		if _, err := s.Open(t.Context(), k, 0, 1); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: what is not whole can be opened: %v", name, err)
		}
		if err := s.Delete(t.Context(), k); err != nil {
			t.Error(err)
		}
		if got := keys(t, s); len(got) != 0 {
			t.Errorf("%s: there are left %v", name, got)
		}
	}
	if _, err := os.Stat(filepath.Dir(folder.path(k))); !os.IsNotExist(err) {
		t.Errorf("the account's folder stays: %v", err)
	}
}

// What others have put there is none of ours.
func TestStoresLeaveOthersFilesAlone(t *testing.T) {
	t.Parallel()
	all := stores(t)
	folder, bucket := all["folder"].(*Folder), all["bucket"].(*Bucket)
	if err := os.WriteFile(filepath.Join(folder.root, "lost+found"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.client.PutObject(t.Context(), bucket.name, "backup/of/something", strings.NewReader("x"), 1, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, s := range all {
		if got := keys(t, s); len(got) != 0 {
			t.Errorf("%s: found %v", name, got)
		}
	}
}

// A store that cannot keep files says so before anybody wants it to.
func TestStoresCheck(t *testing.T) {
	t.Parallel()
	for name, s := range stores(t) {
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := keys(t, s); len(got) != 0 {
			t.Errorf("%s: the check leaves %v", name, got)
		}
	}
	if _, err := NewFolder("/dev/null/files"); err == nil {
		t.Error("a folder that cannot be made is taken")
	}
	b := newBucket(t)
	b.name = "another"
	if err := b.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "no bucket another") {
		t.Errorf("without the bucket: %v", err)
	}
}
