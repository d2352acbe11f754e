package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"atrium/queries"
)

// The list of courses says of each how far one is, and what to do next: nothing of what is finished or still to come.
func TestLearningIndex(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	b := s.client(t, ana)
	b.get("/courses").is(http.StatusNotFound) // there is nothing in it for her
	ahead, going, done, later, empty := s.course(t, s.acme, "Ahead", 2), s.course(t, s.acme, "Going", 4), s.course(t, s.acme, "Done", 1), s.course(t, s.acme, "Later", 1), s.course(t, s.acme, "Empty", 0)
	s.course(t, s.acme, "Not hers", 1)
	for _, c := range []*course{ahead, going, done, empty} {
		c.give(t, ana, noon.Add(-time.Hour))
	}
	later.give(t, ana, time.Date(2026, 3, 15, 23, 30, 0, 0, time.UTC))
	going.complete(t, ana, 0)
	done.complete(t, ana, 0)
	b.get(going.at(1)).is(http.StatusOK)
	b.get(done.path()).leadsTo(done.path() + "?done=1")
	p := b.get("/courses").is(http.StatusOK).has("form[action='/courses/search'] [name=q]", "nav a[href='/courses'][aria-current=page]")
	cards := map[string]string{}
	for _, card := range p.all(".course") {
		cards[words(find(t, card, "h3")[0])] = words(card)
	}
	for title, want := range map[string]string{
		"Ahead": "Ahead2 lessons · 20 minStart Ahead",
		"Going": "Going25% done · 30 min leftResume Going",
		"Done":  "DoneFinished 10 Mar 2026",
		"Later": "LaterOpens 15 Mar 2026",
		"Empty": "EmptyThe first lesson is being prepared",
	} {
		if got := strings.ReplaceAll(cards[title], " ", ""); got != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s says %q", title, cards[title])
		}
	}
	if len(cards) != 5 {
		t.Errorf("there are %d courses", len(cards))
	}
	p.has("a[href='"+going.at(1)+"']", "a[href='"+ahead.at(0)+"']").lacks("a[href='" + later.path() + "']")
	if first := words(p.one(".btn-primary")); first != "Resume Going" || len(p.all(".btn-primary")) != 1 {
		t.Errorf("first of all it offers %q", first)
	}
	s.exec(t, "UPDATE contact SET time_zone = 'Pacific/Auckland', locale = 'de-DE'")
	if text := b.get("/courses").words(); !strings.Contains(text, "Opens 16. März 2026") {
		t.Errorf("where the day is another one it says %q", text)
	}
}

// The course shows its lessons with their states, and never a draft.
func TestLearningCourse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 5)
	k.give(t, ana, noon.Add(-time.Hour))
	k.complete(t, ana, 0)
	s.exec(t, "UPDATE lesson SET drip_days = 5 WHERE id = $1", k.lessons[2])
	s.exec(t, "UPDATE lesson SET published_at = NULL, title = 'A draft' WHERE id = $1", k.lessons[3])
	s.exec(t, "UPDATE course SET in_order = true")
	b := s.client(t, ana)
	p := b.get(k.path()).is(http.StatusOK).has(".reading strong", "a[href='"+k.path()+"/access']", "a[href='"+k.at(0)+"']", "a[href='"+k.at(1)+"']", "progress[value=1]").lacks("a[href='"+k.at(2)+"']", "a[href='"+k.at(4)+"']")
	lines := []string{}
	for _, line := range p.all(".module li") {
		lines = append(lines, attr(line, "class")+": "+words(line))
	}
	if got := strings.Join(lines, "; "); got != "done: Lesson 1Done10 min; here: Lesson 210 min; locked: Lesson 3LockedOpens 15 Mar 2026; locked: Lesson 5LockedFinish the one before first" {
		t.Errorf("the lessons: %s", got)
	}
	if text := p.words(); strings.Contains(text, "draft") || !strings.Contains(text, "1 of 4 lessons done · 30 min left") {
		t.Errorf("it says %q", text)
	}
	k.complete(t, ana, 1)
	p = b.get(k.path())
	if text := p.words(); !strings.Contains(text, "You have done all that is open. The next lesson opens 15 Mar 2026.") || len(p.all(".btn-primary")) > 0 {
		t.Errorf("with nothing to do it says %q", text)
	}
	s.rows(t, 1, "course_visit WHERE last_lesson_id IS NULL")
	for _, path := range []string{"/courses/x", "/courses/" + queries.NewID().String(), s.course(t, s.acme, "Not hers", 1).path(), s.course(t, s.lumen, "Elsewhere", 1).path()} {
		b.get(path).is(http.StatusNotFound)
	}
}

