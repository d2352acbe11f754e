package main

import (
	"context"
	"flag"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries"
	"atrium/queries/dbtest"
)

// largeMB is the size of the file of TestLargeFilesNeedLittleMemory; the largest there may be takes half a minute.
var largeMB = flag.Int64("file-mb", 256, "size of the file that is uploaded and downloaded, in MB, up to 2048")

// fileMemoryMost is how much more memory the program may take while it passes on a file, whatever its size.
const fileMemoryMost = 64 << 10 // kB

// shelf is a program that serves, with a lesson that files can be put into and its owner signed in.
type shelf struct {
	*importer
	db     *pgxpool.Pool
	owner  *visitor
	files  string // the folder
	lesson string // address
}

func newShelf(t *testing.T) shelf {
	t.Helper()
	box, addr, dir := newMailbox(t), freeAddr(t), dataDir(t)
	s := shelf{db: dbtest.New(t), files: filepath.Join(dir, "files"), owner: newVisitor(t)}
	variables := with(mailVariables(t, box), "DATABASE_URL="+dbtest.URL(t), "SECRET=the same for all of these programs, one after the other", "ADDR="+addr, "DATA_DIR="+dir)
	s.importer = serveImports(t, variables)
	if create := launch(t, variables, "account", "create", "--slug=big", "--name=Big Business", "--owner=vera@big.example"); create.code() != 0 {
		t.Fatal(create.errs.String())
	}
	s.owner.open(linkIn(t, receive(t, box, "vera@big.example"))).send("/l/", "name", "Vera Lund", "password", "nine blue kayaks").arrivesAt("/big")
	id := uuid.New()
	for _, statement := range []string{
		"INSERT INTO course (account_id, id, title, position, created_at, changed_at) SELECT id, $1, 'Clear goals', 1, now(), now() FROM account",
		"INSERT INTO course_module (account_id, id, course_id, title, position, created_at) SELECT id, $1, $1, 'Beginning', 1, now() FROM account",
		"INSERT INTO lesson (account_id, id, course_id, module_id, title, position, created_at, changed_at) SELECT id, $1, $1, $1, 'What matters', 1, now(), now() FROM account",
	} {
		if _, err := s.db.Exec(t.Context(), statement, id); err != nil {
			t.Fatal(err)
		}
	}
	s.lesson = fmt.Sprintf("http://app.localhost:%s/big/courses/%s/lessons/%s", s.owner.at.Port(), id, id)
	return s
}

// drops is a stream of so many bytes, no two blocks of them alike, that makes a sum of what was taken from it.
type drops struct {
	left, n int64
	sum     hash.Hash32
	pause   func(sent int64) // called before each block; nil: none
}

func (d *drops) Read(into []byte) (int, error) {
	if d.pause != nil {
		d.pause(d.n)
	}
	if d.left == 0 {
		return 0, io.EOF
	}
	n := copy(into, fmt.Sprintf("%%PDF-1.7 %d %s", d.n, block))
	n = int(min(int64(n), d.left))
	d.left, d.n = d.left-int64(n), d.n+int64(n)
	_, _ = d.sum.Write(into[:n]) // it never fails
	return n, nil
}

var block = strings.Repeat("All that is said here twice is said once too often. ", 600)

func newDrops(size int64) *drops { return &drops{left: size, sum: crc32.NewIEEE()} }

// upload sends a file to the lesson and answers the status.
func (s shelf) upload(ctx context.Context, content io.Reader) (status int, err error) {
	token := hiddenInput.FindStringSubmatch(s.owner.page)
	from, to := io.Pipe()
	form := multipart.NewWriter(to)
	go func() {
		err := form.WriteField(token[1], token[2])
		if err == nil {
			var part io.Writer
			if part, err = form.CreateFormFile("file", "large.pdf"); err == nil {
				_, err = io.CopyBuffer(struct{ io.Writer }{part}, content, make([]byte, 64<<10))
			}
		}
		if err == nil {
			err = form.Close()
		}
		to.CloseWithError(err)
	}()
	defer from.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.lesson+"/files", from)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Origin", s.owner.at.Scheme+"://"+s.owner.at.Host)
	request.Header.Set("HX-Request", "true")
	answer, err := s.owner.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	return answer.StatusCode, nil
}

// address is where the one file of the lesson is.
func (s shelf) address() string {
	s.t.Helper()
	var id uuid.UUID
	if err := s.db.QueryRow(s.t.Context(), "SELECT file_id FROM lesson_file").Scan(&id); err != nil {
		s.t.Fatal(err)
	}
	return s.lesson + "/files/" + id.String()
}

