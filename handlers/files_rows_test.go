package handlers

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// smallMP4 is the beginning of a video, enough to be known as one.
const smallMP4 = "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41 and the rest of it"

// stored keeps a file in a lesson, behind the site's back.
func (s *testSite) stored(t testing.TB, a account, lesson uuid.UUID, name, mediaType, content string) uuid.UUID {
	t.Helper()
	id := queries.NewID()
	s.exec(t, "INSERT INTO stored_file (account_id, id, name, media_type, size_bytes, created_at, ready_at) VALUES ($1, $2, $3, $4, $5, $6, $6)", a.id, id, name, mediaType, len(content), s.clock.now())
	s.exec(t, "INSERT INTO lesson_file SELECT $1, $2, $3, count(*) + 1 FROM lesson_file WHERE lesson_id = $2", a.id, lesson, id)
	if _, err := s.Files.Put(t.Context(), filestore.Key{Account: a.id, ID: id}, strings.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
	return id
}

// video makes a stored file the video of a lesson, in place of a file of it.
func (s *testSite) video(t testing.TB, lesson, file uuid.UUID) {
	t.Helper()
	s.exec(t, "DELETE FROM lesson_file WHERE file_id = $1", file)
	s.exec(t, "UPDATE lesson SET video = 'upload', video_url = '', video_file_id = $2 WHERE id = $1", lesson, file)
}

// lessonAt is the path of a lesson on either side.
func (w taught) lessonAt(base string) string {
	return base + "/courses/" + w.course.String() + "/lessons/" + w.lesson.String()
}

// kept is what lies in the storage, by key.
func (s *testSite) kept(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	for found, err := range s.Files.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		file, err := s.Files.Open(t.Context(), found.Key, 0, 1<<20)
		if errors.Is(err, filestore.ErrNotFound) {
			all[found.ID.String()] = "not whole yet"
			continue
		} else if err != nil {
			t.Fatalf("%s: %v", found.Key, err)
		}
		content, err := io.ReadAll(file)
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		all[found.ID.String()] = string(content)
	}
	return all
}

// sends asks for a file with more headers, in pairs.
func (b *browser) sends(method, path string, headers ...string) *page {
	b.t.Helper()
	for i := 0; i < len(headers); i += 2 {
		b = b.with(headers[i], headers[i+1])
	}
	return b.send(method, path, nil)
}

func (p *page) sent(name, want string) *page {
	p.t.Helper()
	if got := p.header.Get(name); got != want {
		p.t.Errorf("%s: %s is %q, want %q", p.asked, name, got, want)
	}
	return p
}

// bodyIs demands exactly these bytes.
func (p *page) bodyIs(want string) *page {
	p.t.Helper()
	if p.body != want {
		p.t.Errorf("%s: the body is %.60q, want %.60q", p.asked, p.body, want)
	}
	return p
}

func (p *page) lengthIs(want int) *page {
	p.t.Helper()
	return p.sent("Content-Length", fmt.Sprint(want))
}

// gone demands what is there for nobody.
func (p *page) gone() *page {
	p.t.Helper()
	if p.header.Get("ETag") != "" || p.header.Get("Content-Disposition") != "" || p.header.Get("Accept-Ranges") != "" {
		p.t.Errorf("%s: it says something of the file: %v", p.asked, p.header)
	}
	return p.is(http.StatusNotFound)
}