// A lesson that is not open shows its title and when it opens, and nothing it holds; nothing can be done there.
func TestLockedLesson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k := s.course(t, s.acme, "Clear goals", 2)
	k.give(t, ana, noon.Add(-time.Hour))
	question := k.quiz(t, k.lessons[1])
	s.exec(t, "UPDATE lesson SET drip_days = 2, body = 'The treasure', video = 'mp4', video_url = 'https://example.com/treasure.mp4' WHERE id = $1", k.lessons[1])
	b := s.client(t, ana)
	p := b.get(k.at(1)).is(http.StatusOK).has("a[href='"+k.path()+"']").lacks("video", "#quiz", "#learning-notes", "form[action='"+k.at(1)+"/complete']")
	p.has(".nothing a[href='" + k.at(0) + "']") // what can be done instead
	if text := p.words(); !strings.Contains(text, "Lesson 2") || !strings.Contains(text, "Opens 12 Mar 2026") || strings.Contains(p.body, "treasure") || strings.Contains(text, "How many?") {
		t.Errorf("it says %q", text)
	}
	before := s.everything(t)
	for _, form := range []struct {
		path   string
		values url.Values
	}{
		{"/complete", nil}, {"/position", url.Values{"seconds": {"9"}}}, {"/notes", url.Values{"text": {"Hello"}}},
		{"/quiz", url.Values{"number": {"0"}, "version": {"1"}, "q-" + question.String(): {"a"}}},
	} {
		values := url.Values{"_token": {b.token()}}
		for name, value := range form.values {
			values[name] = value
		}
		b.send(post, k.at(1)+form.path, values).is(http.StatusNotFound)
	}
	if s.everything(t) != before {
		t.Error("something was written")
	}
	s.clock.move(36 * time.Hour)
	b.get(k.at(1)).is(http.StatusOK).has("video", "#quiz", "#learning-notes")
}

// A session that is open when the access ends finds nothing there with its next request, and neither with the app off.
func TestAccessEndsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	k, other := s.course(t, s.acme, "Clear goals", 2), s.course(t, s.acme, "Another", 1)
	grant := k.give(t, ana, noon.Add(-time.Hour))
	other.give(t, ana, noon.Add(-time.Hour))
	k.quiz(t, k.lessons[1])
	b := s.client(t, ana)
	token := b.token()
	all := func(status int) {
		t.Helper()
		for _, path := range []string{k.path(), k.at(0), k.at(1)} {
			b.get(path).is(status)
		}
		for path, values := range map[string]url.Values{k.at(0) + "/position": {"seconds": {"9"}}, k.at(1) + "/quiz": {"number": {"7"}}, k.at(0) + "/notes": {"text": {"Hello"}}, k.at(0) + "/complete": {}} {
			values.Set("_token", token)
			if p := b.send(post, path, values); (p.status == http.StatusNotFound) != (status == http.StatusNotFound) {
				t.Errorf("%s: status %d", p.asked, p.status)
			}
		}
	}
	all(http.StatusOK)
	s.clock.move(time.Minute)
	s.exec(t, "UPDATE access_grant SET ended_at = $2, ended_because = 'revoked' WHERE id = $1", grant, s.clock.now())
	before := s.everything(t)
	all(http.StatusNotFound)
	if s.everything(t) != before {
		t.Error("something was written after the end")
	}
	if text := b.get("/courses").is(http.StatusOK).words(); strings.Contains(text, "Clear goals") || !strings.Contains(text, "Another") {
		t.Errorf("the list says %q", text)
	}
	k.give(t, ana, s.clock.now())
	b.get(k.at(0)).is(http.StatusOK)
	s.exec(t, "INSERT INTO account_app VALUES ($1, 'courses', 1, false, '')", s.acme.id)
	all(http.StatusNotFound) // the database knows, before the programs have read their accounts anew
	s.exec(t, "UPDATE account SET changed_at = $1 WHERE slug = 'acme'", noon.Add(time.Hour))
	eventually(t, "the app is off", func() bool { return b.get("/courses").status == http.StatusNotFound })
	b.get("/").is(http.StatusOK).lacks("a[href='/courses']")
}

