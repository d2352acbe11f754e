package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// archive is an office with files.
type archive struct {
	*office
	files  filestore.Store
	course uuid.UUID // of it, and of its module and its lesson
}

func newArchive(t *testing.T) archive {
	t.Helper()
	a := archive{office: newOffice(t), course: queries.NewID()}
	a.files = a.config.Files
	a.exec("INSERT INTO course (account_id, id, title, position, certificate, published_at, created_at, changed_at) VALUES ($1, $2, 'Clear goals', 1, true, now(), now(), now())", a.account, a.course)
	a.exec("INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $2, 'Beginning', 1, now())", a.account, a.course)
	a.exec("INSERT INTO lesson (account_id, id, course_id, module_id, title, position, published_at, created_at, changed_at) VALUES ($1, $2, $2, $2, 'What matters', 1, now(), now(), now())", a.account, a.course)
	return a
}

// begin writes the row of an upload, as it is before the first byte.
func (a archive) begin() filestore.Key {
	a.t.Helper()
	k := filestore.Key{Account: a.account, ID: queries.NewID()}
	check(a.t, a.q.FileInsert(a.t.Context(), queries.FileInsertParams{AccountID: k.Account, ID: k.ID, Name: "slides.pdf", Now: a.now()}))
	return k
}

// put stores the file.
func (a archive) put(k filestore.Key) {
	a.t.Helper()
	_, err := a.files.Put(a.t.Context(), k, strings.NewReader("%PDF"), 4)
	check(a.t, err)
}

// ready has the upload come whole.
func (a archive) ready(k filestore.Key) {
	a.t.Helper()
	a.put(k)
	_, err := a.q.FileReady(a.t.Context(), queries.FileReadyParams{AccountID: k.Account, ID: k.ID, MediaType: "application/pdf", SizeBytes: 4, Now: a.now()})
	check(a.t, err)
}

// left demands which files there are: those with a row and those that are stored.
func (a archive) left(when string, rows, stored []filestore.Key) {
	a.t.Helper()
	var found []filestore.Key
	for f, err := range a.files.All(a.t.Context()) {
		check(a.t, err)
		found = append(found, f.Key)
	}
	inOrder := func(x, y filestore.Key) int { return strings.Compare(x.String(), y.String()) }
	slices.SortFunc(found, inOrder)
	slices.SortFunc(stored, inOrder)
	if !slices.Equal(found, stored) {
		a.t.Errorf("%s: stored are %v, want %v", when, found, stored)
	}
	if n := read[int](a.office, "SELECT count(*) FROM stored_file"); n != len(rows) {
		a.t.Errorf("%s: %d rows, want %d", when, n, len(rows))
	}
}

// clean runs the clean-up twice, since the second time has to be harmless.
func (a archive) clean() {
	a.t.Helper()
	for range 2 {
		check(a.t, (&fileCleanWorker{db: a.pool, c: a.config}).Work(a.t.Context(), &river.Job[fileCleanArgs]{}))
	}
}

func (a archive) sweep() {
	a.t.Helper()
	for range 2 {
		check(a.t, (&fileSweepWorker{db: a.pool, c: a.config}).Work(a.t.Context(), &river.Job[fileSweepArgs]{}))
	}
}

// What a killed program leaves of an upload is removed, whether a byte of it came or all; one that goes on is left alone.
func TestFileCleanRemovesAbandonedUploads(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	nothing, whole, alive, done := a.begin(), a.begin(), a.begin(), a.begin()
	a.put(whole) // but its row was never told
	a.put(alive)
	a.ready(done)
	a.exec("INSERT INTO lesson_file VALUES ($1, $2, $3, 1)", a.account, a.course, done.ID)
	a.clean()
	a.left("at once", []filestore.Key{nothing, whole, alive, done}, []filestore.Key{whole, alive, done})
	a.later(queries.FileAbandonAfter + time.Second)
	_, err := a.q.FileCame(t.Context(), queries.FileCameParams{AccountID: a.account, ID: alive.ID, Now: a.now()})
	check(t, err)
	a.clean()
	a.left("later", []filestore.Key{alive, done}, []filestore.Key{alive, done})
	a.later(queries.FileAbandonAfter + time.Second)
	a.clean()
	a.left("later still", []filestore.Key{done}, []filestore.Key{done})
}

