package handlers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// uploading is staff in front of a lesson.
type uploading struct {
	*testSite
	b     *browser
	w     taught
	path  string // of the lesson
	token string
}

func newUploading(t *testing.T, change ...func(*Config)) uploading {
	t.Helper()
	s := newSite(t, change...)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	u := uploading{testSite: s, b: s.staff(t, maya), w: s.taught(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))}
	u.path, u.token = u.w.lessonAt("/acme"), u.b.token()
	return u
}

// add sends a file to the lesson, as scripts do.
func (u uploading) add(name, content string, more ...string) *page {
	u.b.t.Helper()
	form := url.Values{"_token": {u.token}, "@file": {name, content}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return u.b.htmx().send(post, u.path+"/files", form)
}

func (u uploading) version() (n int) {
	u.b.t.Helper()
	u.scan(u.b.t, "SELECT version FROM lesson WHERE id = $1", []any{u.w.lesson}, &n)
	return n
}

// names are the files of the lesson in the order of the panel.
func names(p *page) (all []string) {
	for _, link := range p.all("#files-files .item-line a") {
		all = append(all, text(link))
	}
	return all
}

// Files are added, moved, replaced and removed, and the panel shows it each time.
func TestFilesOfALesson(t *testing.T) {
	t.Parallel()
	u := newUploading(t)
	is := func(p *page, want ...string) {
		t.Helper()
		if got := names(p.is(http.StatusOK).lacks("main")); strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("%s: the files are %v, want %v", p.asked, got, want)
		}
	}
	is(u.add("slides.pdf", "%PDF-1.7 one"), "worksheet.pdf", "slides.pdf")
	p := u.add("notes.txt", "Take three.")
	is(p, "worksheet.pdf", "slides.pdf", "notes.txt")
	if said := p.words(); !strings.Contains(said, "“notes.txt” is uploaded") || !strings.Contains(said, "PDF · 1 KB · added by") {
		t.Errorf("it says %s", said)
	}
	if u.version() != 3 {
		t.Errorf("after two changes the lesson's version is %d", u.version())
	}
	u.rows(t, 2, "audit WHERE action = 'lesson.file_add' AND subject = 'What matters'")
	u.rows(t, 1, "stored_file WHERE name = 'slides.pdf' AND media_type = 'application/pdf' AND size_bytes = 12 AND ready_at IS NOT NULL AND uploaded_by IS NOT NULL")
	p = u.b.htmx().fill(p, "#files-down-"+u.w.file.String())
	is(p, "slides.pdf", "worksheet.pdf", "notes.txt")
	p = u.b.htmx().fill(p, "#files-up-"+u.w.file.String())
	is(p, "worksheet.pdf", "slides.pdf", "notes.txt")
	u.rows(t, 1, `audit WHERE action = 'lesson.file_move' AND subject = 'What matters' AND was = '{"files": ["worksheet.pdf", "slides.pdf", "notes.txt"]}'
		AND became = '{"files": ["slides.pdf", "worksheet.pdf", "notes.txt"]}'`)
	before := u.version()
	is(u.b.htmx().fill(p, "#files-up-"+u.w.file.String()), "worksheet.pdf", "slides.pdf", "notes.txt") // nowhere to go
	if u.version() != before {
		t.Error("a move that moves nothing is a change of the lesson")
	}
	u.rows(t, 2, "audit WHERE action = 'lesson.file_move'")
	p = u.add("worksheet-2.pdf", "%PDF-1.7 two", "replaces", u.w.file.String())
	is(p, "worksheet-2.pdf", "slides.pdf", "notes.txt")
	u.rows(t, 1, "audit WHERE action = 'lesson.file_replace' AND became->>'file' = 'worksheet-2.pdf'")
	p = u.b.htmx().fill(p, ".btn-danger")
	is(p, "slides.pdf", "notes.txt")
	u.rows(t, 1, "audit WHERE action = 'lesson.file_remove' AND was->>'file' = 'worksheet-2.pdf'")
	u.rows(t, 4, "stored_file") // they go a day later
	if kept := u.kept(t); len(kept) != 4 {
		t.Errorf("stored are %v", kept)
	}
	for name, form := range map[string]url.Values{"replaces": {"replaces": {u.w.file.String()}}, "nonsense": {"replaces": {"x"}}} {
		form.Set("_token", u.token)
		form["@file"] = []string{"x.pdf", "%PDF"}
		if p := u.b.send(post, u.path+"/files", form); p.status != http.StatusNotFound {
			t.Errorf("replacing what is not there, %s: status %d", name, p.status)
		}
	}
	if kept := u.kept(t); len(kept) != 4 {
		t.Errorf("a file that replaced nothing is stored: %v", kept)
	}
}

