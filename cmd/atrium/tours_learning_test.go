package main

import "atrium/cmd/internal/browsertest"

// learner is Ana with courses: one she is at, one she has finished, one new, one to come.
func learner(s *site, w *browsertest.Window) {
	c := s.goalsCourse()
	done := s.writeCourse("Sleep like you mean it", "Two evenings that change the week.", lessonRow{title: "Lights", minutes: 10})
	fresh := s.writeCourse("Difficult conversations without the knot in the stomach, even with people you like", "",
		lessonRow{title: "Before you say it", minutes: 15}, lessonRow{title: "While you say it", minutes: 15})
	s.giveCourse(done, ana, -9)
	s.giveCourse(fresh, ana, -1)
	s.giveCourse(s.writeCourse("The spring intensive", "", lessonRow{title: "Welcome", minutes: 10}), ana, 40)
	client(s, w)
	w.Open(s.portal("acme", done.at(0)))
	w.Follow(submit(done.at(0) + "/complete"))
	w.Open(s.portal("acme", c.at(0)))
	w.Type("#note-new", "Two new clients by June. Ask Ben what his sign would be.")
	w.Press(submit(c.at(0) + "/notes"))
	w.Until(`document.querySelector(".note")`)
	w.Follow(submit(c.at(0) + "/complete"))
}

func lessonView(name string, n int, query string) view {
	return page(name, func(s *site) string { return s.portal("acme", s.course(goals).at(n)+query) })
}

var learningViews = []view{
	portalPage("portal.learning", "/"),
	portalPage("portal-courses", "/courses"),
	portalPage("portal-courses-search", "/courses/search?q=goal"),
	portalPage("portal-courses-search.none", "/courses/search?q=nothing-of-the-kind"),
	page("portal-courses-id", func(s *site) string { return s.portal("acme", s.course(goals).path()) }),
	lessonView("portal-courses-id-lessons-lesson", 0, ""),
	lessonView("portal-courses-id-lessons-lesson.video", 1, ""),
	lessonView("portal-courses-id-lessons-lesson.quiz", 2, ""),
	{"portal-courses-id-lessons-lesson.failed", func(s *site, w *browsertest.Window) {
		w.Press(`.quiz fieldset:nth-of-type(1) .quiz-option:nth-of-type(2)`)
		w.Press(`.quiz fieldset:nth-of-type(2) .quiz-option:nth-of-type(1)`)
		w.Leave(func() { w.Press(submit(s.course(goals).at(2) + "/quiz")) })
	}},
	lessonView("portal-courses-id-lessons-lesson.again", 2, "?try=1"),
	{"portal-courses-id-lessons-lesson.refused", func(s *site, w *browsertest.Window) {
		w.Press(`.quiz fieldset:nth-of-type(1) .quiz-option:nth-of-type(1)`)
		w.Leave(func() { w.Press(submit(s.course(goals).at(2) + "/quiz")) })
	}},
	{"portal-courses-id-lessons-lesson.passed", func(s *site, w *browsertest.Window) {
		w.Press(`.quiz fieldset:nth-of-type(2) .quiz-option:nth-of-type(1)`)
		w.Press(`.quiz fieldset:nth-of-type(2) .quiz-option:nth-of-type(3)`)
		w.Leave(func() { w.Press(submit(s.course(goals).at(2) + "/quiz")) })
	}},
	lessonView("portal-courses-id-lessons-lesson.locked", 3, ""),
	{"portal-courses-id.finished", func(s *site, w *browsertest.Window) {
		w.Open(s.portal("acme", s.course(goals).at(1)))
		s.exec("UPDATE lesson SET published_at = NULL WHERE account_id = $1 AND id = $2", s.course(goals).lessons[3])
		w.Follow(submit(s.course(goals).at(1) + "/complete"))
		w.Open(s.portal("acme", s.course(goals).path()+"?done=1"))
	}},
}

// teacher is Maya, whose clients learn.
func teacher(s *site, w *browsertest.Window) {
	c := s.goalsCourse()
	student := browsertest.Open(s.t, browsertest.Settings{})
	client(s, student)
	student.Open(s.portal("acme", c.at(0)))
	student.Follow(submit(c.at(0) + "/complete"))
	student.Open(s.portal("acme", c.at(2)))
	student.Press(`.quiz fieldset:nth-of-type(1) .quiz-option:nth-of-type(2)`)
	student.Press(`.quiz fieldset:nth-of-type(2) .quiz-option:nth-of-type(1)`)
	student.Leave(func() { student.Press(submit(c.at(2) + "/quiz")) })
	for _, email := range []string{"kenji.watanabe@example.org", "gabriela.montserrat@example.org", "wei.zhang@example.org"} {
		s.giveCourse(c, email, -40)
	}
	staff(s, w)
}

var teacherViews = []view{
	page("admin-account-courses-id-progress", func(s *site) string { return s.admin("/acme" + s.course(goals).path() + "/progress") }),
	{"admin-account-courses-id-progress-contact", func(s *site, w *browsertest.Window) {
		w.Open(s.admin("/acme" + s.course(goals).path() + "/progress/" + s.contact("acme", ana).String()))
		w.Press(".try summary")
	}},
}
