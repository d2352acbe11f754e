package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const letters = "abcdefghijklmnopqrstuvwxyz"

// A file comes whole or in parts, to clients and staff alike.
func TestFilesAreSentInParts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	w := s.taught(t, ana)
	maya := s.person(t, "maya@acme.example", "support", s.acme)
	file := s.stored(t, s.acme, w.lesson, "alphabet.txt", "text/plain", letters)
	tag := `"` + file.String() + `"`
	for name, c := range map[string]struct {
		b    *browser
		base string
	}{"client": {s.client(t, ana), ""}, "staff": {s.staff(t, maya), "/acme"}} {
		path := w.lessonAt(c.base) + "/files/" + file.String()
		t.Run(name, func(t *testing.T) {
			c.b.get(path).is(http.StatusOK).bodyIs(letters).lengthIs(26).sent("ETag", tag).sent("Accept-Ranges", "bytes").sent("Content-Type", "text/plain; charset=utf-8").
				sent("Cache-Control", "private, no-cache").sent("X-Content-Type-Options", "nosniff").sent("Content-Range", "").
				sent("Content-Disposition", `attachment; filename="alphabet.txt"; filename*=UTF-8''alphabet.txt`).sent("Content-Security-Policy", filePolicy).
				sent("Last-Modified", noon.Format(http.TimeFormat))
			c.b.sends(http.MethodHead, path).is(http.StatusOK).bodyIs("").lengthIs(26).sent("ETag", tag)
			c.b.sends(http.MethodHead, path, "Range", "bytes=1-2").is(http.StatusOK).bodyIs("").lengthIs(26) // ranges are of GET alone
			for asked, part := range map[string]string{"0-": letters, "0-0": "a", "2-4": "cde", "25-": "z", "20-999": "uvwxyz", "-3": "xyz", "-99": letters} {
				from := strings.Index(letters, part)
				c.b.sends(http.MethodGet, path, "Range", "bytes="+asked).is(http.StatusPartialContent).bodyIs(part).lengthIs(len(part)).
					sent("Content-Range", byteRange{int64(from), int64(len(part))}.contentRange(26)).sent("ETag", tag)
			}
			for _, asked := range []string{"26-", "99-100", "-0"} {
				c.b.sends(http.MethodGet, path, "Range", "bytes="+asked).is(http.StatusRequestedRangeNotSatisfiable).bodyIs("").sent("Content-Range", "bytes */26")
			}
			for _, asked := range []string{"bytes=0-1,3-4", "bytes=5-2", "lines=1-2", "nonsense"} {
				c.b.sends(http.MethodGet, path, "Range", asked).is(http.StatusOK).bodyIs(letters)
			}
			c.b.sends(http.MethodGet, path, "Range", "bytes=2-4", "If-Range", tag).is(http.StatusPartialContent).bodyIs("cde")
			c.b.sends(http.MethodGet, path, "Range", "bytes=2-4", "If-Range", `"another"`).is(http.StatusOK).bodyIs(letters)
			c.b.sends(http.MethodGet, path, "Range", "bytes=2-4", "If-Range", "W/"+tag).is(http.StatusOK).bodyIs(letters)
			for _, held := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
				c.b.sends(http.MethodGet, path, "If-None-Match", held).is(http.StatusNotModified).bodyIs("").sent("ETag", tag).sent("Cache-Control", "private, no-cache")
			}
			c.b.sends(http.MethodGet, path, "If-None-Match", `"x"`).is(http.StatusOK).bodyIs(letters)
			c.b.sends(http.MethodGet, path).is(http.StatusOK) // the connection is as good as before
		})
	}
}

