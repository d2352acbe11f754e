package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A lesson is written, saved as a draft, published, and saved again while clients see it.
func TestLessonsAreWritten(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A", "B")
	path := k.lessonPath(t, "A")
	p := b.get(path).is(http.StatusOK).has("#lessons-head .badge", "button[value=publish]", "#lessons-preview", "nav a[href='"+k.lessonPath(t, "B")+"']")
	b.fill(p, "#lessons-form", "title", "What  matters", "body", "  - one\r\n- **two**\r\n", "minutes", "12", "video_url", "youtu.be/dQw4w9WgXcQ", "drip", "days", "drip_days", "3").leadsTo(path)
	s.rows(t, 1, `lesson WHERE title = 'What matters' AND body = E'  - one\n- **two**' AND minutes = 12 AND video = 'youtube' AND video_url = 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'
		AND drip_days = 3 AND drip_date IS NULL AND published_at IS NULL AND version = 2`)
	s.clock.move(time.Minute)
	b.fill(b.get(path), "button[value=publish]", "drip", "date", "drip_date", "2026-05-01").leadsTo(path)
	s.rows(t, 1, "lesson WHERE title = 'What matters' AND drip_days IS NULL AND drip_date = '2026-05-01' AND published_at IS NOT NULL AND version = 2") // what is read has not changed
	b.get(path).has("#lessons-head .badge-success", "#lessons-head a[href='"+path+"/unpublish']").lacks("button[value=publish]")
	s.clock.move(time.Minute)
	r := b.htmx().fill(b.get(path), "#lessons-form", "title", "Anew").is(http.StatusOK).has("#lessons-form", ".flash-success", "#lessons-head").lacks("main")
	if s.scanText(t, "SELECT changed_at::text FROM lesson WHERE title = 'Anew'") == "" || attr(r.one("[name=stamp]"), "value") == "" {
		t.Error("the form has no new stamp")
	}
	s.rows(t, 1, "lesson WHERE title = 'Anew' AND version = 3")
	s.rows(t, 3, "audit WHERE action = 'lesson.change'")
	s.rows(t, 1, "audit WHERE action = 'lesson.publish'")
	b.fill(b.get(path), "#lessons-form").leadsTo(path)
	s.rows(t, 3, "audit WHERE action = 'lesson.change'") // nothing was
	b.fill(b.get(path), "#lessons-form", "body", "  - eno\r\n- **two**\r\n").leadsTo(path)
	s.rows(t, 4, "audit WHERE action = 'lesson.change'") // other words of the same length
	s.rows(t, 1, "audit WHERE action = 'lesson.change' AND became->>'characters_of_text' = '17' AND became->>'body' IS NULL AND was->>'title' = 'A'")
}

// scanText is one value as text.
func (s *testSite) scanText(t testing.TB, sql string, args ...any) (value string) {
	t.Helper()
	s.scan(t, sql, args, &value)
	return value
}

// What a video from elsewhere cannot do stands beside its field.
func TestLessonsTellOfVideosFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A")
	if said := words(b.get(k.lessonPath(t, "A")).one("#field-video_url-hint")); !strings.Contains(said, "YouTube and Vimeo do not tell") || !strings.Contains(said, "by its button") || !strings.Contains(said, "begins at the start again") {
		t.Errorf("it says %s", said)
	}
}

// What cannot be stored comes back beside its field, with all that was typed, and nothing is stored.
func TestLessonsRefuse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A")
	path := k.lessonPath(t, "A")
	p := b.get(path)
	before := s.everything(t, "lesson", "audit")
	for _, c := range []struct{ field, typed, at string }{{"title", "", "title"}, {"title", strings.Repeat("x", 121), "title"}, {"body", strings.Repeat("x", 100_001), "body"},
		{"minutes", "ten", "minutes"}, {"video_url", "https://example.com/talk", "video_url"}, {"video_url", "http://cdn.example/a.mp4", "video_url"}, {"drip_days", "soon", "drip_days"}, {"drip_days", "-1", "drip_days"},
		{"drip_date", "31.12.", "drip_date"}} {
		fields := []string{"body", "# Kept", c.field, c.typed}
		if drip, is := strings.CutPrefix(c.field, "drip_"); is {
			fields = append(fields, "drip", drip)
		}
		for _, way := range []*browser{b, b.htmx()} {
			r := way.fill(p, "#lessons-form", fields...).is(http.StatusUnprocessableEntity).has("#field-" + c.at + "-error")
			if n := len(r.all("#lessons-form .error")); n != 1 {
				t.Errorf("%s as %q: %d errors", c.field, c.typed, n)
			}
			if kept := text(r.one("textarea[name=body]")); c.field != "body" && kept != "# Kept" {
				t.Errorf("%s: the text became %q", c.field, kept)
			}
		}
	}
	if s.everything(t, "lesson", "audit") != before {
		t.Error("what was refused changed something")
	}
}

