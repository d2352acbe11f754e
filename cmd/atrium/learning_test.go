package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"atrium/cmd/internal/browsertest"
	"atrium/views"
)

// TestLearnOnAPhone is what clients come for: they find their course, watch and read, fail the quiz and pass it, and have finished.
func TestLearnOnAPhone(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.goalsCourse()
	s.exec("UPDATE lesson SET published_at = NULL WHERE account_id = $1 AND id = $2", c.lessons[3])
	phone := browsertest.Open(t, browsertest.Settings{Phone: true})
	client(s, phone)
	phone.Follow(`.todo a[href="` + c.at(0) + `"]`) // home tells what waits
	phone.UntilPath(c.at(0))
	if phone.Has("iframe") || phone.Text("h1") != "What a goal is for" {
		t.Error("a video of others is there before anybody wants it")
	}
	phone.Follow(submit(c.at(0) + "/complete"))
	phone.UntilPath(c.at(1))

	phone.Type(`#note-new`, "Ask Ben about the date")
	phone.Press(submit(c.at(1) + "/notes"))
	phone.Until(`document.querySelector(".note-text")?.innerText === "Ask Ben about the date"`)
	if phone.Value("#note-new") != "" {
		t.Error("the note stands in its field still")
	}
	phone.Follow(submit(c.at(1) + "/complete"))
	phone.UntilPath(c.at(2))

	answer := func(single int, multiple ...int) {
		t.Helper()
		phone.Press(fmt.Sprintf(`.quiz fieldset:nth-of-type(1) .quiz-option:nth-of-type(%d)`, single))
		for _, n := range multiple {
			phone.Press(fmt.Sprintf(`.quiz fieldset:nth-of-type(2) .quiz-option:nth-of-type(%d)`, n))
		}
		phone.Leave(func() { phone.Press(submit(c.at(2) + "/quiz")) })
	}
	answer(2)
	phone.Until(`document.querySelector(".quiz [aria-invalid]")`) // the second question is not answered
	answer(2, 1)
	if text := phone.Text("#quiz"); !strings.Contains(text, "Not passed yet") || !strings.Contains(text, "2 tries left") {
		t.Errorf("it says %q", text)
	}
	phone.Follow(`#quiz a.btn-primary`)
	answer(1, 1, 3)
	if text := phone.Text("#quiz"); !strings.Contains(text, "Passed. 2 of 2 right") {
		t.Errorf("it says %q", text)
	}
	phone.Follow(`.lesson-finish .btn-primary`)
	phone.UntilPath(c.path())
	if text := phone.Text("main"); !strings.Contains(text, "You finished it on") || !strings.Contains(text, "3 of 3 lessons done") {
		t.Errorf("the course says %q", text)
	}
	if n := s.rowCount("course_completion WHERE course_id = $1", c.id); n != 1 {
		t.Errorf("%d completions", n)
	}
	if wide := browsertest.Get[int](phone, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("the page is %d wide", wide)
	}
}

// TestNoteWithoutAConnection is not lost, is sent by a second press, and what was said about the first one is over then.
func TestNoteWithoutAConnection(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.goalsCourse()
	phone := browsertest.Open(t, browsertest.Settings{Phone: true})
	client(s, phone)
	phone.Open(s.portal("acme", c.at(1)))
	phone.Type("#note-new", "Ask Ben")
	browsertest.Get[any](phone, `void (window.online = fetch, window.fetch = () => Promise.reject(new TypeError("Failed to fetch")))`)
	phone.Press(submit(c.at(1) + "/notes"))
	phone.Until(`document.querySelector("#notice .flash-error")?.innerText.includes("no connection")`)
	if got := phone.Value("#note-new"); got != "Ask Ben" {
		t.Errorf("of what was typed %q is left", got)
	}
	browsertest.Get[any](phone, `void (window.fetch = window.online)`)
	phone.Press(submit(c.at(1) + "/notes"))
	phone.Until(`document.querySelector(".note-text")?.innerText === "Ask Ben"`)
	if phone.Has("#notice .flash") {
		t.Errorf("beside the note that is kept it says %q", phone.Text("#notice"))
	}
}

