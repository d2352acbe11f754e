package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/cmd/internal/browsertest"
	"atrium/jobs"
	"atrium/jobs/filestore"
	"atrium/queries"
)

// alter changes rows behind the program's back; its arguments begin with $1.
func (s *site) alter(statement string, arguments ...any) {
	s.t.Helper()
	if _, err := s.database.pool.Exec(s.t.Context(), statement, arguments...); err != nil {
		s.t.Fatal(err)
	}
}

// scan reads one value.
func scan[T any](s *site, question string, arguments ...any) (value T) {
	s.t.Helper()
	if err := s.database.pool.QueryRow(s.t.Context(), question, arguments...).Scan(&value); err != nil {
		s.t.Fatal(err)
	}
	return value
}

// lesson publishes a course of Acme's with one lesson, and gives it to Ana. Its one id is that of the course, its module and its lesson.
func (s *site) lesson() (path string, id uuid.UUID) {
	s.t.Helper()
	id = queries.NewID()
	for _, statement := range []string{
		"INSERT INTO course (account_id, id, title, position, certificate, published_at, created_at, changed_at) SELECT id, $1, 'Clear goals in ten weeks', 1, true, now(), now(), now() FROM account WHERE slug = 'acme'",
		"INSERT INTO course_module (account_id, id, course_id, title, position, created_at) SELECT id, $1, $1, 'Beginning', 1, now() FROM account WHERE slug = 'acme'",
		"INSERT INTO lesson (account_id, id, course_id, module_id, title, position, published_at, created_at, changed_at) SELECT id, $1, $1, $1, 'What matters', 1, now(), now(), now() FROM account WHERE slug = 'acme'",
		"INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) " +
			"SELECT account_id, $1, id, $1, 'manual', $1, now() - interval '1 hour', now() FROM contact WHERE email = 'ana@example.com' AND account_id = (SELECT id FROM account WHERE slug = 'acme')",
	} {
		s.alter(statement, id)
	}
	return "/courses/" + id.String() + "/lessons/" + id.String(), id
}

