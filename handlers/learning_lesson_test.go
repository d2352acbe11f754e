package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// The button finishes a lesson and goes on to the next; the last one finishes the course, once, and says so.
func TestLearningComplete(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 3)
	k.give(t, ana, noon.Add(-time.Hour))
	s.exec(t, "UPDATE course SET in_order = true, certificate = true")
	s.exec(t, "UPDATE lesson SET version = 4 WHERE id = $1", k.lessons[0])
	b := s.client(t, ana)
	complete := func(n int) string { return "form[action='" + k.at(n) + "/complete']" }
	p := b.get(k.at(0)).is(http.StatusOK).lacks("a[rel=next]", "a[rel=prev]")
	b.fill(p, complete(0)).leadsTo(k.at(1))
	s.rows(t, 1, "lesson_completion WHERE lesson_version = 4 AND completed_by = 'button' AND completed_at = $1", noon)
	b.get(k.at(0)).has("a[rel=next][href='"+k.at(1)+"'][data-step=ArrowRight]", ".lesson-finish .course-done").lacks(complete(0))
	b.fill(p, complete(0)).leadsTo(k.at(1)) // sent again, by a second press or from another window
	s.rows(t, 1, "lesson_completion")
	s.exec(t, "UPDATE lesson SET drip_date = '2026-04-01' WHERE id = $1", k.lessons[2])
	p = b.follow(b.fill(b.get(k.at(1)), complete(1)).leadsTo(k.path()))
	if text := words(p.one(".flash")); text != "Done. “Lesson 3” is next: opens 1 Apr 2026." {
		t.Errorf("before one that is shut it says %q", text)
	}
	s.exec(t, "UPDATE lesson SET drip_date = NULL")
	s.clock.move(time.Hour)
	p = b.follow(b.fill(b.get(k.at(2)).has("a[rel=prev]"), complete(2)).leadsTo(k.path() + "?done=1"))
	p.has(".celebration", ".course-done").lacks("a[href='" + k.path() + "/certificate']")
	if text := p.words(); !strings.Contains(text, "You have finished “Clear goals”") || !strings.Contains(text, "Your certificate is being made") {
		t.Errorf("at the end it says %q", text)
	}
	s.rows(t, 1, "course_completion WHERE completed_at = $1", noon.Add(time.Hour))
	s.exec(t, "INSERT INTO certificate SELECT account_id, id, 'C1', contact_id, course_id, id, 'Ana', 'Clear goals', 'Acme', completed_at, completed_at, NULL, '', '%PDF' FROM course_completion")
	b.get(k.path()).has("a.btn-primary[href='" + k.path() + "/certificate']").lacks(".celebration")
	k.lesson(t)
	if text := b.get(k.path()).words(); !strings.Contains(text, "You finished it on 10 Mar 2026. Since then 1 lesson came.") {
		t.Errorf("with more to do it says %q", text)
	}
	s.rows(t, 1, "course_completion")
}