// TestLessonByKeyboard goes through a course with the arrow keys, which leave fields alone.
func TestLessonByKeyboard(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.goalsCourse()
	w := browsertest.Open(t, browsertest.Settings{})
	client(s, w)
	w.Open(s.portal("acme", c.at(0)))
	w.Leave(func() { w.Keys(kb.ArrowRight) })
	w.UntilPath(c.at(1))
	w.Type("#note-new", "ab")
	w.Keys(kb.ArrowLeft)
	w.Keys("c")
	if got := w.Value("#note-new"); got != "acb" {
		t.Errorf("in a field the keys made %q of it", got)
	}
	const leaves = `dispatchEvent(new Event("beforeunload", {cancelable: true}))` // false: the browser asks
	if browsertest.Get[bool](w, leaves) {
		t.Error("a note half written goes with the page, and nobody is asked")
	}
	w.Keys(kb.Tab)
	w.Keys(kb.Enter)
	w.Until(`document.querySelector(".note-text")?.innerText === "acb"`)
	w.UntilFocus("#note-add") // of the notes that took the place of the ones before
	if !browsertest.Get[bool](w, leaves) {
		t.Error("with every note kept, somebody who leaves is asked")
	}
	browsertest.Get[any](w, `document.activeElement.blur()`)
	w.Leave(func() { w.Keys(kb.ArrowLeft) })
	w.UntilPath(c.at(0))
}

// TestVideoIsKept has the page's script tell where a video is left, and its end finish the lesson where one stands. No video
// is played: what the browser says of one is said for it.
func TestVideoIsKept(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.goalsCourse()
	w := browsertest.Open(t, browsertest.Settings{})
	client(s, w)
	w.Open(s.portal("acme", c.at(1)))
	w.UntilQuiet()
	for _, request := range w.Requests() {
		if request.URL.Hostname() == "127.0.0.1" && request.URL.Port() == "1" {
			t.Errorf("before it is played the video is fetched: %s", request.URL)
		}
	}
	play := func(second int, event string) {
		t.Helper()
		browsertest.Get[any](w, fmt.Sprintf(`(video => {
			Object.defineProperty(video, "currentTime", {value: %d, configurable: true});
			Object.defineProperty(video, "paused", {value: false, configurable: true});
			video.dispatchEvent(new Event(%q));
		})(document.querySelector("video[data-keep]"))`, second, event))
	}
	kept := func(second int) {
		t.Helper()
		s.untilTrue(fmt.Sprintf("%d seconds are kept", second), func() bool {
			return s.rowCount("lesson_visit WHERE lesson_id = $1 AND position_seconds = $2", c.lessons[1], second) == 1
		})
	}
	play(16, "timeupdate")
	kept(16)
	play(20, "timeupdate") // not 15 seconds later
	play(42, "pause")
	kept(42)
	play(57, "timeupdate")
	kept(57)
	if told := w.Sent("POST", c.at(1)+"/position"); told != 3 {
		t.Errorf("the position was told %d times", told)
	}
	play(61, "pause")
	kept(61)
	w.Open(s.portal("acme", c.at(1)))
	if source := browsertest.Get[string](w, `document.querySelector("video").getAttribute("src")`); !strings.HasSuffix(source, "#t=61") {
		t.Errorf("it goes on at %s", source)
	}
	play(90, "ended")
	w.Until(`document.querySelector("#learning-finish .course-done") && document.querySelector("#learning-finish a.btn-primary[rel=next]")`)
	if n := s.rowCount("lesson_completion WHERE lesson_id = $1 AND completed_by = 'video'", c.lessons[1]); n != 1 {
		t.Errorf("%d completions", n)
	}
}