// A video is uploaded, takes the place of another one wherever that is, and is removed.
func TestVideoOfALesson(t *testing.T) {
	t.Parallel()
	u := newUploading(t)
	send := func(content string, more ...string) *page {
		form := url.Values{"_token": {u.token}, "@video": {"talk.mp4", content}}
		if len(more) > 0 {
			form.Set("elsewhere", more[0])
		}
		return u.b.htmx().send(post, u.path+"/video", form)
	}
	u.b.get(u.path).has("#files-video input[name=elsewhere]")
	if to := send(smallMP4, "yes").is(http.StatusOK).header.Get("HX-Redirect"); to != u.path { // the form beside it has the address of the video before
		t.Errorf("it leads to %q", to)
	}
	p := u.b.get(u.path).is(http.StatusOK).has("#files-video video", "#files-files", "form#lessons-form").lacks("input[name=elsewhere]")
	first := attr(p.one("video"), "src")
	u.rows(t, 1, "lesson WHERE video = 'upload' AND video_url = '' AND video_file_id IS NOT NULL AND version = 2")
	u.b.get(first).is(http.StatusOK).bodyIs(smallMP4)
	if second := attr(send(smallMP4+"!").is(http.StatusOK).one("video"), "src"); second == first {
		t.Error("a browser would go on with the parts of the video before")
	}
	for content, problem := range map[string]string{
		"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ": "Save it as MP4",
		"<html>":                 "not a video",
		"\x89PNG\r\n\x1a\n more": "not a video",
		"":                       "empty",
	} {
		p := send(content).is(http.StatusUnprocessableEntity).has("#files-video-error", "#files-video-file[aria-invalid=true]", "video").lacks("main")
		if said := words(p.one("#files-video-error")); !strings.Contains(said, problem) {
			t.Errorf("%.10q: %s", content, said)
		}
	}
	u.rows(t, 3, "stored_file") // nothing of those
	u.rows(t, 2, "audit WHERE action = 'lesson.video' AND became->>'video' = 'talk.mp4'")
	u.b.htmx().fill(p, "#files-video-remove form").is(http.StatusOK).lacks("video", "main")
	u.rows(t, 1, "lesson WHERE video = 'none' AND video_file_id IS NULL AND version = 4")
	u.rows(t, 1, "audit WHERE action = 'lesson.video_remove' AND was->>'video' = 'talk.mp4'")
	u.exec(t, "UPDATE lesson SET video = 'vimeo', video_url = 'https://vimeo.com/1' WHERE id = $1", u.w.lesson)
	if p := u.b.htmx().send(post, u.path+"/video", url.Values{"_token": {u.token}}).is(http.StatusUnprocessableEntity); !strings.Contains(p.words(), "Choose a file first") ||
		!strings.Contains(p.words(), "from elsewhere") {
		t.Errorf("it says %s", p.words())
	}
}

// Without scripts the same forms lead back to the lesson with what there is to say.
func TestFilesWithoutScripts(t *testing.T) {
	t.Parallel()
	u := newUploading(t)
	for _, c := range []struct {
		path string
		form url.Values
		say  string
	}{
		{"/files", url.Values{"@file": {"slides.pdf", "%PDF-1.7"}}, "“slides.pdf” is uploaded."},
		{"/files", url.Values{"@file": {"empty.pdf", ""}}, "This file is empty."},
		{"/files", url.Values{}, "Choose a file first."},
		{"/files/" + u.w.file.String() + "/move", url.Values{"to": {"down"}}, "new order"},
		{"/video", url.Values{"@video": {"talk.mov", "not a video"}}, "Choose an MP4 or WebM"},
		{"/video/remove", url.Values{}, "The video is removed."},
		{"/files/" + u.w.file.String() + "/remove", url.Values{}, "“worksheet.pdf” is removed."},
	} {
		c.form.Set("_token", u.token)
		u.b.send(post, u.path+c.path, c.form).leadsTo(u.path)
		if p := u.b.get("/acme"); !strings.Contains(p.words(), c.say) { // whichever page is next
			t.Errorf("%s says nothing of %q", c.path, c.say)
		}
	}
}