// A quiz is failed, then passed, and each try is kept; the lesson is finished by it and not by a button.
func TestLearningQuiz(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 2)
	k.give(t, ana, noon.Add(-time.Hour))
	name := questionName(k.quiz(t, k.lessons[0]))
	s.exec(t, "UPDATE lesson SET quiz_tries = 3, quiz_shuffled = true WHERE id = $1", k.lessons[0])
	b := s.client(t, ana)
	p := b.get(k.at(0)).is(http.StatusOK).has(".quiz [name="+name+"][required]").lacks("form[action='"+k.at(0)+"/complete']", ".quiz-answers")
	if text := words(p.one("#quiz")); !strings.Contains(text, "1 question; 80% right answers pass. You have 3 tries left.") || strings.Contains(text, "too many") {
		t.Errorf("before the first try: %q", text)
	}
	b.send(post, k.at(0)+"/complete", url.Values{"_token": {b.token()}}).leadsTo(k.at(0) + "#quiz")
	b.fill(p, ".quiz").is(http.StatusUnprocessableEntity).has("#field-"+name+"-error", ".quiz [aria-invalid]")
	s.rows(t, 0, "quiz_try")
	b.fill(p, ".quiz", name, "b").leadsTo(k.at(0) + "#quiz")
	b.fill(p, ".quiz", name, "a").leadsTo(k.at(0) + "#quiz") // sent again: the first counts
	s.rows(t, 1, "quiz_try WHERE NOT passed AND right_count = 0 AND question_count = 1")
	p = b.get(k.at(0)).has(".quiz-answers", "a[href='"+k.at(0)+"?try=1#quiz']").lacks(".quiz", "a[rel=next].btn-primary")
	if text := words(p.one("#quiz")); !strings.Contains(text, "Not passed yet. 0 of 1 right (0%)") || !strings.Contains(text, "You answered: Thirty More is too many.") ||
		!strings.Contains(text, "You have 2 tries left.") || strings.Contains(text, "Three") {
		t.Errorf("after the first try: %q", text)
	}
	again := b.get(k.at(0) + "?try=1").has(".quiz")
	b.fill(again, ".quiz").is(http.StatusUnprocessableEntity).has("#field-" + name + "-error")
	s.exec(t, "UPDATE lesson SET version = 2")
	b.fill(again, ".quiz", name, "a").is(http.StatusUnprocessableEntity).has("[role=alert]")
	s.rows(t, 1, "quiz_try")
	b.fill(b.get(k.at(0)+"?try=1"), ".quiz", name, "a").leadsTo(k.at(0) + "#quiz")
	p = b.get(k.at(0)).has("a[rel=next].btn-primary[href='"+k.at(1)+"']").lacks(".quiz", "a[href='"+k.at(0)+"?try=1#quiz']")
	if text := words(p.one("#quiz")); !strings.Contains(text, "Passed. 1 of 1 right (100%)") {
		t.Errorf("after the second try: %q", text)
	}
	s.rows(t, 1, "quiz_try WHERE passed AND lesson_version = 2")
	s.rows(t, 1, "lesson_completion WHERE completed_by = 'quiz'")
	b.send(post, k.at(1)+"/quiz", url.Values{"_token": {b.token()}}).is(http.StatusNotFound)
}

// Without tries left it says so, and what would have been right; several can be right, and words are compared kindly.
func TestLearningQuizKinds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 1)
	k.give(t, ana, noon.Add(-time.Hour))
	s.exec(t, "UPDATE lesson SET quiz_tries = 1")
	several, inWords := queries.NewID(), queries.NewID()
	s.exec(t, `INSERT INTO quiz_question VALUES ($1, $2, $4, 1, 'multiple', 'Which?', '[{"key": "a", "text": "Clear", "right": true}, {"key": "b", "text": "Vague"}, {"key": "c", "text": "Written", "right": true}]', '{}', ''),
		($1, $3, $4, 2, 'text', 'What?', '[]', '{"The goal"}', '')`, s.acme.id, several, inWords, k.lessons[0])
	b := s.client(t, ana)
	p := b.get(k.at(0)).has("[type=checkbox][name="+questionName(several)+"]", "input[type=text][name="+questionName(inWords)+"]")
	form := p.form(".quiz", questionName(inWords), "  the  GOAL ")
	p = b.send(post, form.action, form.values).is(http.StatusUnprocessableEntity).has("#field-" + questionName(several) + "-error")
	if typed := attr(p.one("input[name="+questionName(inWords)+"]"), "value"); typed != "the GOAL" {
		t.Errorf("what was typed has become %q", typed)
	}
	form.values[questionName(several)] = []string{"a", "b"}
	b.send(post, form.action, form.values).leadsTo(k.at(0) + "#quiz")
	text := words(b.get(k.at(0)).lacks(".quiz", "#quiz .btn-primary").one("#quiz"))
	if !strings.Contains(text, "1 of 2 right (50%)") || !strings.Contains(text, "You answered: Clear, Vague Right is: Clear, Written") || !strings.Contains(text, "There is no try left.") {
		t.Errorf("at the end it says %q", text)
	}
	s.rows(t, 0, "lesson_completion")
	b.send(post, form.action, form.values).leadsTo(k.at(0) + "#quiz")
	s.rows(t, 1, "quiz_try")
}

