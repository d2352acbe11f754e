package handlers

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/jobs/filestore"
	"atrium/queries"
)

// taught is a published course with one published lesson that has everything, and what one client did in it.
type taught struct {
	course, module, lesson, question, file uuid.UUID
	grant, note, certificate, offer, claim uuid.UUID
	number                                 string // the certificate's
	cover                                  string // the hash of the course's picture
	offerName, claimToken                  string
}

// taught makes them, as rows: the verbs that make them have tests of their own.
func (s *testSite) taught(t testing.TB, c contact) (w taught) {
	t.Helper()
	a, now := c.account.id, s.clock.now()
	for _, id := range []*uuid.UUID{&w.course, &w.module, &w.lesson, &w.question, &w.file, &w.grant, &w.note, &w.certificate, &w.offer, &w.claim} {
		*id = queries.NewID()
	}
	before, tail := now.Add(-time.Hour), w.course.String()[24:]
	w.cover = "cover-1"
	w.number, w.offerName, w.claimToken = queries.NewCertificateNumber(), "taster-"+tail, s.Mails.Secret.FormToken(w.claim)
	s.exec(t, "INSERT INTO stored_file (account_id, id, name, media_type, size_bytes, created_at, ready_at) VALUES ($1, $2, 'worksheet.pdf', 'application/pdf', 4, $3, $3)", a, w.file, before)
	if _, err := s.Files.Put(t.Context(), filestore.Key{Account: a, ID: w.file}, strings.NewReader("%PDF"), 4); err != nil {
		t.Fatal(err)
	}
	s.exec(t, "INSERT INTO picture VALUES ($1, 'cover-1', 'image/png', 'x', $2) ON CONFLICT DO NOTHING", a, before)
	s.exec(t, "INSERT INTO course (account_id, id, title, summary, cover_hash, position, certificate, published_at, created_at, changed_at) VALUES ($1, $2, 'Clear goals', 'How to choose what matters.', 'cover-1', 1, true, $3, $3, $3)", a, w.course, before)
	s.exec(t, "INSERT INTO course_module (account_id, id, course_id, title, position, created_at) VALUES ($1, $2, $3, 'Beginning', 1, $4)", a, w.module, w.course, before)
	s.exec(t, "INSERT INTO lesson (account_id, id, course_id, module_id, title, position, body, minutes, video, video_url, published_at, created_at, changed_at) "+
		"VALUES ($1, $2, $3, $4, 'What matters', 1, 'Write **three** things down.', 10, 'youtube', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ', $5, $5, $5)", a, w.lesson, w.course, w.module, before)
	s.exec(t, "INSERT INTO lesson_file VALUES ($1, $2, $3, 1)", a, w.lesson, w.file)
	s.exec(t, `INSERT INTO quiz_question (account_id, id, lesson_id, position, kind, text, options, explanation) VALUES ($1, $2, $3, 1, 'single', 'How many?', `+
		`'[{"key": "a", "text": "Three", "right": true}, {"key": "b", "text": "Thirty"}]', 'More is too many.')`, a, w.question, w.lesson)
	s.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) VALUES ($1, $2, $3, $4, 'manual', $2, $5, $5)", a, w.grant, c.id, w.course, before)
	s.exec(t, "INSERT INTO lesson_note VALUES ($1, $2, $3, $4, $5, 'Ask Ben', $6, $6)", a, w.note, c.id, w.course, w.lesson, before)
	s.exec(t, "INSERT INTO course_completion VALUES ($1, $2, $3, $4, 1, $5, NULL)", a, w.certificate, c.id, w.course, before)
	s.exec(t, "INSERT INTO certificate VALUES ($1, $2, $3, $4, $5, $2, 'Ana Souza', 'Clear goals', 'Acme', $6::timestamptz, $6, NULL, '', '%PDF-1.4')", a, w.certificate, w.number, c.id, w.course, before)
	s.exec(t, "INSERT INTO offer (account_id, id, name, title, created_at, changed_at) VALUES ($1, $2, $3, 'A taster', $4, $4)", a, w.offer, w.offerName, before)
	s.exec(t, "INSERT INTO offer_course VALUES ($1, $2, $3)", a, w.offer, w.course)
	s.exec(t, "INSERT INTO offer_claim (account_id, id, offer_id, email, name, token_hash, ip, user_agent, created_at, expires_at) VALUES ($1, $2, $3, $4, 'Nia', $5, '192.0.2.1', '', $6, $7)",
		a, w.claim, w.offer, "nia-"+tail+"@example.com", queries.TokenHash(w.claimToken), before, now.Add(time.Hour))
	return w
}

// paths are the names of a route's path that are about courses. Those of the admin side say :account first, but what follows is the same.
func (w taught) paths() []string {
	return []string{
		"/courses/:id", "/courses/" + w.course.String(),
		"/offers/:id", "/offers/" + w.offer.String(),
		"/certificates/:number", "/certificates/" + w.number,
		"/o/:name/confirm/:token", "/o/" + w.offerName + "/confirm/" + w.claimToken,
		"/o/:name", "/o/" + w.offerName,
		":cover", w.cover,
		":module", w.module.String(),
		":lesson", w.lesson.String(),
		":question", w.question.String(),
		":attachment", w.file.String(),
		":grant", w.grant.String(),
		":note", w.note.String(),
		":certificate", w.certificate.String(),
	}
}

// wrongs are these things with one that a path names replaced: by what another account has, and by what nobody has.
func (w taught) wrongs(path string, foreign taught, with func(func(*taught)) things) (wrong []things) {
	for name, of := range map[string]func(*taught) *uuid.UUID{
		"/courses/:id": func(w *taught) *uuid.UUID { return &w.course }, ":module": func(w *taught) *uuid.UUID { return &w.module },
		":lesson": func(w *taught) *uuid.UUID { return &w.lesson }, ":question": func(w *taught) *uuid.UUID { return &w.question },
		":attachment": func(w *taught) *uuid.UUID { return &w.file }, ":grant": func(w *taught) *uuid.UUID { return &w.grant },
		":note": func(w *taught) *uuid.UUID { return &w.note }, ":certificate": func(w *taught) *uuid.UUID { return &w.certificate },
		"/offers/:id": func(w *taught) *uuid.UUID { return &w.offer },
	} {
		if containsName(path, name) {
			wrong = append(wrong, with(func(w *taught) { *of(w) = *of(&foreign) }), with(func(w *taught) { *of(w) = queries.NewID() }))
		}
	}
	if containsName(path, "/o/:name") {
		wrong = append(wrong, with(func(w *taught) { w.offerName = foreign.offerName }))
	}
	if containsName(path, ":cover") {
		wrong = append(wrong, with(func(w *taught) { w.cover += "1" }))
	}
	return wrong
}