// What is sent is what its content said, or bytes: nothing that a browser runs, whatever it is called.
func TestFilesAreNeverPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	w, b := s.taught(t, ana), s.client(t, ana)
	for _, c := range []struct{ name, is, sent, disposition string }{
		{"page.html", "text/html", "application/octet-stream", `attachment; filename="page.html"; filename*=UTF-8''page.html`},
		{"drawing.svg", "image/svg+xml", "application/octet-stream", `attachment; filename="drawing.svg"; filename*=UTF-8''drawing.svg`},
		{"feed.xml", "text/xml", "application/octet-stream", `attachment; filename="feed.xml"; filename*=UTF-8''feed.xml`},
		{"script.js", "text/plain", "text/plain; charset=utf-8", `attachment; filename="script.js"; filename*=UTF-8''script.js`},
		{"book.pdf", "application/pdf", "application/pdf", `attachment; filename="book.pdf"; filename*=UTF-8''book.pdf`},
		{"photo.html", "image/png", "image/png", `inline; filename="photo.html"; filename*=UTF-8''photo.html`},
		{"Übung „1“ 100%.pdf", "application/pdf", "application/pdf", `attachment; filename="_bung _1_ 100_.pdf"; filename*=UTF-8''%C3%9Cbung%20%E2%80%9E1%E2%80%9C%20100%25.pdf`},
		{`a"; filename="evil.exe`, "application/pdf", "application/pdf", `attachment; filename="a_; filename=_evil.exe"; filename*=UTF-8''a%22%3B%20filename%3D%22evil.exe`},
		{"nobody knows", "", "application/octet-stream", `attachment; filename="nobody knows"; filename*=UTF-8''nobody%20knows`},
	} {
		file := s.stored(t, s.acme, w.lesson, c.name, c.is, "<script>alert(1)</script>")
		policy := map[bool]string{true: shownPolicy, false: filePolicy}[strings.HasPrefix(c.disposition, "inline")]
		b.get(w.lessonAt("")+"/files/"+file.String()).is(http.StatusOK).sent("Content-Type", c.sent).sent("Content-Disposition", c.disposition).
			sent("X-Content-Type-Options", "nosniff").sent("Content-Security-Policy", policy)
	}
}

// A video is played from anywhere in it; one that is elsewhere is led to.
func TestVideosAreSent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	w, b := s.taught(t, ana), s.client(t, ana)
	staff := s.staff(t, s.person(t, "maya@acme.example", "support", s.acme))
	b.get(w.lessonAt("") + "/video").leadsTo("https://www.youtube.com/watch?v=dQw4w9WgXcQ")
	s.video(t, w.lesson, s.stored(t, s.acme, w.lesson, "talk.mp4", "video/mp4", smallMP4))
	for b, path := range map[*browser]string{b: w.lessonAt("") + "/video", staff: w.lessonAt("/acme") + "/video"} {
		b.get(path).is(http.StatusOK).bodyIs(smallMP4).sent("Content-Type", "video/mp4")
		b.sends(http.MethodGet, path, "Range", "bytes=4-7").is(http.StatusPartialContent).bodyIs("ftyp")
	}
	s.exec(t, "UPDATE lesson SET video = 'none', video_file_id = NULL")
	b.get(w.lessonAt("") + "/video").gone()
	staff.get(w.lessonAt("/acme") + "/video").gone()
}