// The position of a video is kept, and its end finishes the lesson, unless a quiz does.
func TestLearningPosition(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 2)
	k.give(t, ana, noon.Add(-time.Hour))
	k.quiz(t, k.lessons[1])
	s.exec(t, "UPDATE lesson SET video = 'mp4', video_url = 'https://example.com/a.mp4'")
	b := s.client(t, ana)
	token := b.token()
	p := b.get(k.at(0)).has("video[src='https://example.com/a.mp4'][preload=none][data-keep=learning-position]", "#learning-position[data-finishes]")
	if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "media-src 'self' https:;") || strings.Contains(policy, "youtube") {
		t.Errorf("the policy is %s", policy)
	}
	tell := func(b *browser, n int, values ...string) *page {
		form := url.Values{"_token": {token}}
		for i := 0; i < len(values); i += 2 {
			form.Set(values[i], values[i+1])
		}
		return b.send(post, k.at(n)+"/position", form)
	}
	tell(b, 0, "seconds", "75").is(http.StatusNoContent)
	b.get(k.at(0)).has("video[src='https://example.com/a.mp4#t=75']")
	for _, c := range []struct{ seconds, kept string }{{"-4", "0"}, {"x", "0"}, {"99999999999999999999", "0"}, {"100000", "86400"}, {"12", "12"}} {
		tell(b, 0, "seconds", c.seconds).is(http.StatusNoContent)
		s.rows(t, 1, "lesson_visit WHERE lesson_id = $1 AND position_seconds = $2::text::int", k.lessons[0], c.kept)
	}
	s.rows(t, 0, "lesson_completion")
	tell(b.htmx(), 0, "seconds", "100", "ended", "on").is(http.StatusOK).has("#learning-finish .course-done", "a[rel=next].btn-primary")
	s.rows(t, 1, "lesson_completion WHERE completed_by = 'video'")
	b.get(k.at(0)).has("video[src='https://example.com/a.mp4']").lacks("#learning-position[data-finishes]")
	tell(b, 0, "ended", "on").leadsTo(k.at(0))
	b.get(k.at(1)).has("#learning-position").lacks("#learning-position[data-finishes]")
	tell(b, 1, "ended", "on").leadsTo(k.at(1))
	s.rows(t, 1, "lesson_completion")
}

// Each kind of video is shown in its way, under a policy that lets it and nothing else.
func TestLearningVideos(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 1)
	k.give(t, ana, noon.Add(-time.Hour))
	file := queries.NewID()
	s.exec(t, "INSERT INTO stored_file (account_id, id, name, media_type, size_bytes, created_at, ready_at) VALUES ($1, $2, 'Film.mp4', 'video/mp4', 3500000, $3, $3)", s.acme.id, file, noon)
	s.exec(t, "INSERT INTO lesson_file VALUES ($1, $2, $3, 1)", s.acme.id, k.lessons[0], file)
	b := s.client(t, ana)
	for _, c := range []struct{ kind, address, has, policy string }{
		{"youtube", "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "a[data-frame='https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1&rel=0']", "frame-src 'self' https://www.youtube-nocookie.com;"},
		{"vimeo", "https://vimeo.com/76979871", "a[data-frame='https://player.vimeo.com/video/76979871?autoplay=1&dnt=1']", "frame-src 'self' https://player.vimeo.com;"},
		{"hls", "https://example.com/a.m3u8", "a[data-stream='https://example.com/a.m3u8']", "media-src 'self' https: blob:;"},
		{"upload", "", "video[src='" + k.at(0) + "/video'][preload=metadata]", "media-src 'self';"},
		{"youtube", "https://example.com/watch?v=dQw4w9WgXcQ", ".reading", "frame-src"},
	} {
		s.exec(t, "UPDATE lesson SET video = $1::text::video_kind, video_url = $2, video_file_id = CASE WHEN $1::text = 'upload' THEN $3::uuid END", c.kind, c.address, file)
		p := b.get(k.at(0)).is(http.StatusOK).has(c.has, "a[href='"+k.at(0)+"/files/"+file.String()+"']").lacks("iframe")
		if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, c.policy) || !strings.Contains(policy, "script-src 'self';") {
			t.Errorf("%s: the policy is %s", c.kind, policy)
		}
	}
	if text := b.get(k.at(0)).words(); !strings.Contains(text, "Film.mp43.3 MB") && !strings.Contains(text, "Film.mp4 3.3 MB") {
		t.Errorf("the file's size is not told: %q", text)
	}
	if policy := b.get("/courses").header.Get("Content-Security-Policy"); strings.Contains(policy, "youtube") || strings.Contains(policy, "media-src") {
		t.Errorf("other pages have the policy %s", policy)
	}
}

