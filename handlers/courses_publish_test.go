package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Before a published course or lesson goes, those who lose it are shown; of a draft nobody loses anything.
func TestCoursesUnpublishShowsWhoLoses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	w := s.taught(t, ana)
	course := "/acme/courses/" + w.course.String()
	lesson, module := course+"/lessons/"+w.lesson.String(), course+"/modules/"+w.module.String()
	loses := ".items a[href='/acme/contacts/" + ana.id.String() + "']"
	for _, path := range []string{course + "/unpublish", course + "/delete", lesson + "/unpublish", lesson + "/delete", module + "/delete"} {
		b.get(path).is(http.StatusOK).has("#grants-losers", loses, ".btn-danger")
	}
	b.fill(b.get(lesson+"/unpublish"), ".btn-danger").leadsTo(lesson)
	for _, path := range []string{lesson + "/unpublish", lesson + "/delete", module + "/delete"} {
		b.get(path).is(http.StatusOK).lacks(loses)
	}
	b.fill(b.get(course+"/unpublish"), ".btn-danger").leadsTo(course)
	b.get(course + "/delete").is(http.StatusOK).lacks(loses)
	s.rows(t, 1, "course WHERE id = $1 AND published_at IS NULL", w.course)
	s.rows(t, 1, "lesson WHERE id = $1 AND published_at IS NULL", w.lesson)
	s.rows(t, 1, "audit WHERE action = 'lesson.unpublish' AND subject = 'What matters'")
	s.rows(t, 1, "audit WHERE action = 'course.unpublish' AND subject = 'Clear goals'")
	s.rows(t, 1, "course_completion WHERE course_id = $1 AND reopened_at IS NULL", w.course)
}

// Who had finished is asked about before more is published; keeping them changes nothing, reopening leaves every finished lesson.
func TestCoursesPublishAsksAboutThoseWhoFinished(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"keep", "reopen"} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.builder(t)
			ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
			w := s.taught(t, ana) // she has finished the course
			s.exec(t, "INSERT INTO lesson_completion VALUES ($1, $2, $3, $4, $5, 1, $6, 'quiz')", s.acme.id, w.note, ana.id, w.course, w.lesson, noon)
			before := s.everything(t, "lesson_completion")
			k := built{b, s, "/acme/courses/" + w.course.String(), w.course}
			k.lesson(t, "Something new")
			path := k.lessonPath(t, "Something new")
			b.get(k.path).has("#outline-acts [form=outline-publish][name=then][value=outline]", "form#outline-publish") // a script draws it into the row
			b.send(post, path+"/publish", url.Values{"_token": {b.token()}, "then": {"outline"}}).leadsTo(path + "/publish")
			s.rows(t, 1, "lesson WHERE title = 'Something new' AND published_at IS NULL")
			p := b.get(path + "/publish").is(http.StatusOK).has("input[name=finishers][value=keep][checked]")
			b.fill(p, ".btn-primary", "finishers", answer).leadsTo(path)
			s.rows(t, 1, "lesson WHERE title = 'Something new' AND published_at IS NOT NULL")
			s.rows(t, map[string]int{"keep": 1, "reopen": 0}[answer], "course_completion WHERE course_id = $1 AND reopened_at IS NULL", w.course)
			b.fill(b.get(path), "#lessons-form", "title", "Still new").leadsTo(path) // a change is nothing new to finish
			b.fill(b.get(path+"/unpublish"), ".btn-danger").leadsTo(path)
			if s.everything(t, "lesson_completion") != before {
				t.Error("a finished lesson has changed")
			}
		})
	}
}

// Who finished the course while a published lesson or module of it was deleted is asked about before that is restored; a draft is
// nothing to do.
func TestCoursesRestoreAsksAboutThoseWhoFinished(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	w := s.taught(t, s.contact(t, s.acme, "ana@example.com", "Ana Souza")) // she has finished the course, and nothing of it
	course := "/acme/courses/" + w.course.String()
	for noun, path := range map[string]string{"lesson": course + "/lessons/" + w.lesson.String(), "module": course + "/modules/" + w.module.String()} {
		table := map[string]string{"lesson": "lesson", "module": "course_module"}[noun]
		for answer, stands := range map[string]int{"keep": 1, "reopen": 0} {
			s.exec(t, "UPDATE course_completion SET reopened_at = NULL")
			b.fill(b.get(path+"/delete"), ".btn-danger").leadsTo(course)
			before := s.everything(t, "course", "course_module", "lesson", "course_completion", "audit")
			restore := "form[action='" + path + "/restore']"
			asked := b.fill(b.get(course), restore).is(http.StatusOK).has("main "+restore, "input[name=finishers][value=keep][checked]", "a.btn[href='"+course+"']")
			if said := asked.words(); !strings.Contains(said, "1 person had finished; keep them finished?") || s.everything(t, "course", "course_module", "lesson", "course_completion", "audit") != before {
				t.Errorf("asking about a %s changed something, or it says %s", noun, said)
			}
			b.fill(asked, ".btn-primary", "finishers", answer).leadsTo(course)
			s.rows(t, 0, table+" WHERE deleted_at IS NOT NULL")
			s.rows(t, stands, "course_completion WHERE course_id = $1 AND reopened_at IS NULL", w.course)
		}
		for _, hidden := range []string{"course", "lesson"} {
			s.exec(t, "UPDATE course_completion SET reopened_at = NULL")
			s.exec(t, "UPDATE "+hidden+" SET published_at = NULL")
			b.fill(b.get(path+"/delete"), ".btn-danger").leadsTo(course)
			b.fill(b.get(course), "form[action='"+path+"/restore']").leadsTo(course)
			s.rows(t, 1, "course_completion WHERE course_id = $1 AND reopened_at IS NULL", w.course)
			s.exec(t, "UPDATE "+hidden+" SET published_at = '2026-01-01'")
		}
	}
}

// A course that nobody has finished, or whose finishers did all of it, is published without a question.
func TestCoursesPublishWithoutQuestion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	ana := s.contact(t, s.acme, "ana@example.com", "Ana Souza")
	w := s.taught(t, ana)
	s.exec(t, "INSERT INTO lesson_completion VALUES ($1, $2, $3, $4, $5, 1, $6, 'quiz')", s.acme.id, w.note, ana.id, w.course, w.lesson, noon.Add(-time.Minute))
	course := "/acme/courses/" + w.course.String()
	b.fill(b.get(course+"/unpublish"), ".btn-danger").leadsTo(course)
	b.fill(b.get(course), "form[action='"+course+"/publish']").leadsTo(course)
	s.rows(t, 1, "course WHERE id = $1 AND published_at = $2", w.course, noon)
	s.exec(t, "DELETE FROM lesson_completion")
	b.fill(b.get(course+"/unpublish"), ".btn-danger").leadsTo(course)
	b.fill(b.get(course), "form[action='"+course+"/publish']").leadsTo(course + "/publish") // now she has something left
	b.fill(b.get(course+"/publish"), ".btn-primary").leadsTo(course)
	s.rows(t, 1, "course_completion WHERE course_id = $1 AND reopened_at IS NULL", w.course)
}