// A file that nothing shows goes after a day, and stays when something comes to show it until then.
func TestFileCleanRemovesUnusedFiles(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	unused, again, used := a.begin(), a.begin(), a.begin()
	for _, k := range []filestore.Key{unused, again, used} {
		a.ready(k)
	}
	a.exec("INSERT INTO lesson_file VALUES ($1, $2, $3, 1)", a.account, a.course, used.ID)
	all := []filestore.Key{unused, again, used}
	a.clean()
	a.later(queries.FileUnusedKeep - time.Minute)
	a.clean()
	a.left("within the day", all, all)
	a.exec("INSERT INTO lesson_file VALUES ($1, $2, $3, 1)", a.account, a.course, again.ID)
	a.later(2 * time.Minute)
	a.clean()
	a.left("after it", []filestore.Key{again, used}, []filestore.Key{again, used})
	a.exec("UPDATE course SET deleted_at = now()")
	a.clean()
	a.later(queries.FileUnusedKeep + time.Minute)
	a.clean()
	a.left("the course deleted", nil, nil)
}

// The sweep finds what has no row, a day after it came: what a clean-up could not remove, and the files of accounts that are gone.
func TestFileSweepRemovesWhatBelongsToNothing(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	own, gone := a.begin(), filestore.Key{Account: a.newAccount("lumen", "Lumen Studio"), ID: queries.NewID()}
	a.ready(own)
	check(t, a.q.FileInsert(t.Context(), queries.FileInsertParams{AccountID: gone.Account, ID: gone.ID, Name: "x", Now: a.now()}))
	a.ready(gone)
	stray := filestore.Key{Account: uuid.New(), ID: own.ID} // another account's folder with the same name in it
	a.put(stray)
	a.exec("DELETE FROM account WHERE id = $1", gone.Account)
	all := []filestore.Key{own, gone, stray}
	a.sweep()
	a.left("at once", []filestore.Key{own}, all)
	a.later(queries.FileUnusedKeep + time.Minute)
	a.sweep()
	a.left("a day later", []filestore.Key{own}, []filestore.Key{own})
	if lines := a.log.of("belongs to nothing"); len(lines) != 2 {
		t.Errorf("it tells of %d files", len(lines))
	}
}

// stubborn is a storage that removes nothing.
type stubborn struct{ filestore.Store }

var errStubborn = errors.New("the bucket does not answer")

func (stubborn) Delete(context.Context, filestore.Key) error { return errStubborn }

// A storage that does not answer fails the job, which is tried again, and the sweep removes what was left.
func TestFileCleanWithoutItsStorage(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	k := a.begin()
	a.put(k)
	a.later(queries.FileAbandonAfter + time.Second)
	broken := a.config
	broken.Files = stubborn{a.files}
	if err := (&fileCleanWorker{db: a.pool, c: broken}).Work(t.Context(), &river.Job[fileCleanArgs]{}); !errors.Is(err, errStubborn) {
		t.Errorf("the job says %v", err)
	}
	a.left("then", nil, []filestore.Key{k})
	a.later(queries.FileUnusedKeep)
	a.sweep()
	a.left("at last", nil, nil)
}

// The clock has both run.
func TestFileJobsAreScheduled(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	k := a.begin()
	a.put(k)
	a.later(queries.FileAbandonAfter + time.Second)
	a.work()
	a.jobsAre("file_clean", "completed")
	a.jobsAre("file_sweep", "completed")
	a.left("at the start of the workers", nil, nil)
	if _, err := a.files.Open(t.Context(), k, 0, 1); !errors.Is(err, filestore.ErrNotFound) {
		t.Errorf("it can still be opened: %v", err)
	}
}