func TestVideoFrames(t *testing.T) {
	t.Parallel()
	const youtube, vimeo = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1&rel=0", "https://player.vimeo.com/video/76979871?autoplay=1&dnt=1"
	for address, want := range map[string]string{
		"https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3": youtube, "https://youtu.be/dQw4w9WgXcQ?si=x": youtube, "https://m.youtube.com/watch?v=dQw4w9WgXcQ": youtube,
		"https://youtube.com/shorts/dQw4w9WgXcQ": youtube, "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ": youtube, "https://www.youtube.com/live/dQw4w9WgXcQ": youtube,
		"http://www.youtube.com/watch?v=dQw4w9WgXcQ": "", "https://evil.test/watch?v=dQw4w9WgXcQ": "", "https://youtube.com.evil.test/watch?v=dQw4w9WgXcQ": "",
		`https://youtu.be/"><script>`: "", "https://youtu.be/": "", "%": "", "javascript:evil()": "",
	} {
		if got := youtubeFrame(address); got != want {
			t.Errorf("%s is framed as %s", address, got)
		}
	}
	for address, want := range map[string]string{
		"https://vimeo.com/76979871": vimeo, "https://player.vimeo.com/video/76979871": vimeo, "https://www.vimeo.com/channels/staffpicks/76979871": vimeo,
		"https://vimeo.com/76979871/0a1b2c3d4e": vimeo + "&h=0a1b2c3d4e", "https://player.vimeo.com/video/76979871?h=0a1b2c3d4e": vimeo + "&h=0a1b2c3d4e",
		"https://vimeo.com/about": "", "https://evil.test/76979871": "", "http://vimeo.com/76979871": "", "%": "",
	} {
		if got := vimeoFrame(address); got != want {
			t.Errorf("%s is framed as %s", address, got)
		}
	}
}

// Notes are written, changed and deleted, by whole pages and by parts, and nobody else's can be reached.
func TestLearningNotes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben")
	k := s.course(t, s.acme, "Clear goals", 2)
	k.give(t, ana, noon.Add(-time.Hour))
	k.give(t, ben, noon.Add(-time.Hour))
	b := s.client(t, ana)
	add := "form[action='" + k.at(0) + "/notes']"
	b.fill(b.get(k.at(0)), add, "text", "  Ask Ben\r\nabout it  ").leadsTo(k.at(0) + "#notes")
	s.rows(t, 1, "lesson_note WHERE text = E'Ask Ben\\nabout it' AND contact_id = $1", ana.id)
	var id string
	s.scan(t, "SELECT id::text FROM lesson_note", nil, &id)
	note := k.at(0) + "/notes/" + id
	for _, text := range []string{"", " \n ", strings.Repeat("ä", queries.NoteMost+1), "a\x00b"} {
		b.fill(b.get(k.at(0)), add, "text", text).is(http.StatusUnprocessableEntity).has("main", "#note-new-error")
		b.htmx().fill(b.get(k.at(0)), "form[action='"+note+"']", "text", text).is(http.StatusUnprocessableEntity).has("#note-"+id+"-error", ".note-change[open]").lacks("main")
	}
	b.htmx().fill(b.get(k.at(0)), add, "text", "Second").is(http.StatusOK).has("#learning-notes .note").lacks("main")
	p := b.htmx().fill(b.get(k.at(0)), "form[action='"+note+"']", "text", "Changed").is(http.StatusOK)
	if text := words(p.one(".note-text")); text != "Changed" {
		t.Errorf("it is %q", text)
	}
	before := s.everything(t)
	others := s.client(t, ben)
	for _, path := range []string{note, note + "/delete", k.at(1) + "/notes/" + id, k.at(0) + "/notes/" + queries.NewID().String(), k.at(0) + "/notes/x", k.at(0) + "/notes/x/delete"} {
		by := others
		if !strings.HasPrefix(path, note) {
			by = b
		}
		by.send(post, path, url.Values{"_token": {by.token()}, "text": {"Mine now"}}).is(http.StatusNotFound)
	}
	if s.everything(t, "lesson_note") == "" || strings.Contains(s.everything(t, "lesson_note"), "Mine now") || before == "" {
		t.Error("a note of others changed")
	}
	if strings.Contains(others.get(k.at(0)).body, "Changed") {
		t.Error("others see it")
	}
	b.fill(b.get(k.at(0)), "form[action='"+note+"/delete']").leadsTo(k.at(0) + "#notes")
	s.rows(t, 1, "lesson_note")
}