// What a file is called is for showing: no folders, nothing that cannot be seen, nothing that turns the text around it.
func TestKeptName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 300) + ".pdf"
	for sent, want := range map[string]string{
		"slides.pdf": "slides.pdf", `C:\Users\maya\slides.pdf`: "slides.pdf", "../../etc/passwd": "passwd", "/etc/": "file", "": "file", "..": "file", " . ": "file",
		"a\x00b\r\nc.pdf": "abc.pdf", "invoice\u202efdp.exe": "invoicefdp.exe", "\u200b.pdf": "pdf", "\xff.pdf": "pdf", "Übung 1.pdf": "Übung 1.pdf", "目標.pdf": "目標.pdf",
		long: strings.Repeat("ä", 159) + "…" + strings.Repeat("ä", 36) + ".pdf",
	} {
		if got := keptName(sent); got != want || len([]rune(got)) > queries.FileNameMax {
			t.Errorf("%.20q is kept as %q, want %q", sent, got, want)
		}
	}
}

// A lesson has a limit of files, and what is beyond it is not kept.
func TestFilesOfALessonAreLimited(t *testing.T) {
	t.Parallel()
	u := newUploading(t)
	for range queries.FilesMost - 2 {
		u.stored(t, u.acme, u.w.lesson, "x.txt", "text/plain", "x")
	}
	u.add("last.txt", "fits").is(http.StatusOK).lacks("#files-upload")
	if p := u.add("more.txt", "does not").is(http.StatusUnprocessableEntity); strings.Contains(p.words(), "more.txt") {
		t.Error("it is there")
	}
	u.add("other.txt", "in the place of one", "replaces", u.w.file.String()).is(http.StatusOK)
	u.rows(t, 0, "stored_file WHERE name = 'more.txt'")
	if kept := u.kept(t); len(kept) != queries.FilesMost+1 {
		t.Errorf("%d are stored", len(kept))
	}
}

// faulty is a storage that fails.
type faulty struct {
	filestore.Store
	err     error
	deletes atomic.Int64
}

func (f *faulty) Put(_ context.Context, _ filestore.Key, content io.Reader, _ int64) (int64, error) {
	_, _ = io.CopyN(io.Discard, content, 3) // some of it came
	return 0, f.err
}

func (f *faulty) Delete(context.Context, filestore.Key) error {
	f.deletes.Add(1)
	return nil
}

func (*faulty) All(context.Context) iter.Seq2[filestore.Found, error] {
	return func(func(filestore.Found, error) bool) {}
}

// What the storage cannot take leaves nothing, and is told as what it is.
func TestFilesThatCannotBeKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status int
		say    string
	}{
		"full":      {errors.Join(filestore.ErrFull, errors.New("no space left on device")), http.StatusUnprocessableEntity, "no room left"},
		"too large": {filestore.ErrTooLarge, http.StatusUnprocessableEntity, "larger than 2 GB"},
		"broken":    {errors.New("the bucket is on fire"), http.StatusInternalServerError, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var broken *faulty
			u := newUploading(t, func(c *Config) { broken = &faulty{Store: c.Files} })
			broken.err = c.err
			u.Files = broken
			if p := u.add("slides.pdf", "%PDF-1.7").is(c.status); !strings.Contains(p.words(), c.say) || strings.Contains(p.body, "fire") {
				t.Errorf("it says %s", p.words())
			}
			u.rows(t, 1, "stored_file") // the one that was there
			if broken.deletes.Load() != 1 {
				t.Errorf("what was left was removed %d times", broken.deletes.Load())
			}
		})
	}
}