// finished has somebody finish a new course of Acme's, and waits for their certificate.
func (s *site) finished(email string) (course uuid.UUID, number string) {
	s.t.Helper()
	_, course = s.lesson()
	account, completion := s.account("acme"), queries.NewID()
	err := queries.InTx(s.t.Context(), s.database.pool, func(q *queries.Queries, tx pgx.Tx) error {
		_, err := tx.Exec(s.t.Context(), "INSERT INTO course_completion VALUES ($1, $2, $3, $4, 1, now(), NULL)", account, completion, s.contact("acme", email), course)
		if err != nil {
			return err
		}
		_, err = queries.IssueCertificate(s.t.Context(), q, account, completion, s.now())
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return course, scan[string](s, "SELECT number FROM certificate WHERE completion_id = $1", completion)
}

// evilFiles are what somebody could upload to have a browser run it: each says so in the storage of the page's origin if it does.
var evilFiles = map[string]struct{ is, content string }{
	"page.html":   {"text/html", `<!doctype html><script>localStorage.evil = "page"</script><meta http-equiv="refresh" content="0;url=javascript:localStorage.evil=1">`},
	"drawing.svg": {"image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="localStorage.evil='svg'"><script>localStorage.evil = "svg"</script></svg>`},
	"sheet.xhtml": {"text/xml", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>localStorage.evil = "xml"</script></html>`},
	"script.js":   {"text/plain", `localStorage.evil = "script"`},
	"both.png":    {"image/png", "\x89PNG\r\n\x1a\n<html><script>localStorage.evil = 'png'</script>"},
	"both.mp4":    {"video/mp4", "\x00\x00\x00\x20ftypisom<html><script>localStorage.evil = 'mp4'</script>"},
	"both.pdf":    {"application/pdf", "%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>\n<script>localStorage.evil = 'pdf'</script>"},
}

// TestUploadedFilesDoNothing opens such files in a browser as the client who may have them, in each way that a page or a link can.
func TestUploadedFilesDoNothing(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	path, lesson := s.lesson()
	account := s.account("acme")
	w := browsertest.Open(t, browsertest.Settings{})
	client(s, w)
	for name, f := range evilFiles {
		id := queries.NewID()
		s.alter("INSERT INTO stored_file (account_id, id, name, media_type, size_bytes, created_at, ready_at) VALUES ($1, $2, $3, $4, $5, now(), now())", account, id, name, f.is, len(f.content))
		s.alter("INSERT INTO lesson_file VALUES ($1, $2, $3, 1)", account, lesson, id)
		if _, err := s.files.Put(t.Context(), filestore.Key{Account: account, ID: id}, strings.NewReader(f.content), 1<<20); err != nil {
			t.Fatal(err)
		}
		address := s.portal("acme", path+"/files/"+id.String())
		status := browsertest.Get[int](w, fmt.Sprintf(`fetch(%q).then(answer => answer.status)`, address))
		if status != 200 {
			t.Fatalf("%s: status %d", name, status)
		}
		// As a script, a stylesheet, a picture, a frame and an object of a page of ours; each ends with load or error.
		browsertest.Get[int](w, fmt.Sprintf(`Promise.all(["script", "link", "img", "iframe", "object", "embed"].map(tag => new Promise(resolve => {
			const element = document.createElement(tag);
			element.onload = element.onerror = () => resolve(tag);
			setTimeout(resolve, 1500, tag);
			if (tag === "link") element.rel = "stylesheet";
			element[{link: "href", object: "data"}[tag] ?? "src"] = %q;
			document.body.append(element);
		}))).then(all => all.length)`, address))
		// And by itself: one that is for saving leaves the window as it was.
		if strings.HasSuffix(name, ".png") || strings.HasSuffix(name, ".mp4") {
			w.Open(address)
		} else {
			browsertest.Get[bool](w, fmt.Sprintf(`new Promise(still => { location.assign(%q); setTimeout(still, 700, true); })`, address)) // fails in a page that is left
		}
		w.Open(s.portal("acme", "/"))
		if evil := browsertest.Get[string](w, `localStorage.evil ?? ""`); evil != "" {
			t.Errorf("%s ran: %s", name, evil)
		}
	}
	said := strings.Join(w.Complaints(), "\n")
	for _, refused := range []string{"Refused to execute script", "Refused to apply style", "frame-ancestors", "object-src"} {
		if !strings.Contains(said, refused) {
			t.Errorf("the browser was not asked, or did not refuse: %s", refused)
		}
	}
}

// TestUploadInTheBrowser works the panels of a lesson's editor: what is sent shows how far it is, and only the panel changes.
func TestUploadInTheBrowser(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	path, _ := s.lesson()
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme" + path))
	w.Type(`textarea[name="body"]`, "Typed, and not saved")
	choose(w, "#files-file", "slides.pdf", "%PDF-1.7 "+strings.Repeat("x", 3<<20))
	w.Press("#files-upload button:not([type])")
	w.Until(`document.querySelectorAll("#files-files li").length === 1 && document.activeElement.textContent.includes("slides.pdf")`)
	choose(w, "#files-file", "notes.txt", "Take three.")
	w.Press("#files-upload button:not([type])")
	w.Until(`document.querySelectorAll("#files-files li").length === 2`)
	names := `[...document.querySelectorAll("#files-files .item-line a")].map(a => a.textContent).join(" ")`
	w.Press(`[id^="files-up-"]:not([disabled])`)
	w.Until(names + ` === "notes.txt slides.pdf"`)
	w.Press(`[commandfor^="files-remove-"]`)
	w.Press(`dialog[open] .btn-danger`)
	w.Until(names + ` === "slides.pdf"`)
	w.Press(`[commandfor^="files-replace-"]`)
	choose(w, `dialog[open] input[type="file"]`, "slides-2.pdf", "%PDF-1.7")
	w.Press(`dialog[open] .btn-primary`)
	w.Until(names + ` === "slides-2.pdf"`)

	choose(w, "#files-video-file", "talk.mp4", "\x00\x00\x00\x14ftypqt  this is not what its name says")
	w.Press("#files-video-upload button:not([type])")
	w.UntilFocus("#files-video-file[aria-invalid]")
	if said := w.Text("#files-video-error"); !strings.Contains(said, "Save it as MP4") {
		t.Error(said)
	}
	choose(w, "#files-video-file", "talk.mp4", "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41")
	w.Press("#files-video-upload button:not([type])")
	w.Until(`document.querySelector("#files-video video")`)
	if typed := w.Value(`textarea[name="body"]`); typed != "Typed, and not saved" {
		t.Errorf("what was typed beside the panels is %q", typed)
	}
	w.Press(`#lessons-form .save-bar .btn`)
	w.Until(`document.querySelector(".flash")?.textContent.includes("Saved")`)
	if !browsertest.Get[bool](w, `document.querySelector("#files-video video") !== null`) {
		t.Error("saving the text lost the video")
	}
}

// TestCertificateInTheBrowser has somebody finish a course: the program makes the document, and whoever has it finds it genuine, until
// it is revoked.
func TestCertificateInTheBrowser(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	course, number := s.finished("ana@example.com")
	queue, err := jobs.NewQueue(s.database.pool, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	completion := scan[uuid.UUID](s, "SELECT completion_id FROM certificate WHERE number = $1", number)
	err = queries.InTx(t.Context(), s.database.pool, func(_ *queries.Queries, tx pgx.Tx) error {
		return queue.Certificate(t.Context(), tx, s.account("acme"), completion)
	})
	if err != nil {
		t.Fatal(err)
	}
	var document []byte
	until(t, 20*time.Second, "the document is made", func() bool {
		document = nil
		err := s.database.pool.QueryRow(context.WithoutCancel(t.Context()), "SELECT pdf FROM certificate WHERE number = $1", number).Scan(&document)
		return err == nil && document != nil
	})
	file := filepath.Join(t.TempDir(), "certificate.pdf")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), "pdftotext", "-raw", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	address := s.portal("acme", "/certificates/"+number)
	if !strings.Contains(string(said), strings.TrimPrefix(address, "http://")) || !strings.Contains(string(said), "Ana Souza") {
		t.Errorf("the document says %s", said)
	}
	employer := browsertest.Open(t, browsertest.Settings{Phone: true})
	employer.Open(address)
	if text := employer.Text("#certificate"); !strings.Contains(text, "genuine") || !strings.Contains(text, "Ana Souza") || !strings.Contains(text, "Clear goals") {
		t.Error(text)
	}
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/courses/" + course.String() + "/certificates"))
	w.Follow(`a[href$="/revoke"]`)
	w.Type(`textarea[name="reason"]`, "Given by mistake")
	w.Follow(`#certificate-revoke .btn-danger`)
	employer.Open(address)
	if text := employer.Text("#certificate"); !strings.Contains(text, "not valid any more") || strings.Contains(text, "Ana Souza") {
		t.Error(text)
	}
}