// Finding marks what was looked for, as text whatever it is, and leads nowhere that is shut.
func TestLearningSearch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 3)
	k.give(t, ana, noon.Add(-time.Hour))
	s.exec(t, "UPDATE lesson SET body = 'Before the harbour ' || $2 || ' and after' WHERE id = $1", k.lessons[0], evil)
	s.exec(t, "UPDATE lesson SET title = 'A harbour to come', body = 'The treasure', drip_days = 3 WHERE id = $1", k.lessons[2])
	b := s.client(t, ana)
	b.get("/courses/search").is(http.StatusOK).has("[name=q]").lacks(".found", ".empty")
	p := b.get("/courses/search?q=harbour").is(http.StatusOK).has("mark", "a[href='"+k.at(0)+"']").lacks("a[href='" + k.at(2) + "']")
	p.harmless()
	if text := p.words(); !strings.Contains(text, "2 lessons") || !strings.Contains(text, "Opens 13 Mar 2026") || words(p.one("mark")) != "harbour" {
		t.Errorf("it finds %q", text)
	}
	b.get("/courses/search?q=treasure").has(".empty").lacks(".found")
	b.htmx().get("/courses/search?q=harbour").has("#learning-found").lacks("main")
	for _, q := range []string{"\x00", strings.Repeat("goal ", 300), `"`, "'", "-", "!!", "a:*", "\xff", `\`, evil} {
		b.get("/courses/search?q=" + url.QueryEscape(q)).is(http.StatusOK).harmless()
	}
	for range foundMost {
		k.lesson(t)
	}
	if text := b.get("/courses/search?q=lesson").words(); !strings.Contains(text, "The best 30 lessons") {
		t.Errorf("of many it says %q", text)
	}
}

// What staff write is harmless wherever clients read it.
func TestLearningIsInert(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya, ana := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme), s.arrived(t, s.acme, "ana@example.com", evil)
	w := s.taught(t, ana)
	for _, change := range []string{"UPDATE course SET title = $1, summary = $1", "UPDATE course_module SET title = $1", "UPDATE lesson SET title = $1, body = $1", "UPDATE stored_file SET name = $1",
		"UPDATE quiz_question SET text = $1, explanation = $1, options = jsonb_build_array(jsonb_build_object('key', 'a', 'text', $1::text, 'right', true))", "UPDATE lesson_note SET text = $1"} {
		s.exec(t, change, evil)
	}
	b, staff := s.client(t, ana), s.staff(t, maya)
	lesson := w.paths()
	path := "/courses/" + w.course.String() + "/lessons/" + w.lesson.String()
	pages := []*page{b.get("/courses"), b.get("/"), b.get("/courses/" + w.course.String()), b.get(path)}
	b.fill(b.get(path), ".quiz", questionName(w.question), "a").leadsTo(path + "#quiz")
	pages = append(pages, b.get(path), b.get("/courses/search?q=evil"), staff.get("/acme/courses/"+w.course.String()+"/progress"),
		staff.get("/acme/courses/"+w.course.String()+"/progress/"+ana.id.String()))
	for _, p := range pages {
		p.is(http.StatusOK).harmless()
	}
	if len(lesson) == 0 || !strings.Contains(pages[4].words(), evil) {
		t.Error("none of it is shown")
	}
}

// Home tells which lesson to go on with.
func TestHomeResumes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	b.get("/").lacks(".todo")
	k, other := s.course(t, s.acme, "Clear goals", 2), s.course(t, s.acme, "Harbours", 1)
	k.give(t, ana, noon.Add(-time.Hour))
	other.give(t, ana, noon.Add(-time.Hour))
	p := b.get("/").has(".todo a[href='"+k.at(0)+"']", ".todo a[href='"+other.at(0)+"']")
	if text := words(p.one(".todos")); !strings.Contains(text, "Clear goals") || !strings.Contains(text, "Start") {
		t.Errorf("before the first lesson: %q", text)
	}
	b.fill(b.get(k.at(0)), "form[action='"+k.at(0)+"/complete']").leadsTo(k.at(1))
	b.get(k.at(1))
	if text := words(b.get("/").has(".todo a[href='" + k.at(1) + "']").one(".todos")); !strings.Contains(text, "Lesson 2Clear goals · 50% done · 10 min left Resume") {
		t.Errorf("on the way: %q", text)
	}
	k.complete(t, ana, 1)
	other.complete(t, ana, 0)
	b.get("/").lacks(".todo")
}
