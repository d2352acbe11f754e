package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"atrium/cmd/internal/browsertest"
)

// TestCourseFromNothing builds a course as somebody does who has never made one: names typed one after the other, a lesson
// dragged into another module, one moved by keyboard, one renamed where it stands; a lesson written with its preview beside it, left
// unsaved by a reload and by the ways to its quiz, and put back; and all of it published and looked at as clients will.
func TestCourseFromNothing(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/lumen/courses"))
	w.Follow(`main .btn-primary`)
	w.UntilFocus(`input[name="title"]`)
	w.Keys("Portraits in the rain" + kb.Tab + "Bring a **coat**.")
	w.Follow("#courses-new .btn-primary")

	outline := func(want string) {
		t.Helper()
		w.Until(fmt.Sprintf(`[...document.querySelectorAll("#courses-outline [data-title]")].map(e => e.textContent).join(" ") === %q`, want))
	}
	w.Type("#add-module", "First")
	w.Keys(kb.Enter)
	outline("First")
	for n, lesson := range []string{"Coat", "Umbrella", "Rain"} {
		w.Until(`document.activeElement.id.startsWith("add-lesson-") && document.activeElement.value === ""`)
		w.Keys(lesson + kb.Enter)
		w.Until(fmt.Sprintf(`document.querySelectorAll("[data-lesson]").length === %d`, n+1))
	}
	w.UntilFocus(`[id^="add-lesson-"]`) // for one more, which is not to come
	w.Type("#add-module", "Second")
	w.Keys(kb.Enter)
	outline("First Coat Umbrella Rain Second")
	w.UntilFocus(`[data-module]:last-child [id^="add-lesson-"]`) // which the page may scroll to

	arrange(w, `[data-lesson]:nth-child(3) [data-grip]`, `[data-module]:last-child .outline-head`)
	outline("First Coat Umbrella Second Rain")
	w.Open(w.URL().String())
	outline("First Coat Umbrella Second Rain") // it is stored

	button := browsertest.Get[string](w, `document.querySelector('[data-lesson] [id^="down-"]').id`)
	browsertest.Get[any](w, fmt.Sprintf(`document.getElementById(%q).focus()`, button))
	w.Keys(kb.Enter)
	outline("First Umbrella Coat Second Rain")
	w.UntilFocus("#" + button)
	w.Until(`document.getElementById("outline-moved").textContent === "“Coat” is lesson 2 of 2 in “First”."`) // told to who does not see it
	w.Keys(kb.Enter)                                                                                          // without looking for the button again, over the end of its module
	outline("First Umbrella Second Coat Rain")

	w.Press(`[data-lesson] [data-rename]`)
	w.UntilFocus(".outline-rename input[name=title]")
	w.Keys("Under the umbrella" + kb.Enter)
	outline("First Under the umbrella Second Coat Rain")
	w.Press(`[data-module]:last-child [data-rename]`)
	w.Keys("x" + kb.Escape)
	outline("First Under the umbrella Second Coat Rain")

	w.Follow(`[data-lesson] .row-link`)
	w.Type("#field-body", "Stand **close**.\n\n<script>alert(1)</script>")
	w.Until(`document.querySelector("#lessons-preview .reading strong")?.textContent === "close"`)
	w.UntilFocus("#field-body")
	w.Until(`localStorage.length === 1`)
	w.Open(w.URL().String())
	w.Until(`!document.querySelector("[data-draft-found]").hidden`)
	if typed := w.Value("#field-body"); !strings.HasPrefix(typed, "Stand **close**.") {
		t.Errorf("after a reload the text is %q", typed)
	}
	w.Type("#field-video_url", "my film")
	w.Press(`#lessons-form .save-bar .btn:not(.btn-primary)`)
	w.UntilFocus("#field-video_url")
	w.Until(`document.querySelector("#field-video_url-error") !== null`)
	w.Press(`#quiz [value="question:single"]`) // refused as well, and its button waits no longer
	w.Until(`document.activeElement.id === "field-video_url" && document.querySelector("#quiz [aria-busy]") === null`)
	w.Type("#field-video_url", "https://youtu.be/aqz-KE-bpKQ")
	w.Press(`#lessons-form .save-bar .btn:not(.btn-primary)`)
	w.Until(`document.querySelector(".flash-success") !== null && document.querySelector("#field-video_url-error") === null`)
	w.Until(`localStorage.length === 0`)

	w.Type("#field-body", "Stand close, and wait.")
	w.Follow(`#quiz [value="question:single"]`)
	w.UntilFocus("#field-text")
	w.Keys("How close?" + kb.Tab)
	w.Type("#field-option-a", "An arm's length")
	w.Type("#field-option-b", "Across the street")
	w.Press(`input[name=right][value=a]`)
	w.Follow("#questions-form .form-actions .btn-primary")
	w.Until(`document.querySelectorAll("#quiz li").length === 1`)
	w.Until(`document.querySelector("#field-body").defaultValue === "Stand close, and wait."`) // saved on the way
	w.Type("#field-body", "Stand **close**.\n\n<script>alert(1)</script>")
	w.Follow("#quiz .row-link") // away at once, before what was typed could be kept in peace
	w.Follow(".back")
	w.Until(`document.querySelector(".save-bar [data-draft-found]").checkVisibility()`)
	w.Follow(`#lessons-form button[value=publish]`)
	w.Until(`document.querySelector("#lessons-head .badge-success") !== null`)

	w.Until(`localStorage.length === 0 && document.querySelector("[data-draft-found]").hidden`)
	w.Type("#field-body", "Not for clients yet.") // of a published lesson, this is kept but not saved
	w.Follow(`#quiz [value="question:text"]`)
	w.Follow(".back")
	w.Until(`document.querySelector(".save-bar [data-draft-found]").checkVisibility()`)
	if typed := w.Value("#field-body"); typed != "Not for clients yet." {
		t.Errorf("back from a question the text is %q", typed)
	}
	w.Press("[data-draft-drop]")
	if typed := w.Value("#field-body"); !strings.HasPrefix(typed, "Stand **close**.") {
		t.Errorf("discarded, the text is %q", typed)
	}
	w.Until(`localStorage.length === 0`)

	w.Follow(".back")
	w.Follow(`form[action$="/publish"]:not([hidden]) .btn-primary`)
	w.Until(`document.querySelector(".page-head .badge-success") !== null`)
	w.Follow(`a[href$="/preview"]`)
	if got := w.Text("main"); !strings.Contains(got, "Bring a coat.") || !strings.Contains(got, "Under the umbrella") {
		t.Errorf("the preview is %q", got)
	}
	w.Follow("main .btn-primary")
	if got := w.Text("main"); !strings.Contains(got, "<script>alert(1)</script>") || !strings.Contains(got, "How close?") {
		t.Errorf("the lesson is %q", got)
	}
}