// What staff see as a client leaves nothing, and can neither be answered, noted nor finished, also where they may change things.
func TestLearningOfVisit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	staff, ana := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)), s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	s.exec(t, "UPDATE account SET staff_may_change = true")
	k := s.course(t, s.acme, "Clear goals", 2)
	k.give(t, ana, noon.Add(-time.Hour))
	k.quiz(t, k.lessons[1])
	s.exec(t, "UPDATE lesson SET video = 'mp4', video_url = 'https://example.com/a.mp4' WHERE id = $1", k.lessons[0])
	s.exec(t, "INSERT INTO lesson_note VALUES ($1, $2, $3, $4, $5, 'My secret', now(), now())", s.acme.id, queries.NewID(), ana.id, k.id, k.lessons[0])
	looking := s.visit(t, staff, ana)
	tables := []string{"course_visit", "lesson_visit", "lesson_completion", "course_completion", "quiz_try", "lesson_note"}
	before := s.everything(t, tables...)
	for _, path := range []string{"/courses", k.path(), k.at(0), k.at(1), "/courses/search?q=secret"} {
		p := looking.get(path).is(http.StatusOK).has(".visit").lacks(".lesson-finish form", ".notes", "#learning-notes form", "[data-keep]", "#learning-position")
		if strings.Contains(p.body, "My secret") {
			t.Errorf("%s shows the client's note", path)
		}
		if policy := p.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' http://app.test;") {
			t.Errorf("%s: the visit cannot be ended: %s", path, policy)
		}
	}
	k.complete(t, ana, 0, 1)
	before2 := s.everything(t, tables...)
	looking.get(k.path()).is(http.StatusOK) // all is done; the client will finish it
	if s.everything(t, tables...) != before2 || before == before2 {
		t.Error("looking left something")
	}
	looking.send(post, k.at(0)+"/complete", url.Values{"_token": {looking.token()}}).is(http.StatusForbidden)
}

// A cover is for whoever may use the course.
func TestLearningCover(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben")
	w := s.taught(t, ana)
	path := "/courses/" + w.course.String() + "/cover/" + w.cover
	b := s.client(t, ana)
	b.get("/courses").has("img[src='" + path + "']")
	p := b.get(path).is(http.StatusOK)
	if p.body != "x" || p.header.Get("Content-Type") != "image/png" || p.header.Get("Cache-Control") != "private, max-age=86400" {
		t.Errorf("%v", p.header)
	}
	s.course(t, s.acme, "Ben's", 1).give(t, ben, noon.Add(-time.Hour))
	s.client(t, ben).get(path).is(http.StatusNotFound)
	b.get("/courses/x/cover/" + w.cover).is(http.StatusNotFound)
	b.get(path + "x").is(http.StatusNotFound)
}

func TestTimeLeft(t *testing.T) {
	t.Parallel()
	for minutes, want := range map[int64]string{0: "", -5: "", 1: "1 min", 59: "59 min", 60: "1 h", 61: "1 h 1 min", 125: "2 h 5 min", 180: "3 h", 599: "9 h 59 min", 600: "10 h", 631: "11 h"} {
		if got := timeLeft(minutes); got != want {
			t.Errorf("%d: %q", minutes, got)
		}
	}
}