// stored are the files that lie in the folder, whole or not, with their sizes.
func (s shelf) stored() (sizes []int64) {
	s.t.Helper()
	found, err := filepath.Glob(filepath.Join(s.files, "*", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range found {
		if info, err := os.Stat(name); err == nil {
			sizes = append(sizes, info.Size())
		}
	}
	return sizes
}

// grown fails when the program took more memory since its start than passing on files may take.
func (s shelf) grown(doing string) {
	s.t.Helper()
	peak := s.memory("VmHWM")
	s.t.Logf("%s: %d MB at the start, %d MB at most", doing, s.atStart>>10, peak>>10)
	if peak-s.atStart > fileMemoryMost {
		s.t.Errorf("%s: the program grew by %d MB", doing, (peak-s.atStart)>>10)
	}
}

// TestLargeFilesNeedLittleMemory passes a large file in and out again, byte for byte, and looks at the memory of the program.
func TestLargeFilesNeedLittleMemory(t *testing.T) {
	t.Parallel()
	s, size := newShelf(t), *largeMB<<20
	s.owner.open("http://app.localhost:" + s.owner.at.Port() + "/big/contacts/import") // a page with a form, for its token
	s.atStart = s.memory("VmRSS")
	sent, began := newDrops(size), time.Now()
	if status, err := s.upload(t.Context(), sent); err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	t.Logf("%d MB uploaded in %s", *largeMB, time.Since(began).Round(time.Millisecond))
	s.grown("upload")
	began = time.Now()
	answer, err := s.owner.client.Get(s.address()) //nolint:noctx // a test's client, of its own
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got := crc32.NewIEEE()
	if n, err := io.CopyBuffer(struct{ io.Writer }{got}, answer.Body, make([]byte, 64<<10)); err != nil || n != size || got.Sum32() != sent.sum.Sum32() {
		t.Errorf("%d bytes came back of %d, %v; the sums are %x and %x", n, size, err, got.Sum32(), sent.sum.Sum32())
	}
	t.Logf("and downloaded in %s", time.Since(began).Round(time.Millisecond))
	s.grown("download")
	if more, err := s.upload(t.Context(), newDrops(queries.FileMost+1)); *largeMB == 2048 && (err != nil || more != http.StatusUnprocessableEntity) {
		t.Errorf("a byte more than there may be: status %d, %v", more, err)
	}
}

// TestKilledUploadLeavesNothing kills the program in the middle of an upload; the clean-up of the next one removes what it left.
func TestKilledUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.owner.open("http://app.localhost:" + s.owner.at.Port() + "/big/contacts/import")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	half, ended := make(chan struct{}), make(chan error, 1)
	content := newDrops(64 << 20)
	content.pause = func(sent int64) {
		if sent > 32<<20 {
			select {
			case <-half:
			default:
				close(half)
			}
			<-ctx.Done() // the rest does not come
		}
	}
	go func() {
		_, err := s.upload(ctx, content)
		ended <- err
	}()
	<-half
	until(t, 20*time.Second, "half of the file lies in the folder", func() bool { sizes := s.stored(); return len(sizes) == 1 && sizes[0] > 16<<20 })
	s.signal(syscall.SIGKILL)
	cancel()
	if err := <-ended; err == nil {
		t.Error("the upload of a program that was killed succeeded")
	}
	var rows int
	if err := s.db.QueryRow(t.Context(), "SELECT count(*) FROM stored_file WHERE ready_at IS NULL").Scan(&rows); err != nil || rows != 1 || len(s.stored()) != 1 {
		t.Fatalf("the program was to be killed in the middle: %d rows, files %v, %v", rows, s.stored(), err)
	}
	for _, lapse := range []string{ // what the dead one held and did is let run out
		"UPDATE stored_file SET created_at = now() - interval '1 hour', came_at = now() - interval '11 minutes'",
		"UPDATE river.river_leader SET expires_at = now()", "DELETE FROM river.river_job WHERE kind = 'file_clean'",
	} {
		if _, err := s.db.Exec(t.Context(), lapse); err != nil {
			t.Fatal(err)
		}
	}
	s.importer = serveImports(t, s.variables)
	until(t, time.Minute, "nothing is left of the upload", func() bool {
		err := s.db.QueryRow(context.WithoutCancel(t.Context()), "SELECT count(*) FROM stored_file").Scan(&rows)
		return err == nil && rows == 0 && len(s.stored()) == 0
	})
}

// TestFilesEndWithTheProgram tells the program to stop while somebody uploads and somebody else downloads, neither of whom goes on:
// it ends without waiting for them, and leaves no half of a file.
func TestFilesEndWithTheProgram(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.owner.open("http://app.localhost:" + s.owner.at.Port() + "/big/contacts/import")
	if status, err := s.upload(t.Context(), newDrops(64<<20)); err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	answer, err := s.owner.client.Get(s.address()) //nolint:noctx // a test's client, of its own
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.CopyN(io.Discard, answer.Body, 1<<20); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	content := newDrops(64 << 20)
	content.pause = func(sent int64) {
		if sent > 4<<20 {
			<-ctx.Done()
		}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = s.upload(ctx, content) // it breaks off, one way or another
	}()
	until(t, 20*time.Second, "both are on their way", func() bool { return len(s.stored()) == 2 })
	if took := s.signal(syscall.SIGTERM); took > 3*time.Second {
		t.Errorf("it took the program %s to end", took)
	}
	if said := s.errs.String(); strings.Contains(said, "did not finish in time") {
		t.Errorf("it says %s", said)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err == nil {
		t.Error("the download came whole")
	}
	if left := s.stored(); len(left) != 1 {
		t.Errorf("stored are files of %v bytes", left)
	}
	cancel()
	<-ended
}