const (
	lessonBody = `#lessons-form [name="body"]`
	lessonSave = "#lessons-form .save-bar .btn-primary"
	draftFound = `document.querySelector("[data-draft-found]").checkVisibility()`
	draftOver  = `document.querySelector("[data-draft-over]").checkVisibility()`
	draftKept  = `localStorage.length === 1 && Object.values(localStorage)[0].includes(%q)`
)

// TestLessonOfTwo types over a colleague's newer text: however often the page is left, it is said, and the first save is answered by it.
func TestLessonOfTwo(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.writeCourse("Clear goals", "", lessonRow{title: "One", body: "As it was"}, lessonRow{title: "Two", body: "As it was"})
	stored := func(n int, body string) bool {
		return s.rowCount("lesson WHERE id = $1 AND body = $2", c.lessons[n], body) == 1
	}
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	colleague := func(n int) {
		w.Open(s.admin("/acme" + c.at(n)))
		w.Type(lessonBody, "Mine")
		w.Until(fmt.Sprintf(draftKept, "Mine"))
		s.exec("UPDATE lesson SET body = 'Theirs', changed_at = now() WHERE account_id = $1 AND id = $2", c.lessons[n])
		for range 3 {
			w.Open(w.URL().String())
			w.Until(draftOver)
		}
	}
	colleague(0)
	w.Press(lessonSave)
	w.Until(`document.querySelector("#lessons-form [role=alert]") !== null`)
	if !stored(0, "Theirs") {
		t.Error("a colleague's text is replaced before that is said")
	}
	w.Open(w.URL().String())
	w.Until(draftOver) // who puts the decision off is told again, and has decided with the next save
	w.Type(lessonBody, "Mine after all")
	w.Press(lessonSave)
	w.Until(`document.querySelector(".flash-success") !== null && localStorage.length === 0`)
	if !stored(0, "Mine after all") {
		t.Error("saved once more, it is not stored")
	}

	colleague(1)
	w.Press("[data-draft-drop]")
	if typed := w.Value(lessonBody); typed != "Theirs" {
		t.Errorf("discarded, the text is %q", typed)
	}
	w.Type(lessonBody, "Both")
	w.Press(lessonSave)
	w.Until(`document.querySelector(".flash-success") !== null && localStorage.length === 0`)
	if !stored(1, "Both") {
		t.Error("written after the colleague's, it is not stored")
	}
}

