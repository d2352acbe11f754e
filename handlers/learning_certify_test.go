package handlers

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// certified demands that one certificate is to be issued, for the completion that stands, and nothing else to be done.
func (s *testSite) certified(t testing.TB, when string) {
	t.Helper()
	var completion string
	s.scan(t, "SELECT id::text FROM course_completion WHERE reopened_at IS NULL", nil, &completion)
	jobs := s.jobs(t)
	if len(jobs) != 1 || jobs[0].Kind != "certificate_issue" || jobs[0].Args["completion_id"] != completion {
		t.Errorf("%s: the jobs are %v, and the completion %s", when, jobs, completion)
	}
}

// Whoever finishes a course that gives a certificate has one issued, in whatever way they came to its end: once for each time they finish it.
func TestFinishingCertifies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 2)
	k.give(t, ana, noon.Add(-time.Hour))
	s.exec(t, "UPDATE course SET certificate = true")
	b := s.client(t, ana)
	s.jobs(t)
	press := func(n int) {
		t.Helper()
		b.send(post, k.at(n)+"/complete", url.Values{"_token": {b.token()}}).is(http.StatusSeeOther)
	}
	press(0)
	s.inserted(t)
	press(1)
	s.certified(t, "by the button")
	press(1)
	b.get(k.path())
	s.inserted(t)

	reopen := func() {
		t.Helper()
		s.clock.move(time.Hour)
		s.exec(t, "UPDATE course_completion SET reopened_at = $1 WHERE reopened_at IS NULL", s.clock.now())
	}
	film := k.lesson(t)
	reopen()
	b.send(post, k.path()+"/lessons/"+film.String()+"/position", url.Values{"_token": {b.token()}, "ended": {"on"}}).is(http.StatusSeeOther)
	s.certified(t, "by the end of a video")
	name := questionName(k.quiz(t, k.lesson(t)))
	reopen()
	b.fill(b.get(k.at(3)), ".quiz", name, "a").is(http.StatusSeeOther)
	s.certified(t, "by a quiz")
	extra := k.lesson(t)
	reopen()
	b.get(k.path()).is(http.StatusOK)
	s.inserted(t)
	s.exec(t, "UPDATE lesson SET published_at = NULL WHERE id = $1", extra)
	b.get(k.path()).leadsTo(k.path() + "?done=1")
	s.certified(t, "when what was left is gone")
	s.rows(t, 4, "course_completion")
	s.rows(t, 4, "lesson_completion")
}

// A course that gives none has none issued.
func TestFinishingWithoutACertificate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 1)
	k.give(t, ana, noon.Add(-time.Hour))
	b := s.client(t, ana)
	s.jobs(t)
	b.send(post, k.at(0)+"/complete", url.Values{"_token": {b.token()}}).leadsTo(k.path() + "?done=1")
	s.inserted(t)
	s.rows(t, 1, "course_completion")
}

// The certificate's job is inserted by the transaction that finishes the course: when it cannot be, nothing is finished.
func TestFinishingAndCertifyingAreOne(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 1)
	k.give(t, ana, noon.Add(-time.Hour))
	s.exec(t, "UPDATE course SET certificate = true")
	b := s.client(t, ana)
	s.jobs(t)
	s.exec(t, "ALTER TABLE river.river_job ADD CONSTRAINT broken CHECK (kind <> 'certificate_issue')")
	b.send(post, k.at(0)+"/complete", url.Values{"_token": {b.token()}}).is(http.StatusInternalServerError)
	s.rows(t, 0, "lesson_completion")
	s.rows(t, 0, "course_completion")
	s.exec(t, "ALTER TABLE river.river_job DROP CONSTRAINT broken")
	b.send(post, k.at(0)+"/complete", url.Values{"_token": {b.token()}}).leadsTo(k.path() + "?done=1")
	s.certified(t, "the second time")
}
