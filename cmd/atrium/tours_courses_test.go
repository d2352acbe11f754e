package main

import "atrium/cmd/internal/browsertest"

// coursePath is the page of a course of Acme, by its title; and where a lesson, module or question of it is, by a statement that
// finds its id.
func (s *site) coursePath(title string) string {
	return "/acme/courses/" + s.id("SELECT id::text FROM course WHERE account_id = $1 AND title = $2", title)
}

func (s *site) lessonPath(title string) string {
	return "/acme/courses/" + s.id("SELECT course_id || '/lessons/' || id FROM lesson WHERE account_id = $1 AND title = $2", title)
}

// id is one value of Acme's.
func (s *site) id(statement, title string) (value string) {
	s.t.Helper()
	if err := s.database.pool.QueryRow(s.t.Context(), statement, s.account("acme"), title).Scan(&value); err != nil {
		s.t.Fatal(err)
	}
	return value
}

const (
	aCourse = "Lead without burning out"
	aLesson = "Five levels of handing over"
	aQuiz   = "Check: handing over"
)

func coursePage(name, below string) view {
	return page(name, func(s *site) string { return s.admin(s.coursePath(aCourse) + below) })
}

func lessonPage(name, title, below string) view {
	return page(name, func(s *site) string { return s.admin(s.lessonPath(title) + below) })
}

// courseViews are courses as staff build them.
var courseViews = []view{
	adminPage("admin-account-courses", "/acme/courses"),
	adminPage("admin-account-courses-new", "/acme/courses/new"),
	{"admin-account-courses-new.refused", func(_ *site, w *browsertest.Window) {
		w.Press("#courses-new .btn-primary")
		w.Until(`document.querySelector("[aria-invalid]")`)
	}},
	coursePage("admin-account-courses-id", ""),
	{"admin-account-courses-id.refused", func(_ *site, w *browsertest.Window) {
		w.Press("#outline-add .btn")
		w.Until(`document.querySelector("#outline-add [aria-invalid]")`)
	}},
	{"admin-account-courses-id.renaming", func(s *site, w *browsertest.Window) {
		w.Open(s.admin(s.coursePath(aCourse)))
		w.Press("[data-lesson] [data-rename]")
		w.UntilFocus(".outline-rename input[name=title]")
	}},
	page("admin-account-courses-id.draft", func(s *site) string { return s.admin(s.coursePath("Difficult conversations")) }),
	coursePage("admin-account-courses-id-edit", "/edit"),
	{"admin-account-courses-id-edit.refused", func(_ *site, w *browsertest.Window) {
		w.Press(`label[for="field-clock-date"]`)
		w.Press("#courses-settings .btn-primary")
		w.Until(`document.querySelector("[aria-invalid]")`)
	}},
	coursePage("admin-account-courses-id-publish", "/publish"),
	coursePage("admin-account-courses-id-unpublish", "/unpublish"),
	coursePage("admin-account-courses-id-delete", "/delete"),
	coursePage("admin-account-courses-id-preview", "/preview"),
	page("admin-account-courses-id-preview-lessons-lesson", func(s *site) string {
		return s.admin(s.coursePath(aCourse) + "/preview/lessons/" + s.id("SELECT id::text FROM lesson WHERE account_id = $1 AND title = $2", "Welcome, and how this works"))
	}),
	page("admin-account-courses-id-preview-lessons-lesson.quiz", func(s *site) string {
		return s.admin(s.coursePath(aCourse) + "/preview/lessons/" + s.id("SELECT id::text FROM lesson WHERE account_id = $1 AND title = $2", aQuiz))
	}),
	page("admin-account-courses-id-modules-module", func(s *site) string {
		return s.admin(s.coursePath(aCourse) + "/modules/" + s.id("SELECT id::text FROM course_module WHERE account_id = $1 AND title = $2", "Week 2: Hand over well"))
	}),
	{"admin-account-courses-id-modules-module.refused", func(_ *site, w *browsertest.Window) {
		w.Type("input[name=drip_days]", "soon")
		w.Press("#modules-form .btn-primary")
		w.Until(`document.querySelector("[aria-invalid]")`)
	}},
	page("admin-account-courses-id-modules-module-delete", func(s *site) string {
		return s.admin(s.coursePath(aCourse) + "/modules/" + s.id("SELECT id::text FROM course_module WHERE account_id = $1 AND title = $2", "Week 2: Hand over well") + "/delete")
	}),
	lessonPage("admin-account-courses-id-lessons-lesson", aLesson, ""),
	{"admin-account-courses-id-lessons-lesson.refused", func(_ *site, w *browsertest.Window) {
		w.Type("input[name=video_url]", "https://example.com/talk")
		w.Press("#lessons-form .save-bar .btn-primary")
		w.Until(`document.querySelector("[aria-invalid]")`)
	}},
	lessonPage("admin-account-courses-id-lessons-lesson.quiz", aQuiz, ""),
	lessonPage("admin-account-courses-id-lessons-lesson.draft", "The first sentence", ""),
	lessonPage("admin-account-courses-id-lessons-lesson-publish", "The first sentence", "/publish"),
	lessonPage("admin-account-courses-id-lessons-lesson-unpublish", aLesson, "/unpublish"),
	lessonPage("admin-account-courses-id-lessons-lesson-delete", aLesson, "/delete"),
	lessonPage("admin-account-courses-id-lessons-lesson-questions-new", aQuiz, "/questions/new?kind=multiple"),
	{"admin-account-courses-id-lessons-lesson-questions-new.refused", func(_ *site, w *browsertest.Window) {
		w.Press("#questions-form .form-actions .btn-primary")
		w.Until(`document.querySelector("[aria-invalid]")`)
	}},
	{"admin-account-courses-id-lessons-lesson-questions-question", func(s *site, w *browsertest.Window) {
		w.Open(s.admin(s.lessonPath(aQuiz)))
		w.Follow("#quiz li .row-link")
	}},
	{"admin-account-courses-id-lessons-lesson-questions-question.dialog", func(_ *site, w *browsertest.Window) { w.Press(`[commandfor="delete"]`) }},
	{"admin-account-courses-id-lessons-lesson-publish.finished", func(s *site, w *browsertest.Window) { // a course that some had finished, and of which more is published
		w.Open(s.admin(s.lessonPath("The Friday question")))
		w.Follow(`form[action$="/duplicate"] .btn`)
		w.Follow(`#lessons-form button[value=publish]`)
	}},
	{"admin-account-courses-id.deleted", func(s *site, w *browsertest.Window) {
		w.Open(s.admin(s.lessonPath("The Friday question (copy)") + "/delete"))
		w.Follow(".btn-danger")
		w.Open(s.admin(s.coursePath(aCourse)))
	}},
}