// TestVideoOfOthers is framed once somebody wants to see it, and not before: until then nobody but the portal is asked for anything. The
// page's policy lets it.
func TestVideoOfOthers(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.writeCourse("Films of others", "", lessonRow{title: "One", video: "youtube", address: "https://www.youtube.com/watch?v=dQw4w9WgXcQ"},
		lessonRow{title: "Two", video: "vimeo", address: "https://vimeo.com/1084537"})
	s.giveCourse(c, ana, -1)
	w := browsertest.Open(t, browsertest.Settings{})
	client(s, w)
	for i, frames := range []string{"https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1&rel=0", "https://player.vimeo.com/video/1084537?autoplay=1&dnt=1"} {
		w.Open(s.portal("acme", c.at(i)))
		w.UntilQuiet()
		for _, request := range w.Requests() {
			if request.URL.Host != w.URL().Host {
				t.Errorf("before anybody wants to see it, %s is asked for", request.URL)
			}
		}
		if w.Has("iframe") {
			t.Error("there is a frame already")
		}
		// The frame is made, and kept from going where it would.
		source := browsertest.Get[string](w, `new Promise(found => {
			const replaced = HTMLAnchorElement.prototype.replaceWith;
			HTMLAnchorElement.prototype.replaceWith = function (made) { found(made.src + " " + made.referrerPolicy); };
			document.querySelector("[data-frame]").click();
			HTMLAnchorElement.prototype.replaceWith = replaced;
		})`)
		if source != frames+" strict-origin-when-cross-origin" {
			t.Errorf("it frames %s", source)
		}
	}
}

// TestLessonAttacks shows each text that would do harm if it were more than text, in a real browser: nothing runs, nothing is
// fetched, and no link leads where a script is. The console would tell of anything that tried.
func TestLessonAttacks(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.writeCourse("Attacks", "", lessonRow{title: "Attack"})
	s.giveCourse(c, ana, -1)
	w := browsertest.Open(t, browsertest.Settings{})
	client(s, w)
	file, err := os.ReadFile("../../views/testdata/attacks.txt")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for attack := range strings.SplitSeq(string(file), "\n%%\n") {
		if strings.Contains(attack, `\0`) || strings.Contains(string(views.Markdown(attack)), "<img") {
			continue // the database keeps no such text; a picture would be fetched, which tests do not
		}
		shown++
		s.exec("UPDATE lesson SET body = $3 WHERE account_id = $1 AND id = $2", c.lessons[0], "Before\n\n"+attack+"\n\nAfter")
		w.Open(s.portal("acme", c.at(0)))
		found := browsertest.Get[string](w, `(async () => {
			const text = document.querySelector(".reading"), faults = [];
			for (const element of text.querySelectorAll("*")) {
				if (!/^(P|H[2-6]|STRONG|EM|DEL|[UO]L|LI|BLOCKQUOTE|BR|HR|PRE|CODE|TABLE|THEAD|TBODY|TR|T[HD]|A)$/.test(element.tagName)) faults.push(element.tagName);
				for (const {name} of element.attributes) if (!/^(href|rel|target|start|align)$/.test(name)) faults.push(name);
			}
			for (const link of text.querySelectorAll("a")) {
				if (link.hasAttribute("href") && !/^(https?|mailto|tel):$/.test(link.protocol)) faults.push(link.href);
				if (!link.hasAttribute("href") || link.protocol === "javascript:") link.click();
			}
			await new Promise(requestAnimationFrame);
			if (location.pathname !== `+fmt.Sprintf("%q", c.at(0))+`) faults.push(location.href);
			if (getComputedStyle(document.body).display === "none" || !document.querySelector("#learning-finish")) faults.push("the page is gone");
			for (const {name} of performance.getEntriesByType("resource")) if (new URL(name).origin !== location.origin) faults.push(name);
			return faults.join(" ");
		})()`)
		if found != "" {
			t.Errorf("%q: %s", attack, found)
		}
	}
	if shown < 35 {
		t.Errorf("only %d were shown", shown)
	}
}

// TestLearnWithoutScripts goes from the list to the next lesson in a browser that runs no scripts.
func TestLearnWithoutScripts(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.goalsCourse()
	w := browsertest.Open(t, browsertest.Settings{NoScripts: true})
	client(s, w)
	w.Open(s.portal("acme", "/courses"))
	w.Follow(`.course a.btn[href="` + c.at(0) + `"]`)
	w.UntilPath(c.at(0))
	w.Type("#note-new", "Without scripts")
	w.Follow(submit(c.at(0) + "/notes"))
	if w.Text(".note-text") != "Without scripts" {
		t.Error("the note is not there")
	}
	w.Follow(submit(c.at(0) + "/complete"))
	w.UntilPath(c.at(1))
	w.Open(s.portal("acme", "/courses/search?q=concrete"))
	w.Follow(`.found a`)
	w.UntilPath(c.at(1))
}