// TestLessonIsKeptForOne leaves unsaved text in a browser that somebody else uses next, who finds none of it, and whoever typed it all.
func TestLessonIsKeptForOne(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	s.exec("UPDATE staff_membership SET role = 'admin' WHERE account_id = $1 AND role = 'support'")
	c := s.writeCourse("Clear goals", "", lessonRow{title: "One", body: "As it was"})
	w := browsertest.Open(t, browsertest.Settings{})
	change := func(email, want string) {
		t.Helper()
		if w.Has(submit("/sign-out")) {
			w.Press(`[popovertarget="menu-person"]`)
			w.Follow(submit("/sign-out"))
		}
		signIn(w, s.admin(""), email)
		w.Open(s.admin("/acme" + c.at(0)))
		if typed := w.Value(lessonBody); typed != want {
			t.Errorf("%s finds %q", email, typed)
		}
	}
	change(maya.email, "As it was")
	w.Type(lessonBody, "Maya's")
	w.Until(fmt.Sprintf(draftKept, "Maya's"))
	browsertest.Get[any](w, `localStorage.setItem("draft:" + location.pathname, JSON.stringify([["body", "Of nobody knows whom"]]))`)
	change("samir@acme.example", "As it was")
	w.Until(`localStorage.length === 1`) // what nobody can be given is gone
	change(maya.email, "Maya's")
	w.Until(draftFound + ` && !` + draftOver)
	w.Until(`document.querySelector("[data-draft-drop]").checkVisibility()`)
	w.Type(lessonBody, "Maya's, and more")
	w.Until(draftFound + ` && !document.querySelector("[data-draft-drop]").checkVisibility()`) // it would discard all of it
}

// TestLessonTypedWhileSaving types on until the answer is there: that is in the form still, and there again after a reload.
func TestLessonTypedWhileSaving(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.writeCourse("Clear goals", "", lessonRow{title: "One", body: "As it was"})
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme" + c.at(0)))
	w.Type(lessonBody, "Sent")
	browsertest.Get[any](w, `{
		const fetch = window.fetch;
		window.fetch = (address, how) => address.endsWith("/preview") ? fetch(address, how) : new Promise((go) => { window.answer = () => go(fetch(address, how)); });
	}`)
	w.Press(lessonSave)
	w.Until(`!!window.answer`)
	w.Type(lessonBody, "Sent, and typed on")
	w.Type("#field-minutes", "12") // a field that has the focus is left alone in any case
	browsertest.Get[any](w, `answer()`)
	w.Until(`document.querySelector(".flash-success") !== null`)
	if n := s.rowCount("lesson WHERE id = $1 AND body = 'Sent'", c.lessons[0]); n != 1 {
		t.Error("what was sent is not stored")
	}
	for range 2 {
		w.Until(`document.querySelector("#field-body").value === "Sent, and typed on" && document.querySelector("#field-minutes").value === "12"`)
		w.Until(fmt.Sprintf(draftKept, "typed on"))
		w.Open(w.URL().String())
		w.Until(draftFound + ` && !` + draftOver)
	}
	w.Press(lessonSave)
	w.Until(`document.querySelector(".flash-success") !== null && localStorage.length === 0`)
	if n := s.rowCount("lesson WHERE id = $1 AND body = 'Sent, and typed on' AND minutes = 12", c.lessons[0]); n != 1 {
		t.Error("what was typed on is not stored")
	}
}

