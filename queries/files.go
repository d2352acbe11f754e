package queries

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// What files there may be.
const (
	FileMost    = 2 << 30 // bytes of one
	FilesMost   = 50      // of one lesson
	FileNameMax = 200     // characters of its name
)

// How long files are waited for and kept.
const (
	FileUploadMost   = 6 * time.Hour    // an upload may take, in all
	FileCameEvery    = 30 * time.Second // an upload notes that it goes on
	FileAbandonAfter = 10 * time.Minute // without a note, an upload has ended without a word
	FileUnusedKeep   = 24 * time.Hour   // a file is kept that nothing shows
)

// LessonMedia is what a lesson offers beside its text and quiz.
type LessonMedia struct {
	Video FileVideoOfLessonRow
	Files []FileListOfLessonRow
}

// LoadLessonMedia reads it in one round trip; ErrNotFound without such a lesson.
func LoadLessonMedia(ctx context.Context, db DB, l Part) (m LessonMedia, err error) {
	var b batch
	m.load(ctx, &b, l)
	return m, b.send(ctx, db)
}

// load has a batch read it.
func (m *LessonMedia) load(ctx context.Context, b *batch, l Part) {
	one(b, &m.Video, func(q *Queries) (FileVideoOfLessonRow, error) {
		return q.FileVideoOfLesson(ctx, FileVideoOfLessonParams{AccountID: l.AccountID, CourseID: l.CourseID, ID: l.LessonID})
	})
	many(b, &m.Files, func(q *Queries) ([]FileListOfLessonRow, error) {
		return q.FileListOfLesson(ctx, FileListOfLessonParams{AccountID: l.AccountID, LessonID: l.LessonID})
	})
}

// NewFile is a file that has come whole.
type NewFile struct {
	ID        uuid.UUID
	MediaType string
	SizeBytes int64
	Now       time.Time
}

// AddLessonFile gives a lesson a file at the end of those it has, or in the place of one of them when replaces is not the nil UUID.
// It answers the lesson's title. ErrNotFound without the lesson or the file to be replaced, or when the upload was given up meanwhile;
// Invalid when the lesson has all it may have.
func AddLessonFile(ctx context.Context, q *Queries, l Part, f NewFile, replaces uuid.UUID) (title string, err error) {
	lesson, files, err := l.lock(ctx, q)
	if err != nil {
		return "", err
	}
	if len(files) >= FilesMost && replaces == uuid.Nil {
		return "", Invalid{"file", "A lesson can have 50 files. Remove one of them first."}
	}
	if err := f.keep(ctx, q, l.AccountID); err != nil {
		return "", err
	}
	if replaces == uuid.Nil {
		err = q.FileAttach(ctx, FileAttachParams{AccountID: l.AccountID, LessonID: l.LessonID, FileID: f.ID})
	} else {
		err = found(q.FileReplace(ctx, FileReplaceParams{AccountID: l.AccountID, LessonID: l.LessonID, FileID: f.ID, ReplacedID: replaces}))
	}
	if err != nil {
		return "", err
	}
	return lesson.Title, l.changed(ctx, q, f.Now, false)
}

// RemoveLessonFile takes a file from a lesson, and answers both names; the file itself goes a day later, unless something else
// shows it. ErrNotFound without the lesson or the file.
func RemoveLessonFile(ctx context.Context, q *Queries, l Part, file uuid.UUID, now time.Time) (title, name string, err error) {
	lesson, _, err := l.lock(ctx, q)
	if err != nil {
		return "", "", err
	}
	name, err = q.FileDetach(ctx, FileDetachParams{AccountID: l.AccountID, LessonID: l.LessonID, FileID: file})
	if err != nil {
		return "", "", Kind(err)
	}
	return lesson.Title, name, l.changed(ctx, q, now, false)
}

// MovedFile is a lesson's title with the names of its files in the order they were and are.
type MovedFile struct {
	Title   string
	Was, Is []string
}