// An upload that breaks off leaves neither a row nor a file, and one too large is refused before it comes.
func TestUploadsThatBreakOff(t *testing.T) {
	t.Parallel()
	u := newUploading(t)
	conn, body := u.begin(t, 1<<20)
	fmt.Fprintf(body, "%s", strings.Repeat("x", 100<<10))
	if err := body.Flush(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the upload begins", func() bool { return u.count(t, "stored_file WHERE ready_at IS NULL") == 1 })
	conn.Close()
	eventually(t, "it is forgotten", func() bool { return u.count(t, "stored_file") == 1 && len(u.kept(t)) == 1 })

	_, answer := u.begin(t, queries.FileMost+formMost+1)
	fmt.Fprintf(answer, "%s", strings.Repeat("x", 16<<20)) // what it takes in before it hangs up
	if err := answer.Flush(); err != nil && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(answer.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("more than may be sent: status %d", response.StatusCode)
	}
	u.rows(t, 1, "stored_file")
}

// begin opens a connection of the browser and sends the head of an upload that says it has so many bytes.
func (u uploading) begin(t *testing.T, length int64) (net.Conn, *bufio.ReadWriter) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", u.dial)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	both := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	request, err := http.NewRequestWithContext(t.Context(), post, u.b.root+u.path+"/files", nil)
	if err != nil {
		t.Fatal(err)
	}
	var cookies []string
	for _, c := range u.b.client.Jar.Cookies(request.URL) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	form := multipart.NewWriter(both)
	fmt.Fprintf(both, "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nCookie: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nHX-Request: true\r\n\r\n", request.URL.Path, request.URL.Host,
		u.b.root, strings.Join(cookies, "; "), form.FormDataContentType(), length)
	if err := form.WriteField("_token", u.token); err != nil {
		t.Fatal(err)
	}
	if _, err := form.CreateFormFile("file", "slides.pdf"); err != nil {
		t.Fatal(err)
	}
	if err := both.Flush(); err != nil {
		t.Fatal(err)
	}
	return conn, both
}

// An upload notes that it goes on, and gives up when the clean-up took it for dead.
func TestUploadsNoteThatTheyGoOn(t *testing.T) {
	t.Parallel()
	u := newUploading(t)
	conn, body := u.begin(t, 1<<20)
	more := func() {
		t.Helper()
		fmt.Fprintf(body, "%s", strings.Repeat("x", 64<<10))
		if err := body.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	more()
	eventually(t, "the upload begins", func() bool { return u.count(t, "stored_file WHERE ready_at IS NULL AND came_at IS NULL") == 1 })
	u.clock.move(queries.FileCameEvery)
	more()
	eventually(t, "it notes that it goes on", func() bool { return u.count(t, "stored_file WHERE came_at = $1", u.clock.now()) == 1 })
	u.exec(t, "DELETE FROM stored_file WHERE ready_at IS NULL")
	u.clock.move(queries.FileCameEvery)
	more()
	eventually(t, "nothing of it is stored", func() bool { return len(u.kept(t)) == 1 })
	conn.Close()
	eventually(t, "it says why", func() bool { return strings.Contains(u.logged.String(), "the clean-up gave the file up") })
}

// Nobody sends a file to where there is no lesson.
func TestUploadsToNowhere(t *testing.T) {
	t.Parallel()
	u := newUploading(t)
	u.exec(t, "UPDATE lesson SET deleted_at = now()")
	u.add("slides.pdf", "%PDF-1.7").is(http.StatusNotFound)
	for _, path := range []string{"/files/" + u.w.file.String() + "/move", "/files/" + u.w.file.String() + "/remove", "/video/remove"} {
		u.b.send(post, u.path+path, url.Values{"_token": {u.token}, "to": {"down"}}).is(http.StatusNotFound)
	}
	u.path = "/acme/courses/" + uuid.NewString() + "/lessons/" + uuid.NewString()
	u.add("slides.pdf", "%PDF-1.7").is(http.StatusNotFound)
	u.rows(t, 1, "stored_file")
}