// Two write at the same lesson: the second is told, keeps what they typed, and decides.
func TestLessonsTellWhoIsSecond(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A")
	path := k.lessonPath(t, "A")
	first, second := b.get(path), b.get(path)
	s.clock.move(time.Minute)
	b.fill(first, "#lessons-form", "body", "Theirs").leadsTo(path)
	r := b.fill(second, "#lessons-form", "body", "Mine").is(http.StatusUnprocessableEntity).has(".notice-box-warning")
	if got := text(r.one("textarea[name=body]")); got != "Mine" {
		t.Errorf("the text became %q", got)
	}
	s.rows(t, 1, "lesson WHERE body = 'Theirs'")
	b.fill(r, "#lessons-form").leadsTo(path)
	s.rows(t, 1, "lesson WHERE body = 'Mine'")
}

// Whoever asks for a question while the lesson is written finds what they typed saved when they come back; of a published lesson,
// which clients would see at once, nothing is saved along the way and nothing lost.
func TestLessonsAreSavedOnTheWayToAQuestion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A")
	path := k.lessonPath(t, "A")
	const ask = "#quiz button[value='question:multiple']"
	question := path + "/questions/new?kind=multiple"
	b.fill(b.get(path), ask).leadsTo(question)
	s.rows(t, 0, "audit WHERE action = 'lesson.change'")
	b.fill(b.get(path), ask, "body", "Written first").leadsTo(question)
	s.rows(t, 1, "lesson WHERE body = 'Written first' AND published_at IS NULL")
	if next := b.htmx().fill(b.get(path), ask, "body", "Written next").is(http.StatusOK).header.Get("HX-Redirect"); next != question {
		t.Errorf("it leads to %q", next)
	}
	s.rows(t, 1, "lesson WHERE body = 'Written next' AND published_at IS NULL")
	b.fill(b.get(path), ask, "body", "Kept", "minutes", "ten").is(http.StatusUnprocessableEntity).has("#field-minutes-error")

	b.fill(b.get(path), "button[value=publish]").leadsTo(path)
	b.fill(b.get(path), ask).leadsTo(question)
	p := b.fill(b.get(path), ask, "body", "Not for clients yet").is(http.StatusUnprocessableEntity).has("#field-body-error")
	if got := text(p.one("textarea[name=body]")); got != "Not for clients yet" {
		t.Errorf("the text became %q", got)
	}
	s.rows(t, 1, "lesson WHERE body = 'Written next'")
}

// The preview shows what is typed and stores nothing; HTML in it is text.
func TestLessonsPreview(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A")
	path := k.lessonPath(t, "A")
	before := s.everything(t)
	values := url.Values{"_token": {b.token()}, "title": {"Typed"}, "body": {"**bold** <script>alert(1)</script> [x](javascript:alert(1))"}, "minutes": {"5"}, "video_url": {"https://vimeo.com/1"}}
	p := b.htmx().send(post, path+"/preview", values).is(http.StatusOK).has("#lessons-preview .reading strong", "#lessons-preview .lesson-video").lacks("main", "script")
	if strings.Contains(p.body, `href="javascript`) {
		t.Error("a link runs something")
	}
	if got := words(p.one("#lessons-preview")); !strings.Contains(got, "Typed") || !strings.Contains(got, "<script>alert(1)</script>") {
		t.Errorf("it says %q", got)
	}
	b.send(post, path+"/preview", values).is(http.StatusOK).has("main #lessons-form [value=Typed]")
	if s.everything(t) != before {
		t.Error("a preview changed something")
	}
	b.get(k.path+"/preview/lessons/"+path[strings.LastIndexByte(path, '/')+1:]).is(http.StatusOK).has(".preview-bar a[href='"+path+"']", ".lesson-head .muted")
}