// MoveLessonFile moves a file so many places down, or up when negative, as far as there are any: the orders are the same when there are
// none. ErrNotFound without the lesson or the file.
func MoveLessonFile(ctx context.Context, q *Queries, l Part, file uuid.UUID, by int, now time.Time) (m MovedFile, err error) {
	lesson, files, err := l.lock(ctx, q)
	if err != nil {
		return m, err
	}
	var ids []uuid.UUID
	for _, f := range files {
		ids, m.Was = append(ids, f.ID), append(m.Was, f.Name)
	}
	from := slices.Index(ids, file)
	if from < 0 {
		return m, ErrNotFound
	}
	m.Title, m.Is = lesson.Title, slices.Clone(m.Was)
	to := min(max(from+by, 0), len(ids)-1)
	if to == from {
		return m, nil
	}
	ids = slices.Insert(slices.Delete(ids, from, from+1), to, file)
	m.Is = slices.Insert(slices.Delete(m.Is, from, from+1), to, m.Was[from])
	if err := q.FileSetOrder(ctx, FileSetOrderParams{AccountID: l.AccountID, LessonID: l.LessonID, Ids: ids}); err != nil {
		return m, err
	}
	return m, l.changed(ctx, q, now, false)
}

// SetLessonVideo gives a lesson an uploaded video in the place of the one it has, and answers the lesson's title. ErrNotFound
// without the lesson, or when the upload was given up meanwhile.
func SetLessonVideo(ctx context.Context, q *Queries, l Part, f NewFile) (title string, err error) {
	lesson, _, err := l.lock(ctx, q)
	if err != nil {
		return "", err
	}
	if err := f.keep(ctx, q, l.AccountID); err != nil {
		return "", err
	}
	if err := q.FileLessonSetVideo(ctx, FileLessonSetVideoParams{AccountID: l.AccountID, ID: l.LessonID, FileID: &f.ID}); err != nil {
		return "", err
	}
	return lesson.Title, l.changed(ctx, q, f.Now, lesson.VideoUrl != "")
}

// RemoveLessonVideo leaves a lesson without a video, wherever it came from, and answers which one it had: what the file was called, or
// its address. Without one, was is empty and nothing is changed.
func RemoveLessonVideo(ctx context.Context, q *Queries, l Part, now time.Time) (title, was string, err error) {
	lesson, _, err := l.lock(ctx, q)
	if err != nil || lesson.Video == VideoKindNone {
		return lesson.Title, "", err
	}
	video, err := q.FileVideoOfLesson(ctx, FileVideoOfLessonParams{AccountID: l.AccountID, CourseID: l.CourseID, ID: l.LessonID})
	if err != nil {
		return "", "", Kind(err)
	}
	if was = video.Name; was == "" {
		was = video.VideoUrl
	}
	if err := q.FileLessonSetVideo(ctx, FileLessonSetVideoParams{AccountID: l.AccountID, ID: l.LessonID}); err != nil {
		return "", "", err
	}
	return lesson.Title, was, l.changed(ctx, q, now, lesson.VideoUrl != "")
}

// lock finds the lesson with its files; until the end of the transaction nobody else changes them.
func (p Part) lock(ctx context.Context, q *Queries) (lesson FileLessonLockRow, files []FileListOfLessonRow, err error) {
	lesson, err = q.FileLessonLock(ctx, FileLessonLockParams{AccountID: p.AccountID, CourseID: p.CourseID, ID: p.LessonID})
	if err != nil {
		return lesson, nil, Kind(err)
	}
	files, err = q.FileListOfLesson(ctx, FileListOfLessonParams{AccountID: p.AccountID, LessonID: p.LessonID})
	return lesson, files, err
}

// changed counts the change. An editor that is open elsewhere is to ask before it saves only where its form would undo it: one
// that still has the address of a video that an uploaded one took the place of.
func (p Part) changed(ctx context.Context, q *Queries, now time.Time, formsAreStale bool) error {
	return q.FileLessonChanged(ctx, FileLessonChangedParams{AccountID: p.AccountID, ID: p.LessonID, Now: now, FormsAreStale: formsAreStale})
}

func (f NewFile) keep(ctx context.Context, q *Queries, account uuid.UUID) error {
	return found(q.FileReady(ctx, FileReadyParams{AccountID: account, ID: f.ID, MediaType: f.MediaType, SizeBytes: f.SizeBytes, Now: f.Now}))
}

// found is ErrNotFound when a statement changed no row.
func found(rows int64, err error) error {
	if err == nil && rows == 0 {
		err = ErrNotFound
	}
	return err
}

// ForgetFile removes the row of a file that nothing shows, with its place in what is deleted. ErrNotFound when something shows it.
func ForgetFile(ctx context.Context, q *Queries, account, id uuid.UUID) error {
	if err := q.FileLetGo(ctx, FileLetGoParams{AccountID: account, FileID: &id}); err != nil {
		return err
	}
	return found(q.FileForget(ctx, FileForgetParams{AccountID: account, ID: id}))
}