// In an open session, what a client may no longer use is gone with the next request, also for the next part of a video and for what
// the browser still holds; and it is back when they may again.
func TestFilesEndWithTheAccess(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	ben := s.arrived(t, s.acme, "ben@example.com", "Ben Okri")
	w := s.taught(t, ana)
	s.taught(t, ben)
	file := s.stored(t, s.acme, w.lesson, "alphabet.txt", "text/plain", letters)
	s.video(t, w.lesson, s.stored(t, s.acme, w.lesson, "talk.mp4", "video/mp4", smallMP4))
	tag, filePath, videoPath := `"`+file.String()+`"`, w.lessonAt("")+"/files/"+file.String(), w.lessonAt("")+"/video"
	b, other := s.client(t, ana), s.client(t, ben)
	is := func(open bool, when string) {
		t.Helper()
		answers := []*page{b.get(filePath), b.sends(http.MethodHead, filePath), b.sends(http.MethodGet, filePath, "Range", "bytes=2-4"), b.sends(http.MethodGet, filePath, "If-None-Match", tag),
			b.get(videoPath), b.sends(http.MethodGet, videoPath, "Range", "bytes=4-7")}
		for _, p := range answers {
			if open && p.status >= http.StatusBadRequest {
				t.Errorf("%s: %s: status %d", when, p.asked, p.status)
			} else if !open {
				p.gone()
			}
		}
		other.get(filePath).gone() // who has another course
	}
	change := func(statement string) func() {
		return func() { s.exec(t, statement) }
	}
	is(true, "at first")
	for name, c := range map[string]struct{ end, again func() }{
		"the grant ended": {func() {
			s.exec(t, "UPDATE access_grant SET ended_at = $1, ended_because = 'revoked' WHERE id = $2", s.clock.now(), w.grant)
		}, func() {
			s.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) SELECT account_id, gen_random_uuid(), contact_id, course_id, "+
				"'manual', gen_random_uuid(), starts_at, created_at FROM access_grant WHERE id = $1", w.grant)
		}},
		"the app off": {func() {
			s.exec(t, "INSERT INTO account_app (account_id, app, switched_on, position) VALUES ($1, 'courses', false, 1) ON CONFLICT (account_id, app) DO UPDATE SET switched_on = false", s.acme.id)
		}, change("UPDATE account_app SET switched_on = true")},
		"course a draft":       {change("UPDATE course SET published_at = NULL"), change("UPDATE course SET published_at = '2026-01-01'")},
		"course deleted":       {change("UPDATE course SET deleted_at = '2026-01-01'"), change("UPDATE course SET deleted_at = NULL")},
		"module deleted":       {change("UPDATE course_module SET deleted_at = '2026-01-01'"), change("UPDATE course_module SET deleted_at = NULL")},
		"lesson a draft":       {change("UPDATE lesson SET published_at = NULL"), change("UPDATE lesson SET published_at = '2026-01-01'")},
		"lesson deleted":       {change("UPDATE lesson SET deleted_at = '2026-01-01'"), change("UPDATE lesson SET deleted_at = NULL")},
		"lesson not unlocked":  {change("UPDATE lesson SET drip_days = 7"), change("UPDATE lesson SET drip_days = NULL")},
		"before the day of it": {change("UPDATE course_module SET drip_date = '2026-03-11'"), change("UPDATE course_module SET drip_date = '2026-03-10'")},
	} {
		c.end()
		is(false, name)
		c.again()
		is(true, "after "+name)
	}
	s.exec(t, "UPDATE lesson SET drip_days = 7")
	s.clock.move(8 * 24 * time.Hour)
	is(true, "a week later")
}

// A file is of its lesson and course, and of its account.
func TestFilesAreOfTheirLesson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	w, other := s.taught(t, ana), s.taught(t, ana)
	foreign := s.taught(t, s.arrived(t, s.lumen, "ana@example.com", "Ana Souza"))
	b, staff := s.client(t, ana), s.staff(t, s.person(t, "maya@acme.example", "owner", s.acme))
	coming := s.stored(t, s.acme, w.lesson, "coming.txt", "", letters)
	s.exec(t, "UPDATE stored_file SET ready_at = NULL WHERE id = $1", coming)
	for _, path := range []string{
		w.lessonAt("") + "/files/" + other.file.String(),
		w.lessonAt("") + "/files/" + foreign.file.String(),
		w.lessonAt("") + "/files/" + coming.String(),
		"/courses/" + other.course.String() + "/lessons/" + w.lesson.String() + "/files/" + w.file.String(),
		foreign.lessonAt("") + "/files/" + foreign.file.String(),
		foreign.lessonAt("") + "/video",
	} {
		b.get(path).gone()
		staff.get("/acme" + path).gone()
	}
	b.get(w.lessonAt("") + "/files/" + w.file.String()).is(http.StatusOK).bodyIs("%PDF")
}

// A row whose file is not there is a fault, told as one.
func TestFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	w, b := s.taught(t, ana), s.client(t, ana)
	id := s.stored(t, s.acme, w.lesson, "alphabet.txt", "text/plain", letters)
	for found := range s.Files.All(t.Context()) {
		if err := s.Files.Delete(t.Context(), found.Key); err != nil {
			t.Fatal(err)
		}
	}
	b.get(w.lessonAt("") + "/files/" + id.String()).is(http.StatusInternalServerError).has("main")
	if !strings.Contains(s.logged.String(), "there is no such file in the storage") {
		t.Error("nobody who runs the place learns of it")
	}
}