// Questions are worded, marked, moved and deleted; each kind is asked for what it needs.
func TestQuestions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.builder(t)
	k := s.build(t, b, "Clear goals", "A")
	lesson := k.lessonPath(t, "A")
	page := func(kind string) *page { return b.get(lesson + "/questions/new?kind=" + kind).is(http.StatusOK) }
	for name, c := range map[string]struct {
		kind   string
		fields []string
		at     string
	}{
		"no question":     {"single", []string{"option-a", "One", "option-b", "Two", "right", "a"}, "#field-text-error"},
		"one answer":      {"single", []string{"text", "Why?", "option-a", "One", "right", "a"}, "#options-error"},
		"none is right":   {"multiple", []string{"text", "Why?", "option-a", "One", "option-b", "Two"}, "#options-error"},
		"twice the same":  {"single", []string{"text", "Why?", "option-a", "One", "option-b", "One", "right", "a"}, "#options-error"},
		"right and empty": {"single", []string{"text", "Why?", "option-a", "One", "option-b", "Two", "right", "c"}, "#options-error"},
		"no text":         {"text", []string{"text", "Why?"}, "#field-answers-error"},
		"long":            {"text", []string{"text", "Why?", "answers", strings.Repeat("x", 301)}, "#field-answers-error"},
	} {
		if p := b.fill(page(c.kind), "#questions-form", c.fields...); p.status != http.StatusUnprocessableEntity || len(p.all(c.at)) != 1 || len(p.all(".error")) != 1 || len(p.all("[aria-invalid=true]")) == 0 {
			t.Errorf("%s: status %d, %q", name, p.status, p.words())
		}
	}
	s.rows(t, 0, "quiz_question")
	more := b.htmx().fill(page("single"), "button[value=add]", "text", "How many?", "option-a", "Three").is(http.StatusOK).has("[name='option-d'][autofocus]", "[name='option-a'][value=Three]").lacks("main")
	b.fill(more, "#questions-form", "option-d", "Thirty", "right", "a", "explanation", "More is too many.").leadsTo(lesson + "#quiz")
	b.fill(page("multiple"), "#questions-form", "text", "Which?", "option-a", "One", "option-b", "Two", "right", "b").leadsTo(lesson + "#quiz")
	b.fill(page("text"), "#questions-form", "text", "Say it", "answers", " Goal \n\na  goal\nGoal").leadsTo(lesson + "#quiz")
	s.rows(t, 1, `quiz_question WHERE kind = 'single' AND options = '[{"key": "a", "text": "Three", "right": true}, {"key": "d", "text": "Thirty"}]' AND answers = '{}' AND explanation <> ''`)
	s.rows(t, 1, `quiz_question WHERE kind = 'text' AND options = '[]' AND answers = '{Goal,a goal}'`)
	p := b.get(lesson).has("#quiz li", "[name=pass_percent][value='80']")
	b.fill(p, "#lessons-form", "pass_percent", "120").is(http.StatusUnprocessableEntity).has("#field-pass_percent-error")
	b.fill(p, "#lessons-form", "pass_percent", "100", "tries", "3", "shuffled", "on").leadsTo(lesson)
	s.rows(t, 1, "lesson WHERE quiz_pass_percent = 100 AND quiz_tries = 3 AND quiz_shuffled")
	first := attr(p.one("#quiz li a"), "href")
	b.htmx().fill(p, "form[action='"+first+"/move'] button[value=down]").is(http.StatusOK).has("#quiz").lacks("main")
	b.fill(p, "form[action='"+first+"/move'] button[value=down]").leadsTo(lesson + "#quiz")
	if got := s.scanText(t, "SELECT string_agg(text, ' ' ORDER BY position) FROM quiz_question"); got != "Which? Say it How many?" {
		t.Errorf("the quiz is %s", got)
	}
	b.fill(b.get(first).is(http.StatusOK).has("[name=right][value=a][checked]"), "#questions-form", "option-d", "Ninety", "kind", "text").leadsTo(lesson + "#quiz") // the kind stays
	s.rows(t, 1, `quiz_question WHERE kind = 'single' AND options @> '[{"key": "d", "text": "Ninety"}]'`)
	b.fill(b.get(first), "#delete form").leadsTo(lesson + "#quiz")
	s.rows(t, 2, "quiz_question")
	b.get(first).is(http.StatusNotFound)
	for action, n := range map[string]int{"question.create": 3, "question.change": 1, "question.move": 2, "question.delete": 1} {
		s.rows(t, n, "audit WHERE action = $1", action)
	}
	s.rows(t, 1, "lesson WHERE version = 6") // three questions, one changed, one gone
	b.fill(b.get(lesson), "button[value=publish]").leadsTo(lesson)
	b.get(k.path + "/preview/lessons/" + k.row(t, "lesson", "A")).is(http.StatusOK).has("#quiz fieldset")
}
