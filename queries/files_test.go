package queries_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// upload writes the row of a file that came whole.
func (a *tenant) upload() uuid.UUID {
	a.t.Helper()
	id := queries.NewID()
	check(a.t, a.q.FileInsert(a.t.Context(), queries.FileInsertParams{AccountID: a.id, ID: id, Name: "slides.pdf", Now: noon}))
	_, err := a.q.FileReady(a.t.Context(), queries.FileReadyParams{AccountID: a.id, ID: id, MediaType: "application/pdf", SizeBytes: 4, Now: noon})
	check(a.t, err)
	return id
}

// A file is shown as long as one lesson that is not deleted has it, in a course that is not, and is forgotten only when none has.
func TestFilesAreForgottenWhenNothingShowsThem(t *testing.T) {
	t.Parallel()
	s := newTenant(t).school(2)
	attached, video, shared, loose := s.upload(), s.upload(), s.upload(), s.upload()
	s.exec("INSERT INTO lesson_file VALUES ($1, $2, $3, 1), ($1, $2, $4, 2), ($1, $5, $4, 1)", s.id, s.lessons[0], attached, shared, s.lessons[1])
	s.exec("UPDATE lesson SET video = 'upload', video_file_id = $1 WHERE id = $2", video, s.lessons[0])
	unused := func(when string, want ...uuid.UUID) {
		t.Helper()
		_, err := s.q.FileMarkUnused(t.Context(), noon)
		check(t, err)
		rows, err := s.q.FileListUnused(t.Context(), queries.FileListUnusedParams{Before: noon.Add(time.Second), PageSize: 10})
		check(t, err)
		got := map[uuid.UUID]bool{}
		for _, row := range rows {
			got[row.ID] = true
		}
		for _, id := range want {
			if !got[id] {
				t.Errorf("%s: a file counts as used", when)
			}
			delete(got, id)
		}
		if len(got) != 0 {
			t.Errorf("%s: %d files count as unused that are not", when, len(got))
		}
	}
	unused("at first", loose)
	for _, each := range []struct{ gone, back string }{
		{"UPDATE course SET deleted_at = now()", "UPDATE course SET deleted_at = NULL"},
		{"UPDATE course_module SET deleted_at = now()", "UPDATE course_module SET deleted_at = NULL"},
	} {
		s.exec(each.gone)
		unused(each.gone, attached, video, shared, loose)
		s.exec(each.back)
		unused(each.back, loose)
	}
	for _, id := range []uuid.UUID{attached, video, shared} {
		if err := queries.ForgetFile(t.Context(), s.q, s.id, id); !errors.Is(err, queries.ErrNotFound) {
			t.Errorf("a file that is shown: %v", err)
		}
	}
	s.exec("UPDATE lesson SET deleted_at = now() WHERE id = $1", s.lessons[0])
	unused("one lesson deleted", attached, video, loose)
	for _, id := range []uuid.UUID{attached, video, loose} {
		check(t, queries.ForgetFile(t.Context(), s.q, s.id, id))
	}
	s.is("SELECT count(*) FROM stored_file", 1)
	s.is("SELECT count(*) FROM lesson WHERE video = 'none' AND video_file_id IS NULL", 2)
	s.is("SELECT count(*) FROM lesson_file", 2) // those of the one that another lesson has as well
}

// The clean-up asks of every file whether something shows it, so that does not grow with the lessons there are.
func TestFilesAreAskedForByThemselves(t *testing.T) {
	t.Parallel()
	s := newTenant(t).school(1)
	attached, video := s.upload(), s.upload()
	s.exec("INSERT INTO lesson_file VALUES ($1, $2, $3, 1)", s.id, s.lessons[0], attached)
	s.exec("UPDATE lesson SET video = 'upload', video_file_id = $1 WHERE id = $2", video, s.lessons[0])
	s.exec(`INSERT INTO lesson (account_id, id, course_id, module_id, title, position, created_at, changed_at)
		SELECT $1, gen_random_uuid(), $2, $3, 'One of many', n, $4, $4 FROM generate_series(1, 3000) n`, s.id, s.course, s.module, noon)
	s.exec("ANALYZE")
	for _, file := range []uuid.UUID{attached, video, s.upload()} {
		var plan string
		var read []struct {
			Plan struct {
				Hit int `json:"Shared Hit Blocks"`
			}
		}
		for range 2 { // the first reads the catalogue as well
			check(t, s.pool.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT file_shown($1, $2)", s.id, file).Scan(&plan))
			check(t, json.Unmarshal([]byte(plan), &read))
		}
		if read[0].Plan.Hit > 30 {
			t.Errorf("%d pages read", read[0].Plan.Hit)
		}
	}
}

// is compares one number.
func (a *tenant) is(question string, want int) {
	a.t.Helper()
	var got int
	check(a.t, a.pool.QueryRow(a.t.Context(), question).Scan(&got))
	if got != want {
		a.t.Errorf("%s: %d, want %d", question, got, want)
	}
}
