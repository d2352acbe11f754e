package jobs

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/queries"
)

// finish writes that a contact finished the archive's course, at a time.
func (a archive) finish(contact uuid.UUID, at string) (completion uuid.UUID) {
	a.t.Helper()
	completion = queries.NewID()
	a.exec("INSERT INTO course_completion (account_id, id, contact_id, course_id, course_version, completed_at) VALUES ($1, $2, $3, $4, 1, $5::text::timestamptz)",
		a.account, completion, contact, a.course, at)
	return completion
}

// issue runs the job twice, since the second time has to be harmless.
func (a archive) issue(completion uuid.UUID) {
	a.t.Helper()
	w := &certificateIssueWorker{db: a.pool, c: a.config, queue: a.queue}
	for range 2 {
		check(a.t, w.Work(a.t.Context(), &river.Job[certificateIssueArgs]{Args: certificateIssueArgs{a.account, completion}}))
	}
}

// printed is what stands on the one certificate there is.
func (a archive) printed() string {
	a.t.Helper()
	path := filepath.Join(a.t.TempDir(), "certificate.pdf")
	check(a.t, os.WriteFile(path, read[[]byte](a.office, "SELECT pdf FROM certificate"), 0o600))
	said, err := exec.CommandContext(a.t.Context(), "pdftotext", "-layout", path, "-").Output()
	check(a.t, err)
	return strings.Join(strings.Fields(string(said)), " ")
}

// Whoever finishes is given one certificate, with what was true then, and one mail.
func TestCertificateIsIssued(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	ana := a.contact("ana@example.com", "Ana Souza")
	a.exec("UPDATE contact SET time_zone = 'Pacific/Auckland'")
	a.exec("UPDATE course SET certificate_signer = 'Maya Okafor, founder'")
	a.exec("INSERT INTO domain VALUES ($1, 'learn.acme.example', now(), now())", a.account)
	completion := a.finish(ana, "2026-03-13 12:30:00Z") // the 14th where she is
	a.issue(completion)
	number := read[string](a.office, "SELECT number FROM certificate WHERE contact_id = $1 AND holder = 'Ana Souza' AND course_title = 'Clear goals' AND completed_on = '2026-03-14' AND signer = 'Maya Okafor, founder'", ana)
	said := a.printed()
	for _, want := range []string{"Ana Souza", "Clear goals", "14 March 2026", number, "learn.acme.example/certificates/" + number, "Maya Okafor, founder", "Acme Coaching"} {
		if !strings.Contains(said, want) {
			t.Errorf("the document does not say %q: %s", want, said)
		}
	}
	if n := read[int](a.office, "SELECT count(*) FROM mail m JOIN certificate c ON c.id = m.certificate_id WHERE m.kind = 'certificate_ready' AND m.contact_id = $1 AND m.course_id = c.course_id", ana); n != 1 {
		t.Errorf("%d mails", n)
	}
	if n := read[int](a.office, "SELECT count(*) FROM river.river_job WHERE kind = 'mail_send'"); n != 1 {
		t.Errorf("%d jobs that send it", n)
	}
	a.exec("UPDATE contact SET name = 'Ana Lund'")
	a.issue(completion)
	if a.printed() != said {
		t.Error("a certificate changes with the name")
	}
}

// The account's colour and logo are on it, and its signature is the account's own where nobody else's is.
func TestCertificateWearsTheBrand(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	var logo bytes.Buffer
	m := image.NewPaletted(image.Rect(0, 0, 200, 60), color.Palette{color.Black})
	check(t, png.Encode(&logo, m))
	a.exec("INSERT INTO picture VALUES ($1, 'logo', 'image/png', $2, now())", a.account, logo.Bytes())
	a.exec("UPDATE account SET logo_hash = 'logo', accent = '#7c3aed' WHERE id = $1", a.account)
	a.issue(a.finish(a.contact("ana@example.com", "Ana Souza"), "2026-03-13 12:30:00Z"))
	document := read[[]byte](a.office, "SELECT pdf FROM certificate WHERE signer = 'Acme Coaching'")
	if !bytes.Contains(document, []byte("/Subtype /Image")) {
		t.Error("the logo is not on it")
	}
}

// Whoever wants no news of their courses, or no mails at all, is given the certificate without a mail; reminders are another kind.
func TestCertificateIsNotTold(t *testing.T) {
	t.Parallel()
	for column, want := range map[string]int{"no_mail_at": 0, "no_course_mail_at": 0, "no_invoice_mail_at": 1} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			a := newArchive(t)
			ana := a.contact("ana@example.com", "Ana Souza")
			a.exec("UPDATE contact SET " + column + " = now()")
			a.issue(a.finish(ana, "2026-03-13 12:30:00Z"))
			if made, told := read[int](a.office, "SELECT count(*) FROM certificate"), read[int](a.office, "SELECT count(*) FROM mail"); made != 1 || told != want {
				t.Errorf("%d certificates and %d mails", made, told)
			}
		})
	}
}

// What is no longer true when the job runs issues nothing; an address that refuses mail is not written to.
func TestCertificateIsNotIssued(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	ana := a.contact("ana@example.com", "")
	reopened := a.finish(ana, "2026-03-13 12:30:00Z")
	a.exec("UPDATE course_completion SET reopened_at = now()")
	a.issue(reopened)
	a.issue(uuid.New())
	if n := read[int](a.office, "SELECT count(*) FROM certificate"); n != 0 {
		t.Errorf("%d certificates of nothing", n)
	}
	a.exec("UPDATE contact SET bounced_at = now()")
	a.issue(a.finish(ana, "2026-03-14 12:30:00Z"))
	if n := read[int](a.office, "SELECT count(*) FROM mail"); n != 0 {
		t.Errorf("%d mails to an address that refuses them", n)
	}
	if said := a.printed(); strings.Contains(said, "ana@example.com") || !strings.Contains(said, "a•••@e•••.com") {
		t.Errorf("who has given no name is %s", said)
	}
}

// One that was begun is made whole, and the job is inserted by the transaction that finished the course.
func TestCertificateIsMadeWhole(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	completion := a.finish(a.contact("ana@example.com", "Ana Souza"), "2026-03-13 12:30:00Z")
	a.exec("INSERT INTO certificate SELECT account_id, $1, '7KQ4-M2ZD-9F', contact_id, course_id, id, 'Ana Souza', 'Clear goals', 'Acme', '2026-03-13', now(), NULL, '', NULL FROM course_completion", queries.NewID())
	a.tx(func(ctx context.Context, _ *queries.Queries, tx pgx.Tx) error {
		return a.queue.Certificate(ctx, tx, a.account, completion)
	})
	a.work()
	a.jobsAre("certificate_issue", "completed")
	if said := a.printed(); !strings.Contains(said, "7KQ4-M2ZD-9F") {
		t.Errorf("it says %s", said)
	}
}

func TestCertificatePrints(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"Ana Souza": true, "Дмитрий": true, "Ana ✨": true, "": true, "山田太郎": false, "محمد": false} {
		if CertificatePrints(text) != want {
			t.Errorf("%q prints: %v", text, !want)
		}
	}
}