// arrange drags a part of the outline onto another, and returns when the answer has brought another outline.
func arrange(w *browsertest.Window, part, onto string) {
	w.Until(`document.getElementById("courses-outline").dataset.old = "old"`)
	w.Drag(part, onto)
	w.Until(`document.getElementById("courses-outline")?.dataset.old === undefined`)
}

// TestOutlineByTouch puts a lesson elsewhere with a finger on a phone; a finger beside the grip scrolls the page and moves nothing.
func TestOutlineByTouch(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.writeCourse("On the way", "", lessonRow{title: "One"}, lessonRow{title: "Two"}, lessonRow{title: "Three"}, lessonRow{title: "Four", module: "Later"}, lessonRow{title: "Five", module: "Later"})
	w := browsertest.Open(t, browsertest.Settings{Phone: true})
	staff(s, w)
	w.Open(s.admin("/acme" + c.path()))
	outline := `[...document.querySelectorAll("#courses-outline [data-lesson] [data-title]")].map(e => e.textContent).join(" ")`
	arrange(w, `[data-lesson]:nth-child(1) [data-grip]`, `[data-lesson]:nth-child(3)`)
	w.Until(outline + ` === "Two Three One Four Five"`)
	arrange(w, `[data-lesson]:nth-child(1) [data-grip]`, `[data-module]:last-child [data-lesson]:nth-child(1)`)
	w.Until(outline + ` === "Three One Four Two Five"`)
	w.Open(w.URL().String())
	w.Until(outline + ` === "Three One Four Two Five"`) // it is stored

	long := s.course("Lead without burning out")
	w.Open(s.admin("/acme" + long.path())) // which is higher than the window
	before := browsertest.Get[string](w, outline)
	w.Swipe(`[data-lesson]:nth-child(2) .outline-text`, 200)
	w.Until(`scrollY > 50`)
	if got := browsertest.Get[string](w, outline); got != before {
		t.Errorf("scrolling has moved lessons: %s", got)
	}
}

// TestCoursesMovedFarDown loads a second page of courses and moves one of it: all that was loaded stays, and so does the focus.
func TestCoursesMovedFarDown(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	s.exec(`INSERT INTO course (account_id, id, title, position, created_at, changed_at)
		SELECT $1, lpad(to_hex(i), 32, '0')::uuid, 'Course ' || i, 1000 + i, now(), now() FROM generate_series(1, 70) i`)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/courses"))
	const rows = `document.querySelectorAll("#courses-list tr.row").length`
	w.Until(rows + ` === 50`)
	browsertest.Get[any](w, `document.querySelector("#courses-more a").focus()`)
	w.Keys(kb.Enter)
	w.Until(rows + ` > 70 && document.querySelector("#courses-more").hidden`)
	all := browsertest.Get[int](w, rows)
	button := "courses-up-" + fmt.Sprintf("00000000-0000-0000-0000-%012x", 69)
	browsertest.Get[any](w, fmt.Sprintf(`document.getElementById(%q).focus()`, button))
	w.Keys(kb.Enter)
	w.Until(`[...document.querySelectorAll("#courses-list .row-main")].slice(-3).map(e => e.textContent).join() === "Course 69,Course 68,Course 70"`)
	w.Until(fmt.Sprintf(rows+` === %d`, all))
	w.UntilFocus("#" + button)
	for _, barrier := range w.Barriers() {
		t.Error(barrier)
	}
}
